"""What a person may fix about lines and periods, and what can't hold."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.errors import InvalidInput
from domain.planning.allocation.amounts import refuse_bad_amount
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.feasibility import refuse_impossible
from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.periods.adstock import NO_CARRY_OVER, Adstock
from domain.planning.periods.indices import Indices
from domain.planning.periods.limits import SpendLimits, Total

MOST_PERIODS = 156
MOST_CELLS = 6_000  # lines × periods
LONGEST_PERIOD = 366  # days


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """A line that can receive money in every period. Amounts are minor units of the curve's currency.

    curve                 of a flight of `curve.days`; a period has its part of it, by days
    indices               None: every period as the curve has it
    history               spend of the periods before the first, at the level price, the most recent one last
    minimum, maximum      of the line's total
    minimum_each, maximum_each   of every period that isn't blacked out
    blackout              positions of the periods, from 0, in which nothing may be spent
    locked                amounts per period that never move, in place of all other bounds
    """

    key: str
    curve: ResponseCurve
    adstock: Adstock = NO_CARRY_OVER
    indices: Indices | None = None
    history: tuple[int, ...] = ()
    minimum: int = 0
    maximum: int | None = None
    minimum_each: int = 0
    maximum_each: int | None = None
    blackout: frozenset[int] = frozenset()
    locked: tuple[int, ...] | None = None

    def least(self, periods: int) -> list[int]:
        if self.locked is not None:
            return list(self.locked)
        return [0 if period in self.blackout else self.minimum_each for period in range(periods)]

    def most(self, periods: int, budget: int) -> list[int]:
        if self.locked is not None:
            return list(self.locked)
        each = min(amount for amount in (self.maximum_each, self.maximum, budget) if amount is not None)
        return [0 if period in self.blackout else each for period in range(periods)]


@dataclass(frozen=True, slots=True)
class PeriodBound:
    """What all lines together spend in one period, by its position from 0."""

    period: int
    minimum: int = 0
    maximum: int | None = None


def limits_of(
    budget: int, days: Sequence[int], lines: Sequence[PeriodLine], bounds: Sequence[PeriodBound]
) -> SpendLimits:
    """All bounds as one. Refuses, beside what `refuse_impossible` does for lines:

    no_periods, too_many_periods, bad_days, too_many_lines, indices_mismatch, periods_mismatch (locked amounts),
    unknown_period, duplicate_period, locked_in_blackout, minimum_above_maximum, period_minimum_above_maximum,
    period_minimum_unreachable, period_maximum_exceeded, period_minimums_exceed_budget. What only fails together is
    left to the search (`bounds_conflict`).
    """
    _refuse_days(days)
    if len(lines) * len(days) > MOST_CELLS:
        raise InvalidInput(
            f"At most {MOST_CELLS:,} lines × periods are optimised at once, not {len(lines) * len(days):,}.",
            code="too_many_lines",
            field="lines",
        )
    for line in lines:
        _refuse_line(line, len(days))
    least, most = ([line.least(len(days)) for line in lines], [line.most(len(days), budget) for line in lines])
    refuse_impossible(budget, [_whole_line(line, sum(low)) for line, low in zip(lines, least, strict=True)])
    for line, low, high in zip(lines, least, most, strict=True):
        _refuse_line_total(line, sum(low), sum(high))
    _refuse_bounds(budget, bounds, least, most)
    totals = (*_line_totals(budget, lines), *_period_totals(budget, bounds))
    return SpendLimits(np.array(least, dtype=np.float64), np.array(most, dtype=np.float64), budget, totals)


def _line_totals(budget: int, lines: Sequence[PeriodLine]) -> Iterator[Total]:
    for i, line in enumerate(lines):
        if line.locked is None and (line.minimum or line.maximum is not None):
            yield Total("line", i, line.key, line.minimum, budget if line.maximum is None else line.maximum)


def _period_totals(budget: int, bounds: Sequence[PeriodBound]) -> Iterator[Total]:
    for bound in bounds:
        yield Total("period", bound.period, str(bound.period), bound.minimum, _highest(bound, budget))


def _refuse_days(days: Sequence[int]) -> None:
    if not days:
        raise InvalidInput("There is no period to spend in.", code="no_periods", field="periods")
    if len(days) > MOST_PERIODS:
        limit = f"At most {MOST_PERIODS} periods are optimised at once, not {len(days):,}."
        raise InvalidInput(limit, code="too_many_periods", field="periods")
    for count in days:
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= LONGEST_PERIOD:
            raise InvalidInput(
                f"A period has 1 to {LONGEST_PERIOD} whole days, not {count}.", code="bad_days", field="days"
            )


def _refuse_line(line: PeriodLine, periods: int) -> None:
    for field in ("minimum", "maximum", "minimum_each", "maximum_each"):
        if (amount := getattr(line, field)) is not None:
            refuse_bad_amount(amount, field, f" of {line.key}")
    for amount in (*line.history, *(line.locked or ())):
        refuse_bad_amount(amount, "history" if amount in line.history else "locked", f" of {line.key}")
    if line.indices is not None and line.indices.periods != periods:
        raise _bad(line, f"has indices for {line.indices.periods} periods of {periods}", "indices_mismatch", "indices")
    if line.locked is not None and len(line.locked) != periods:
        raise _bad(line, f"is locked in {len(line.locked)} periods of {periods}", "periods_mismatch", "locked")
    if unknown := sorted(line.blackout - set(range(periods))):
        raise _bad(line, f"can't pause in period {unknown[0]} of {periods}", "unknown_period", "blackout")
    if line.locked is not None and (spent := [period for period in sorted(line.blackout) if line.locked[period]]):
        raise _bad(line, f"is locked at a spend in period {spent[0]}, a blackout", "locked_in_blackout", "locked")


def _refuse_line_total(line: PeriodLine, least: int, most: int) -> None:
    if line.locked is not None:
        return
    if line.maximum_each is not None and line.minimum_each > line.maximum_each:
        raise _bad(line, "has a minimum per period above its maximum", "minimum_above_maximum", "minimum_each")
    if line.maximum is not None and max(line.minimum, least) > line.maximum:
        raise _bad(line, "has a minimum above its maximum", "minimum_above_maximum", "minimum")
    if line.minimum > most:
        raise _bad(line, "has no room for its minimum in its periods", "minimum_above_maximum", "minimum")


def _refuse_bounds(
    budget: int, bounds: Sequence[PeriodBound], least: Sequence[Sequence[int]], most: Sequence[Sequence[int]]
) -> None:
    twice = [period for period, times in Counter(bound.period for bound in bounds).items() if times > 1]
    if twice:
        raise InvalidInput(f"Period {twice[0]} is bounded twice.", code="duplicate_period", field="bounds")
    for bound in bounds:
        if bound.period not in range(len(least[0])):
            raise InvalidInput(f"There is no period {bound.period}.", code="unknown_period", field="bounds")
        refuse_bad_amount(bound.minimum, "minimum", f" of period {bound.period}")
        if bound.maximum is not None:
            refuse_bad_amount(bound.maximum, "maximum", f" of period {bound.period}")
        committed, room = (sum(line[bound.period] for line in lines) for lines in (least, most))
        high = _highest(bound, budget)
        for wrong, problem, code in (
            (bound.minimum > high, "is above its maximum or the budget", "period_minimum_above_maximum"),
            (bound.minimum > room, "is more than its lines can take", "period_minimum_unreachable"),
            (committed > high, "has lines with more than its maximum", "period_maximum_exceeded"),
        ):
            if wrong:
                what = f"Period {bound.period}" if code == "period_maximum_exceeded" else _minimum_of(bound)
                raise InvalidInput(f"{what} {problem}.", code=code, field="bounds", periods=[bound.period])
    if sum(bound.minimum for bound in bounds) > budget:
        raise InvalidInput(
            "The minimums of the periods come to more than the budget.",
            code="period_minimums_exceed_budget",
            field="bounds",
            periods=[bound.period for bound in bounds if bound.minimum],
        )


def _whole_line(line: PeriodLine, least: int) -> Allocable:
    if line.locked is not None:
        return Allocable(line.key, line.curve, locked=least)
    return Allocable(line.key, line.curve, minimum=max(line.minimum, least))


def _highest(bound: PeriodBound, budget: int) -> int:
    return budget if bound.maximum is None else min(bound.maximum, budget)


def _minimum_of(bound: PeriodBound) -> str:
    return f"The minimum of period {bound.period}"


def _bad(line: PeriodLine, problem: str, code: str, field: str) -> InvalidInput:
    return InvalidInput(f"The line {line.key} {problem}.", code=code, field=field, lines=[line.key])
