"""The workbook: its formulas are recomputed here, by another library and our own arithmetic."""

import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.campaigns import BudgetBasis
from domain.channels import Channel
from domain.file_contents import inspect
from domain.files import FileKind
from domain.money import Money
from domain.plans.lines import LineSpec, Placement
from server.documents.workbook import WorkbookWriter
from services.plan_document import PlanDocument
from tests.formulas import Calculated
from tests.services.planned_samples import FEES, NASTY, campaign, document, everything, planned

CHANNELS = [Channel.SEARCH, Channel.SOCIAL, Channel.CTV, Channel.DISPLAY]


def _written(of: PlanDocument) -> Calculated:
    return Calculated(WorkbookWriter().write(of))


def _must_add_up(book: Calculated, of: PlanDocument) -> None:
    """Every formula comes to the value beside it, and the totals to the plan's, exactly."""
    cells = list(book.formulas())
    assert cells
    for sheet, cell in cells:
        assert abs(book.value(sheet, cell) - book.written_beside(sheet, cell)) < Decimal("1e-9"), (sheet, cell)
    total, totals = of.plan.total.amount, of.totals
    rows = {str(row[0].value): row for row in book.book["Flowchart"].iter_rows()}
    assert book.value("Flowchart", rows["Total"][4].coordinate) == total
    assert book.value("Flowchart", rows["Difference to the lines of the plan"][4].coordinate) == 0
    for label, expected in (
        ("Net media", totals.net_media),
        ("Fees", totals.fee_total),
        ("Client cost", totals.client_cost),
    ):
        place = next(row[1].coordinate for row in book.book["Summary"].iter_rows() if row[0].value == label)
        assert book.value("Summary", place) == expected.amount, label


def test_formulas_add_up_to_the_plan() -> None:
    of = document(everything())
    book = _written(of)
    assert book.book.sheetnames == ["Summary", "Plan", "Flowchart", "Assumptions", "Tracking"]
    _must_add_up(book, of)


@settings(max_examples=12, deadline=None)
@given(
    currency=st.sampled_from(["USD", "EUR", "JPY"]),
    basis=st.sampled_from(list(BudgetBasis)),
    minor=st.lists(st.integers(100_000, 10**9), min_size=1, max_size=6),
)
def test_any_amounts_add_up(currency: str, basis: BudgetBasis, minor: list[int]) -> None:
    lines = [
        (LineSpec(f"line-{number}", CHANNELS[number % 4], fees=FEES[:2]), Money(each, currency))
        for number, each in enumerate(minor)
    ]
    of = document(planned(campaign(Money(10**11, currency), basis=basis), lines))
    _must_add_up(_written(of), of)


def test_texts_are_never_formulas() -> None:
    book = _written(document(everything(name=NASTY)))
    assert book.book["Summary"]["A1"].value == NASTY
    assert book.book["Summary"]["A1"].quotePrefix
    for sheet in book.book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and "evil" in cell.value:
                    assert cell.data_type == "s", cell
    heads = [cell.value for cell in book.book["Plan"][4]]
    cells = {head: book.book["Plan"].cell(5, place + 1) for place, head in enumerate(heads)}
    assert (cells["Notes"].value, cells["Notes"].data_type) == ("-2+3\u00a0calc", "s")
    assert cells["Notes"].quotePrefix
    assert not cells["Line"].quotePrefix


def test_characters_that_no_workbook_may_hold_are_left_out() -> None:
    told = "Rate\x00 \x0b\x1b\ud800\uffff " + "x" * 40_000
    of = document(planned(campaign(Money(10**7, "USD")), [(LineSpec("search", Channel.SEARCH), Money(10**6, "USD"))]))
    of = of.model_copy(update={"made_by": told})
    texts = [cell.value for row in _written(of).book["Summary"].iter_rows() for cell in row]
    made_by = next(text for text in texts if isinstance(text, str) and text.startswith("Rate"))
    assert len(made_by) == 32_767
    assert made_by.isprintable()
    assert made_by.endswith("x…")


def test_it_is_an_ordinary_file_that_uploads_again() -> None:
    data = WorkbookWriter().write(document(everything()))
    assert inspect(io.BytesIO(data), FileKind.XLSX, 10_000_000).size == len(data)
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert not [name for name in names if "vba" in name.lower() or "external" in name.lower()]


def test_the_same_document_gives_the_same_bytes() -> None:
    of = document(everything())
    assert WorkbookWriter().write(of) == WorkbookWriter().write(of)


def test_sheets_are_made_for_paper_and_screen() -> None:
    book = _written(document(everything())).book
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
    assert (book["Plan"].freeze_panes, book["Flowchart"].freeze_panes) == ("B5", "F6")
    assert book["Flowchart"]["F6"].number_format == "#,##0.00"
    assert [cell.value for cell in book["Flowchart"][4]][5] == "Mar 2027"


@pytest.mark.parametrize(("currency", "number_format"), [("JPY", "#,##0 [$JPY]"), ("USD", "#,##0.00 [$USD]")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, number_format: str) -> None:
    lines = [(LineSpec("search", Channel.SEARCH, Placement("Google")), Money(10**6, currency))]
    book = _written(document(planned(campaign(Money(10**7, currency)), lines))).book
    budget = next(row[1] for row in book["Summary"].iter_rows() if row[0].value == "Planned")
    assert budget.number_format == number_format
    assert FEES[0].name not in [row[0].value for row in book["Summary"].iter_rows()]
