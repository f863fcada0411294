from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.objectives import Objective, Outcome
from domain.planning.curves.benchmarks import benchmark
from domain.planning.curves.forecast import Delivery, deliver
from domain.planning.curves.response_curves import curve_for

channels = st.sampled_from([Channel.SEARCH, Channel.CTV, Channel.DISPLAY, Channel.PODCAST, Channel.OOH])
currencies = st.sampled_from(["USD", "EUR", "JPY", "NOK"])
spends = st.integers(0, 10**12)
days = st.integers(1, 365)


def test_a_delivery_known_by_hand() -> None:
    """Search, 4 weeks: a capacity of 600,000 useful impressions, half of it used when 60,000 USD are spent."""
    delivery = deliver(benchmark(Channel.SEARCH, "USD"), 60_000_00, 28)
    assert delivery == Delivery(
        impressions=600_000,
        clicks=13_500,
        conversions=Decimal("540.00"),
        completed_views=13_500,
        reach=118_750,  # 150,000 · 570,000 seen / (150,000 + 570,000)
        spend=60_000_00,
    )
    assert delivery.cpm == 100_00
    assert delivery.ctr == Decimal("0.0225")
    assert delivery.cpc == pytest.approx(Decimal("444.4444"), abs=Decimal("0.0001"))
    assert delivery.cvr == Decimal("0.04")
    assert delivery.cpa == pytest.approx(Decimal("11111.1111"), abs=Decimal("0.0001"))


@given(channels, currencies, spends, days)
def test_the_forecast_is_what_the_optimiser_believes(channel: Channel, currency: str, spend: int, flight: int) -> None:
    rates = benchmark(channel, currency)
    delivery = deliver(rates, spend, flight)
    forecast = {
        Outcome.REACH: delivery.reach,
        Outcome.COMPLETED_VIEWS: delivery.completed_views,
        Outcome.CLICKS: delivery.clicks,
    }
    for objective in (Objective.AWARENESS, Objective.CONSIDERATION, Objective.TRAFFIC):
        believed = curve_for(rates, objective, flight).outcome(spend)
        assert abs(forecast[objective.outcome] - believed) <= 0.5
    believed = curve_for(rates, Objective.CONVERSIONS, flight).outcome(spend)
    assert abs(float(delivery.conversions) - believed) <= 0.005001


@given(channels, spends, days)
def test_a_delivery_keeps_its_proportions(channel: Channel, spend: int, flight: int) -> None:
    rates = benchmark(channel, "USD")
    delivery = deliver(rates, spend, flight)
    assert delivery.spend == spend
    assert delivery.impressions * rates.cpm <= spend * 1000 < (delivery.impressions + 1) * rates.cpm
    assert delivery.reach <= min(rates.audience, delivery.impressions + 1)
    assert delivery.clicks <= delivery.impressions + 1
    assert delivery.conversions <= delivery.clicks + 1


def test_deliveries_add_up() -> None:
    one = Delivery(impressions=1, clicks=2, conversions=Decimal("0.3"), completed_views=4, reach=5, spend=6)
    other = Delivery(impressions=10, clicks=20, conversions=Decimal("0.04"), completed_views=40, reach=50, spend=60)
    assert one + other == Delivery(11, 22, Decimal("0.34"), 44, 55, 66)
    assert sum([one, other], Delivery()) == one + other


def test_a_ratio_of_nothing_is_none() -> None:
    nothing = deliver(benchmark(Channel.SEARCH, "USD"), 0, 28)
    assert nothing == Delivery()
    assert (nothing.cpm, nothing.ctr, nothing.cpc, nothing.cvr, nothing.cpa) == (None,) * 5
    assert Delivery(spend=100, impressions=10).cpc is None
    assert Delivery(spend=100, clicks=10).cpa is None


@pytest.mark.parametrize("spend", [-1, 1.0, float("nan"), float("inf"), True])
def test_a_spend_that_is_no_amount_is_refused(spend: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        deliver(benchmark(Channel.SEARCH, "USD"), spend, 28)
    assert (refusal.value.code, refusal.value.field) == ("bad_amount", "spend")


def test_a_flight_of_no_days_is_refused() -> None:
    with pytest.raises(InvalidInput):
        deliver(benchmark(Channel.SEARCH, "USD"), 100, 0)
