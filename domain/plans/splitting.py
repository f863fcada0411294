"""A budget over the lines of a plan, for the greatest outcome within what the planner fixed."""

from collections.abc import Mapping

from domain.money import Money
from domain.planning.allocation.allocate import allocate
from domain.plans.bounds import Limits, refuse_twice
from domain.plans.brief import PlanningBrief
from domain.plans.split import Split, refuse_mixed
from domain.plans.split_task import SplitTask, without


def split_budget(
    brief: PlanningBrief, limits: Limits, budget: Money, present: Mapping[str, Money] | None = None
) -> Split:
    """The split with the greatest expected outcome for the campaign's objective, spent to the minor unit.

    `present` are amounts by code that an uplift is measured against, where curves have draws. Refuses (InvalidInput)
    `currency_mismatch`, `duplicate_line`, `no_benchmark`, `locked_exceeds_budget`, and what `allocate` refuses.
    """
    refuse_mixed(brief, budget)
    refuse_twice(limits.lines)
    unbought: frozenset[str] = frozenset()
    while True:
        task = SplitTask.of(brief, without(limits, unbought, brief.currency), budget)
        left = task.left_of(budget)
        if task.held and not task.free:
            return task.only_held(budget)
        answer = allocate(left, task.lines, task.groups, current=task.current(present))
        idle = task.paying_for_nothing(answer)
        if not idle:
            return task.told(answer, budget, unbought)
        unbought |= idle
