"""Where a budget lies that a goal asks for.

All goals rest on two functions of a budget B: V(B), the most it brings, and the budget that is worth a marginal
return m, which maximises V(B) - m·B. An average cost of t per outcome or less means t·V(B) - B >= 0; that is greatest
at the budget worth 1/t, so if it is negative there, no budget reaches the target (Dinkelbach, 1967).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import DomainError
from domain.money import LARGEST_MINOR
from domain.planning.allocation.allocate import best_spend, outcome_of
from domain.planning.allocation.amounts import refuse_bad_amount
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.feasibility import refuse_impossible, refuse_unlike
from domain.planning.allocation.groups import Group
from domain.planning.allocation.worth import worth_spending

_GOLDEN = (math.sqrt(5) - 1) / 2
_ITERATIONS = 60
_LADDER = 16  # larger budgets bring more, so the ladder to the first that brings enough may be steep
_RUNGS_TO_DOUBLE = 8  # about as many budgets are tried before one of twice the size


@dataclass(frozen=True, slots=True)
class BudgetSearch:
    """What budgets buy, from the smallest that lines and groups allow to the largest that they can use."""

    lines: Sequence[Allocable]
    groups: Sequence[Group]
    committed: int
    smallest: int
    largest: int
    fixed: int  # paid beside any budget

    @classmethod
    def of(
        cls, lines: Sequence[Allocable], groups: Sequence[Group], up_to: int | None, fixed: int = 0
    ) -> "BudgetSearch":
        cap = LARGEST_MINOR if up_to is None else up_to
        refuse_bad_amount(cap, "up_to")
        refuse_unlike(lines)
        committed = sum(line.least for line in lines)
        largest = min(cap, max(sum(line.most(cap) for line in lines), committed, 1))
        refuse_impossible(largest, lines, groups)
        smallest = _first(lambda budget: _possible(budget, lines, groups), max(committed, 1), largest)
        return cls(lines, groups, committed, smallest, largest, fixed)

    def spend(self, budget: int) -> list[int]:
        return best_spend(budget, self.lines, self.groups)

    def outcome(self, budget: int) -> float:
        return outcome_of(self.lines, self.spend(budget))

    def worth(self, marginal: float) -> int:
        """The budget that maximises V(B) - marginal·B."""
        if any(group.minimum_share or group.maximum_share < 1 for group in self.groups):
            return self._peak(lambda budget: self.outcome(budget) - marginal * budget)
        return sum(worth_spending(marginal, self.lines, self.groups, self.largest))

    def ceiling(self) -> float:
        """What every line at its most would bring: no budget brings more."""
        return math.fsum(line.curve.outcome(line.most(self.largest)) for line in self.lines)

    def first_with(self, outcome: float) -> int | None:
        """The smallest budget that brings the outcome."""
        if self.ceiling() < outcome:
            return None
        low = high = self.smallest
        while self.outcome(high) < outcome:
            if high == self.largest:
                return None
            low, high = high + 1, min(high * _LADDER, self.largest)
        return _crossing(lambda budget: self.outcome(budget) - outcome, low, high)

    def last_at(self, cost: float) -> int | None:
        """The largest budget that costs `cost` per outcome or less, as far as its last unit brings anything."""

        def cheap(budget: int) -> bool:
            return cost * self.outcome(budget) >= budget + self.fixed

        best = self.smallest if self._dearer_with_size() else max(self.worth(1 / cost), self.smallest)
        if not cheap(best):
            return None
        if cheap(self.largest):
            budget = self.largest
        else:
            low, high = (best, self.largest) if self._dearer_with_size() else self._last_rungs(best, cost, cheap)
            budget = _crossing(lambda each: each + self.fixed - cost * self.outcome(each), low, high, strictly=True) - 1
        return budget if self._gains(budget) else self.first_with(self.outcome(budget))

    def _dearer_with_size(self) -> bool:
        """Whether every larger budget has a higher cost per outcome: the curves are concave and nothing is given."""
        free = not (self.fixed or self.committed) and not any(line.buy for line in self.lines)
        return (
            free and not any(group.minimum for group in self.groups) and all(line.curve.concave for line in self.lines)
        )

    def _last_rungs(self, best: int, cost: float, cheap: Callable[[int], bool]) -> tuple[int, int]:
        """The last budget of a ladder that is cheap, and the next one, which is not."""
        rungs = [best]
        while rungs[-1] < self.largest and rungs[-1] <= cost * self.ceiling():
            rungs.append(min(rungs[-1] + max(rungs[-1] // _RUNGS_TO_DOUBLE, 1), self.largest))
        last = max(place for place, rung in enumerate(rungs) if cheap(rung))
        return rungs[last], rungs[last + 1]

    def most_efficient(self) -> int:
        """The budget with the least cost per outcome: each round's budget is the one worth the cost of the last."""
        budget = self.smallest if self.committed else self._first_worth()
        for _ in range(_ITERATIONS):
            better = max(self.worth(self.outcome(budget) / (budget + self.fixed)), self.smallest)
            if self.outcome(better) * (budget + self.fixed) <= self.outcome(budget) * (better + self.fixed):
                break
            budget = better
        return budget

    def best_average(self) -> float:
        budget = self.most_efficient()
        return self.outcome(budget) / budget

    def _gains(self, budget: int) -> bool:
        """Whether its last unit brings anything: where curves are level, a smaller budget does as well."""
        return budget == self.smallest or self.outcome(budget - 1) < self.outcome(budget)

    def _first_worth(self) -> int:
        """Any budget that brings something."""
        budget = self.smallest
        while budget < self.largest and self.outcome(budget) <= 0:
            budget = min(budget * 2, self.largest)
        return budget

    def _peak(self, height: Callable[[int], float]) -> int:
        """Where the height is greatest: the best of a ladder, then a golden section around it."""
        rungs = [self.smallest]
        while rungs[-1] < self.largest:
            rungs.append(min(rungs[-1] * 2, self.largest))
        top = max(range(len(rungs)), key=lambda place: height(rungs[place]))
        low, high = rungs[max(top - 1, 0)], rungs[min(top + 1, len(rungs) - 1)]
        while high - low > 2:
            first = high - max(1, round((high - low) * _GOLDEN))
            second = max(first + 1, low + round((high - low) * _GOLDEN))
            if height(first) > height(second):
                high = second
            else:
                low = first
        return max(range(low, high + 1), key=height)


