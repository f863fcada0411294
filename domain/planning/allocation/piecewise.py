"""The best of piecewise linear curves under any sums: linear programmes, and an integer one over what they leave open.

Every line's table is cut into pieces on which it is concave: inside a piece the optimum lies between neighbouring
entries by itself; between pieces a binary variable chooses. The relaxation without that choice bounds the outcome, and
its reduced costs say how much a split loses by each entry, so once a good split is known most entries fall away before
the integer programme starts (reduced-cost fixing: Dantzig, Fulkerson & Johnson, 1954).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from domain.planning.curves.shapes import Numbers

SECONDS = 5.0  # an integer programme may take; what it has found by then is taken
_GAP = 1e-5  # relative: ten times finer than what is promised
_NOISE = 1e-9
_TOLERANCE = 1e-6  # of the largest gain: what a linear programme in floats may be off
_MOST_PATTERNS = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring entries of a line's table between which the table is concave."""

    line: int
    amounts: Numbers
    gains: Numbers

    def only(self, entries: slice | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> "Piece":
        return Piece(self.line, self.amounts[entries], self.gains[entries])


@dataclass(frozen=True, slots=True)
class Limits:
    """low <= rows @ amounts <= high, a row for every sum."""

    rows: csr_array
    low: Numbers
    high: Numbers

    @property
    def lines(self) -> int:
        return int(self.rows.shape[1])


@dataclass(frozen=True, slots=True)
class _Relaxed:
    """`gain` of the best mixture of entries; `losses` by taking an entry, and `weights` in the mixture, per piece."""

    amounts: Numbers
    gain: float
    losses: Sequence[Numbers]
    weights: Sequence[Numbers]


def best_amounts(pieces: Sequence[Piece], limits: Limits) -> Numbers | None:
    """Of every line, which has at least one piece. None where no amounts keep the limits."""
    scale = max(float(np.abs(piece.gains).max()) for piece in pieces) or 1.0
    pieces = [Piece(piece.line, piece.amounts, piece.gains / scale) for piece in pieces]
    relaxed = _relaxed(pieces, limits)
    if relaxed is None:
        return None
    if not _undecided(pieces, relaxed):
        return relaxed.amounts
    known = _best_pattern(pieces, limits, relaxed)
    if known is None:
        return _chosen(pieces, limits)
    open_gap = max(relaxed.gain - known.gain, 0.0) + _TOLERANCE
    near = [_near_best(piece, losses, open_gap) for piece, losses in zip(pieces, relaxed.losses, strict=True)]
    left = [piece for piece in near if len(piece.amounts)]
    if len({piece.line for piece in left}) < limits.lines:
        return known.amounts
    amounts = _chosen(left, limits)
    return known.amounts if amounts is None else amounts


def _relaxed(pieces: Sequence[Piece], limits: Limits) -> _Relaxed | None:
    amounts, gains, line, stops = _entries(pieces)
    moved = csr_array((amounts, (line, np.arange(len(line)))), shape=(limits.lines, len(line)))
    one = csr_array((np.ones(len(line)), (line, np.arange(len(line)))), shape=(limits.lines, len(line)))
    summed = csr_array(limits.rows @ moved)
    answer = linprog(  # type: ignore[call-overload]  # the stubs know dense constraints only
        -gains,
        A_ub=vstack((summed, -summed), format="csr"),
        b_ub=np.concatenate((limits.high, -limits.low)),
        A_eq=one,
        b_eq=np.ones(limits.lines),
        method="highs",
    )
    if answer.x is None:
        return None
    losses, weights = np.split(answer.lower.marginals, stops), np.split(answer.x, stops)
    return _Relaxed(_dot(moved, answer.x), -float(answer.fun), losses, weights)


def _undecided(pieces: Sequence[Piece], relaxed: _Relaxed) -> dict[int, list[int]]:
    """Lines whose mixture is no point of one piece, with the pieces that it takes from."""
    taken: dict[int, list[int]] = {}
    for number, (piece, weights) in enumerate(zip(pieces, relaxed.weights, strict=True)):
        if (weights > _NOISE).any():
            taken.setdefault(piece.line, []).append(number)
    return {line: numbers for line, numbers in taken.items() if len(numbers) > 1}


def _best_pattern(pieces: Sequence[Piece], limits: Limits, relaxed: _Relaxed) -> _Relaxed | None:
    """The best split in which every line keeps to a piece of its mixture."""
    undecided = _undecided(pieces, relaxed)
    fixed = [
        piece
        for piece, weights in zip(pieces, relaxed.weights, strict=True)
        if piece.line not in undecided and (weights > _NOISE).any()
    ]
    choices = [[pieces[number] for number in numbers] for numbers in undecided.values()]
    tried = [
        answer
        for pattern, _ in zip(product(*choices), range(_MOST_PATTERNS), strict=False)
        if (answer := _relaxed([*fixed, *pattern], limits)) is not None
    ]
    return max(tried, key=lambda answer: answer.gain, default=None)


def _near_best(piece: Piece, losses: Numbers, allowed: float) -> Piece:
    """Entries that lose little enough, and their neighbours: a mixture of the two may."""
    near = losses <= allowed
    beside = near.copy()
    beside[1:] |= near[:-1]
    beside[:-1] |= near[1:]
    return piece.only(beside)


def _chosen(pieces: Sequence[Piece], limits: Limits) -> Numbers | None:
    """Variables: a weight for every entry, then a choice for every piece."""
    amounts, gains, line, _ = _entries(pieces)
    owner = np.repeat(np.arange(len(pieces)), [len(piece.amounts) for piece in pieces])
    of_piece = np.array([piece.line for piece in pieces])
    count, width = len(line), len(line) + len(pieces)
    moved = csr_array((amounts, (line, np.arange(count))), shape=(limits.lines, width))
    weights = csr_array(
        (
            np.concatenate((np.ones(count), -np.ones(len(pieces)))),
            (np.concatenate((owner, np.arange(len(pieces)))), np.arange(width)),
        ),
        shape=(len(pieces), width),
    )
    at = count + np.arange(len(pieces))
    choices = csr_array((np.ones(len(pieces)), (of_piece, at)), shape=(limits.lines, width))
    alone = np.bincount(of_piece, minlength=limits.lines)[of_piece] == 1
    answer = milp(
        np.concatenate((-gains, np.zeros(len(pieces)))),
        integrality=np.concatenate((np.zeros(count, int), (~alone).astype(int))),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(csr_array(limits.rows @ moved), limits.low, limits.high),
            LinearConstraint(weights, 0, 0),
            LinearConstraint(choices, 1, 1),
        ],
        options={"time_limit": SECONDS, "mip_rel_gap": _GAP},
    )
    return None if answer.x is None else _dot(moved, answer.x)


def _dot(rows: csr_array, numbers: Numbers) -> Numbers:
    return np.asarray(rows @ numbers, float)


def _entries(
    pieces: Sequence[Piece],
) -> tuple[Numbers, Numbers, np.ndarray[tuple[int], np.dtype[np.int64]], list[int]]:
    """All amounts, gains and lines in a row, and where the next piece begins."""
    sizes = [len(piece.amounts) for piece in pieces]
    return (
        np.concatenate([piece.amounts for piece in pieces]),
        np.concatenate([piece.gains for piece in pieces]),
        np.repeat(np.array([piece.line for piece in pieces]), sizes),
        np.cumsum(sizes)[:-1].tolist(),
    )
