"""The best split of a budget, by the method that is exact for the curves and bounds at hand."""

import math
from collections.abc import Sequence
from dataclasses import replace

from domain.planning.allocation.grid import finer_on_grid, split_on_grid
from domain.planning.allocation.overlap import best_over_overlapping
from domain.planning.allocation.polish import polished
from domain.planning.allocation.problem import Problem
from domain.planning.allocation.tree import Node, Range, mended, range_of, tree_of
from domain.planning.allocation.whole_units import feasible

STEPS = 1000
_FINER = 4


def best_by_grid(problem: Problem, steps: int = STEPS, *, spend_all: bool = True) -> list[int] | None:
    """Whole amounts per line, or None where no split keeps every bound.

    `spend_all` says that more spend never brings less, so that the whole total is spent as far as bounds allow.
    """
    tree = tree_of(problem)
    if tree is None:
        return best_over_overlapping(problem)
    reachable = range_of(tree, [Range(*bounds) for bounds in zip(problem.least, problem.most, strict=True)])
    if reachable.least > reachable.most:
        return None
    problem = problem.with_total(reachable.most)
    tree.high = reachable.most
    found = split_on_grid(problem, tree, steps)
    start = _kept(problem, tree, found.amounts, spend_all) if found else None
    if start is None:
        start = feasible(problem)
        return start and polished(problem, tree, start, max(1, problem.total // steps))
    assert found, "or there would be no start"
    spend = polished(problem, tree, start, found.step)
    if found.step == 1:
        return spend
    finer = finer_on_grid(problem, tree, found, spend, steps * _FINER)
    start = _kept(problem, tree, finer.amounts, spend_all) if finer else None
    if finer is None or start is None or _near(spend, start, 2 * found.step):
        return spend
    other = polished(problem, tree, start, finer.step)
    return other if _brings_more(problem, other, spend) else spend


def _near(spend: Sequence[int], other: Sequence[int], distance: int) -> bool:
    return max(abs(one - two) for one, two in zip(spend, other, strict=True)) <= distance


def _brings_more(problem: Problem, spend: Sequence[int], than: Sequence[int]) -> bool:
    return (
        math.fsum(
            response.outcome(one) - response.outcome(two)
            for response, one, two in zip(problem.responses, spend, than, strict=True)
        )
        > 0
    )


def conflicting(problem: Problem) -> tuple[list[int], list[int]]:
    """Of a problem without a split: lines and sums, by position, whose bounds can't be kept together. Each is needed:
    without any one of them, the others could be kept."""
    sums, lines = (
        list(range(len(problem.sums))),
        [i for i, least in enumerate(problem.least) if least or problem.buys[i]],
    )
    if not _can_be_kept(problem, [], sums):
        lines = []
    for i in list(lines):
        if not _can_be_kept(problem, rest := [each for each in lines if each != i], sums):
            lines = rest
    for k in list(sums):
        if not _can_be_kept(problem, lines, rest := [each for each in sums if each != k]):
            sums = rest
    return lines, sums


def _can_be_kept(problem: Problem, lines: Sequence[int], sums: Sequence[int]) -> bool:
    """By the bounds of these lines and sums, and every line's most."""
    held = set(lines)
    freed = replace(
        problem,
        least=[least if i in held else 0 for i, least in enumerate(problem.least)],
        buys=[buy if i in held else 0 for i, buy in enumerate(problem.buys)],
        sums=[problem.sums[k] for k in sums],
    )
    tree = tree_of(freed)
    if tree is None or any(freed.buys):
        return feasible(freed) is not None
    reachable = range_of(tree, [Range(*bounds) for bounds in zip(freed.least, freed.most, strict=True)])
    return reachable.least <= reachable.most


def _kept(problem: Problem, tree: Node, amounts: Sequence[int], spend_all: bool) -> list[int] | None:
    """Mended to keep every bound, with the minimum buys that the amounts made; None where that can't be."""
    ranges = [
        Range(max(least, buy if amount else 0), most if amount or not buy else 0)
        for least, most, buy, amount in zip(problem.least, problem.most, problem.buys, amounts, strict=True)
    ]
    reachable = range_of(tree, ranges)
    if reachable.least > reachable.most:
        return None
    return mended(tree, amounts, ranges, reachable.most if spend_all else reachable.nearest(sum(amounts)))
