import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.objectives import Objective
from domain.planning.allocation.allocate import allocate
from domain.planning.allocation.constraints import Allocable
from domain.planning.curves.benchmarks import benchmark
from domain.planning.curves.response_curves import curve_for
from domain.planning.periods.adstock import Adstock
from domain.planning.periods.binding import PeriodBinding
from domain.planning.periods.indices import Indices
from domain.planning.periods.lines import MOST_PERIODS, PeriodBound, PeriodLine
from domain.planning.periods.optimum import AfterEnd, PeriodPlan, optimise_periods
from tests.domain.planning.period_samples import WEEK, best_of_a_grid, bounded_lines, hill, random_lines

BUDGET = 1_000_000_00
THOUSANDTH = 0.001


def weekly(
    lines: Sequence[PeriodLine], periods: int, budget: int = BUDGET, after_end: AfterEnd = AfterEnd.COUNTED
) -> PeriodPlan:
    return optimise_periods(budget, [WEEK] * periods, lines, after_end=after_end)


def check_adds_up(plan: PeriodPlan, budget: int) -> None:
    assert sum(map(sum, plan.spend)) + plan.unspent == budget
    assert (plan.unspent_reason is not None) == (plan.unspent > 0)
    assert plan.outcome == pytest.approx(math.fsum(plan.by_line))
    assert plan.outcome == pytest.approx(math.fsum(plan.by_period))


@pytest.mark.parametrize("seed", range(5))
def test_concave_curves_with_carry_over_beat_every_grid_and_prove_it(seed: int) -> None:
    lines = random_lines(seed, 2, 3, BUDGET, steepest=1)
    plan = weekly(lines, 3)
    check_adds_up(plan, BUDGET)
    assert plan.outcome >= best_of_a_grid(BUDGET, lines, 3, steps=20)
    assert plan.gap < 1e-6


@pytest.mark.parametrize("seed", [65, 100])
def test_s_shaped_curves_with_carry_over_are_not_a_thousandth_below_the_best_of_a_grid(seed: int) -> None:
    lines = random_lines(seed, 2, 3, BUDGET, steepest=4)
    plan = weekly(lines, 3)
    check_adds_up(plan, BUDGET)
    best = best_of_a_grid(BUDGET, lines, 3, steps=24)
    assert plan.outcome >= best * (1 - THOUSANDTH)
    assert plan.bound >= best


def test_without_carry_over_it_is_the_allocation_of_every_week_as_a_line() -> None:
    curves = [hill(400, 30_000_00), hill(100, 5_000_00), hill(300, 40_000_00, 3)]
    plan = weekly([PeriodLine(str(i), curve) for i, curve in enumerate(curves)], 4)
    cells = [Allocable(f"{i} {t}", curve) for i, curve in enumerate(curves) for t in range(4)]
    assert plan.outcome == pytest.approx(allocate(BUDGET, cells).outcome)
    assert plan.outcome_after_end == 0


def test_a_split_over_weeks_known_by_hand() -> None:
    """Seasons 4 : 1 at c·k/(k + x)²: k + x stands as √season, 2 : 1; with k = 100 over 300 + 200, x is 233⅓ and 66⅔."""
    line = PeriodLine("search", hill(100, 100), indices=Indices.of(2, seasonality={0: 4}))
    plan = weekly([line], 2, budget=300)
    assert plan.spend == ((233, 67),)
    assert plan.outcome == pytest.approx(400 * 233 / 333 + 100 * 67 / 167)
    assert plan.marginal_return == pytest.approx(400 * 100 / 333**2, rel=0.01)


def test_a_dearer_week_gets_media_for_less_and_money_by_its_worth() -> None:
    """At a price p a week is worth f(x/p): k·p + x stands as √p here, so at p = 4, 400 + x : 100 + y = 2 : 1."""
    line = PeriodLine("search", hill(100, 100), indices=Indices.of(2, price={0: 4}))
    assert weekly([line], 2, budget=400).spend == ((200, 200),)


