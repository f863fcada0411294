import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.objectives import Objective, Outcome
from domain.planning.allocation.constraints import Allocable
from domain.planning.curves.benchmarks import benchmark
from domain.planning.curves.response_curves import ResponseCurve, curve_for, outcome_curve
from domain.planning.curves.shapes import MichaelisMenten
from tests.domain.planning.samples import curve, curves, exact_outcome

SEARCH = benchmark(Channel.SEARCH, "USD")

any_curve = curves(10**10)
spends = st.integers(0, 10**13)


@given(any_curve, spends, st.integers(1, 10**12))
def test_more_spend_brings_more_and_each_unit_less(response: ResponseCurve, spend: int, more: int) -> None:
    assert response.outcome(spend + more) >= response.outcome(spend)
    assert response.marginal(spend + more) <= response.marginal(spend)
    assert response.gain(spend + more, 1) <= response.gain(spend, 1)


@given(any_curve, spends, st.integers(1, 10**12))
def test_a_gain_is_the_difference_of_two_outcomes(response: ResponseCurve, spend: int, more: int) -> None:
    line = Allocable("line", response)
    difference = exact_outcome(line, spend + more) - exact_outcome(line, spend)
    assert response.gain(spend, more) == pytest.approx(float(difference), rel=1e-14)


@given(any_curve, spends)
def test_the_marginal_lies_between_the_gains_beside_it(response: ResponseCurve, spend: int) -> None:
    noise = 1 + 1e-12
    assert response.gain(spend, 1) <= response.marginal(spend) * noise
    if spend:
        assert response.marginal(spend) <= response.gain(spend - 1, 1) * noise


@given(any_curve, spends)
def test_the_inverse_finds_the_spend_of_a_marginal(response: ResponseCurve, spend: int) -> None:
    shape = response.shape
    assert isinstance(shape, MichaelisMenten)
    found = response.spend_at_marginal(response.marginal(spend))
    assert found == pytest.approx(spend, rel=1e-12, abs=1e-12 * shape.half_saturation)


@given(any_curve, spends)
def test_the_ceiling_is_never_passed(response: ResponseCurve, spend: int) -> None:
    shape = response.shape
    assert isinstance(shape, MichaelisMenten)
    assert 0 <= response.outcome(spend) <= shape.ceiling


def test_known_values() -> None:
    response = curve(1000, 50)
    assert [response.outcome(spend) for spend in (0, 50, 150)] == [0, 500, 750]
    assert [response.marginal(spend) for spend in (0, 50, 150)] == [20, 5, 1.25]
    assert [response.spend_at_marginal(marginal) for marginal in (20, 5, 1.25)] == [0, 50, 150]
    assert response.spend_at_marginal(21) == 0
    assert response.spend_at_marginal(0) == math.inf


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -1.0])
def test_what_is_no_amount_is_refused(number: float) -> None:
    response = curve(10, 10)
    for ask in (response.outcome, response.marginal, response.spend_at_marginal, response.extrapolates):
        with pytest.raises(InvalidInput) as refusal:
            ask(number)
        assert refusal.value.code == "bad_amount"
    with pytest.raises(InvalidInput):
        response.gain(number, 1)
    with pytest.raises(InvalidInput):
        response.gain(1, number)


@pytest.mark.parametrize("parameter", [0, -1, math.nan, math.inf, 1e31])
def test_a_curve_of_impossible_parameters_is_refused(parameter: float) -> None:
    for ceiling, half_saturation in ((parameter, 1), (1, parameter)):
        with pytest.raises(InvalidInput) as refusal:
            MichaelisMenten(ceiling, half_saturation)
        assert refusal.value.code == "bad_curve"


@pytest.mark.parametrize("channel", [Channel.SEARCH, Channel.CTV, Channel.OOH])
def test_the_first_money_brings_cpm_ctr_cvr_economics(channel: Channel) -> None:
    rates = benchmark(channel, "USD")
    impressions_per_cent = 1000 / rates.cpm
    per_impression = {
        Objective.AWARENESS: rates.viewability,
        Objective.CONSIDERATION: rates.completed_view_rate,
        Objective.TRAFFIC: rates.ctr,
        Objective.LEADS: rates.ctr * rates.cvr,
        Objective.CONVERSIONS: rates.ctr * rates.cvr,
        Objective.SALES: rates.ctr * rates.cvr * 40_00,
    }
    for objective, rate in per_impression.items():
        response = curve_for(rates, objective, 28, value_per_conversion=40_00)
        assert response.marginal(0) == pytest.approx(impressions_per_cent * rate)
        assert response.counts is objective.outcome


def test_a_benchmark_curve_saturates_with_audience_and_frequency_cap() -> None:
    """150,000 people × 1 exposure a week × 4 weeks = 600,000 impressions, at 100 USD per thousand 60,000 USD."""
    clicks = curve_for(SEARCH, Objective.TRAFFIC, 28)
    assert clicks.shape == MichaelisMenten(ceiling=600_000 * 0.045, half_saturation=60_000_00)
    assert clicks.outcome(60_000_00) == pytest.approx(13_500)
    assert not clicks.extrapolates(60_000_00)
    assert clicks.extrapolates(60_000_01)


def test_reach_saturates_at_the_audience_however_long_the_flight() -> None:
    for days in (7, 70):
        reach = curve_for(SEARCH, Objective.AWARENESS, days)
        assert reach.shape == MichaelisMenten(ceiling=150_000, half_saturation=150_000 * 10 / 0.95)


def test_a_longer_flight_saturates_later() -> None:
    week, month = (curve_for(SEARCH, Objective.CONVERSIONS, days) for days in (7, 28))
    assert month.outcome(100_000_00) > week.outcome(100_000_00)
    assert month.marginal(0) == pytest.approx(week.marginal(0))


def test_sales_without_a_value_counts_conversions() -> None:
    assert curve_for(SEARCH, Objective.SALES, 28) == curve_for(SEARCH, Objective.CONVERSIONS, 28)


@pytest.mark.parametrize("value", [None, 0, -1, math.nan])
def test_value_needs_a_value_per_conversion(value: int | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        outcome_curve(SEARCH, Outcome.VALUE, 28, value_per_conversion=value)
    assert refusal.value.code == "value_per_conversion_required"


@pytest.mark.parametrize("days", [0, -7, 1.5, math.nan, True])
def test_a_flight_of_no_whole_days_is_refused(days: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        curve_for(SEARCH, Objective.TRAFFIC, days)
    assert (refusal.value.code, refusal.value.field) == ("bad_days", "days")


def test_a_curve_carries_where_it_comes_from() -> None:
    response = curve_for(SEARCH, Objective.TRAFFIC, 28)
    assert (response.currency, response.days, response.source) == ("USD", 28, "illustrative default")
    assert response.shape.family == "michaelis_menten"


def test_a_price_level_moves_the_spend_and_not_the_outcome() -> None:
    yen = replace(SEARCH, currency="JPY", cpm=11_000)
    dollars = curve_for(SEARCH, Objective.TRAFFIC, 28)
    assert curve_for(yen, Objective.TRAFFIC, 28).outcome(11_000_000) == pytest.approx(dollars.outcome(100_000_00))


def test_the_exact_outcome_of_the_samples_is_the_curves_own() -> None:
    assert exact_outcome(Allocable("line", curve(3, 7)), 5) == Fraction(15, 12)
