"""The best split on a grid of equal steps, for curves of any shape.

A price per step (and one per group) gives every line's table of losses: how much less it brings, at that price, than
what it would choose. Losses add up to the distance from the bound that the prices prove (Everett, 1963), so once a
split is known, whatever loses more than the best split as a whole is in no best split: most of each table falls away,
and the dynamic programme runs over the rest without having lost anything.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.planning.allocation.min_plus import Table, merge
from domain.planning.allocation.problem import Problem
from domain.planning.allocation.tree import Node
from domain.planning.curves.shapes import Numbers

_HALVINGS = 40
_SWEEPS = 3
_NEARLY = 1e-5  # of the outcome: what the fine grid's own rounding may cost
_WIDER = 10
_FIRST_GUESS = 0.003  # of the outcome: rarely is the bound of the prices further from the best split


@dataclass(frozen=True, slots=True)
class _Grid:
    """`step` minor units; `room` steps above the least amounts; gains of each line by steps taken, padded with -inf."""

    step: int
    room: int
    gains: Numbers


@dataclass(frozen=True, slots=True)
class OnGrid:
    """Amounts near the best on a grid, the size of its step, and the prices that showed it.

    Bounds are met to half a step, so the amounts want mending.
    """

    amounts: list[int]
    step: int
    prices: "_Prices"


def split_on_grid(problem: Problem, tree: Node, steps: int) -> OnGrid | None:
    """None where a grid of so many steps has no split."""
    grid = _grid(problem, steps)
    prices = _Prices.of(problem, tree, grid)
    bound = prices.bound(grid)
    allowed = _FIRST_GUESS * bound
    while True:
        found = _cheapest(problem, tree, grid, prices, allowed)
        if found and found[0] <= allowed:
            return OnGrid(_amounts(problem, found[1], grid.step), grid.step, prices)
        if allowed == math.inf:
            return None
        allowed = min(allowed * _WIDER, found[0] * (1 + 1e-9) if found else math.inf) if allowed < bound else math.inf


def finer_on_grid(problem: Problem, tree: Node, found: OnGrid, spend: Sequence[int], steps: int) -> OnGrid | None:
    """The best on a finer grid, sought only among splits that can bring as much as `spend` does, or nearly."""
    grid = _grid(problem, steps)
    prices = found.prices.of_steps(problem, grid, grid.step / found.step)
    bound = prices.bound(grid)
    allowed = bound * (1 + _NEARLY) - _gained(problem, spend)
    best = _cheapest(problem, tree, grid, prices, allowed) if allowed > 0 else None
    if best is None or best[0] > allowed:
        return None
    return OnGrid(_amounts(problem, best[1], grid.step), grid.step, prices)


def _grid(problem: Problem, steps: int) -> _Grid:
    free = problem.total - sum(problem.least)
    step = max(1, -(-free // steps))
    room = round(free / step)
    rows = [_gains(problem, i, step, room) for i in range(len(problem.responses))]
    gains = np.full((len(rows), max(map(len, rows))), -np.inf)
    for i, row in enumerate(rows):
        gains[i, : len(row)] = row
    return _Grid(step, room, gains)


def _gains(problem: Problem, i: int, step: int, room: int) -> Numbers:
    least, most, buy = problem.least[i], problem.most[i], problem.buys[i]
    count = min(max(round((most - least) / step), int(most > least)), room)
    amounts = np.minimum(least + np.arange(count + 1, dtype=float) * step, most)
    if count and most - least <= room * step:
        amounts[-1] = most
    skipped = max(1, round(buy / step)) if buy else 0
    if buy:
        amounts[1:] = np.maximum(amounts[1:], buy)
    gains = problem.responses[i].gains(float(least), amounts - least)
    gains[1:skipped] = -np.inf
    return gains


def _gained(problem: Problem, spend: Sequence[int]) -> float:
    return sum(
        float(response.gains(float(least), np.array([float(spent - least)]))[0])
        for response, least, spent in zip(problem.responses, problem.least, spend, strict=True)
    )


def _amounts(problem: Problem, taken: Sequence[int], step: int) -> list[int]:
    return [_amount(problem, i, steps, step) for i, steps in enumerate(taken)]


def _amount(problem: Problem, i: int, taken: int, step: int) -> int:
    if not taken:
        return problem.least[i]
    return min(max(problem.least[i] + taken * step, problem.buys[i]), problem.most[i])


@dataclass(slots=True, eq=False)
class _Prices:
    """Prices per step: of the budget, and of every group (above 0 to stay under its high, below 0 to reach its low)."""

    groups: list[tuple[Node, list[int], int, int]]  # with its lines and its bounds in steps
    room: int
    budget: float
    extra: list[float]
    lines: int

    @classmethod
    def of(cls, problem: Problem, tree: Node, grid: _Grid) -> "_Prices":
        groups = _in_steps(problem, _groups_of(tree), grid)
        prices = cls(groups, grid.room, 0.0, [0.0] * len(groups), len(problem.responses))
        for _ in range(_SWEEPS if groups else 1):
            prices._set(grid)
        return prices

    def of_steps(self, problem: Problem, grid: _Grid, factor: float) -> "_Prices":
        """The same for steps of another size."""
        groups = _in_steps(problem, [(node, members) for node, members, _, _ in self.groups], grid)
        return _Prices(groups, grid.room, self.budget * factor, [extra * factor for extra in self.extra], self.lines)

    def of_lines(self) -> Numbers:
        each = np.full(self.lines, self.budget)
        for (_, members, _, _), extra in zip(self.groups, self.extra, strict=True):
            each[members] += extra
        return each

    def bound(self, grid: _Grid) -> float:
        """What no split on the grid exceeds."""
        kept = float(_reduced(grid.gains, self.of_lines()).max(axis=1).sum())
        held = sum(
            extra * (high if extra > 0 else low)
            for (_, _, low, high), extra in zip(self.groups, self.extra, strict=True)
        )
        return kept + self.budget * self.room + held

    def _set(self, grid: _Grid) -> None:
        everyone = list(range(self.lines))
        slopes = grid.gains[:, 1:] / np.arange(1, grid.gains.shape[1])
        steepest = float(slopes.max(initial=0.0))
        self.budget = _lowest(grid.gains, self.of_lines() - self.budget, everyone, self.room, 0.0, steepest)
        for at, (_, members, low, high) in enumerate(self.groups):
            others = self.of_lines()[members] - self.extra[at]
            rows = grid.gains[members]
            taken = int(_reduced(rows, others).argmax(axis=1).sum())
            self.extra[at] = 0.0
            if taken > high:
                self.extra[at] = _lowest(rows, others, range(len(members)), high, 0.0, steepest)
            elif taken < low:
                self.extra[at] = _lowest(rows, others, range(len(members)), low, -float(others.max()), 0.0)


def _lowest(gains: Numbers, others: Numbers, rows: Sequence[int], room: int, free: float, dear: float) -> float:
    """The lowest price between `free` and `dear` at which the rows take no more than `room` steps."""
    gains, others = gains[rows], others[rows]
    for _ in range(_HALVINGS):
        price = (free + dear) / 2
        if int(_reduced(gains, others + price).argmax(axis=1).sum()) > room:
            free = price
        else:
            dear = price
    return dear


def _reduced(gains: Numbers, prices: Numbers) -> Numbers:
    return gains - prices[:, None] * np.arange(gains.shape[1])


def _cheapest(
    problem: Problem, tree: Node, grid: _Grid, prices: _Prices, allowed: float
) -> tuple[float, list[int]] | None:
    """The split that loses least, and its loss, from the entries that lose no more than `allowed`."""
    reduced = _reduced(grid.gains, prices.of_lines())
    losses = reduced.max(axis=1)[:, None] - reduced
    losses[losses > allowed] = np.inf
    tables = [Table(0, row).within(0, grid.room) for row in losses]
    held = {node: (extra, low, high) for (node, _, low, high), extra in zip(prices.groups, prices.extra, strict=True)}
    held[tree] = (prices.budget, 0, grid.room)

    def finish(node: Node, table: Table) -> Table:
        extra, low, high = held[node]
        taken = table.first + np.arange(len(table))
        idle = extra * (high - taken) if extra > 0 else -extra * (taken - low)
        return Table(table.first, table.losses + idle).within(low, high)

    merged = merge(tree, tables, finish, lambda node: (0, held[node][2]), allowed)
    if merged is None:
        return None
    best = int(merged.table.losses.argmin())
    taken = [0] * len(problem.responses)
    merged.read(merged.table.first + best, taken)
    return float(merged.table.losses[best]), taken


def _in_steps(
    problem: Problem, groups: Sequence[tuple[Node, list[int]]], grid: _Grid
) -> list[tuple[Node, list[int], int, int]]:
    return [
        (node, members, *_steps_of(node, sum(problem.least[i] for i in members), grid.step)) for node, members in groups
    ]


def _steps_of(node: Node, base: int, step: int) -> tuple[int, int]:
    """The node's bounds in steps above `base`, each to the nearest step."""
    low, high = round((node.low - base) / step), round((node.high - base) / step)
    return max(low, 0), max(high, 0)


def _groups_of(node: Node) -> list[tuple[Node, list[int]]]:
    return [entry for child in node.children for entry in ((child, _lines_of(child)), *_groups_of(child))]


def _lines_of(node: Node) -> list[int]:
    return [*node.lines, *(i for child in node.children for i in _lines_of(child))]
