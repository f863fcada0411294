"""From a good split to one that no small change improves, exact to the minor unit.

Around the split lies a finer grid, a few steps to either side of every line; the dynamic programme finds the best
split on it, the grid moves there, and becomes finer until a step is one minor unit. At the end no exchange of units
within a few steps improves the outcome; for concave curves under groups that lie inside or beside each other that is
the optimum over whole units (an M-natural-concave function has no other local optimum: Murota, 2003).
"""

from collections.abc import Sequence

import numpy as np

from domain.planning.allocation.min_plus import Table, merge
from domain.planning.allocation.problem import Problem
from domain.planning.allocation.tree import Node
from domain.planning.curves.shapes import Numbers

_FINER = 8  # times, from one grid to the next
_WINDOW = 8  # steps to either side of a line
_REACH = 24  # steps that a partial sum over lines may stray
_ROUNDS = 60  # on one grid: never met, but a bound
_STAY = 1e-15  # a change must gain more than a float can imagine


def polished(problem: Problem, tree: Node, amounts: Sequence[int], step: int) -> list[int]:
    """Whole amounts that bring at least as much. `amounts` keeps every bound."""
    spend = list(amounts)
    while True:
        step = max(1, step // _FINER)
        for _ in range(_ROUNDS):
            taken = _best_moves(problem, tree, spend, step)
            for i, steps in enumerate(taken):
                spend[i] += steps * step
            if not any(taken) or (step > 1 and max(map(abs, taken)) < _WINDOW):
                break
        if step == 1:
            return spend


def _best_moves(problem: Problem, tree: Node, spend: Sequence[int], step: int) -> list[int]:
    offsets = np.arange(-_WINDOW, _WINDOW + 1)
    moves = (offsets * step).astype(float)
    gains = [_gains(problem, i, spend[i], moves, step) for i in range(len(spend))]
    price = max((float(row[_WINDOW + 1]) for row in gains if np.isfinite(row[_WINDOW + 1])), default=0.0)
    inertia = np.abs(offsets) * (abs(price) * _STAY)
    tables = [Table(-_WINDOW, price * offsets - row + inertia).within(-_WINDOW, _WINDOW) for row in gains]

    def finish(node: Node, table: Table) -> Table:
        spent = _sum(node, spend)
        cut = table.within(-((spent - node.low) // step), (node.high - spent) // step)
        if node is not tree:
            return cut
        unspent = np.arange(cut.first, cut.first + len(cut))  # the budget's own price, and money is to be spent
        return Table(cut.first, cut.losses - unspent * (price + 1e-300))

    merged = merge(tree, tables, finish, lambda _: (-_REACH, _REACH))
    taken = [0] * len(spend)
    if merged is not None:
        merged.read(merged.table.first + int(merged.table.losses.argmin()), taken)
    return taken


def _gains(problem: Problem, i: int, spent: int, moves: Numbers, step: int) -> Numbers:
    """What each move brings; -inf where it is not allowed."""
    least, most, buy = problem.least[i], problem.most[i], problem.buys[i]
    back, forth = (spent - least) // step, (most - spent) // step
    steps = np.arange(-_WINDOW, _WINDOW + 1)
    allowed = (steps >= -back) & (steps <= forth)
    if buy:
        allowed &= (spent + steps * step >= buy) | (spent + steps * step == 0)
    gains = np.full(len(moves), -np.inf)
    gains[allowed] = problem.responses[i].gains(float(spent), moves[allowed])
    return gains


def _sum(node: Node, spend: Sequence[int]) -> int:
    return sum(spend[i] for i in node.lines) + sum(_sum(child, spend) for child in node.children)
