"""The optimum per line and period inside a budget: a year by weeks or months, with carry-over, prices and seasons.

Exact to what is said here: spend adds up to the minor unit and keeps every bound. With concave curves the outcome is
as good as the best one up to about a millionth (`bound` proves it). With other curves and carry-over nobody knows
the best one; the answer is the best of many starts, and `bound` says how much more there could be at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from domain.planning.allocation.allocate import allocate
from domain.planning.allocation.constraints import MOST_LINES, Allocable
from domain.planning.allocation.groups import Group
from domain.planning.allocation.linear import Floats
from domain.planning.periods.binding import PeriodBinding, binding_in, next_unit
from domain.planning.periods.indices import Indices
from domain.planning.periods.limits import SpendLimits, most_that_fits
from domain.planning.periods.lines import PeriodBound, PeriodLine, limits_of
from domain.planning.periods.response import Response, Track
from domain.planning.periods.search import Search

Whole = npt.NDArray[np.int64]


class AfterEnd(StrEnum):
    """What becomes of the carry-over after the last period."""

    COUNTED = "counted"  # in full, at the level season, in periods as long as the longest
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class PeriodPlan:
    """The best spend found.

    spend            [line][period] in minor units; with `unspent` it adds up to the budget
    outcome          what this spend brings: beyond what earlier spend brings anyway, and with the carry-over after the
                     end if `after_end` says that it counts
    after_end        the rule that was used
    outcome_after_end   the part of the outcome that comes after the last period; 0 where it is dropped
    carried_in       what the earlier spend brings in these periods anyway, not part of the outcome
    by_line          the outcome of each line
    by_period        the outcome by the period in which it comes, those after the end last
    bound            no spend within the bounds brings more than this
    marginal_return  outcome of one more minor unit of budget; 0 where none has room
    extrapolated     keys of the lines that leave their curve's valid range in some period
    """

    spend: tuple[tuple[int, ...], ...]
    outcome: float
    after_end: AfterEnd
    outcome_after_end: float
    carried_in: float
    by_line: tuple[float, ...]
    by_period: tuple[float, ...]
    bound: float
    marginal_return: float
    binding: tuple[PeriodBinding, ...]
    unspent: int
    unspent_reason: str | None
    extrapolated: tuple[str, ...]

    @property
    def gap(self) -> float:
        """How much better another spend could be at most, as a part of the outcome."""
        return max(self.bound / self.outcome - 1, 0.0) if self.outcome > 0 else 0.0


def optimise_periods(
    total: int,
    days: Sequence[int],
    lines: Sequence[PeriodLine],
    bounds: Sequence[PeriodBound] = (),
    *,
    after_end: AfterEnd = AfterEnd.COUNTED,
) -> PeriodPlan:
    """Split `total` minor units over the lines and the periods, of so many `days` each, for the greatest outcome.

    All of it is spent as long as the bounds leave room. Raises InvalidInput for what can't hold; `limits_of` lists the
    codes, and `bounds_conflict` names the lines and periods whose bounds can't all be kept.
    """
    limits = limits_of(total, days, lines, bounds)
    spendable = most_that_fits(limits)
    limits = SpendLimits(limits.least, limits.most, spendable, limits.totals)
    response = Response(tuple(_track(line, days, after_end) for line in lines))
    spend, bound = _best(limits, response, lines)
    return _plan(total, limits, response, lines, spend, bound, after_end)


def _track(line: PeriodLine, days: Sequence[int], after_end: AfterEnd) -> Track:
    after = line.adstock.length - 1 if after_end is AfterEnd.COUNTED else 0
    indices = line.indices or Indices.level(len(days))
    return Track(
        curve=line.curve,
        adstock=line.adstock,
        price=np.array(indices.price),
        season=np.array([*indices.seasonality, *[1.0] * after]),
        history=line.history,
        days=np.array([*days, *[max(days)] * after], dtype=np.float64),
    )


def _best(limits: SpendLimits, response: Response, lines: Sequence[PeriodLine]) -> tuple[Whole, float]:
    """Whole amounts, and an outcome that none exceed."""
    if limits.budget == limits.least.sum():
        return limits.least.astype(np.int64), response.total(limits.least)
    search = Search(limits, response)
    if _allocable(limits, response):
        spend = _allocated(limits, response, lines)
        exact = bool(response.concave.all())
        return spend, response.total(spend.astype(np.float64)) if exact else search.bound()
    found, bound = search.best()
    return limits.whole(found, response.gradient(found)), bound


def _allocable(limits: SpendLimits, response: Response) -> bool:
    """Without carry-over every line and period is a line of its own, and totals of one kind are groups of them."""
    kinds = {total.of for total in limits.totals}
    few = limits.least.size <= MOST_LINES
    apart = all(track.adstock.length == 1 for track in response.tracks)
    return few and apart and (not kinds or (len(kinds) == 1 and not response.concave.all()))


def _allocated(limits: SpendLimits, response: Response, lines: Sequence[PeriodLine]) -> Whole:
    periods = limits.least.shape[1]
    names = [[f"{i}/{t}" for t in range(periods)] for i in range(len(lines))]
    cells = [
        Allocable(names[i][t], response.tracks[i].period_curve(t), int(limits.least[i, t]), int(limits.most[i, t]))
        for i in range(len(lines))
        for t in range(periods)
    ]
    groups = [
        Group(
            f"{total.of} {total.name}",
            frozenset(names[total.index] if total.of == "line" else [of_line[total.index] for of_line in names]),
            minimum=total.low,
            maximum=total.high,
        )
        for total in limits.totals
    ]
    split = allocate(limits.budget, cells, groups).spend
    return np.array(split, dtype=np.int64).reshape(limits.least.shape)


def _plan(
    total: int,
    limits: SpendLimits,
    response: Response,
    lines: Sequence[PeriodLine],
    spend: Whole,
    bound: float,
    after_end: AfterEnd,
) -> PeriodPlan:
    amounts = spend.astype(np.float64)
    media, before = response.media(amounts), response.outcomes(response.from_before)
    brought = response.by_line(response.outcomes(media) - before)
    by_period = _summed(brought)
    outcome, gradient, unspent = float(by_period.sum()), response.gradient(amounts), total - limits.budget
    return PeriodPlan(
        spend=tuple(tuple(line) for line in spend.tolist()),
        outcome=outcome,
        after_end=after_end,
        outcome_after_end=float(by_period[spend.shape[1] :].sum()),
        carried_in=float(before.sum()),
        by_line=tuple(float(of_line.sum()) for of_line in brought),
        by_period=tuple(by_period.tolist()),
        bound=max(bound - float(before.sum()), outcome),
        marginal_return=0.0 if unspent else next_unit(limits, amounts, gradient),
        binding=binding_in(limits, lines, amounts, gradient),
        unspent=unspent,
        unspent_reason="no line has room in any period." if unspent else None,
        extrapolated=_extrapolated(response, lines, media),
    )


def _extrapolated(response: Response, lines: Sequence[PeriodLine], media: Floats) -> tuple[str, ...]:
    parts = zip(lines, response.tracks, response.by_line(media), strict=True)
    return tuple(line.key for line, track, at_work in parts if track.extrapolates(at_work))


def _summed(by_line: Sequence[Floats]) -> Floats:
    summed = np.zeros(max(len(of_line) for of_line in by_line))
    for of_line in by_line:
        summed[: len(of_line)] += of_line
    return summed
