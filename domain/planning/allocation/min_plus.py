"""The dynamic programme: the cheapest way to divide whole steps over the parts of a tree.

Every part comes as a table of losses by steps taken. Two tables are merged by their min-plus convolution, a third is
merged to the result, and so on; a group's table is cut to what the group may take before it is merged to the rest
(Bellman, 1957, for resource allocation). That is exact on the grid of steps, whatever the shape of the losses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from domain.planning.allocation.tree import Node
from domain.planning.curves.shapes import Numbers

_CACHED = 16_384  # sums at once: more would leave the processor's cache

Steps = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Table:
    """Losses of `first`, `first` + 1, … steps; infinite where that is not allowed."""

    first: int
    losses: Numbers

    def within(self, low: int, high: int, allowed: float = np.inf) -> "Table":
        """Cut to low … high steps, and at both ends to losses that are allowed; empty where none are."""
        start, stop = max(low - self.first, 0), max(high - self.first + 1, 0)
        losses = self.losses[start:stop]
        kept = np.flatnonzero((losses <= allowed) & (losses < np.inf))
        if not len(kept):
            return Table(self.first, losses[:0])
        return Table(self.first + start + int(kept[0]), losses[kept[0] : kept[-1] + 1])

    def __len__(self) -> int:
        return len(self.losses)


@dataclass(frozen=True, slots=True)
class _Merge:
    part: "int | Merged"
    first: int  # steps of the part's first entry
    start: int  # steps of the sum's first entry
    choices: Steps  # entry of the part that the best sum takes


@dataclass(frozen=True, slots=True)
class Merged:
    """A node's table, and how each of its sums came about."""

    table: Table
    merges: tuple[_Merge, ...]

    def read(self, steps: int, taken: list[int]) -> None:
        """Write what every line takes, when the node takes `steps`, to `taken`."""
        for merge in reversed(self.merges):
            own = merge.first + int(merge.choices[steps - merge.start])
            if isinstance(merge.part, Merged):
                merge.part.read(own, taken)
            else:
                taken[merge.part] = own
            steps -= own


def merge(
    node: Node,
    tables: Sequence[Table],
    finish: Callable[[Node, Table], Table],
    reach: Callable[[Node], tuple[int, int]],
    allowed: float = np.inf,
) -> Merged | None:
    """The node's table from those of its lines. None where nothing is allowed.

    `reach` is the least and most steps that a partial sum inside the node may have; `finish` cuts a node's table. Where
    no loss is negative, sums that lose more than `allowed` already can be left out.
    """
    sums, merges = Table(0, np.zeros(1)), list[_Merge]()
    low, high = reach(node)
    parts: list[int | Merged | None] = [
        *node.lines,
        *(merge(child, tables, finish, reach, allowed) for child in node.children),
    ]
    for part in parts:
        if part is None:
            return None
        own = part.table if isinstance(part, Merged) else tables[part]
        losses, choices = _convolve(sums.losses, own.losses, high - sums.first - own.first + 1)
        whole = Table(sums.first + own.first, losses)
        sums = whole.within(low, high, allowed)
        if not len(sums):
            return None
        cut = sums.first - whole.first
        merges.append(_Merge(part, own.first, sums.first, choices[cut : cut + len(sums)]))
    table = finish(node, sums)
    return Merged(table, tuple(merges)) if len(table) else None


def _convolve(sums: Numbers, part: Numbers, wanted: int) -> tuple[Numbers, Steps]:
    """For each number of steps below `wanted`: the least loss, and the part's entry in it."""
    size = max(min(len(sums) + len(part) - 1, wanted), 0)
    long, short = (sums, part) if len(part) <= len(sums) else (part, sums)
    edge = np.full(len(short) - 1, np.inf)
    windows = sliding_window_view(np.concatenate((edge, long, edge)), len(short))[:size]
    losses, best = np.empty(size), np.empty(size, np.int64)
    block = max(1, _CACHED // len(short))
    for start in range(0, size, block):
        tried = windows[start : start + block] + short[::-1]
        entries = tried.argmin(axis=1)
        best[start : start + block] = entries
        losses[start : start + block] = tried[np.arange(len(entries)), entries]
    of_short = len(short) - 1 - best
    return losses, of_short if short is part else np.arange(size) - of_short
