"""An allocation as bare numbers: curves, bounds and sums, by the position of the line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from domain.planning.curves.shapes import Numbers


class Response(Protocol):
    """What the solver must know of a curve."""

    def outcome(self, spend: float) -> float: ...

    def gains(self, spend: float, steps: Numbers) -> Numbers: ...


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines that together spend from `low` to `high`."""

    members: frozenset[int]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Problem:
    """The most outcome for at most `total`. Amounts are minor units.

    Line i spends from least[i] to most[i]; where buys[i] is above 0 its least is 0 and it spends nothing or at least
    buys[i], which is at most most[i].
    """

    total: int
    responses: Sequence[Response]
    least: Sequence[int]
    most: Sequence[int]
    buys: Sequence[int]
    sums: Sequence[Sum] = ()

    def allows(self, line: int, amount: int) -> bool:
        if amount == 0 and self.buys[line]:
            return True
        return max(self.least[line], self.buys[line]) <= amount <= self.most[line]

    def with_total(self, total: int) -> "Problem":
        """For a smaller or larger budget; no line spends more than all of it."""
        return replace(self, total=total)
