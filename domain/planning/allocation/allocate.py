"""Allocation: a budget over lines with bounds and groups, for the greatest outcome, exact to the minor unit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.planning.allocation.binding import BindingBound, binding_bounds, next_unit
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.draws import Uncertainty, uncertainty_of
from domain.planning.allocation.feasibility import conflict, refuse_impossible
from domain.planning.allocation.groups import Group
from domain.planning.allocation.problem import Problem, Sum
from domain.planning.allocation.splitting import STEPS, best_by_grid, conflicting
from domain.planning.allocation.water_filling import fill

__all__ = ["Allocation", "BindingBound", "allocate"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """The best split.

    spend            minor units in the order of the lines; with `unspent` it adds up to the budget
    outcome          what the spend brings, in the unit the curves count
    marginal_return  the shadow price: outcome of one more minor unit of budget, with groups as they are in minor
                     units; 0 where no line can take it
    unspent_reason   a clause for a person; None when everything is spent
    extrapolated     keys of the lines whose spend lies outside their curve's valid range
    uncertainty      where a curve has draws: how far the outcome can be trusted
    """

    spend: tuple[int, ...]
    outcome: float
    marginal_return: float
    binding: tuple[BindingBound, ...]
    unspent: int
    unspent_reason: str | None
    extrapolated: tuple[str, ...]
    uncertainty: Uncertainty | None = None


def allocate(
    total: int,
    lines: Sequence[Allocable],
    groups: Sequence[Group] = (),
    *,
    current: Sequence[int] | None = None,
    steps: int = STEPS,
) -> Allocation:
    """Split `total` minor units over the lines. All of it is spent as long as a line has room.

    `current` is a split to compare with, in the order of the lines, where curves have draws. `steps` is the size of
    the grid that curves which are not concave are searched on, before the split is refined to the minor unit. Raises
    InvalidInput, naming lines and groups, for what can't hold together; `refuse_impossible` lists the codes, and
    `constraints_conflict` names bounds that only together can't be kept.
    """
    refuse_impossible(total, lines, groups)
    spend = best_spend(total, lines, groups, steps)
    unspent = total - sum(spend)
    return Allocation(
        spend=tuple(spend),
        outcome=outcome_of(lines, spend),
        marginal_return=next_unit(total, lines, groups, spend),
        binding=binding_bounds(total, lines, groups, spend),
        unspent=unspent,
        unspent_reason=_why_unspent(total, lines, groups, spend) if unspent else None,
        extrapolated=tuple(
            line.key for line, spent in zip(lines, spend, strict=True) if line.curve.extrapolates(spent)
        ),
        uncertainty=uncertainty_of(lines, spend, current),
    )


def best_spend(total: int, lines: Sequence[Allocable], groups: Sequence[Group] = (), steps: int = STEPS) -> list[int]:
    """The split alone, of input that `refuse_impossible` let pass."""
    problem = problem_of(total, lines, groups)
    if not problem.sums and not any(problem.buys):
        if sum(problem.most) <= total:
            return list(problem.most)
        if all(line.curve.concave for line in lines):
            return fill(total, [line.curve for line in lines], problem.least, problem.most)
    spend = best_by_grid(problem, steps)
    if spend is None:
        raise impossible_split(problem, lines, groups)
    return spend


def problem_of(total: int, lines: Sequence[Allocable], groups: Sequence[Group]) -> Problem:
    """Without the groups that hold nothing back."""
    most = [line.most(total) for line in lines]
    sums = [_sum(total, lines, group) for group in groups]
    least = [line.least for line in lines]
    return Problem(
        total,
        [line.curve.shape for line in lines],
        least,
        most,
        [line.buy if high else 0 for line, high in zip(lines, most, strict=True)],
        [
            each
            for each in sums
            if each.low > sum(least[i] for i in each.members)
            or each.high < min(sum(most[i] for i in each.members), total)
        ],
    )


def impossible_split(problem: Problem, lines: Sequence[Allocable], groups: Sequence[Group]) -> InvalidInput:
    """Names the lines and groups whose bounds exclude each other."""
    held, together = conflicting(problem)
    sums = [problem.sums[k] for k in together]
    names = [group.name for group in groups if _sum(problem.total, lines, group) in sums]
    return conflict([lines[i].key for i in held], names)


def outcome_of(lines: Sequence[Allocable], spend: Sequence[int]) -> float:
    return math.fsum(line.curve.outcome(spent) for line, spent in zip(lines, spend, strict=True))


def _sum(total: int, lines: Sequence[Allocable], group: Group) -> Sum:
    members = frozenset(i for i, line in enumerate(lines) if line.key in group.lines)
    return Sum(members, group.low(total), min(group.high(total), total))


def _why_unspent(total: int, lines: Sequence[Allocable], groups: Sequence[Group], spend: Sequence[int]) -> str:
    keys = [line.key for line in lines]
    full = [group.name for group in groups if group.spend(keys, spend) >= group.high(total)]
    small = [line.key for line, spent in zip(lines, spend, strict=True) if spent == 0 and line.buy > 1]
    reasons = ["at its maximum", "locked"]
    if full:
        reasons.append(f"in a group at its maximum ({', '.join(full)})")
    if small:
        reasons.append(f"out of reach with its minimum buy ({', '.join(small)})")
    return f"every line is {', '.join(reasons[:-1])} or {reasons[-1]}."
