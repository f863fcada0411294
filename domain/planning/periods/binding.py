"""Which bounds of a spend by line and period cost outcome, and what the next minor unit would bring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from domain.planning.allocation.linear import Floats
from domain.planning.periods.limits import SpendLimits, Total
from domain.planning.periods.lines import PeriodLine

NOISE = 1e-4  # gains this close are equal: amounts are whole, and a search stops at some point

Bound = Literal["locked", "minimum", "maximum", "minimum_each", "maximum_each", "period_minimum", "period_maximum"]
Cells = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PeriodBinding:
    """A locked line, or a bound without which money would move. `line` is a key, `period` a position from 0."""

    bound: Bound
    line: str | None = None
    period: int | None = None


def next_unit(limits: SpendLimits, spend: Floats, gains: Floats) -> float:
    """The most that one more unit brings where the bounds leave room for it; 0 where they leave none."""
    return float(np.max(gains, where=_takers(limits, spend), initial=0.0))


def binding_in(
    limits: SpendLimits, lines: Sequence[PeriodLine], spend: Floats, gains: Floats
) -> tuple[PeriodBinding, ...]:
    """A maximum binds when its cells would gain more than a unit is worth elsewhere, a minimum when they gain less."""
    price = next_unit(limits, spend, gains)
    cheapest = float(np.min(gains, where=_givers(limits, spend), initial=np.inf))
    return (
        *(PeriodBinding("locked", line.key) for line in lines if line.locked is not None),
        *_binding_totals(limits, spend, gains, price, cheapest),
        *_binding_each(limits, lines, spend, gains, price, cheapest),
    )


def _binding_totals(
    limits: SpendLimits, spend: Floats, gains: Floats, price: float, cheapest: float
) -> Iterator[PeriodBinding]:
    for total in limits.totals:
        cells = _cells(total)
        amount = spend[cells].sum()
        room, movable = spend[cells] < limits.most[cells], spend[cells] > limits.least[cells]
        wanted = np.max(gains[cells], where=room, initial=0.0) > cheapest * (1 + NOISE)
        unwanted = np.min(gains[cells], where=movable, initial=np.inf) < price * (1 - NOISE)
        side: Literal["minimum", "maximum"]
        for side, binds in (
            ("maximum", amount == total.high and wanted),
            ("minimum", amount == total.low and unwanted),
        ):
            if binds and total.of == "line":
                yield PeriodBinding(side, line=total.name)
            elif binds:
                yield PeriodBinding("period_maximum" if side == "maximum" else "period_minimum", period=total.index)


def _binding_each(
    limits: SpendLimits, lines: Sequence[PeriodLine], spend: Floats, gains: Floats, price: float, cheapest: float
) -> Iterator[PeriodBinding]:
    for i, line in enumerate(lines):
        if line.locked is not None:
            continue
        if line.maximum_each is not None:
            full = (spend[i] == line.maximum_each) & (gains[i] > cheapest * (1 + NOISE))
            yield from (PeriodBinding("maximum_each", line.key, int(t)) for t in np.flatnonzero(full))
        if line.minimum_each:
            held = (spend[i] == line.minimum_each) & (gains[i] < price * (1 - NOISE))
            yield from (PeriodBinding("minimum_each", line.key, int(t)) for t in np.flatnonzero(held))


def _takers(limits: SpendLimits, spend: Floats) -> Cells:
    """Cells that could take a unit more."""
    free = spend < limits.most
    for total in limits.totals:
        if spend[_cells(total)].sum() >= total.high:
            free[_cells(total)] = False
    return free


def _givers(limits: SpendLimits, spend: Floats) -> Cells:
    free = spend > limits.least
    for total in limits.totals:
        if spend[_cells(total)].sum() <= total.low:
            free[_cells(total)] = False
    return free


def _cells(total: Total) -> tuple[int | slice, int | slice]:
    return (total.index, slice(None)) if total.of == "line" else (slice(None), total.index)
