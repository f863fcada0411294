"""Whole amounts that keep every bound, whatever groups there are: found or mended by small integer programmes."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from domain.planning.allocation.piecewise import SECONDS, Limits
from domain.planning.allocation.problem import Problem
from domain.planning.curves.shapes import Numbers

_MENDINGS = 3


def feasible(problem: Problem) -> list[int] | None:
    """Amounts that leave as little unspent as possible; None where none keep the bounds."""
    n, scale = len(problem.responses), float(max(problem.total, 1))
    least, most, buys = (np.array(each) / scale for each in (problem.least, problem.most, problem.buys))
    limits = limits_of(problem)
    constraints = [LinearConstraint(_wider(limits.rows, n), limits.low / scale, limits.high / scale)]
    if switched := [i for i in range(n) if problem.buys[i]]:
        constraints += [
            LinearConstraint(_switch(switched, buys, n), 0, np.inf),
            LinearConstraint(_switch(switched, most, n), -np.inf, 0),
        ]
    answer = milp(
        np.repeat([-1.0, 0.0], n),
        integrality=np.repeat([0, 1], n),
        bounds=Bounds(np.concatenate((least, np.zeros(n))), np.concatenate((most, np.ones(n)))),
        constraints=constraints,
        options={"time_limit": SECONDS},
    )
    if answer.x is None:
        return None
    bought = [not buy or bool(answer.x[n + i] > 0.5) for i, buy in enumerate(problem.buys)]
    return rounded(problem, answer.x[:n] * scale, bought)


def rounded(problem: Problem, amounts: Numbers, bought: Sequence[bool]) -> list[int] | None:
    """The nearest whole amounts that keep every bound, in exact integers; None where there are none.

    `bought` says which minimum buys are made. The first mending may be far off, where a float is not exact; what it
    leaves is small.
    """
    least = [max(low, buy if yes else 0) for low, buy, yes in zip(problem.least, problem.buys, bought, strict=True)]
    most = [high if yes else 0 for high, yes in zip(problem.most, bought, strict=True)]
    spend = [min(max(round(amount), low), high) for amount, low, high in zip(amounts, least, most, strict=True)]
    for _ in range(_MENDINGS):
        if _kept(problem, spend):
            return spend
        moves = _smallest_mending(problem, spend, least, most)
        if moves is None:
            return None
        spend = [amount + move for amount, move in zip(spend, moves, strict=True)]
    return spend if _kept(problem, spend) else None


def limits_of(problem: Problem) -> Limits:
    """A row for the budget and one for every group."""
    rows = _members(problem)
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    columns = np.concatenate([np.array(row, int) for row in rows])
    return Limits(
        csr_array((np.ones(len(columns)), (owner, columns)), shape=(len(rows), len(problem.responses))),
        np.array([0.0, *(float(each.low) for each in problem.sums)]),
        np.array([float(problem.total), *(float(each.high) for each in problem.sums)]),
    )


def _smallest_mending(
    problem: Problem, spend: Sequence[int], least: Sequence[int], most: Sequence[int]
) -> list[int] | None:
    """Moves up less moves down, as few units as possible. What is left to each bound is exact before it is a float."""
    n = len(spend)
    spent = [sum(spend[i] for i in members) for members in _members(problem)]
    low = [float(bound - so_far) for bound, so_far in zip([0, *(s.low for s in problem.sums)], spent, strict=True)]
    high = [
        float(bound - so_far)
        for bound, so_far in zip([problem.total, *(s.high for s in problem.sums)], spent, strict=True)
    ]
    up = [float(bound - amount) for amount, bound in zip(spend, most, strict=True)]
    down = [float(amount - bound) for amount, bound in zip(spend, least, strict=True)]
    answer = milp(
        np.ones(2 * n),
        integrality=np.ones(2 * n, int),
        bounds=Bounds(np.zeros(2 * n), np.array([*up, *down])),
        constraints=[LinearConstraint(csr_array(limits_of(problem).rows @ _difference(n)), low, high)],
        options={"time_limit": SECONDS},
    )
    return None if answer.x is None else [round(answer.x[i] - answer.x[n + i]) for i in range(n)]


def _kept(problem: Problem, spend: Sequence[int]) -> bool:
    ends = [(0, problem.total), *((each.low, each.high) for each in problem.sums)]
    return all(
        low <= sum(spend[i] for i in members) <= high
        for members, (low, high) in zip(_members(problem), ends, strict=True)
    )


def _members(problem: Problem) -> list[Sequence[int]]:
    return [range(len(problem.responses)), *(sorted(each.members) for each in problem.sums)]


def _wider(rows: csr_array, by: int) -> csr_array:
    return csr_array((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], rows.shape[1] + by))


def _switch(lines: Sequence[int], amounts: Numbers, n: int) -> csr_array:
    """Rows of spend less amount × choice; the choices stand behind the n spends."""
    rows = np.arange(len(lines))
    at = np.array(lines)
    return csr_array(
        (
            np.concatenate((np.ones(len(lines)), -amounts[at])),
            (np.concatenate((rows, rows)), np.concatenate((at, n + at))),
        ),
        shape=(len(lines), 2 * n),
    )


def _difference(n: int) -> csr_array:
    data, rows = np.concatenate((np.ones(n), -np.ones(n))), np.concatenate((np.arange(n), np.arange(n)))
    return csr_array((data, (rows, np.arange(2 * n))), shape=(n, 2 * n))
