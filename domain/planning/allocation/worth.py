"""The spend whose every part is worth a given marginal return: the most of outcome less marginal × spend."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.planning.allocation.allocate import best_spend, impossible_split, problem_of
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.groups import Group
from domain.planning.allocation.problem import Problem, Response
from domain.planning.allocation.splitting import best_by_grid
from domain.planning.curves.shapes import Numbers


@dataclass(frozen=True, slots=True)
class _Priced:
    """A curve less what its spend costs; it may fall."""

    response: Response
    price: float

    def outcome(self, spend: float) -> float:
        return self.response.outcome(spend) - self.price * spend

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        return self.response.gains(spend, steps) - self.price * steps


def worth_spending(marginal: float, lines: Sequence[Allocable], groups: Sequence[Group], up_to: int) -> list[int]:
    """Minor units per line, at most `up_to` together, and at least what lines and groups must have.

    On concave curves these are all units that bring at least `marginal`, exactly. Shares are of `up_to`.
    """
    if not groups and all(line.curve.concave and not line.buy for line in lines):
        spend = [_worth_on(line, marginal, up_to) for line in lines]
        return spend if sum(spend) <= up_to else best_spend(up_to, lines)
    problem = problem_of(up_to, lines, groups)
    needed = max((each.low for each in problem.sums), default=0)
    most = [
        min(high, max(low, buy, needed, _last_worth(response, marginal, high)))
        for response, low, buy, high in zip(problem.responses, problem.least, problem.buys, problem.most, strict=True)
    ]
    priced = Problem(
        min(up_to, sum(most)),
        [_Priced(response, marginal) for response in problem.responses],
        problem.least,
        most,
        problem.buys,
        problem.sums,
    )
    split = best_by_grid(priced, spend_all=False)
    if split is None:
        raise impossible_split(problem, lines, groups)
    return split


def _worth_on(line: Allocable, marginal: float, up_to: int) -> int:
    low, high = line.least, line.most(up_to)
    spend = min(max(int(min(line.curve.spend_at_marginal(marginal), float(high))), low), high)
    while spend < high and line.curve.gain(spend, 1) >= marginal:
        spend += 1
    while spend > low and line.curve.gain(spend - 1, 1) < marginal:
        spend -= 1
    return spend


def _last_worth(response: Response, marginal: float, high: int) -> int:
    """No spend above it brings `marginal` for every unit, on average: an outcome never falls, so what the upper end of
    a doubling doesn't bring, nothing in it does."""
    while high and response.outcome(high) < marginal * (high // 2):
        high //= 2
    return high
