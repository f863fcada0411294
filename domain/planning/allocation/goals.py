"""Budgets that follow from a goal: a cost per outcome, a return, a marginal return, or an outcome itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.money import Money, exponent
from domain.objectives import Outcome
from domain.planning.allocation.allocate import Allocation, allocate
from domain.planning.allocation.budget_search import BudgetSearch
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.groups import Group


@dataclass(frozen=True, slots=True)
class Reached:
    """The budget (minor units), the best split of it, and what the goal asked for: spend per outcome and outcome per
    spend; None where there is nothing to divide by."""

    budget: int
    allocation: Allocation

    @property
    def cost_per_outcome(self) -> float | None:
        return self.budget / self.allocation.outcome if self.allocation.outcome else None

    @property
    def outcome_per_unit(self) -> float | None:
        return self.allocation.outcome / self.budget if self.budget else None


def cheapest_budget(
    outcome: float, lines: Sequence[Allocable], groups: Sequence[Group] = (), *, up_to: int | None = None
) -> Reached:
    """The smallest budget that brings at least `outcome`, to the minor unit.

    Refuses (InvalidInput) `goal_unreachable`, with the `most` that can be reached and the `budget` it takes.
    """
    search = BudgetSearch.of(lines, groups, up_to)
    _refuse_bad_goal(outcome, "outcome")
    if (budget := search.first_with(outcome)) is None:
        most, spent = search.outcome(search.largest), sum(search.spend(search.largest))
        raise InvalidInput(
            f"An outcome of {outcome:,.6g} is out of reach: at most {most:,.6g}, for {_money(lines, spent)}.",
            code="goal_unreachable",
            field="outcome",
            most=most,
            budget=spent,
        )
    return _reached(search, budget)


def budget_at_cost(
    target: float,
    lines: Sequence[Allocable],
    groups: Sequence[Group] = (),
    *,
    up_to: int | None = None,
    fixed: int = 0,
) -> Reached:
    """The largest budget whose average cost per outcome (a CPA; minor units) is `target` or less.

    `fixed` minor units (flat fees) are paid beside the budget and count as cost. Refuses (InvalidInput)
    `target_cost_unreachable`, with the `least` cost there is and its `budget`, and `cost_needs_a_count` where the
    lines count value.
    """
    search = BudgetSearch.of(lines, groups, up_to, fixed)
    _refuse_bad_goal(target, "target_cost")
    if lines[0].curve.counts is Outcome.VALUE:
        raise InvalidInput(
            "A cost per outcome needs outcomes that are counted; value has a return.",
            code="cost_needs_a_count",
            field="target_cost",
        )
    if (budget := search.last_at(target)) is None:
        budget = search.most_efficient()
        least = (budget + fixed) / search.outcome(budget)
        raise InvalidInput(
            f"A cost of {_cost(lines, target)} is out of reach: "
            f"at least {_cost(lines, least)}, at {_money(lines, budget)}.",
            code="target_cost_unreachable",
            field="target_cost",
            least=least,
            budget=budget,
        )
    return _reached(search, budget)


def budget_at_return(
    target: float,
    lines: Sequence[Allocable],
    groups: Sequence[Group] = (),
    *,
    up_to: int | None = None,
    fixed: int = 0,
) -> Reached:
    """The largest budget that returns `target` times itself and `fixed` minor units beside it, or more (a ROAS).

    Refuses (InvalidInput) `target_return_unreachable`, with the `most` there is and its `budget`, and
    `return_needs_value` where the lines count anything but value.
    """
    search = BudgetSearch.of(lines, groups, up_to, fixed)
    _refuse_bad_goal(target, "target_return")
    if lines[0].curve.counts is not Outcome.VALUE:
        raise InvalidInput(
            "A return on spend needs a value per conversion.", code="return_needs_value", field="target_return"
        )
    if (budget := search.last_at(1 / target)) is None:
        budget = search.most_efficient()
        most = search.outcome(budget) / (budget + fixed)
        raise InvalidInput(
            f"A return of {target:.4g} is out of reach: at most {most:.4g}, at {_money(lines, budget)}.",
            code="target_return_unreachable",
            field="target_return",
            most=most,
            budget=budget,
        )
    return _reached(search, budget)


def budget_at_marginal(
    target: float, lines: Sequence[Allocable], groups: Sequence[Group] = (), *, up_to: int | None = None
) -> Reached:
    """The budget beyond which further spend brings less than `target` outcome per minor unit.

    It maximises outcome less target × spend; on concave curves that is the last minor unit which brings the target.
    Refuses (InvalidInput) `target_marginal_unreachable`, with the `most` that the first spend brings.
    """
    search = BudgetSearch.of(lines, groups, up_to)
    _refuse_bad_goal(target, "target_marginal")
    budget = search.worth(target)
    if budget == 0 or budget <= search.committed < search.largest:
        first = max(search.smallest, 1)
        most = allocate(first, lines, groups).marginal_return if search.committed else search.best_average()
        raise InvalidInput(
            f"A marginal return of {target:.4g} is out of reach: at most {most:.4g}.",
            code="target_marginal_unreachable",
            field="target_marginal",
            most=most,
        )
    return _reached(search, budget)


def _refuse_bad_goal(number: float, field: str) -> None:
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
        raise InvalidInput(
            f"A {field.replace('_', ' ')} is a number above 0, not {number}.", code="bad_goal", field=field
        )


def _reached(search: BudgetSearch, budget: int) -> Reached:
    """What stays unspent is no part of the budget."""
    answer = allocate(budget, search.lines, search.groups)
    if answer.unspent and budget - answer.unspent >= search.smallest:
        return _reached(search, budget - answer.unspent)
    return Reached(budget, answer)


def _money(lines: Sequence[Allocable], minor: int) -> str:
    return str(Money(minor, lines[0].curve.currency))


def _cost(lines: Sequence[Allocable], minor: float) -> str:
    currency = lines[0].curve.currency
    return f"{minor / 10 ** exponent(currency):,.6g} {currency}"
