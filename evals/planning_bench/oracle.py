"""The best split that a fine grid and a gradient method find together, without a line of the product's solver.

Lines are sorted into cells by the groups that they are in (at most two groups: four cells). Each cell's best outcome
for every number of steps comes from a plain dynamic programme; the steps of the cells are then tried in all
combinations that the groups allow. SLSQP climbs on from there, between the grid's points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evals.planning_bench.climbing import climb, keeps
from evals.planning_bench.formulas import Numbers, outcome, value
from evals.planning_bench.instances import Instance

STEPS = 2000
_COARSE = 16
_NEVER = -1e300


@dataclass(frozen=True, slots=True)
class Found:
    spend: Numbers
    outcome: float


def best_known(instance: Instance, steps: int = STEPS) -> Found:
    """At least as good as the split the instance was made around."""
    starts = [np.array(instance.known, float)]
    if (on_grid := _on_grid(instance, steps)) is not None:
        starts.append(on_grid)
    candidates = [climbed for start in starts for climbed in (start, climb(instance, start)) if climbed is not None]
    kept = [Found(spend, outcome(instance, spend)) for spend in candidates if keeps(instance, spend)]
    return max(kept, key=lambda found: found.outcome)


@dataclass(slots=True)
class _Cell:
    lines: list[int]
    best: Numbers  # outcome by steps
    choices: list[np.ndarray[tuple[int], np.dtype[np.int64]]]  # of every line: its steps, by steps of the cell so far


def _on_grid(instance: Instance, steps: int) -> Numbers | None:
    step = max((instance.total - sum(instance.least)) / steps, 1e-9)
    signatures = [(True, False), (False, True), (True, True), (False, False)]
    in_groups = [
        tuple(any(i in limit.members for limit in instance.limits[g : g + 1]) for g in range(2))
        for i in range(len(instance.curves))
    ]
    cells = [
        _cell(instance, [i for i, inside in enumerate(in_groups) if inside == signature], step, steps)
        for signature in signatures
    ]
    taken = _combine(instance, cells, step, steps)
    if taken is None:
        return None
    spend = np.array(instance.least, float)
    for cell, count in zip(cells, taken, strict=True):
        for i, choice in zip(reversed(cell.lines), reversed(cell.choices), strict=True):
            spend[i] += choice[count] * step
            count -= int(choice[count])
    return spend


def _cell(instance: Instance, lines: list[int], step: float, steps: int) -> _Cell:
    best = np.full(steps + 1, _NEVER)
    best[0] = 0.0
    choices = []
    for i in lines:
        table = _table(instance, i, step, steps)
        longer, choice = np.full(steps + 1, _NEVER), np.zeros(steps + 1, np.int64)
        for k in np.flatnonzero(table > _NEVER):
            tried = best[: steps + 1 - k] + table[k]
            better = tried > longer[k:]
            longer[k:][better] = tried[better]
            choice[k:][better] = k
        best = longer
        choices.append(choice)
    return _Cell(lines, best, choices)


def _table(instance: Instance, i: int, step: float, steps: int) -> Numbers:
    amounts = instance.least[i] + np.arange(steps + 1, dtype=float) * step
    allowed = amounts <= instance.most[i] + 1e-6
    if instance.buys[i]:
        allowed &= (amounts >= instance.buys[i] - 1e-6) | (np.arange(steps + 1) == 0)
    return np.where(allowed, value(instance.curves[i], amounts), _NEVER)


def _combine(instance: Instance, cells: Sequence[_Cell], step: float, steps: int) -> list[int] | None:
    """Steps of the cells: only in the first group, only in the second, in both, in neither."""
    low, high = [0, 0], [steps, steps]
    for g, limit in enumerate(instance.limits):
        base = sum(instance.least[i] for i in limit.members)
        low[g] = max(0, int(np.ceil((limit.low - base) / step - 1e-9)))
        high[g] = min(steps, int(np.floor((limit.high - base) / step + 1e-9)))
    reach = [np.flatnonzero(cell.best > _NEVER / 2) for cell in cells]
    free = [np.arange(len(cell.best)) if cell.lines else np.array([0]) for cell in cells[:3]]
    free = [np.intersect1d(each, reachable) for each, reachable in zip(free, reach, strict=False)]
    rest = np.maximum.accumulate(cells[3].best)
    if all(cell.lines for cell in cells[:3]):
        found = _search([each[::_COARSE] for each in free], cells, rest, low, high, steps)
        for width, stride in ((2 * _COARSE, 2), (_COARSE, 1)):
            if found is None:
                return None
            near = [
                each[(abs(each - at) <= width) & ((each - at) % stride == 0)]
                for each, at in zip(free, found, strict=False)
            ]
            found = _search(near, cells, rest, low, high, steps)
        return found
    return _search(free, cells, rest, low, high, steps)


def _search(
    free: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]],
    cells: Sequence[_Cell],
    rest: Numbers,
    low: Sequence[int],
    high: Sequence[int],
    steps: int,
) -> list[int] | None:
    a, b, c = np.meshgrid(*free, indexing="ij", sparse=True)
    left = steps - a - b - c
    allowed = (left >= 0) & (a + c >= low[0]) & (a + c <= high[0]) & (b + c >= low[1]) & (b + c <= high[1])
    brought = cells[0].best[a] + cells[1].best[b] + cells[2].best[c] + rest[np.maximum(left, 0)]
    brought = np.where(allowed, brought, _NEVER)
    if not brought.size or brought.max() <= _NEVER / 2:
        return None
    i, j, k = np.unravel_index(int(brought.argmax()), brought.shape)
    first, second, both = int(free[0][i]), int(free[1][j]), int(free[2][k])
    left_over = steps - first - second - both
    return [first, second, both, int(cells[3].best[: left_over + 1].argmax())]
