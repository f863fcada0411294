"""How far an outcome can be trusted: the same split under every draw of the curves' parameters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.errors import InvalidInput
from domain.planning.allocation.amounts import refuse_bad_amount
from domain.planning.allocation.constraints import Allocable
from domain.planning.curves.shapes import Numbers

LOW, HIGH = 5.0, 95.0  # percentiles: nine tenths of the draws lie between


@dataclass(frozen=True, slots=True)
class Interval:
    """Of nine tenths of the draws, as many below as above."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """From `draws` draws. The uplift is the outcome less that of the current split, and None without one."""

    draws: int
    outcome: Interval
    uplift: Interval | None
    chance_of_uplift: float | None  # the share of draws in which the uplift is above 0


def uncertainty_of(
    lines: Sequence[Allocable], spend: Sequence[int], current: Sequence[int] | None = None
) -> Uncertainty | None:
    """None where no curve has draws. The n-th draws of all lines are one draw of the whole; a curve without draws is
    taken as certain. Refuses (InvalidInput) `draws_differ` and, of the current split, `bad_current`."""
    if current is not None:
        _refuse_bad_split(lines, current)
    counts = {len(line.curve.draws) for line in lines if line.curve.draws}
    if not counts:
        return None
    if len(counts) > 1:
        raise InvalidInput(
            f"Curves with {' and '.join(map(str, sorted(counts)))} draws don't belong to one fit.",
            code="draws_differ",
            field="draws",
        )
    outcomes = _outcomes(lines, spend, count := counts.pop())
    if current is None:
        return Uncertainty(count, _interval(outcomes), None, None)
    uplifts = outcomes - _outcomes(lines, current, count)
    return Uncertainty(count, _interval(outcomes), _interval(uplifts), float((uplifts > 0).mean()))


def _outcomes(lines: Sequence[Allocable], spend: Sequence[int], count: int) -> Numbers:
    whole = np.zeros(count)
    for line, spent in zip(lines, spend, strict=True):
        draws = line.curve.draws
        whole += np.array([draw.outcome(spent) for draw in draws]) if draws else line.curve.outcome(spent)
    return whole


def _interval(outcomes: Numbers) -> Interval:
    low, high = np.percentile(outcomes, [LOW, HIGH])
    return Interval(float(low), float(high))


def _refuse_bad_split(lines: Sequence[Allocable], current: Sequence[int]) -> None:
    if len(current) != len(lines):
        raise InvalidInput(
            f"The current split has {len(current)} amounts for {len(lines)} lines.", code="bad_current", field="current"
        )
    for line, spent in zip(lines, current, strict=True):
        refuse_bad_amount(spent, "current", f" of {line.key}")
