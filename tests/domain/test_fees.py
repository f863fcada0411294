from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.fees import (
    BudgetBasis,
    CostBreakdown,
    Fee,
    FeeAmount,
    FeeBasis,
    FeeKind,
    break_down,
    flat_total,
    media_share,
    total_costs,
)
from domain.money import Money

CLIENT, NET, GROSS = BudgetBasis.CLIENT_COST, BudgetBasis.NET_MEDIA, BudgetBasis.GROSS
DSP = Fee(FeeKind.DSP, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal(10))
SERVING = Fee(FeeKind.AD_SERVING, FeeBasis.CPM, Decimal("0.05"))
PRODUCTION = Fee(FeeKind.PRODUCTION, FeeBasis.FLAT, Decimal(5000))
COMMISSION = Fee(FeeKind.COMMISSION, FeeBasis.PERCENT_OF_GROSS, Decimal(15))

currencies = st.sampled_from(["USD", "JPY", "KWD"])
bases = st.sampled_from(BudgetBasis)
discounts = st.decimals(0, Decimal("0.99"), places=4)
values = st.decimals(0, 60, places=3)
proportional = st.builds(Fee, st.sampled_from(FeeKind), st.just(FeeBasis.PERCENT_OF_NET_MEDIA), values) | st.builds(
    Fee, st.just(FeeKind.COMMISSION), st.just(FeeBasis.PERCENT_OF_GROSS), values
)
by_impressions = st.builds(Fee, st.just(FeeKind.DATA), st.just(FeeBasis.CPM), values)
flat = st.builds(Fee, st.just(FeeKind.PRODUCTION), st.just(FeeBasis.FLAT), st.integers(0, 50).map(Decimal))
schedules = st.lists(proportional | by_impressions | flat, max_size=6).map(tuple)
cpms = st.fractions(1, 100_00)
amounts = st.integers(0, 10**9)  # a fee per thousand impressions may be many times the media


def usd(major: str) -> Money:
    return Money.of(major, "USD")


def test_a_client_cost_known_by_hand() -> None:
    """105,000 less 5,000 flat is 100,000 = net media × (1 + 10 % + 0.05/5.00 + 15 %/0.85), so 77,732.053 net media."""
    assert break_down(usd("105000"), CLIENT, (DSP, SERVING, PRODUCTION, COMMISSION), cpm=5_00) == CostBreakdown(
        gross=usd("91449.47"),
        agency_discount=usd("13717.42"),
        net_media=usd("77732.05"),
        fees=(
            FeeAmount(DSP, usd("7773.21")),
            FeeAmount(SERVING, usd("777.32")),
            FeeAmount(PRODUCTION, usd("5000")),
            FeeAmount(COMMISSION, usd("13717.42")),
        ),
        client_cost=usd("105000"),
    )


def test_a_gross_cost_and_a_net_one_known_by_hand() -> None:
    gross = break_down(usd("100000"), GROSS, (DSP, PRODUCTION, COMMISSION))
    assert (gross.agency_discount, gross.net_media, gross.client_cost) == (usd("15000"), usd("85000"), usd("113500"))
    assert gross == break_down(usd("85000"), NET, (DSP, PRODUCTION, COMMISSION))
    assert break_down(usd("85000"), NET, discount=Decimal(0)).gross == usd("85000")


@given(amounts, currencies, bases, schedules, discounts, cpms)
def test_the_steps_add_up_and_the_named_one_is_as_given(
    minor: int, currency: str, basis: BudgetBasis, fees: tuple[Fee, ...], discount: Decimal, cpm: Fraction
) -> None:
    amount = Money(minor, currency)
    if basis is CLIENT and 0 < amount.minor < flat_total(fees, currency).minor:
        amount = flat_total(fees, currency)
    costs = break_down(amount, basis, fees, discount, cpm)
    charged = sum(fee.amount.minor for fee in costs.fees)
    assert costs.on(basis) == amount
    assert costs.gross.minor - costs.agency_discount.minor == costs.net_media.minor
    assert costs.net_media.minor + charged == costs.client_cost.minor
    assert tuple(fee.fee for fee in costs.fees) == fees
    assert min(costs.net_media.minor, costs.agency_discount.minor, *(fee.amount.minor for fee in costs.fees)) >= 0


@given(amounts, currencies, schedules, discounts, cpms)
def test_on_net_media_every_fee_is_its_own_rounded(
    minor: int, currency: str, fees: tuple[Fee, ...], discount: Decimal, cpm: Fraction
) -> None:
    costs = break_down(Money(minor, currency), NET, fees, discount, cpm)
    scale = Money.of(1, currency).minor
    for fee, charged in zip(fees, costs.fees, strict=True):
        exact = {
            FeeBasis.PERCENT_OF_NET_MEDIA: Fraction(fee.value) / 100 * minor,
            FeeBasis.PERCENT_OF_GROSS: Fraction(fee.value) / 100 * minor / (1 - Fraction(discount)),
            FeeBasis.CPM: Fraction(fee.value) * scale * minor / cpm,
            FeeBasis.FLAT: Fraction(fee.value) * scale if minor else Fraction(0),
        }[fee.basis]
        assert charged.amount.minor == round(exact)


