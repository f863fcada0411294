"""Budgets that follow from a goal of the campaign: a cost per conversion, a return, a marginal cost, an outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR, Money
from domain.objectives import Outcome
from domain.planning.allocation.goals import (
    Reached,
    budget_at_cost,
    budget_at_marginal,
    budget_at_return,
    cheapest_budget,
)
from domain.plans.bounds import Limits, refuse_twice
from domain.plans.brief import PlanningBrief
from domain.plans.split import Split, outcome_counted, refuse_mixed
from domain.plans.split_task import SplitTask, without


class GoalKind(StrEnum):
    TARGET_CPA = "target_cpa"
    TARGET_ROAS = "target_roas"
    TARGET_MARGINAL = "target_marginal"
    CHEAPEST_FOR = "cheapest_for"


@dataclass(frozen=True, slots=True)
class Goal:
    """`number` is major units of money per conversion (CPA) or per further outcome (marginal), a multiple of the spend
    (ROAS), or an outcome in its unit, value in major units."""

    kind: GoalKind
    number: Decimal

    def __post_init__(self) -> None:
        if not (self.number.is_finite() and self.number > 0):
            raise InvalidInput(
                f"A goal is a number above 0, not {self.number}.", code="bad_goal", field=self.kind.value
            )


def split_for_goal(
    brief: PlanningBrief,
    limits: Limits,
    goal: Goal,
    up_to: Money | None = None,
    present: Mapping[str, Money] | None = None,
) -> Split:
    """The largest budget, at most `up_to`, that keeps the goal (the smallest, for an outcome), and its best split.

    Flat fees count as cost. Lines without a curve stay as they are, and neither their cost nor what they bring counts
    towards the goal. Shares in percent are of the money that is found, fees apart. Refuses what `split_budget` does
    but for minimums above a budget that is not there; `value_per_conversion_required`, `goal_not_for_objective`, and
    the unreachable goals of `domain.planning.allocation.goals`.
    """
    if up_to:
        refuse_mixed(brief, up_to)
    refuse_twice(limits.lines)
    _refuse_unfit(brief, goal)
    unbought: frozenset[str] = frozenset()
    while True:
        task = SplitTask.of(brief, without(limits, unbought, brief.currency), None)
        if not task.free:
            raise InvalidInput("No line of the plan has a response curve.", code="no_benchmark", field="channel")
        cap = task.left_of(up_to) if up_to else None
        reached = _reached(brief, task, goal, cap)
        idle = task.paying_for_nothing(reached.allocation)
        if not idle:
            return _told(brief, task, goal, reached, up_to, unbought)
        unbought |= idle


def _told(
    brief: PlanningBrief,
    task: SplitTask,
    goal: Goal,
    reached: Reached,
    up_to: Money | None,
    unbought: frozenset[str],
) -> Split:
    spent = Money(min(reached.budget + task.given, LARGEST_MINOR), brief.currency)
    budget = up_to or spent
    split = task.told(reached.allocation, budget, unbought)
    if not split.unspent.minor:
        return split
    return replace(split, unspent_reason=_REASONS[goal.kind])


def _reached(brief: PlanningBrief, task: SplitTask, goal: Goal, cap: int | None) -> Reached:
    minor = Money.of(1, brief.currency).minor
    number, counts = float(goal.number), outcome_counted(brief)
    worth = brief.campaign.value_per_conversion
    fees = sum(task.flats.values())
    match goal.kind:
        case GoalKind.CHEAPEST_FOR:
            wanted = number * minor if counts is Outcome.VALUE else number
            return cheapest_budget(wanted, task.lines, task.groups, up_to=cap)
        case GoalKind.TARGET_MARGINAL:
            per_outcome = number * minor
            value = worth.minor if worth and counts is Outcome.VALUE else 1
            return budget_at_marginal(value / per_outcome, task.lines, task.groups, up_to=cap)
        case GoalKind.TARGET_CPA if counts is Outcome.VALUE and worth:
            return budget_at_return(worth.minor / (number * minor), task.lines, task.groups, up_to=cap, fixed=fees)
        case GoalKind.TARGET_ROAS if counts is Outcome.VALUE:
            return budget_at_return(number, task.lines, task.groups, up_to=cap, fixed=fees)
        case GoalKind.TARGET_ROAS if worth:
            return budget_at_cost(worth.minor / number, task.lines, task.groups, up_to=cap, fixed=fees)
        case _:
            return budget_at_cost(number * minor, task.lines, task.groups, up_to=cap, fixed=fees)


def _refuse_unfit(brief: PlanningBrief, goal: Goal) -> None:
    if goal.kind not in (GoalKind.TARGET_CPA, GoalKind.TARGET_ROAS):
        return
    counts, campaign = outcome_counted(brief), brief.campaign
    name = goal.kind.value.removeprefix("target_").upper()
    if counts not in (Outcome.CONVERSIONS, Outcome.VALUE):
        raise InvalidInput(
            f"A target {name} is about conversions, and a campaign for {campaign.objective.value} counts "
            f"{counts.value.replace('_', ' ')}; say what the next of them may cost instead.",
            code="goal_not_for_objective",
            field=goal.kind.value,
        )
    if goal.kind is GoalKind.TARGET_ROAS and campaign.value_per_conversion is None:
        raise InvalidInput(
            "A target ROAS needs to know what a conversion is worth: set the campaign's value per conversion.",
            code="value_per_conversion_required",
            field="value_per_conversion",
        )


_REASONS = {
    GoalKind.TARGET_CPA: "more would raise the average cost per conversion above the target.",
    GoalKind.TARGET_ROAS: "more would take the return on spend below the target.",
    GoalKind.TARGET_MARGINAL: "the next of it would cost more than the target.",
    GoalKind.CHEAPEST_FOR: "the goal needs no more.",
}