def _possible(budget: int, lines: Sequence[Allocable], groups: Sequence[Group]) -> bool:
    try:
        refuse_impossible(budget, lines, groups)
        best_spend(budget, lines, groups)
    except DomainError:
        return False
    return True


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The least number from low to high at which it holds, when it holds from there on; it holds at `high`."""
    while low < high:
        middle = min(low * 2, (low + high) // 2)
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _crossing(value: Callable[[int], float], low: int, high: int, *, strictly: bool = False) -> int:
    """The least number at which the value is 0 or more (`strictly`: above 0), when it is from there on, as at `high`.

    Regula falsi in the Illinois form (Dowell & Jarratt, BIT 11, 1971); a step that leaves more than half of the
    interval is followed by a bisection, so there are at most twice as many as of those alone.
    """

    def reached(found: float) -> bool:
        return found > 0 if strictly else found >= 0

    below = value(low)
    if reached(below):
        return low
    above, kept, halve = value(high), 0, False
    while high - low > 1:
        size = high - low
        part = 0.5 if halve or above <= below else -below / (above - below)
        middle = min(max(low + round(size * part), low + 1), high - 1)
        found = value(middle)
        if reached(found):
            high, above = middle, found
            below, kept = (below / 2 if kept > 0 else below), 1
        else:
            low, below = middle, found
            above, kept = (above / 2 if kept < 0 else above), -1
        halve = not halve and 2 * (high - low) > size
    return high
