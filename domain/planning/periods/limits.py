"""The splits of a budget over lines and periods that the bounds allow, and the best of them for linear gains.

Line totals and the budget nest in each other, and so do periods: their 0/1 matrix is totally unimodular (Hoffman &
Kruskal, 1956; an intersection of two laminar families), so with whole bounds every corner is a whole split.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain.errors import InvalidInput
from domain.planning.allocation.linear import Floats, Rows, Sparse, maximised

LEEWAY = 1e-7  # of the average spend: how far from a fractional split its whole one may lie


@dataclass(frozen=True, slots=True)
class Total:
    """Bounds in minor units on the sum of one line (over the periods) or of one period (over the lines)."""

    of: Literal["line", "period"]
    index: int
    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Segments:
    """Piecewise linear outcomes of media at work.

    effect    cells at work × spends: media at work per minor unit spent
    largest   per cell at work, its largest effect, by which its row is scaled: a lag's weight may be tiny
    offset    per cell at work, where its first segment begins, less what comes from before
    cell      per segment, its cell at work; width and slope beside it
    """

    effect: Sparse
    largest: Floats
    offset: Floats
    cell: npt.NDArray[np.intp]
    width: Floats
    slope: Floats


@dataclass(frozen=True, slots=True)
class Corner:
    """The best split of a linear programme, and with segments the worth of one more unit of media per cell at work."""

    spend: Floats
    worth: Floats


@dataclass(frozen=True)
class SpendLimits:
    """`least` and `most` are lines × periods in minor units; all of `budget` is spent.

    The last `spare` lines are outside of the totals.
    """

    least: Floats
    most: Floats
    budget: int
    totals: tuple[Total, ...]
    spare: int = 0

    @property
    def unit(self) -> float:
        """The average spend of a line in a period."""
        return max(self.budget / self.least.size, 1.0)

    def corner(self, gains: Floats) -> Corner | None:
        """The split of the greatest Σ gains × spend; None where the bounds leave none."""
        low, unit = self.least.ravel(), self.unit
        found = maximised(
            gains.ravel() * unit,
            Rows(self._everything, np.array([self.budget - low.sum()]) / unit),
            self._bounds(low, unit),
            (self.most.ravel() - low) / unit,
        )
        return Corner(self._shaped(low + found.values * unit), np.zeros(0)) if found else None

    def best(self, segments: Segments) -> Corner | None:
        """The split with the greatest piecewise linear outcome; None where the bounds leave none."""
        low, unit = self.least.ravel(), self.unit
        own = segments.largest * unit
        each = own[segments.cell]
        bounds = self._bounds(low, unit)
        beside = Sparse((len(bounds.right), len(each)))
        found = maximised(
            np.concatenate([np.zeros(low.size), segments.slope * each]),
            self._with_segments(segments, low, unit),
            Rows(Sparse(sparse.hstack([bounds.matrix, beside])), bounds.right),
            np.concatenate([(self.most.ravel() - low) / unit, segments.width / each]),
        )
        if found is None:
            return None
        return Corner(self._shaped(low + found.values[: low.size] * unit), found.equal_prices[1:] / own)

    def whole(self, spend: Floats, gains: Floats) -> npt.NDArray[np.int64]:
        """The best whole split beside a fractional one, by linear gains. It is a corner, so whole by itself.

        Amounts are counted from beside the split, so that large ones lose no digits.
        """
        leeway = max(1.0, np.ceil(self.unit * LEEWAY))
        low = np.maximum(self.least, np.floor(spend) - leeway).ravel()
        high = np.minimum(self.most, np.ceil(spend) + leeway).ravel()
        rest = np.array([self.budget - low.sum()])
        found = maximised(gains.ravel(), Rows(self._everything, rest), self._bounds(low, 1.0), high - low)
        assert found is not None, "a split that keeps its bounds has whole ones beside it"
        whole: npt.NDArray[np.int64] = np.rint(low + found.values).astype(np.int64).reshape(self.least.shape)
        assert whole.sum() == self.budget, "a corner of whole bounds is whole"
        return whole

    @cached_property
    def _everything(self) -> Sparse:
        return Sparse(np.ones((1, self.least.size)))

    @cached_property
    def sums(self) -> Sparse:
        """Totals × cells: which cells a total adds up."""
        lines, periods = self.least.shape
        cells = np.arange(lines * periods).reshape(lines, periods)[: lines - self.spare]
        members = [cells[total.index] if total.of == "line" else cells[:, total.index] for total in self.totals]
        rows = np.repeat(np.arange(len(members)), [len(member) for member in members])
        columns = np.concatenate([*members, np.zeros(0, dtype=np.intp)]).astype(np.intp)
        return Sparse((np.ones(len(columns)), (rows, columns)), shape=(len(members), lines * periods))

    def _bounds(self, start: Floats, unit: float) -> Rows:
        """Sums at most `high`, negative sums at most `-low`, counted from `start`; those alone that can matter."""
        highs = np.array([total.high for total in self.totals], dtype=np.float64)
        lows = np.array([total.low for total in self.totals], dtype=np.float64)
        above = highs < self.sums @ self.most.ravel()
        below = lows > self.sums @ self.least.ravel()
        begun = self.sums @ start
        matrix = sparse.vstack([self.sums[above], -self.sums[below]])
        return Rows(Sparse(matrix), np.concatenate([(highs - begun)[above], (begun - lows)[below]]) / unit)

    def _with_segments(self, segments: Segments, low: Floats, unit: float) -> Rows:
        """The budget, and per cell at work: its segments add up to its media."""
        count = len(segments.cell)
        spread = Sparse((np.ones(count), (segments.cell, np.arange(count))), shape=(len(segments.largest), count))
        relative = sparse.diags_array(1 / segments.largest) @ segments.effect
        matrix = sparse.block_array([[self._everything, None], [-relative, spread]])
        rest = np.array([self.budget - low.sum()])
        return Rows(Sparse(matrix), np.concatenate([rest, relative @ low - segments.offset / segments.largest]) / unit)

    def _shaped(self, spend: Floats) -> Floats:
        return np.clip(spend.reshape(self.least.shape), self.least, self.most)


def most_that_fits(limits: SpendLimits) -> int:
    """How much of the budget the other bounds leave room for: whole, being at a corner.

    Refuses `bounds_conflict` where the bounds can't all be kept.
    """
    periods = limits.least.shape[1]
    nothing, anything = np.zeros((1, periods)), np.full((1, periods), float(limits.budget))
    with_rest = SpendLimits(
        np.vstack([limits.least, nothing]),
        np.vstack([limits.most, anything]),
        limits.budget,
        limits.totals,
        spare=1,
    )
    corner = with_rest.corner(np.vstack([np.ones_like(limits.least), nothing]))
    if corner is None:
        raise _conflict(limits)
    return round(float(corner.spend[:-1].sum()))


def _conflict(limits: SpendLimits) -> InvalidInput:
    """Names the totals that give way when as little as possible has to: the programme with elastic bounds."""
    cells, count, unit = limits.least.size, len(limits.totals), limits.unit
    least, give, spent = limits.least.ravel(), Sparse(-np.eye(count)), Sparse(np.ones((1, cells)))
    begun = limits.sums @ least
    highs, lows = (np.array([getattr(t, side) for t in limits.totals], dtype=np.float64) for side in ("high", "low"))
    matrix = sparse.block_array(
        [[limits.sums, give, None], [-limits.sums, give, None], [spent, None, Sparse([[-1.0]])]]
    )
    right = np.concatenate([highs - begun, begun - lows, [limits.budget - least.sum()]]) / unit
    found = maximised(
        np.concatenate([np.zeros(cells), -np.ones(count + 1)]),
        Rows(Sparse((0, cells + count + 1)), np.zeros(0)),
        Rows(Sparse(matrix), right),
        np.concatenate([(limits.most.ravel() - least) / unit, np.full(count + 1, np.inf)]),
    )
    giving = np.zeros(0, dtype=np.intp) if found is None else np.flatnonzero(found.values[cells:-1] > 1e-7)
    named = [limits.totals[i] for i in giving]
    return InvalidInput(
        f"The bounds can't all be kept with this budget; {_listed(named)} would have to give way.",
        code="bounds_conflict",
        field="bounds",
        lines=[total.name for total in named if total.of == "line"],
        periods=[total.index for total in named if total.of == "period"],
    )


def _listed(totals: list[Total]) -> str:
    return ", ".join(f"{total.of} {total.name}" for total in totals) or "the budget"
