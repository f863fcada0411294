"""The best split of a budget, by the method that is exact for the curves and bounds at hand."""

from collections.abc import Sequence
from dataclasses import replace

from domain.planning.grid import split_on_grid
from domain.planning.overlap import best_over_overlapping, feasible
from domain.planning.polish import polished
from domain.planning.problem import Problem
from domain.planning.tree import Node, Range, mended, range_of, tree_of

STEPS = 1000


def best_by_grid(problem: Problem, steps: int = STEPS) -> list[int] | None:
    """Whole amounts per line, or None where no split keeps every bound."""
    tree = tree_of(problem)
    if tree is None:
        return best_over_overlapping(problem)
    reachable = range_of(tree, [Range(*bounds) for bounds in zip(problem.least, problem.most, strict=True)])
    if reachable.least > reachable.most:
        return None
    problem = problem.with_total(reachable.most)
    tree.high = reachable.most
    found = split_on_grid(problem, tree, steps)
    start = _kept(problem, tree, found[0]) if found else None
    if start is None:
        start = feasible(problem)
    step = found[1] if found else max(1, problem.total // steps)
    return start and polished(problem, tree, start, step)


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


def _kept(problem: Problem, tree: Node, amounts: Sequence[int]) -> list[int] | None:
    """Mended to keep every bound, with the minimum buys that the amounts made; None where that can't be."""
    ranges = [
        Range(max(least, buy if amount else 0), most if amount or not buy else 0)
        for least, most, buy, amount in zip(problem.least, problem.most, problem.buys, amounts, strict=True)
    ]
    reachable = range_of(tree, ranges)
    if reachable.least > reachable.most:
        return None
    return mended(tree, amounts, ranges, reachable.most)