@given(amounts, currencies, bases, schedules, discounts, cpms)
def test_the_media_share_is_what_the_optimiser_may_count_on(
    minor: int, currency: str, basis: BudgetBasis, fees: tuple[Fee, ...], discount: Decimal, cpm: Fraction
) -> None:
    flats = flat_total(fees, currency).minor if basis is CLIENT else 0
    share = media_share(fees, currency, cpm, basis=basis, discount=discount)
    costs = break_down(Money(minor + flats, currency), basis, fees, discount, cpm)
    if minor:
        assert abs(costs.net_media.minor - share * minor) < 1


@given(st.integers(10**6, 10**12), schedules, discounts, cpms)
def test_there_and_back_differs_by_rounding_alone(
    minor: int, fees: tuple[Fee, ...], discount: Decimal, cpm: Fraction
) -> None:
    there = break_down(Money(minor, "USD"), CLIENT, fees, discount, cpm)
    if there.net_media.minor:
        back = break_down(there.net_media, NET, fees, discount, cpm)
        assert abs(back.client_cost.minor - minor) <= len(fees) / 2 + 1 / media_share(
            fees, "USD", cpm, discount=discount
        )


def test_nothing_spent_owes_nothing() -> None:
    for basis in BudgetBasis:
        assert break_down(usd("0"), basis, (DSP, PRODUCTION)).client_cost == usd("0")
    assert break_down(usd("5000"), CLIENT, (PRODUCTION,)).net_media == usd("0")


def test_totals_bring_the_same_fee_together() -> None:
    parts = [break_down(usd(amount), CLIENT, fees) for amount, fees in (("110", (DSP,)), ("220.01", (COMMISSION, DSP)))]
    total = total_costs(parts, "USD")
    assert [fee.fee for fee in total.fees] == [DSP, COMMISSION]
    assert total.client_cost == usd("330.01")
    assert total.fee_total == parts[0].fee_total + parts[1].fee_total
    assert total_costs([], "USD").client_cost == usd("0")


def test_a_fee_has_a_name() -> None:
    named = Fee(FeeKind.OTHER, FeeBasis.FLAT, Decimal(1), " Brand study ")
    assert [fee.name for fee in (DSP, SERVING, named)] == ["DSP", "Ad serving", "Brand study"]


FLAT_FINE = Fee(FeeKind.OTHER, FeeBasis.FLAT, Decimal("0.001"))


@pytest.mark.parametrize(
    ("refused", "code", "field"),
    [
        (lambda: break_down(usd("4999.99"), CLIENT, (PRODUCTION,)), "fees_exceed_budget", "fees"),
        (lambda: break_down(usd("-1"), CLIENT), "negative_amount", "amount"),
        (lambda: break_down(usd("1"), CLIENT, (SERVING,)), "cpm_required", "cpm"),
        (lambda: break_down(usd("1"), CLIENT, (SERVING,), cpm=0), "cpm_required", "cpm"),
        (lambda: break_down(usd("1"), CLIENT, discount=Decimal(1)), "bad_discount", "discount"),
        (lambda: break_down(usd("1"), CLIENT, discount=Decimal("-0.1")), "bad_discount", "discount"),
        (lambda: break_down(usd("1"), CLIENT, discount=Decimal("NaN")), "bad_discount", "discount"),
        (lambda: break_down(usd("1"), CLIENT, discount=Decimal("0.1234567")), "too_precise", "discount"),
        (lambda: break_down(usd("1"), CLIENT, (FLAT_FINE,)), "too_precise", "fees"),
        (lambda: break_down(usd("1"), CLIENT, (DSP,) * 51), "too_many_fees", "fees"),
        (lambda: Fee(FeeKind.DSP, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal("100.01")), "bad_rate", "value"),
        (lambda: Fee(FeeKind.DSP, FeeBasis.FLAT, Decimal("NaN")), "bad_rate", "value"),
        (lambda: Fee(FeeKind.DSP, FeeBasis.PERCENT_OF_GROSS, Decimal(1)), "bad_fee_basis", "basis"),
        (lambda: Fee(FeeKind.DSP, FeeBasis.FLAT, Decimal(1), " "), "empty", "label"),
        (
            lambda: CostBreakdown(usd("100"), usd("15"), usd("85"), (FeeAmount(DSP, usd("8.50")),), usd("93.49")),
            "costs_do_not_add_up",
            "costs",
        ),
    ],
)
def test_what_has_no_cost_is_refused(refused: Callable[[], object], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        refused()
    assert (refusal.value.code, refusal.value.field) == (code, field)
