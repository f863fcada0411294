from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR, Money
from domain.planning.curves.benchmarks import benchmark
from domain.pricing import UNITS, Pricing

OLV = benchmark(Channel.OLV, "USD")  # 12.00 CPM, 0.5 % CTR, 1.8 % CVR, 75 % viewable, 65 % completed, 500,000 people

counted = st.builds(
    Pricing,
    st.sampled_from([model for model in PricingModel if model is not PricingModel.REVENUE_SHARE]),
    st.decimals(Decimal("0.000001"), Decimal(10**9), places=6),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
shares = st.builds(
    Pricing,
    st.just(PricingModel.REVENUE_SHARE),
    st.decimals(Decimal("0.000001"), 100, places=6),
    st.sampled_from(["USD", "JPY", "KWD"]),
)


def priced(model: PricingModel, rate: str | None, currency: str = "USD") -> Pricing:
    return Pricing(model, None if rate is None else Decimal(rate), currency)


@pytest.mark.parametrize(
    ("pricing", "quantity", "cost"),
    [
        (priced(PricingModel.CPM, "12"), "20833.333333", "250000.00"),
        (priced(PricingModel.VCPM, "4.5678"), "1000", "4567.80"),
        (priced(PricingModel.CPC, "2.22"), "1001", "2222.22"),
        (priced(PricingModel.CPP, "1200", "JPY"), "37.5", "45000"),
        (priced(PricingModel.FLAT_RATE, "12500"), "1", "12500"),
        (Pricing(PricingModel.TIME, Decimal(850), "USD", "spot"), "12", "10200"),
        (priced(PricingModel.REVENUE_SHARE, "7.5"), "80000", "6000"),
    ],
)
def test_rate_times_quantity(pricing: Pricing, quantity: str, cost: str) -> None:
    assert pricing.cost(Decimal(quantity)) == Money.of(cost, pricing.currency)


def test_half_a_cent_goes_to_the_even_cent() -> None:
    pricing = priced(PricingModel.CPC, "0.005")
    assert [pricing.cost(Decimal(clicks)).minor for clicks in (1, 2, 3, 5)] == [0, 1, 2, 2]


@given(counted | shares, st.integers(0, LARGEST_MINOR))
def test_the_cost_of_what_money_buys_is_that_money(pricing: Pricing, minor: int) -> None:
    net = Money(minor, pricing.currency)
    assert pricing.cost(pricing.quantity(net)) == net


def test_every_model_names_its_unit() -> None:
    assert set(UNITS) == set(PricingModel)
    assert priced(PricingModel.CPCV, "0.02").unit == "completed view"
    assert Pricing(PricingModel.TIME, None, "USD", " hour ").unit == "hour"
    assert Pricing(PricingModel.TIME, None, "USD").unit == "unit of time"


def test_a_flat_rate_without_a_rate_is_one_placement_for_what_is_paid() -> None:
    pricing = priced(PricingModel.FLAT_RATE, None)
    assert [pricing.quantity(Money(minor, "USD")) for minor in (0, 1, 99_99)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("model", "impressions"),
    [
        (PricingModel.CPM, Fraction(1000)),
        (PricingModel.VCPM, 1000 / Fraction("0.75")),
        (PricingModel.CPV, 1 / Fraction("0.75")),
        (PricingModel.CPC, Fraction(200)),
        (PricingModel.CPCV, 1 / Fraction("0.65")),
        (PricingModel.CPA, 200 / Fraction("0.018")),
        (PricingModel.CPP, Fraction(5000)),  # one per cent of the audience
        (PricingModel.FLAT_RATE, Fraction(1_000_000)),  # 12,000 at the going CPM of 12
        (PricingModel.TIME, Fraction(1_000_000)),
        (PricingModel.REVENUE_SHARE, Fraction(1000, 12) / 4),  # a dollar of revenue costs a quarter
    ],
)
def test_impressions_behind_one_unit(model: PricingModel, impressions: Fraction) -> None:
    rate = "25" if model is PricingModel.REVENUE_SHARE else "12000"
    assert priced(model, rate).impressions_per_unit(OLV) == impressions


@given(counted | shares, st.integers(1, 10**12))
def test_impressions_bought_by_the_unit_and_by_the_cpm_are_the_same(pricing: Pricing, minor: int) -> None:
    going = replace(OLV, currency=pricing.currency)
    by_unit = Fraction(pricing.quantity(Money(minor, pricing.currency))) * pricing.impressions_per_unit(going)
    by_cpm = minor * 1000 / pricing.cpm(going)
    assert abs(by_unit / by_cpm - 1) < Fraction(1, 10**9)


def test_without_a_rate_a_line_is_planned_at_the_going_cpm() -> None:
    assert {priced(model, None).cpm(OLV) for model in PricingModel} == {Fraction(12_00)}
    assert priced(PricingModel.CPC, "0.30").cpm(OLV) == Fraction(150)  # 5 clicks per thousand at 30 cents


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        ("-0.01", "bad_rate"),
        ("NaN", "bad_rate"),
        ("sNaN", "bad_rate"),
        ("Infinity", "bad_rate"),
        ("1e16", "amount_too_large"),
        ("1e999999999", "amount_too_large"),
        ("0.0000001", "too_precise"),
        ("1e-999999999", "too_precise"),
    ],
)
def test_a_rate_that_is_none_is_refused(rate: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        priced(PricingModel.CPM, rate)
    assert (refusal.value.code, refusal.value.field) == (code, "rate")


def test_a_rate_is_never_a_float() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        Pricing(PricingModel.CPM, 1.5, "USD")  # type: ignore[arg-type]  # wrong on purpose
    assert priced(PricingModel.CPM, "0e-999999999").rate == 0


@pytest.mark.parametrize(
    ("refused", "code", "field"),
    [
        (lambda: priced(PricingModel.CPM, None).cost(Decimal(1)), "rate_required", "rate"),
        (lambda: priced(PricingModel.CPM, None).quantity(Money(1, "USD")), "rate_required", "rate"),
        (lambda: priced(PricingModel.FLAT_RATE, None).impressions_per_unit(OLV), "rate_required", "rate"),
        (lambda: priced(PricingModel.CPM, "0").quantity(Money(1, "USD")), "rate_is_zero", "rate"),
        (lambda: priced(PricingModel.CPC, "0").cpm(OLV), "rate_is_zero", "rate"),
        (lambda: priced(PricingModel.CPM, "1").cost(Decimal("NaN")), "bad_rate", "quantity"),
        (lambda: priced(PricingModel.CPM, "1").cost(Decimal(-1)), "bad_rate", "quantity"),
        (lambda: priced(PricingModel.CPM, "1").cost(Decimal("1e25")), "amount_too_large", "amount"),
        (lambda: priced(PricingModel.CPM, "1").quantity(Money(-1, "USD")), "negative_amount", "net_media"),
        (lambda: priced(PricingModel.CPM, "1").quantity(Money(1, "EUR")), "currency_mismatch", "currency"),
        (lambda: priced(PricingModel.FLAT_RATE, "1", "EUR").cpm(OLV), "currency_mismatch", "currency"),
        (lambda: priced(PricingModel.CPM, "1", "ZZZ"), "unknown_currency", "currency"),
        (lambda: priced(PricingModel.REVENUE_SHARE, "101"), "bad_rate", "rate"),
        (lambda: Pricing(PricingModel.CPC, None, "USD", "hour"), "not_by_time", "time_unit"),
        (lambda: Pricing(PricingModel.TIME, None, "USD", "a\nb"), "control_characters", "time_unit"),
    ],
)
def test_what_has_no_price_is_refused(refused: Callable[[], object], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        refused()
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_a_price_in_another_currency_needs_no_going_cpm_where_the_unit_is_counted() -> None:
    assert priced(PricingModel.CPM, "9", "EUR").cpm(OLV) == 9_00
    assert priced(PricingModel.FLAT_RATE, "9", "EUR").cpm(replace(OLV, currency="EUR")) == 12_00
