"""Groups that overlap without holding each other.

A tree can't say which of two overlapping groups a line belongs to first, so the dynamic programme does not apply.
Linear programmes over piecewise linear curves do: on a coarse grid over all amounts, then on finer ones around the
solution, as in the polish. What they find is rounded to whole units that keep every bound exactly.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from domain.planning.allocation.piecewise import Limits, Piece, best_amounts
from domain.planning.allocation.problem import Problem
from domain.planning.allocation.whole_units import feasible, limits_of, rounded
from domain.planning.curves.shapes import Numbers

_FIRST_STEPS = 128
_WINDOW = 8
_FINER = 8
_FINEST = 10**7  # steps to the whole budget; beyond it a linear programme in floats is not exact either
_ROUNDS = 4
_BEND = 1e-9  # relative: slopes that differ by less are equal


def best_over_overlapping(problem: Problem) -> list[int] | None:
    """Whole amounts that keep every bound, near the best; None where no split keeps them."""
    spend = feasible(problem)
    if spend is None:
        return None
    step, window = max(1, problem.total // _FIRST_STEPS), _FIRST_STEPS
    while True:
        for _ in range(_ROUNDS if window == _WINDOW else 1):
            better = _improved(problem, spend, step, window)
            moved = max(abs(new - old) for new, old in zip(better, spend, strict=True))
            spend = better
            if moved < window * step - 1:
                break
        if step <= max(1, problem.total // _FINEST):
            return spend
        step, window = max(1, step // _FINER), _WINDOW


def _improved(problem: Problem, spend: list[int], step: int, window: int) -> list[int]:
    """The best split on the grid around `spend`, or `spend` where that is no better."""
    pieces = [piece for i in range(len(spend)) for piece in _pieces(problem, i, spend[i], step, window)]
    limits = limits_of(problem)
    spent = limits.rows @ np.array(spend, float)
    moves = best_amounts(pieces, Limits(limits.rows, (limits.low - spent) / step, (limits.high - spent) / step))
    if moves is None:
        return spend
    amounts = np.array(spend, float) + moves * step
    bought = [not buy or bool(amount > buy / 2) for amount, buy in zip(amounts, problem.buys, strict=True)]
    better = rounded(problem, amounts, bought)
    return spend if better is None or _gain(problem, spend, better) <= 0 else better


def _gain(problem: Problem, before: Sequence[int], after: Sequence[int]) -> float:
    return sum(
        float(response.gains(float(old), np.array([float(new - old)]))[0])
        for response, old, new in zip(problem.responses, before, after, strict=True)
    )


def _pieces(problem: Problem, i: int, spent: int, step: int, window: int) -> list[Piece]:
    """Around what is spent; amounts in steps from there."""
    least, most, buy = problem.least[i], problem.most[i], problem.buys[i]
    ladder = {spent + k * step for k in range(-window, window + 1)} | {least, most} | ({buy} if buy else set())
    reach = window * step
    rungs = sorted(a for a in ladder if abs(a - spent) <= reach and least <= a <= most)
    pieces: list[Piece] = []
    if buy:
        if 0 in rungs:
            pieces.append(_piece(problem, i, spent, [0], step))
        rungs = [amount for amount in rungs if amount >= buy]
    if not rungs:
        return pieces
    whole = _piece(problem, i, spent, rungs, step)
    cuts = [0, *_bends(whole.amounts, whole.gains), max(len(rungs) - 1, 1)]
    return pieces + [whole.only(slice(start, stop + 1)) for start, stop in pairwise(cuts)]


def _bends(amounts: Numbers, gains: Numbers) -> list[int]:
    """Entries at which the slope rises."""
    slopes = np.diff(gains) / np.diff(amounts)
    bends: list[int] = (np.flatnonzero(np.diff(slopes) > np.abs(slopes[:-1]) * _BEND) + 1).tolist()
    return bends


def _piece(problem: Problem, i: int, spent: int, rungs: Sequence[int], step: int) -> Piece:
    moves = np.array([float(amount - spent) for amount in rungs])
    return Piece(i, moves / step, problem.responses[i].gains(float(spent), moves))
