from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.exchange import ExchangeRate, ForeignCost, in_currency
from domain.money import Money

DAY = date(2026, 3, 2)
EURO = ExchangeRate("EUR", "USD", Decimal("1.08"), "ECB reference rate", DAY)


def test_a_line_in_euro_counts_in_dollars() -> None:
    cost = ForeignCost(Money.of(160_000, "EUR"), EURO)
    assert cost.in_plan_currency() == Money.of(172_800, "USD")
    assert in_currency(cost.amount, "USD", EURO) == Money.of(172_800, "USD")
    assert str(EURO) == "1 EUR = 1.08 USD (ECB reference rate, 2026-03-02)"


def test_what_is_in_the_plans_currency_needs_no_rate() -> None:
    assert in_currency(Money(1, "USD"), "USD", None) == Money(1, "USD")
    assert in_currency(Money(1, "USD"), "USD", EURO) == Money(1, "USD")


@given(
    st.integers(0, 10**9),
    st.sampled_from(["USD", "JPY", "KWD"]),
    st.decimals(Decimal("0.000001"), 1000, places=9),
    st.sampled_from(["EUR", "KRW", "BHD"]),
)
def test_conversion_is_right_to_the_minor_unit(minor: int, base: str, rate: Decimal, quote: str) -> None:
    converted = ExchangeRate(base, quote, rate, "desk", DAY).convert(Money(minor, base))
    exact = Fraction(minor, Money.of(1, base).minor) * Fraction(rate) * Money.of(1, quote).minor
    assert converted.currency == quote
    assert abs(converted.minor - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("refused", "code", "field"),
    [
        (lambda: in_currency(Money(1, "EUR"), "USD", None), "rate_required", "rate"),
        (lambda: in_currency(Money(1, "EUR"), "GBP", EURO), "currency_mismatch", "rate"),
        (lambda: in_currency(Money(1, "GBP"), "USD", EURO), "currency_mismatch", "rate"),
        (lambda: ForeignCost(Money(1, "USD"), EURO), "currency_mismatch", "rate"),
        (lambda: ExchangeRate("EUR", "EUR", Decimal(1), "desk", DAY), "same_currency", "quote"),
        (lambda: ExchangeRate("EUR", "ZZZ", Decimal(1), "desk", DAY), "unknown_currency", "currency"),
        (lambda: ExchangeRate("EUR", "USD", Decimal(0), "desk", DAY), "bad_rate", "rate"),
        (lambda: ExchangeRate("EUR", "USD", Decimal("NaN"), "desk", DAY), "bad_rate", "rate"),
        (lambda: ExchangeRate("EUR", "USD", Decimal("1e-13"), "desk", DAY), "too_precise", "rate"),
        (lambda: ExchangeRate("EUR", "USD", Decimal(1), " ", DAY), "empty", "source"),
    ],
)
def test_what_has_no_rate_is_refused(refused: Callable[[], object], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        refused()
    assert (refusal.value.code, refusal.value.field) == (code, field)
