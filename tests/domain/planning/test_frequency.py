import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.planning.reach.build import BuildingLine, reach_build
from domain.planning.reach.frequency import capped, most_efficient, most_responsive
from domain.planning.reach.vehicles import GammaPoisson, OnePoint

PEOPLE = 1_000_000
GEOMETRIC = GammaPoisson(PEOPLE, 1)


@pytest.mark.parametrize("least", [2, 3, 5])
def test_the_most_efficient_weight_known_by_calculus(least: int) -> None:
    """At k = 1, R(n+)/m = mⁿ⁻¹/(1 + m)ⁿ, whose slope is 0 at m = n − 1."""
    best = most_efficient(GEOMETRIC, least, 100 * PEOPLE)
    assert best.impressions == pytest.approx((least - 1) * PEOPLE, rel=1e-3)
    assert best.average_frequency == pytest.approx(least, rel=1e-3)
    assert best.value == pytest.approx(PEOPLE * ((least - 1) / least) ** least, rel=1e-3)
    assert not best.at_limit


@settings(max_examples=20)
@given(st.floats(0.2, 10), st.integers(2, 6), st.floats(0.3, 3))
def test_no_other_weight_is_more_efficient(dispersion: float, least: int, factor: float) -> None:
    vehicle = GammaPoisson(PEOPLE, dispersion)
    best = most_efficient(vehicle, least, 200 * PEOPLE)
    other = vehicle.at(best.impressions * factor)
    assert other.reach_at(least) / other.impressions <= best.value / best.impressions * (1 + 1e-9)


def test_a_limit_below_the_best_weight_binds() -> None:
    best = most_efficient(GEOMETRIC, 5, PEOPLE)
    assert (best.impressions, best.at_limit) == (PEOPLE, True)


def test_the_most_responsive_weight_known_by_calculus() -> None:
    """Only those met exactly once respond: of 1,000,000 at k = 1, m/(1 + m)², greatest at m = 1 with a quarter."""
    best = most_responsive(GEOMETRIC, [0, 1, 0], 50 * PEOPLE)
    assert best.impressions == pytest.approx(PEOPLE, rel=1e-3)
    assert best.value == pytest.approx(PEOPLE / 4)


def test_a_response_that_only_rises_wants_all_it_may_have() -> None:
    best = most_responsive(OnePoint(PEOPLE, 600_000), [0, 0.1, 0.2, 0.25], 3 * PEOPLE)
    assert (best.impressions, best.at_limit) == (3 * PEOPLE, True)


def test_a_cap_of_one_by_hand() -> None:
    """k = 1 and half an impression per person and week: a third is met and the cap leaves a third, so a sixth of the
    universe's impressions go. To place half an impression again, half must be met: a rate of 1 a week."""
    effect = capped(GEOMETRIC, 0.5 * PEOPLE, 4, 1)
    assert effect.wasted == pytest.approx(PEOPLE * (0.5 - 0.5 / 1.5))
    assert effect.wasted_share == pytest.approx(1 / 3)
    assert effect.reach_before == pytest.approx(PEOPLE * 2 / 3)
    assert effect.reach_reinvested == pytest.approx(PEOPLE * 4 / 5)  # a rate of 1 a week reaches ½ in one
    assert effect.week.exactly == pytest.approx((0.5, 0.5))
    assert effect.week.beyond == 0


@settings(max_examples=40)
@given(st.floats(0.2, 10), st.floats(0.05, 0.9), st.integers(1, 8), st.integers(1, 52))
def test_a_cap_loses_no_reach_and_its_week_holds_every_impression(
    dispersion: float, filled: float, cap: int, weeks: int
) -> None:
    vehicle = GammaPoisson(PEOPLE, dispersion)
    effect = capped(vehicle, filled * cap * PEOPLE, weeks, cap)
    assert effect.reach_reinvested >= effect.reach_before * (1 - 1e-9)
    assert 0 <= effect.wasted_share < 1
    assert sum(effect.week.at_least[1:]) * PEOPLE == pytest.approx(effect.week.impressions)


def test_a_wide_cap_wastes_nothing() -> None:
    assert capped(GammaPoisson(PEOPLE, 5), 0.2 * PEOPLE, 4, 20).wasted_share == pytest.approx(0, abs=1e-12)


def test_waste_under_a_cap_is_what_simulated_people_are_shown_too_often() -> None:
    draws = np.random.default_rng(7)
    shown = draws.poisson(draws.gamma(0.8, 2.5 / 0.8, 400_000))
    wasted = np.maximum(shown - 3, 0).mean() / shown.mean()
    assert capped(GammaPoisson(PEOPLE, 0.8), 2.5 * PEOPLE, 1, 3).wasted_share == pytest.approx(wasted, abs=0.01)


def test_reach_builds_week_by_week() -> None:
    """By hand at k = 1: a million people meet 1 and 2 impressions each in all; the second line's 500,000 meet 1."""
    first = BuildingLine("a", GEOMETRIC, (PEOPLE, 0, PEOPLE))
    second = BuildingLine("b", GammaPoisson(500_000, 1), (0, 500_000, 0))
    build = reach_build([first, second], PEOPLE)
    assert [week.reach for week in build.by_line["a"]] == pytest.approx([500_000, 500_000, PEOPLE * 2 / 3])
    assert [week.reach for week in build.by_line["b"]] == pytest.approx([0, 250_000, 250_000])
    assert [week.reach for week in build.total] == pytest.approx([500_000, 625_000, PEOPLE * 0.75])
    assert build.total[2].grp == pytest.approx(250)
    overlapping = reach_build([first, second], PEOPLE, duplication=2)
    assert overlapping.total[1].reach == pytest.approx(500_000)


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("bad_frequency", lambda: most_efficient(GEOMETRIC, 1, PEOPLE)),
    ("bad_frequency", lambda: capped(GEOMETRIC, PEOPLE, 4, 0)),
    ("bad_impressions", lambda: most_efficient(GEOMETRIC, 2, 1)),
    ("bad_impressions", lambda: capped(GEOMETRIC, math.nan, 4, 2)),
    ("bad_response", lambda: most_responsive(GEOMETRIC, [0, math.nan], PEOPLE)),
    ("bad_response", lambda: most_responsive(GEOMETRIC, [1], PEOPLE)),
    ("cap_below_impressions", lambda: capped(GEOMETRIC, 3 * PEOPLE, 4, 3)),
    ("no_weeks", lambda: capped(GEOMETRIC, PEOPLE, 0, 3)),
    ("no_vehicles", lambda: reach_build([], PEOPLE)),
    ("duplicate_line", lambda: reach_build([BuildingLine("a", GEOMETRIC, (1.0,))] * 2, PEOPLE)),
    (
        "weeks_mismatch",
        lambda: reach_build([BuildingLine("a", GEOMETRIC, (1.0,)), BuildingLine("b", GEOMETRIC, (1.0, 2.0))], PEOPLE),
    ),
    ("bad_impressions", lambda: reach_build([BuildingLine("a", GEOMETRIC, (5.0, -1.0))], PEOPLE)),
    ("reach_above_universe", lambda: reach_build([BuildingLine("a", GEOMETRIC, (5.0,))], PEOPLE / 2)),
]


@pytest.mark.parametrize(("code", "attempt"), REFUSED)
def test_what_cannot_be_is_refused_by_name(code: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attempt()
    assert refusal.value.code == code