def test_a_flight_of_even_weeks_brings_what_its_curve_says() -> None:
    """And a curve of four weeks split over four weeks is best spent evenly."""
    curve = curve_for(benchmark(Channel.SOCIAL, "USD"), Objective.TRAFFIC, 28)
    plan = weekly([PeriodLine("social", curve)], 4)
    assert plan.spend == ((BUDGET // 4,) * 4,)
    assert plan.outcome == pytest.approx(curve.outcome(BUDGET))
    months = optimise_periods(BUDGET, [10, 18], [PeriodLine("social", curve)])
    assert months.outcome == pytest.approx(curve.outcome(BUDGET))
    assert months.spend[0][0] == pytest.approx(BUDGET * 10 / 28, abs=1)


def test_carry_over_after_the_end_is_counted_or_dropped_as_said() -> None:
    """Dropped, late money loses half of its effect, so it moves to the front; the answer names the rule."""
    line = PeriodLine("tv", hill(100, 50_000_000), Adstock.geometric(0.9, 2))
    counted, dropped = weekly([line], 2), weekly([line], 2, after_end=AfterEnd.DROPPED)
    assert counted.after_end is AfterEnd.COUNTED
    assert counted.outcome_after_end > 0
    assert len(counted.by_period) == 3
    assert dropped.outcome_after_end == 0
    assert dropped.spend[0][0] > counted.spend[0][0]
    assert dropped.outcome < counted.outcome


def test_carry_over_from_before_the_start_makes_the_first_week_worth_less() -> None:
    line = PeriodLine("tv", hill(100, 50_000_000), Adstock.geometric(0.6, 3))
    fresh, carried = weekly([line], 3), weekly([replace(line, history=(40_000_000, 80_000_000))], 3)
    assert fresh.carried_in == 0
    assert carried.carried_in > 0
    assert carried.spend[0][0] < fresh.spend[0][0]
    assert carried.outcome < fresh.outcome  # what the history brings anyway is no merit of this budget


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_every_bound_is_kept_and_every_minor_unit_accounted_for(data: st.DataObject) -> None:
    periods, budget = data.draw(st.integers(2, 5)), data.draw(st.integers(1_000, 10**12))
    lines = data.draw(bounded_lines(periods=periods, budget=budget))
    highest = data.draw(st.none() | st.integers(budget // 2, budget))
    bounds = [] if highest is None else [PeriodBound(0, maximum=highest)]
    plan = optimise_periods(budget, [WEEK] * periods, lines, bounds)
    check_adds_up(plan, budget)
    for line, spend in zip(lines, plan.spend, strict=True):
        if line.locked is not None:
            assert spend == line.locked
            continue
        assert line.minimum <= sum(spend)
        assert line.maximum is None or sum(spend) <= line.maximum
        assert all(spend[t] == 0 for t in line.blackout)
        assert line.maximum_each is None or max(spend) <= line.maximum_each
        assert min(spend) >= 0
    if highest is not None:
        assert sum(spend[0] for spend in plan.spend) <= highest
    assert plan.bound >= plan.outcome * (1 - 1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.floats(1.01, 3))
def test_more_budget_never_brings_less(seed: int, factor: float) -> None:
    lines = random_lines(seed, 2, 3, BUDGET, steepest=1)
    assert weekly(lines, 3, budget=int(BUDGET * factor)).outcome >= weekly(lines, 3).outcome


def test_the_shadow_price_is_what_a_little_more_budget_brings() -> None:
    lines = random_lines(5, 3, 4, BUDGET, steepest=1)
    more = 10_000
    gained = weekly(lines, 4, budget=BUDGET + more).outcome - weekly(lines, 4).outcome
    assert weekly(lines, 4).marginal_return == pytest.approx(gained / more, rel=0.01)


def test_bounds_that_cost_outcome_are_named() -> None:
    """Two equal lines; what holds each back or up is by hand."""
    curve, adstock = hill(100, 30_000_000), Adstock.geometric(0.5, 2)
    lines = [
        PeriodLine("held", curve, adstock, maximum=20_000_000),
        PeriodLine("free", curve, adstock, maximum_each=45_000_000),
        PeriodLine("forced", hill(1, 30_000_000), adstock, minimum=10_000_000),
        PeriodLine("fixed", curve, adstock, locked=(1_000_000, 0, 1_000_000)),
    ]
    bounds = [PeriodBound(1, maximum=10_000_000), PeriodBound(2, minimum=1_000_000)]
    plan = optimise_periods(BUDGET, [WEEK] * 3, lines, bounds)
    assert set(plan.binding) == {
        PeriodBinding("locked", "fixed"),
        PeriodBinding("maximum", "held"),
        PeriodBinding("minimum", "forced"),
        PeriodBinding("period_maximum", period=1),
    }


def test_a_period_keeps_its_bounds_while_money_moves_between_s_shaped_lines() -> None:
    lines = [
        PeriodLine("a", hill(100, 20_000_000, 3), Adstock.geometric(0.5, 3)),
        PeriodLine("b", hill(80, 10_000_000, 2), Adstock.delayed(0.5, 1, 3), maximum=70_000_000),
    ]
    bounds = [PeriodBound(0, minimum=15_000_000, maximum=30_000_000), PeriodBound(3, minimum=25_000_000)]
    plan = optimise_periods(BUDGET, [WEEK] * 4, lines, bounds)
    check_adds_up(plan, BUDGET)
    by_week = np.array(plan.spend).sum(axis=0)
    assert 15_000_000 <= by_week[0] <= 30_000_000
    assert by_week[3] >= 25_000_000
    assert sum(plan.spend[1]) <= 70_000_000


def test_amounts_up_to_the_largest_stay_exact() -> None:
    """A season a hundred times another and prices apart as far: the programme's numbers are at their widest."""
    indices = Indices((1, 100, 0.01), (100, 0.01, 1))
    lines = [PeriodLine(key, hill(1, 10**14), Adstock.geometric(0.5, 4), indices, maximum=4 * 10**14) for key in "ab"]
    plan = weekly([*lines, PeriodLine("c", hill(1, 10**12), Adstock((0.0, 1.0)), history=(10**14,))], 3, budget=10**15)
    check_adds_up(plan, 10**15)
    assert plan.gap < 1e-6


def test_money_that_fits_nowhere_stays_unspent_and_the_answer_says_so() -> None:
    line = PeriodLine("tv", hill(100, 1_000), Adstock.geometric(0.5, 2), maximum_each=100, blackout=frozenset({1}))
    plan = weekly([line], 3, budget=1_000)
    assert plan.spend == ((100, 0, 100),)
    assert (plan.unspent, plan.marginal_return) == (800, 0)
    assert plan.unspent_reason


def test_a_line_beyond_its_curves_range_is_flagged() -> None:
    near, far = replace(hill(100, 1_000), valid_to=50), hill(100, 1_000)
    assert weekly([PeriodLine("near", near), PeriodLine("far", far)], 2, budget=1_000).extrapolated == ("near",)


def test_a_year_of_twelve_lines_by_weeks() -> None:
    lines = random_lines(3, 12, 52, BUDGET, steepest=1)
    quarters = [PeriodBound(week, minimum=BUDGET // 100, maximum=BUDGET // 30) for week in range(0, 52, 13)]
    plan = optimise_periods(BUDGET, [WEEK] * 52, lines, quarters)
    check_adds_up(plan, BUDGET)
    assert plan.gap < 1e-6
    by_week = np.array(plan.spend).sum(axis=0)
    assert all(BUDGET // 100 <= by_week[bound.period] <= BUDGET // 30 for bound in quarters)


ANY = PeriodLine("tv", hill(100, 1_000))


def attempt(*bounds: PeriodBound, budget: int = 1_000, periods: int = 3, **changes: object) -> PeriodPlan:
    return optimise_periods(budget, [WEEK] * periods, [replace(ANY, **changes)], bounds)  # type: ignore[arg-type]


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("no_periods", lambda: attempt(periods=0)),
    ("too_many_periods", lambda: attempt(periods=MOST_PERIODS + 1)),
    ("bad_days", lambda: optimise_periods(1_000, [7, 0], [ANY])),
    ("no_lines", lambda: optimise_periods(1_000, [7], [])),
    ("too_many_lines", lambda: optimise_periods(1_000, [7], [replace(ANY, key=str(i)) for i in range(10_000)])),
    ("duplicate_line", lambda: optimise_periods(1_000, [7], [ANY, ANY])),
    ("budget_not_positive", lambda: attempt(budget=0)),
    ("bad_amount", lambda: attempt(budget=-5)),
    ("bad_amount", lambda: attempt(minimum=-1)),
    ("bad_amount", lambda: attempt(history=(math.nan,))),
    ("indices_mismatch", lambda: attempt(indices=Indices.level(2))),
    ("periods_mismatch", lambda: attempt(locked=(1, 2))),
    ("unknown_period", lambda: attempt(blackout=frozenset({3}))),
    ("unknown_period", lambda: attempt(PeriodBound(3))),
    ("duplicate_period", lambda: attempt(PeriodBound(1), PeriodBound(1))),
    ("locked_in_blackout", lambda: attempt(locked=(1, 2, 3), blackout=frozenset({0}))),
    ("locked_exceeds_budget", lambda: attempt(locked=(1_000, 0, 1))),
    ("minimums_exceed_budget", lambda: attempt(minimum=1_001)),
    ("minimum_above_maximum", lambda: attempt(minimum=9, maximum=8)),
    ("minimum_above_maximum", lambda: attempt(minimum=301, maximum_each=100)),
    ("minimum_above_maximum", lambda: attempt(minimum_each=100, maximum=299)),
    ("minimum_above_maximum", lambda: attempt(minimum_each=3, maximum_each=2)),
    ("period_minimum_above_maximum", lambda: attempt(PeriodBound(0, minimum=5, maximum=4))),
    ("period_minimum_unreachable", lambda: attempt(PeriodBound(0, minimum=5), blackout=frozenset({0}))),
    ("period_maximum_exceeded", lambda: attempt(PeriodBound(0, maximum=4), minimum_each=5)),
    ("period_minimums_exceed_budget", lambda: attempt(PeriodBound(0, minimum=600), PeriodBound(1, minimum=600))),
]


@pytest.mark.parametrize(("code", "attempted"), REFUSED)
def test_what_cannot_hold_is_refused_by_name(code: str, attempted: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attempted()
    assert refusal.value.code == code
    assert refusal.value.field


def test_bounds_that_only_fail_together_are_named() -> None:
    """Line a must spend 500 in week 0, its only one, and line b 400 there too; the week takes 800."""
    only = frozenset({1, 2})
    lines = [replace(ANY, key=key, minimum=least, blackout=only) for key, least in (("a", 500), ("b", 400))]
    with pytest.raises(InvalidInput) as refusal:
        optimise_periods(1_000, [WEEK] * 3, lines, [PeriodBound(0, maximum=800)])
    assert refusal.value.code == "bounds_conflict"
    assert refusal.value.details["periods"] or refusal.value.details["lines"]
