"""Groups that overlap without holding each other: linear programmes over piecewise linear curves (HiGHS).

A tree can't say which of two overlapping groups a line belongs to first, so the dynamic programme does not apply. Every
curve is cut into pieces on which its table is concave: inside a piece the best point of a linear programme lies between
neighbouring entries by itself, between pieces a binary variable chooses. The grid then becomes finer around the
solution, as in the polish. What comes out is rounded to whole units by a small integer programme that keeps every
bound exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from domain.planning.problem import Problem
from domain.planning.shapes import Numbers

_FIRST_STEPS = 128
_WINDOW = 8
_FINER = 8
_FINEST = 10**7  # steps to the whole budget; beyond it a linear programme in floats is not exact either
_ROUNDS = 4
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Piece:
    """Neighbouring entries of a line's table between which the table is concave."""

    line: int
    amounts: Numbers
    gains: Numbers


def best_over_overlapping(problem: Problem) -> list[int] | None:
    """Whole amounts that keep every bound, near the best; None where no split keeps them."""
    found = feasible(problem)
    if found is None:
        return None
    step = max(1, problem.total // _FIRST_STEPS)
    spend, window = found, _FIRST_STEPS
    while True:
        for _ in range(_ROUNDS):
            better = _improved(problem, spend, step, window)
            moved = max(abs(new - old) for new, old in zip(better, spend, strict=True))
            spend = better
            if moved < window * step - 1:
                break
        if step <= max(1, problem.total // _FINEST):
            return spend
        step, window = max(1, step // _FINER), _WINDOW


def feasible(problem: Problem) -> list[int] | None:
    """Whole amounts that keep every bound and leave as little unspent as possible; None where there are none."""
    scale = float(max(problem.total, 1))
    n = len(problem.shapes)
    least, most, buys = (np.array(each) / scale for each in (problem.least, problem.most, problem.buys))
    sums, low, high = _sums(problem)
    switch = np.flatnonzero(buys)
    used = csr_array((np.ones(len(switch)), (np.arange(len(switch)), switch)), shape=(len(switch), n))
    chosen = csr_array((np.ones(len(switch)), (np.arange(len(switch)), n + switch)), shape=(len(switch), 2 * n))
    chosen_low, chosen_high = (chosen.multiply(np.concatenate((each, each))) for each in (buys, most))
    wide = csr_array((used.data, used.indices, used.indptr), shape=(len(switch), 2 * n))
    constraints = [LinearConstraint(_padded(sums, 2 * n), low / scale, high / scale)]
    if len(switch):
        constraints += [
            LinearConstraint(csr_array(wide - chosen_low), 0, np.inf),
            LinearConstraint(csr_array(wide - chosen_high), -np.inf, 0),
        ]
    answer = milp(
        np.concatenate((-np.ones(n), np.zeros(n))),
        integrality=np.repeat([0, 1], n),
        bounds=Bounds(np.concatenate((least, np.zeros(n))), np.concatenate((most, np.ones(n)))),
        constraints=constraints,
        options={"time_limit": _SECONDS},
    )
    if answer.x is None:
        return None
    bought = [not buy or bool(answer.x[n + i] > 0.5) for i, buy in enumerate(problem.buys)]
    return _rounded(problem, answer.x[:n] * scale, bought)


def _improved(problem: Problem, spend: list[int], step: int, window: int) -> list[int]:
    """The best split on the grid around `spend`, or `spend` where that is no better."""
    pieces = [piece for i in range(len(spend)) for piece in _pieces(problem, i, spend[i], step, window)]
    moves = _best_moves(problem, spend, pieces, step)
    if moves is None:
        return spend
    amounts = np.array(spend, float) + moves * step
    bought = [not buy or bool(amount > buy / 2) for amount, buy in zip(amounts, problem.buys, strict=True)]
    better = _rounded(problem, amounts, bought)
    if better is None or _gain(problem, spend, better) <= 0:
        return spend
    return better


def _gain(problem: Problem, before: Sequence[int], after: Sequence[int]) -> float:
    return sum(
        float(shape.gains(float(old), np.array([float(new - old)]))[0])
        for shape, old, new in zip(problem.shapes, before, after, strict=True)
    )


def _pieces(problem: Problem, i: int, spent: int, step: int, window: int) -> list[_Piece]:
    """Around what is spent; amounts in steps from there."""
    least, most, buy = problem.least[i], problem.most[i], problem.buys[i]
    ladder = {spent + k * step for k in range(-window, window + 1)} | {least, most} | ({buy} if buy else set())
    reach = window * step
    rungs = sorted(a for a in ladder if abs(a - spent) <= reach and least <= a <= most)
    pieces: list[_Piece] = []
    if buy:
        if 0 in rungs:
            pieces.append(_piece(problem, i, spent, [0], step))
        rungs = [amount for amount in rungs if amount >= buy]
    if not rungs:
        return pieces
    whole = _piece(problem, i, spent, rungs, step)
    if len(rungs) < 3:
        return [*pieces, whole]
    slopes = np.diff(whole.gains) / np.diff(whole.amounts)
    steeper = np.flatnonzero(np.diff(slopes) > np.abs(slopes[:-1]) * 1e-9) + 1
    cuts = [0, *steeper.tolist(), len(rungs) - 1]
    return pieces + [
        _Piece(i, whole.amounts[start : stop + 1], whole.gains[start : stop + 1]) for start, stop in pairwise(cuts)
    ]


def _piece(problem: Problem, i: int, spent: int, rungs: Sequence[int], step: int) -> _Piece:
    moves = np.array([float(amount - spent) for amount in rungs])
    return _Piece(i, moves / step, problem.shapes[i].gains(float(spent), moves))


def _best_moves(problem: Problem, spend: Sequence[int], pieces: Sequence[_Piece], step: int) -> Numbers | None:
    """Steps per line. Variables: a weight for every entry of every piece, then a choice for every piece."""
    n, entries = len(spend), sum(len(piece.amounts) for piece in pieces)
    owner = np.repeat(np.arange(len(pieces)), [len(piece.amounts) for piece in pieces])
    line = np.array([piece.line for piece in pieces])
    amounts = np.concatenate([piece.amounts for piece in pieces])
    gains = np.concatenate([piece.gains for piece in pieces])
    width = entries + len(pieces)
    moved = csr_array((amounts, (line[owner], np.arange(entries))), shape=(n, width))
    sums, low, high = _sums(problem)
    spent = sums @ np.array(spend, float)
    weights = csr_array(
        (
            np.concatenate((np.ones(entries), -np.ones(len(pieces)))),
            (np.concatenate((owner, np.arange(len(pieces)))), np.arange(width)),
        ),
        shape=(len(pieces), width),
    )
    choices = csr_array((np.ones(len(pieces)), (line, entries + np.arange(len(pieces)))), shape=(n, width))
    alone = np.bincount(line, minlength=n)[line] == 1
    answer = milp(
        np.concatenate((-gains / max(float(np.abs(gains).max()), 1e-300), np.zeros(len(pieces)))),
        integrality=np.concatenate((np.zeros(entries, int), (~alone).astype(int))),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(csr_array(sums @ moved), (low - spent) / step, (high - spent) / step),
            LinearConstraint(weights, 0, 0),
            LinearConstraint(choices, 1, 1),
        ],
        options={"time_limit": _SECONDS, "mip_rel_gap": 1e-6},
    )
    return None if answer.x is None else moved @ answer.x


def _rounded(problem: Problem, amounts: Numbers, bought: Sequence[bool]) -> list[int] | None:
    """The nearest whole amounts that keep every bound, in exact integers; None where there are none."""
    least = [max(low, buy if yes else 0) for low, buy, yes in zip(problem.least, problem.buys, bought, strict=True)]
    most = [high if yes else 0 for high, yes in zip(problem.most, bought, strict=True)]
    base = [min(max(round(amount), low), high) for amount, low, high in zip(amounts, least, most, strict=True)]
    for _ in range(3):  # the first may be far off, where a float is not exact; what it leaves is small
        if _kept(problem, base):
            return base
        moves = _smallest_mending(problem, base, least, most)
        if moves is None:
            return None
        base = [amount + move for amount, move in zip(base, moves, strict=True)]
    return base if _kept(problem, base) else None


def _smallest_mending(
    problem: Problem, base: Sequence[int], least: Sequence[int], most: Sequence[int]
) -> list[int] | None:
    n = len(base)
    limits = [(0, problem.total, range(n)), *((each.low, each.high, each.members) for each in problem.sums)]
    left = [
        (low - spent, high - spent) for low, high, members in limits if (spent := sum(base[i] for i in members)) + 1
    ]
    rows, _, _ = _sums(problem)
    up = [float(high - amount) for amount, high in zip(base, most, strict=True)]
    down = [float(amount - low) for amount, low in zip(base, least, strict=True)]
    answer = milp(
        np.ones(2 * n),
        integrality=np.ones(2 * n, int),
        bounds=Bounds(np.zeros(2 * n), np.array([*up, *down])),
        constraints=[
            LinearConstraint(
                csr_array(rows @ _difference(n)), [float(low) for low, _ in left], [float(high) for _, high in left]
            )
        ],
        options={"time_limit": _SECONDS},
    )
    return None if answer.x is None else [round(answer.x[i] - answer.x[n + i]) for i in range(n)]


def _difference(n: int) -> csr_array:
    data, rows = np.concatenate((np.ones(n), -np.ones(n))), np.concatenate((np.arange(n), np.arange(n)))
    return csr_array((data, (rows, np.arange(2 * n))), shape=(n, 2 * n))


def _kept(problem: Problem, spend: Sequence[int]) -> bool:
    sums = [(0, problem.total, range(len(spend))), *((each.low, each.high, each.members) for each in problem.sums)]
    return all(low <= sum(spend[i] for i in members) <= high for low, high, members in sums)


def _sums(problem: Problem) -> tuple[csr_array, Numbers, Numbers]:
    """A row for the budget and one for every group, with its bounds."""
    n = len(problem.shapes)
    rows = [range(n), *(sorted(each.members) for each in problem.sums)]
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    columns = np.concatenate([np.array(row, int) for row in rows])
    low = np.array([0.0, *(float(each.low) for each in problem.sums)])
    high = np.array([float(problem.total), *(float(each.high) for each in problem.sums)])
    return csr_array((np.ones(len(columns)), (owner, columns)), shape=(len(rows), n)), low, high


def _padded(rows: csr_array, width: int) -> csr_array:
    return csr_array((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], width))
