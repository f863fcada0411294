"""Numbers and dates as documents write them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.flights import Flight
from domain.plans.imports.cells import DayOrder, DecimalMark, date_of, day_order_of, decimal_mark_of, number_of

POINT, COMMA = DecimalMark
FLIGHT = Flight(date(2027, 11, 1), date(2028, 2, 28))


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1,234.56", POINT, "1234.56"),
        ("1.234,56", COMMA, "1234.56"),
        ("1'234.50", POINT, "1234.5"),
        ("1 234,5", COMMA, "1234.5"),
        ("€ 1.234", COMMA, "1234"),
        ("$12.5", POINT, "12.5"),
        ("(1,000)", POINT, "-1000"),
        ("-5 EUR", POINT, "-5"),
        ("12,34,567", POINT, "1234567"),
        (".5", POINT, "0.5"),
        ("n/a", POINT, None),
    ],
)
def test_a_number_is_read_by_its_mark(text: str, mark: DecimalMark, number: str | None) -> None:
    assert number_of(text, mark) == (None if number is None else Decimal(number))


@pytest.mark.parametrize("text", ["1,5", "1,2345", "1.2.3", "1,23.4,5", "ten", "12 apples", "1e5", "0x10", "1 - 2"])
def test_what_is_no_number_by_its_mark_is_none(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        number_of(text, POINT)
    assert refused.value.code == "not_a_number"


@given(st.decimals(min_value=0, max_value=10**12, places=2), st.sampled_from(list(DecimalMark)))
def test_every_amount_comes_back_in_either_style(amount: Decimal, mark: DecimalMark) -> None:
    written = f"{amount:,.2f}"
    if mark is COMMA:
        written = written.translate(str.maketrans(",.", ".,"))
    assert number_of(written, mark) == amount
    assert decimal_mark_of([written], COMMA if mark is POINT else POINT) == (mark, None)


def test_a_mark_that_nothing_shows_is_the_locales_and_said() -> None:
    assert decimal_mark_of(["1.234", "500"], COMMA) == (COMMA, "1.234")
    assert decimal_mark_of(["500"], COMMA) == (COMMA, None)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2027-12-03", None, date(2027, 12, 3)),
        ("03.12.2027", None, date(2027, 12, 3)),
        ("12/03/2027", DayOrder.MONTH_FIRST, date(2027, 12, 3)),
        ("12/03/27", DayOrder.DAY_FIRST, date(2027, 3, 12)),
        ("3 Dec 2027", None, date(2027, 12, 3)),
        ("December 3, 2027", None, date(2027, 12, 3)),
        ("3. März 2027", None, date(2027, 3, 3)),
        ("15 févr. 2028", None, date(2028, 2, 15)),
        ("3-Jan", None, date(2028, 1, 3)),
        ("3 Dec", None, date(2027, 12, 3)),
    ],
)
def test_a_date_is_read_in_its_order_and_without_a_year_in_the_flight(
    text: str, order: DayOrder | None, day: date
) -> None:
    assert date_of(text, order, FLIGHT) == day


def test_an_order_that_nothing_shows_is_asked_for() -> None:
    assert day_order_of(["03/04/2027", "13/04/2027"]) is DayOrder.DAY_FIRST
    assert day_order_of(["03/04/2027", "1/2 page"]) is None
    with pytest.raises(InvalidInput) as asked:
        date_of("03/04/2027", None)
    assert asked.value.code == "ambiguous_day_month"
    assert date_of("04/04/2027", None) == date(2027, 4, 4)
    for nonsense in ("31/02/2027", "32 Dec 2027", "yesterday", "2027"):
        with pytest.raises(InvalidInput):
            date_of(nonsense, DayOrder.DAY_FIRST)
