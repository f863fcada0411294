from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR, Money, exponent, split_minor

EXPONENTS = {"USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "KWD": 3, "CLF": 4}

currencies = st.sampled_from(sorted(EXPONENTS))
amounts = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
halves = st.integers(-LARGEST_MINOR // 2, LARGEST_MINOR // 2)
weights = st.lists(st.integers(0, 10**12) | st.fractions(0, 9, max_denominator=99), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(("currency", "places"), EXPONENTS.items())
def test_exponents_are_those_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places
    assert Money.of(1, currency).minor == 10**places


@pytest.mark.parametrize("currency", ["", "usd", "ZZZ", "XAU", "DOLLAR", "€"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Money(1, currency)
    assert refusal.value.code == "unknown_currency"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1e308", "amount_too_large"),
        ("-1e308", "amount_too_large"),
        ("1e21", "amount_too_large"),
        (10**14, "amount_too_large"),
        ("NaN", "not_an_amount"),
        ("sNaN", "not_an_amount"),
        ("Infinity", "not_an_amount"),
        ("-inf", "not_an_amount"),
        ("", "not_an_amount"),
        ("ten", "not_an_amount"),
        ("1,5", "not_an_amount"),
        ("0.001", "too_precise"),
        ("1e-9", "too_precise"),
    ],
)
def test_what_is_no_amount_of_dollars_is_refused(amount: str | int, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Money.of(amount, "USD")
    assert (refusal.value.code, refusal.value.field) == (code, "amount")


def test_decimals_beyond_the_currency_are_refused() -> None:
    assert Money.of("1.234", "KWD").minor == 1234
    assert Money.of("1.50", "USD").minor == 150
    assert Money.of("7.0", "JPY").minor == 7
    for amount, currency in (("1.5", "JPY"), ("1.2345", "KWD")):
        with pytest.raises(InvalidInput):
            Money.of(amount, currency)


@pytest.mark.parametrize("minor", [1.0, float("nan"), float("inf"), True, "1", Decimal(1)])
def test_minor_units_are_an_int_and_nothing_else(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "USD")  # type: ignore[arg-type]  # what the type checker can't stop must stop here


def test_the_largest_amount_is_the_last_one_accepted() -> None:
    assert Money(LARGEST_MINOR, "USD").minor == LARGEST_MINOR
    with pytest.raises(InvalidInput):
        Money(LARGEST_MINOR, "USD") + Money(1, "USD")
    with pytest.raises(InvalidInput):
        Money(LARGEST_MINOR, "USD").times(2)


@given(amounts, currencies)
def test_major_units_and_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.of(money.major, currency) == money


@given(halves, halves, currencies)
def test_arithmetic_is_that_of_integers(left: int, right: int, currency: str) -> None:
    one, other = Money(left, currency), Money(right, currency)
    assert (one + other).minor == left + right
    assert (one - other).minor == left - right
    assert one + other == other + one
    assert one - one == Money.zero(currency)
    assert (-one).minor == -left
    assert (one < other, one <= other, one > other, one >= other) == (
        left < right,
        left <= right,
        left > right,
        left >= right,
    )


@given(st.lists(st.integers(-(10**12), 10**12), max_size=20), currencies)
def test_sum_adds_every_part(parts: list[int], currency: str) -> None:
    assert Money.sum((Money(part, currency) for part in parts), currency) == Money(sum(parts), currency)


def test_currencies_do_not_mix() -> None:
    dollar, euro = Money(100, "USD"), Money(100, "EUR")
    for combine in (
        lambda: dollar + euro,
        lambda: dollar - euro,
        lambda: dollar < euro,
        lambda: dollar <= euro,
        lambda: dollar > euro,
        lambda: dollar >= euro,
        lambda: Money.sum([euro], "USD"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            combine()
        assert refusal.value.code == "currency_mismatch"
    assert dollar != euro


@given(halves, st.fractions(-1, 1))
def test_scaling_rounds_to_the_nearest_minor_unit(minor: int, factor: Fraction) -> None:
    assert abs(Money(minor, "USD").times(factor).minor - minor * factor) <= Fraction(1, 2)


def test_scaling_rounds_a_half_to_even() -> None:
    assert [Money(minor, "USD").times(Fraction(1, 2)).minor for minor in (1, 3, -1, -3)] == [0, 2, 0, -2]


@given(amounts, weights)
def test_a_split_adds_up_and_is_fair(total: int, shares: list[int | Fraction]) -> None:
    parts = split_minor(total, shares)
    whole = sum(Fraction(share) for share in shares)
    assert sum(parts) == total
    assert all(abs(part - total * share / whole) < 1 for part, share in zip(parts, shares, strict=True))


@given(amounts, weights)
def test_nothing_goes_to_a_weight_of_zero(total: int, shares: list[int | Fraction]) -> None:
    assert all(part == 0 for part, share in zip(split_minor(total, shares), shares, strict=True) if not share)


@given(amounts, weights)
def test_a_negative_total_splits_like_its_positive(total: int, shares: list[int | Fraction]) -> None:
    assert split_minor(-total, shares) == [-part for part in split_minor(total, shares)]


@given(st.integers(0, LARGEST_MINOR), weights, st.integers(2, 1000))
def test_only_the_proportion_of_the_weights_matters(total: int, shares: list[int | Fraction], factor: int) -> None:
    assert split_minor(total, shares) == split_minor(total, [share * factor for share in shares])


@given(st.integers(0, LARGEST_MINOR), weights)
def test_more_weight_never_means_less(total: int, shares: list[int | Fraction]) -> None:
    split = list(zip(shares, split_minor(total, shares), strict=True))
    assert all(part >= other for share, part in split for weight, other in split if share > weight)


def test_splits_known_by_hand() -> None:
    assert split_minor(100, [1, 1, 1]) == [34, 33, 33]
    assert split_minor(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split_minor(5, [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]) == [2, 2, 1]
    assert split_minor(0, [1, 2]) == [0, 0]
    assert [part.minor for part in Money.of("0.05", "USD").split([3, 7])] == [2, 3]
    assert Money(LARGEST_MINOR, "USD").split([1]) == [Money(LARGEST_MINOR, "USD")]


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1], [-1]])
def test_weights_that_divide_nothing_are_refused(shares: list[int]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        split_minor(100, shares)
    assert refusal.value.code == "bad_weights"


def test_written_for_a_person() -> None:
    assert str(Money(123_456_789, "USD")) == "1,234,567.89 USD"
    assert str(Money(-1500, "JPY")) == "-1,500 JPY"
    assert str(Money(1, "KWD")) == "0.001 KWD"


@pytest.mark.parametrize("inexact", [1.5, True])
def test_an_amount_is_never_a_float(inexact: float) -> None:
    with pytest.raises(TypeError, match="exact"):
        Money.of(inexact, "USD")  # type: ignore[arg-type]  # wrong on purpose


def test_a_factor_is_never_a_float() -> None:
    with pytest.raises(TypeError, match="exact"):
        Money(100, "USD").times(0.1)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("amount", ["1e-999999999", f"1.{'0' * 40}1"])
def test_absurd_precision_is_refused_at_once(amount: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Money.of(amount, "USD")
    assert refused.value.code == "too_precise"
