"""Names and UTM parameters of the lines, for whoever sets them up: by the advertiser's pattern."""

from server.documents.cells import Kind, Sheet
from services.plan_document import PlanDocument

NAME = "Tracking"
_HEAD_ROW = 2


def write_tracking(sheet: Sheet, document: PlanDocument) -> None:
    sheet.text(0, 0, f"{document.campaign.name}: names and tracking", sheet.styles.title)
    sheet.heads(_HEAD_ROW, ["Line", "Name", "UTM parameters"])
    for row, line in enumerate(document.lines, _HEAD_ROW + 1):
        for column, text in enumerate((line.view.label, line.name, line.utm)):
            sheet.put(row, column, text, Kind.TEXT)
    for column, width in enumerate((28, 60, 110)):
        sheet.sheet.set_column(column, column, width)
    sheet.sheet.freeze_panes(_HEAD_ROW + 1, 1)
    sheet.printed()
