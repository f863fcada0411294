"""Budgets from goals, against every budget there is and every split of it."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR
from domain.objectives import Outcome
from domain.planning.allocation.allocate import allocate
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.goals import (
    Reached,
    budget_at_cost,
    budget_at_marginal,
    budget_at_return,
    cheapest_budget,
)
from domain.planning.allocation.groups import Group
from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.curves.shapes import Hill, MichaelisMenten, Power, Shape
from tests.domain.planning.test_bounded_allocation import every_split, line, outcome, tiny_shapes

MOST = 14


def values(lines: Sequence[Allocable]) -> dict[int, float]:
    """The most that every budget brings."""
    best = dict[int, float]()
    for spend in every_split(MOST, lines, ()):
        brought = outcome(lines, spend)
        for budget in range(sum(spend), MOST + 1):
            best[budget] = max(best.get(budget, 0.0), brought)
    return {budget: brought for budget, brought in best.items() if budget}


@st.composite
def small_lines(draw: st.DrawFn) -> list[Allocable]:
    return [
        line(
            str(i), draw(tiny_shapes), **draw(st.sampled_from([{}, {"minimum": 2}, {"minimum_buy": 3}, {"locked": 1}]))
        )
        for i in range(draw(st.integers(1, 3)))
    ]


@settings(max_examples=120, deadline=None)
@given(small_lines(), st.floats(0.05, 1.2))
def test_the_cheapest_budget_is_the_first_that_reaches_the_goal(lines: list[Allocable], part: float) -> None:
    value = values(lines)
    most = max(value.values())
    if any(abs(brought - most * part) <= 1e-9 * most for brought in value.values()):
        return  # a float decides
    if reaching := [budget for budget, brought in value.items() if brought >= most * part]:
        assert cheapest_budget(most * part, lines, up_to=MOST).budget == min(reaching)
    else:
        with pytest.raises(InvalidInput) as refusal:
            cheapest_budget(most * part, lines, up_to=MOST)
        assert refusal.value.code == "goal_unreachable"
        assert refusal.value.details["most"] == pytest.approx(most)


@settings(max_examples=120, deadline=None)
@given(small_lines(), st.floats(0.3, 4))
def test_a_target_cost_is_met_by_no_larger_budget(lines: list[Allocable], factor: float) -> None:
    value = values(lines)
    spent = [budget for budget, brought in value.items() if brought > value.get(budget - 1, 0.0)]
    costs = {budget: budget / value[budget] for budget in spent}
    if not costs:
        return
    target = min(costs.values()) * factor
    if any(abs(cost / target - 1) < 1e-9 for cost in costs.values()):
        return
    meeting = [budget for budget, cost in costs.items() if cost <= target]
    if meeting:
        answer = budget_at_cost(target, lines, up_to=MOST)
        assert answer.allocation.outcome * target >= answer.budget * (1 - 1e-12)
        assert answer.budget <= max(meeting)
        # Between the budgets that are tried there could be another that meets it; below twice the best there is none.
        missed = range(answer.budget + 1, max(meeting))
        assert answer.budget == max(meeting) or any(budget > target * value[budget] for budget in missed)
    else:
        with pytest.raises(InvalidInput) as refusal:
            budget_at_cost(target, lines, up_to=MOST)
        assert refusal.value.code == "target_cost_unreachable"
        assert refusal.value.details["least"] == pytest.approx(min(costs.values()))


@settings(max_examples=120, deadline=None)
@given(small_lines(), st.floats(0.01, 5))
def test_a_target_marginal_return_maximises_what_is_left_after_it(lines: list[Allocable], target: float) -> None:
    value = values(lines)
    worth = {budget: brought - target * budget for budget, brought in value.items()}
    least = sum(each.least for each in lines)
    nothing_more = worth[least] if least else 0.0
    if max(worth.values()) <= nothing_more + 1e-9:
        return
    answer = budget_at_marginal(target, lines, up_to=MOST)
    assert answer.allocation.outcome - target * answer.budget == pytest.approx(max(worth.values()), abs=1e-9)


def of_value(shape: Shape) -> Allocable:
    return Allocable("shop", ResponseCurve(Outcome.VALUE, "USD", shape, 1e12, 28, "a test"))


def test_a_known_return() -> None:
    """1,000,000 · x / (x + 100,000) returns twice x at x = 400,000, and at most 10 for the first cent."""
    lines = [of_value(MichaelisMenten(1_000_000, 100_000))]
    assert budget_at_return(2, lines).budget == 400_000
    with pytest.raises(InvalidInput) as refusal:
        budget_at_return(10.1, lines)
    assert refusal.value.code == "target_return_unreachable"
    assert refusal.value.details == {"most": pytest.approx(10, rel=1e-4), "budget": 1}


def test_a_known_cost_and_marginal() -> None:
    """100 · x / (x + 50,000): 100 outcomes at most; a cost of 1,000 at x = 50,000; a slope of 1/2,000 at the same x."""
    lines = [line("search", MichaelisMenten(100, 50_000))]
    assert budget_at_cost(1_000, lines).budget == 50_000
    assert budget_at_marginal(1 / 2_000, lines).budget in {49_999, 50_000}
    answer = cheapest_budget(50, lines)
    assert answer.budget == 50_000
    assert answer.cost_per_outcome == pytest.approx(1_000)
    assert answer.outcome_per_unit == pytest.approx(1 / 1_000)


def test_what_is_paid_beside_the_budget_counts_as_cost() -> None:
    """100 · x / (x + 50,000) at 2,000 each, with 20,000 beside x: 200,000x = (x + 20,000)(x + 50,000); the least cost
    is where x² = 20,000 · 50,000."""
    lines = [line("search", MichaelisMenten(100, 50_000))]
    assert budget_at_cost(2_000, lines, fixed=20_000).budget == pytest.approx(121_789, abs=2)
    with pytest.raises(InvalidInput) as refusal:
        budget_at_cost(1_000, lines, fixed=20_000)
    assert refusal.value.details["budget"] == pytest.approx(31_623, rel=0.01)


@pytest.mark.parametrize("slope", [0.8, 2.5])
def test_goals_hold_to_the_cent_on_large_budgets_too(slope: float) -> None:
    lines = [line(str(k), Hill(1_000 + 100 * k, 5_000_00 * (1 + k), slope)) for k in range(4)]
    goal = 2_345.0
    answer = cheapest_budget(goal, lines)
    assert answer.allocation.outcome >= goal > allocate(answer.budget - 1, lines).outcome
    cost = answer.budget / goal * 1.1
    further = budget_at_cost(cost, lines)
    assert further.budget > answer.budget
    assert further.budget / further.allocation.outcome <= cost
    assert (further.budget + 1) / allocate(further.budget + 1, lines).outcome > cost


def test_a_marginal_return_that_even_the_first_spend_does_not_bring_is_refused() -> None:
    lines = [line("a", MichaelisMenten(100, 50_000), minimum=100), line("b", Hill(100, 50_000, 2))]
    for asked, most in ((lines, 100 / 50_000), (lines[1:], 1 / 1_000)):  # on average, b brings most at its half
        with pytest.raises(InvalidInput) as refusal:
            budget_at_marginal(0.01, asked)
        assert refusal.value.code == "target_marginal_unreachable"
        assert refusal.value.details["most"] == pytest.approx(most, rel=0.01)


def test_groups_hold_while_a_goal_is_sought() -> None:
    lines = [line(key, MichaelisMenten(100, 50_000)) for key in "ab"]
    half = [Group("a", frozenset("a"), maximum_share=Fraction(1, 4))]
    free, held = (cheapest_budget(80, lines, groups).budget for groups in ((), half))
    assert free < held
    spend = dict(zip("ab", cheapest_budget(80, lines, half).allocation.spend, strict=True))
    assert spend["a"] * 4 <= held
    marginal = budget_at_marginal(1 / 4_000, lines, half)
    around = [
        allocate(marginal.budget + d, lines, half).outcome - (marginal.budget + d) / 4_000 for d in (-400, 0, 400)
    ]
    assert around[1] == pytest.approx(max(around), rel=1e-6)  # a share in whole cents makes steps of a cent


def test_a_goal_beyond_a_cap_is_refused_with_what_the_cap_reaches() -> None:
    lines = [line("a", Power(1, 0.5), maximum=10_000), line("b", Power(1, 0.5), locked=10_000)]
    with pytest.raises(InvalidInput) as refusal:
        cheapest_budget(201, lines)
    assert refusal.value.details == {"most": pytest.approx(200), "budget": 20_000}
    assert refusal.value.message == "An outcome of 201 is out of reach: at most 200, for 200.00 USD."


@pytest.mark.parametrize("ask", [cheapest_budget, budget_at_cost, budget_at_marginal])
@pytest.mark.parametrize("goal", [0, -1, math.nan, math.inf, True, "1"])
def test_a_goal_that_is_no_number_is_refused(ask: Callable[..., Reached], goal: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(goal, [line("a", Power(1, 0.5))], up_to=1000)
    assert refusal.value.code == "bad_goal"


def test_returns_are_of_value_and_costs_of_counts() -> None:
    for ask, lines, code in (
        (budget_at_return, [line("a", Power(1, 0.5))], "return_needs_value"),
        (budget_at_cost, [of_value(Power(1, 0.5))], "cost_needs_a_count"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            ask(2, lines)
        assert refusal.value.code == code


def test_a_cap_that_is_no_amount_is_refused() -> None:
    for cap in (-1, LARGEST_MINOR + 1, 1.5):
        with pytest.raises(InvalidInput) as refusal:
            cheapest_budget(1, [line("a", Power(1, 0.5))], up_to=cap)  # type: ignore[arg-type]  # on purpose
        assert (refusal.value.code, refusal.value.field) == ("bad_amount", "up_to")
