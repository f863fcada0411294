"""The sheet of lines: what runs where, what it costs step by step, and what it is expected to deliver."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from domain.fees import FeeKind
from server.documents.cells import A3, Content, Formula, Kind, Sheet, added, at
from services.plan_document import DocumentLine, PlanDocument

NAME = "Plan"
HEAD_ROW = 3
FIRST_ROW = HEAD_ROW + 1
_NOTES_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    width: int
    kind: Kind
    value: Callable[[DocumentLine], Content]
    summed: bool = False
    always: bool = True  # else only where a line says something


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """Where the figures stand, for the sheets that point at them."""

    columns: tuple[str, ...]
    lines: int

    @property
    def total_row(self) -> int:
        return FIRST_ROW + self.lines

    def total(self, label: str, comes_to: Decimal | int) -> Formula:
        return Formula(f"{NAME}!{at(self.total_row, self._column(label), fixed=True)}", comes_to)

    def total_where(self, key: str, of: str, key_cell: str, comes_to: Decimal | int) -> Formula:
        """The sum over the lines whose `key` column says what stands in a cell of the sheet that asks."""
        return Formula(f"SUMIF({self._range(key)},{key_cell},{self._range(of)})", comes_to)

    def _range(self, label: str) -> str:
        column = self._column(label)
        return f"{NAME}!{at(FIRST_ROW, column, fixed=True)}:{at(self.total_row - 1, column, fixed=True)}"

    def _column(self, label: str) -> int:
        return self.columns.index(label)


def write_plan(sheet: Sheet, document: PlanDocument) -> PlanSheet:
    columns = _columns(document)
    sheet.text(0, 0, f"{document.campaign.name}: lines", sheet.styles.title)
    sheet.text(1, 0, f"Version {document.plan.number}. Amounts in {document.currency}.", sheet.styles.subtitle)
    sheet.heads(HEAD_ROW, [column.label for column in columns], lines=2)
    for position, column in enumerate(columns):
        sheet.sheet.set_column(position, position, column.width)
    labels = tuple(column.label for column in columns)
    for row, line in enumerate(document.lines, FIRST_ROW):
        for position, column in enumerate(columns):
            content = _derived(labels, column.label, row, line) or column.value(line)
            sheet.put(row, position, content, column.kind)
        sheet.high(row, line.view.notes or "", _NOTES_WIDTH)
    made = PlanSheet(labels, len(document.lines))
    _write_totals(sheet, document, columns, made.total_row)
    sheet.sheet.freeze_panes(FIRST_ROW, 1)
    sheet.sheet.autofilter(HEAD_ROW, 0, made.total_row - 1, len(columns) - 1)
    sheet.printed(A3, wide=2)
    sheet.sheet.repeat_rows(HEAD_ROW)
    sheet.sheet.repeat_columns(0)
    return made


def fee_kinds(document: PlanDocument) -> list[FeeKind]:
    charged = {fee.kind for line in document.lines for fee in line.view.costs.fees}
    return [kind for kind in FeeKind if kind in charged]


def _write_totals(sheet: Sheet, document: PlanDocument, columns: list[Column], row: int) -> None:
    for position, column in enumerate(columns):
        content: Content = "Total" if position == 0 else None
        if column.summed:
            comes_to = sum((_number(column.value(line)) for line in document.lines), Decimal(0))
            content = added((FIRST_ROW, position), (row - 1, position), comes_to)
        sheet.put(row, position, content, column.kind, sheet.styles.total)


def _derived(labels: tuple[str, ...], label: str, row: int, line: DocumentLine) -> Formula | None:
    """The steps of a cost follow from each other in the workbook as well."""
    costs = line.view.costs

    def cell(of: str) -> str:
        return at(row, labels.index(of))

    match label:
        case "Net media":
            return Formula(f"{cell('Gross')}-{cell('Agency discount')}", costs.net_media.amount)
        case "Fees":
            first, last = labels.index("Net media") + 1, labels.index("Fees") - 1
            return added((row, first), (row, last), _fees(line)) if first <= last else None
        case "Client cost":
            return Formula(f"{cell('Net media')}+{cell('Fees')}", costs.client_cost.amount)
        case _:
            return None


def _columns(document: PlanDocument) -> list[Column]:
    wanted = [*_placement(), *_price(), *_costs(document), *_delivery(), *_remarks()]
    return [each for each in wanted if each.always or any(each.value(line) is not None for line in document.lines)]


def _placement() -> list[Column]:
    return [
        Column("Line", 26, Kind.TEXT, lambda line: line.view.label),
        Column("Channel", 14, Kind.TEXT, lambda line: line.view.channel.label),
        Column("Vehicle", 16, Kind.TEXT, lambda line: line.view.vehicle, always=False),
        Column("Format", 14, Kind.TEXT, lambda line: line.view.format, always=False),
        Column("Market", 12, Kind.TEXT, lambda line: line.view.market, always=False),
        Column("Audience", 18, Kind.TEXT, lambda line: line.view.audience, always=False),
        Column("Start", 11, Kind.DATE, lambda line: line.start),
        Column("End", 11, Kind.DATE, lambda line: line.end),
    ]


def _price() -> list[Column]:
    return [
        Column("Bought by", 10, Kind.TEXT, lambda line: line.view.pricing_model.value.replace("_", " ")),
        Column("Rate", 10, Kind.NUMBER, lambda line: line.view.rate, always=False),
        Column("Rate in", 7, Kind.TEXT, lambda line: line.view.rate_currency, always=False),
        Column("Unit", 19, Kind.TEXT, lambda line: line.view.unit),
        Column("Quantity", 12, Kind.NUMBER, lambda line: line.view.quantity, always=False),
        Column("Paid in other currency", 21, Kind.TEXT, _foreign, always=False),
    ]


def _costs(document: PlanDocument) -> list[Column]:
    def charged(kind: FeeKind) -> Callable[[DocumentLine], Content]:
        return lambda line: sum((fee.amount.amount for fee in line.view.costs.fees if fee.kind is kind), Decimal(0))

    return [
        Column("Gross", 14, Kind.AMOUNT, lambda line: line.view.costs.gross.amount, summed=True),
        Column("Agency discount", 14, Kind.AMOUNT, lambda line: line.view.costs.agency_discount.amount, summed=True),
        Column("Net media", 14, Kind.AMOUNT, lambda line: line.view.costs.net_media.amount, summed=True),
        *(Column(_fee_label(kind), 12, Kind.AMOUNT, charged(kind), summed=True) for kind in fee_kinds(document)),
        Column("Fees", 12, Kind.AMOUNT, _fees, summed=True),
        Column("Client cost", 14, Kind.AMOUNT, lambda line: line.view.costs.client_cost.amount, summed=True),
        Column("Budget", 14, Kind.AMOUNT, lambda line: line.view.budget.amount, summed=True),
        Column("Share", 8, Kind.SHARE, lambda line: line.view.share / 100),
    ]


def _delivery() -> list[Column]:
    return [
        Column("Impressions", 12, Kind.COUNT, lambda line: line.view.impressions, summed=True),
        Column("Clicks", 10, Kind.COUNT, lambda line: line.view.clicks, summed=True),
        Column("Completed views", 11, Kind.COUNT, lambda line: line.view.completed_views, summed=True),
        Column("Conversions", 12, Kind.NUMBER, lambda line: line.view.conversions, summed=True),
        Column("Reach 1+", 11, Kind.COUNT, lambda line: line.view.reach, always=False),
        Column("Frequency", 10, Kind.NUMBER, lambda line: line.view.frequency, always=False),
        Column("GRP", 9, Kind.NUMBER, lambda line: line.view.grp, always=False),
    ]


def _remarks() -> list[Column]:
    return [
        Column("Fixed", 7, Kind.TEXT, lambda line: "yes" if line.view.locked else None, always=False),
        Column("Figures from", 22, Kind.TEXT, lambda line: line.view.source),
        Column("Notes", _NOTES_WIDTH, Kind.NOTE, lambda line: line.view.notes, always=False),
    ]


def _fees(line: DocumentLine) -> Decimal:
    return sum((fee.amount.amount for fee in line.view.costs.fees), Decimal(0))


def _foreign(line: DocumentLine) -> str | None:
    foreign = line.view.foreign
    return f"{foreign.amount} at {foreign.rate.normalize():f}" if foreign else None


def _fee_label(kind: FeeKind) -> str:
    return f"{'DSP' if kind is FeeKind.DSP else kind.value.replace('_', ' ').capitalize()} fees"


def _number(content: Content) -> Decimal:
    return Decimal(content) if isinstance(content, int | Decimal) else Decimal(0)
