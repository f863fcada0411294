"""The best spend by line and period: linear programmes over ever finer pieces of the curves.

Concave curves are cut into pieces over their whole range, finer around the best split so far: each programme is solved
exactly, and what its pieces miss falls with the square of their length. Of a curve that is not concave a programme
sees the hull. Over the whole range that is a relaxation, whose optimum no split exceeds; from there and from other
starts the range narrows around the best split so far, until hull and curve agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from domain.planning.allocation.linear import Floats
from domain.planning.periods.exchange import Exchange
from domain.planning.periods.limits import Corner, SpendLimits
from domain.planning.periods.pieces import Pieces
from domain.planning.periods.response import Response

CLOSE_ENOUGH = 1e-9  # of the outcome
REFINEMENTS, NARROWINGS = 14, 30
DIVES = 8  # starts with ever fewer spends
FEWEST_RANDOM, MOST_RANDOM, CELLS_RANDOM = 2, 40, 1_000  # random starts: the larger the problem, the fewer
CORNERS = 12
FEWEST_MOVED, FINISHED = 10, 4  # of the best starts: those improved by moves, and then those narrowed to the end
FINE = np.array([-1, -0.5, -0.25, -0.125, 0, 0.125, 0.25, 0.5, 1])
NEAR = np.linspace(-1, 1, 25)
NARROWEST = 1e-4
MOST_EVALUATIONS = 300_000_000  # of curves in moves: counted, not timed, so that an answer never depends on the machine
CRUMB = 1e-6  # of an average spend


@dataclass(frozen=True)
class Search:
    limits: SpendLimits
    response: Response

    def best(self) -> tuple[Floats, float]:
        """The best split found, in fractions of a minor unit, and an outcome that no split exceeds."""
        relaxed, bound = self._relaxed()
        if bool(self.response.concave.all()):
            return relaxed, bound
        starts = [relaxed, *self._dives(relaxed), *self._thinned(), *self._mixed()]
        promising = sorted(starts, key=self.response.total)[-max(FEWEST_MOVED, 2 * self._random_starts) :]
        exchange = Exchange(self.limits, self.response, MOST_EVALUATIONS // len(promising))
        moved = sorted((exchange.improved(start) for start in promising), key=self.response.total)[-FINISHED:]
        return max((self._narrowed(start) for start in moved), key=self.response.total), bound

    def bound(self) -> float:
        """An outcome that no split exceeds."""
        return self._relaxed()[1]

    def _relaxed(self) -> tuple[Floats, float]:
        """The optimum over hulls, which for concave curves is the optimum, and the lowest bound on the way to it."""
        found = self._over(self.limits, self._pieces.whole)
        assert found is not None, "the budget is what the bounds leave room for"
        best, bound = found.spend, self._pieces.bound(found)
        media = self.response.media(best)
        width = np.full((len(media), 1), 0.25)
        for _ in range(REFINEMENTS):
            if bound <= self.response.total(best) * (1 + CLOSE_ENOUGH):
                break
            near = self._pieces.beside(media, FINE * width)
            found = self._over(self.limits, np.hstack([self._pieces.whole, near])) or found
            best = max(best, found.spend, key=self.response.total)
            bound = min(bound, self._pieces.bound(found))
            media, before = self.response.media(found.spend), media
            inside = np.abs(media - before) < width[:, 0] * before / 2  # at the rim the optimum may lie farther on
            width = np.where(inside[:, None], width / 4, width)
        return best, bound

    def _over(self, limits: SpendLimits, points: Floats) -> Corner | None:
        return limits.best(self._pieces.segments(points))

    def _narrowed(self, spend: Floats) -> Floats:
        """The range of the curves that are not concave shrinks around the split wherever it brings nothing better."""
        width, best = 1.0, self.response.total(spend)
        for _ in range(NARROWINGS):
            near = self._pieces.beside(self.response.media(spend), NEAR * width)
            whole = np.hstack([self._pieces.whole, near])
            alone = np.pad(near, ((0, 0), (0, whole.shape[1] - near.shape[1])), mode="edge")
            tried = self._over(self.limits, np.where(self.response.concave[:, None], whole, alone))
            brings = self.response.total(tried.spend) if tried else best
            if brings <= best * (1 + CLOSE_ENOUGH):
                width /= 2
            if tried and brings > best:
                spend, best = tried.spend, brings
            if width < NARROWEST:
                break
        return spend

    def _dives(self, spend: Floats) -> Iterator[Floats]:
        """Splits without the smallest spends, more left out each time: an S-shaped curve wants none or enough."""
        limits = self.limits
        left_out = max(1, int(np.count_nonzero(self._running(spend))) // (2 * DIVES))
        for _ in range(DIVES):
            running = self._running(spend)
            smallest = np.argsort(np.where(running, spend - limits.least, np.inf), axis=None)[:left_out]
            most = limits.most.copy()
            most.ravel()[smallest] = limits.least.ravel()[smallest]
            limits = replace(limits, most=most)
            found = self._over(limits, self._pieces.whole) if running.any() else None
            if found is None:
                return
            spend = found.spend
            yield spend

    def _thinned(self) -> Iterator[Floats]:
        """Splits in which many of the S-shaped lines' periods, drawn at random, stay at their least. The draws are the
        same every time, and so is the answer."""
        draws = np.random.default_rng(0)
        for _ in range(self._random_starts):
            idle = self._curved & (draws.random(self.limits.least.shape) < draws.choice([0.3, 0.5, 0.7]))
            limits = replace(self.limits, most=np.where(idle, self.limits.least, self.limits.most))
            if found := self._over(limits, self._pieces.whole):
                yield found.spend

    def _mixed(self) -> Iterator[Floats]:
        """Splits that concentrate on few spends: means of corners in random directions."""
        draws = np.random.default_rng(1)
        directions = draws.random((CORNERS, *self.limits.least.shape))
        corners = [corner.spend for direction in directions if (corner := self.limits.corner(direction))]
        for _ in range(self._random_starts):
            yield np.mean(draws.permutation(corners)[: draws.integers(1, 6)], axis=0)

    @property
    def _random_starts(self) -> int:
        return max(FEWEST_RANDOM, min(MOST_RANDOM, CELLS_RANDOM // self.limits.least.size))

    def _running(self, spend: Floats) -> npt.NDArray[np.bool_]:
        """Where lines that are not concave spend more than their least, crumbs aside."""
        return self._curved & (spend - self.limits.least > self.limits.unit * CRUMB)

    @cached_property
    def _curved(self) -> npt.NDArray[np.bool_]:
        return np.array([not track.curve.concave for track in self.response.tracks])[:, None]

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces(self.limits, self.response)
