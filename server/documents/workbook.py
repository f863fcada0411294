"""A plan as an .xlsx workbook. It has no macro, and fetches nothing from elsewhere."""

import io
from datetime import UTC

from server.documents import assumptions_sheet, flowchart_sheet, plan_sheet, summary_sheet, tracking_sheet
from server.documents.assumptions_sheet import write_assumptions
from server.documents.cells import Sheet, Styles, workbook_at
from server.documents.flowchart_sheet import write_flowchart
from server.documents.plan_sheet import write_plan
from server.documents.summary_sheet import write_summary
from server.documents.tracking_sheet import write_tracking
from services.plan_document import PlanDocument

_SHEETS = (summary_sheet.NAME, plan_sheet.NAME, flowchart_sheet.NAME, assumptions_sheet.NAME)


class WorkbookWriter:
    """The same document gives the same bytes."""

    def write(self, document: PlanDocument) -> bytes:
        stream = io.BytesIO()
        with workbook_at(stream) as book:
            made = document.exported_at.astimezone(UTC).replace(tzinfo=None)
            book.set_properties({"title": document.file_stem, "created": made})
            styles = Styles(book, document.currency)
            summary, lines, flowchart, assumptions = (Sheet(book.add_worksheet(name), styles) for name in _SHEETS)
            plan = write_plan(lines, document)
            write_flowchart(flowchart, document, plan)
            write_summary(summary, document, plan)
            write_assumptions(assumptions, document)
            if any(line.utm for line in document.lines):
                write_tracking(Sheet(book.add_worksheet(tracking_sheet.NAME), styles), document)
        return stream.getvalue()
