"""What the plan rests on, with its sources: said once, where a client looks for it."""

from collections.abc import Sequence

from server.documents.cells import Content, Kind, Sheet
from services.plan_document import PlanDocument

NAME = "Assumptions"
_WIDTHS = (26, 30, 16, 16, 16, 16, 16, 24, 24)
_TEXT, _MONEY, _COUNT, _NUMBER, _RATE, _DATE = (
    *(Kind.TEXT, Kind.MONEY, Kind.COUNT, Kind.NUMBER, Kind.RATE, Kind.DATE),
)

Table = tuple[str, list[str], list[Kind], Sequence[Sequence[Content]]]


def write_assumptions(sheet: Sheet, document: PlanDocument) -> None:
    sheet.text(0, 0, f"{document.campaign.name}: assumptions", sheet.styles.title)
    row = 2
    for each in document.assumptions:
        sheet.put(row, 0, each.subject, Kind.TEXT)
        sheet.note(row, 1, len(_WIDTHS) - 1, each.text, sum(_WIDTHS[1:]))
        row += 1
    for table in (_benchmarks(document), _curves(document), _rates(document)):
        row = _write_table(sheet, row + 1, table) if table[3] else row
    for column, width in enumerate(_WIDTHS):
        sheet.sheet.set_column(column, column, width)
    sheet.printed()


def _write_table(sheet: Sheet, row: int, table: Table) -> int:
    title, labels, kinds, rows = table
    sheet.text(row, 0, title, sheet.styles.section)
    sheet.heads(row + 1, labels)
    for place, contents in enumerate(rows, row + 2):
        for column, (content, kind) in enumerate(zip(contents, kinds, strict=True)):
            sheet.put(place, column, content, kind)
    return row + 2 + len(rows)


def _benchmarks(document: PlanDocument) -> Table:
    labels = [
        *("Channel", "Source", "Market", "CPM before fees", "CTR", "CVR", "Viewability", "Audience, people"),
        "Useful contacts a week",
    ]
    kinds = [_TEXT, _TEXT, _TEXT, _MONEY, _RATE, _RATE, _RATE, _COUNT, _NUMBER]
    rows = [
        (
            *(note.channel.label, note.source, note.market, note.cpm, note.ctr, note.cvr, note.viewability),
            *(note.audience, note.frequency_cap),
        )
        for note in document.benchmarks
    ]
    return "Benchmarks", labels, kinds, rows


def _curves(document: PlanDocument) -> Table:
    labels = ["Line", "Source", "Family", "Counts", "Valid from", "Valid to", "Days", "Planned spend"]
    kinds = [_TEXT, _TEXT, _TEXT, _TEXT, _MONEY, _MONEY, _COUNT, _TEXT]
    rows = [
        (
            *(note.line, note.source, note.family, note.counts, note.valid_from.amount, note.valid_to.amount),
            *(note.days, "outside of the valid range" if note.extrapolated else "within the valid range"),
        )
        for note in document.curves
    ]
    return "Response curves", labels, kinds, rows


def _rates(document: PlanDocument) -> Table:
    labels = ["Line", "Source", "As of", "Rate", "Paid"]
    kinds = [_TEXT, _TEXT, _DATE, _NUMBER, _TEXT]
    rows = [(note.line, note.source, note.on, note.rate, str(note.amount)) for note in document.rates]
    return f"Exchange rates to {document.currency}", labels, kinds, rows
