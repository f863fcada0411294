"""Curves as pieces of straight lines over the media that can be at work, and what no split can exceed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from domain.planning.allocation.linear import Floats
from domain.planning.periods.limits import Corner, Segments, SpendLimits
from domain.planning.periods.response import Response, Track

CONCAVE_POINTS, CURVED_POINTS = 24, 120  # over the whole range; a hull needs them dense
SMALLEST = 1e-4  # of an average spend: the first point above the least
APART = 1e-9  # of themselves: nearer points say nothing about the slope between them
NARROWING = np.linspace(0, 1, 33)


@dataclass(frozen=True)
class Pieces:
    limits: SpendLimits
    response: Response

    @cached_property
    def whole(self) -> Floats:
        """Periods at work × points: from the least to the most media that can be at work, closer near the least."""
        low, high = self._range
        wide = high - low
        smallest = np.minimum(wide, self._average) * SMALLEST
        count = CONCAVE_POINTS if self.response.concave.all() else CURVED_POINTS
        # A period that can't change has no range, and a geometric series can't begin at 0.
        rising = np.geomspace(np.maximum(smallest, 1e-300), np.maximum(wide, 1e-300), count, axis=1)
        return low[:, None] + np.minimum(np.hstack([np.zeros((len(wide), 1)), rising]), wide[:, None])

    def beside(self, media: Floats, steps: Floats) -> Floats:
        """Points at steps from the media at work, as parts of it, or of a hundredth of an average spend's."""
        scale = np.maximum(media, self._average / 100)
        low, high = self._range
        return np.clip(media[:, None] + scale[:, None] * steps, low[:, None], high[:, None])

    def segments(self, points: Floats) -> Segments:
        """The curves between their points; of curves that are not concave, their hull."""
        points = np.sort(points, axis=1)
        outcomes = self.response.outcomes(points)
        kept = np.diff(points, axis=1, prepend=-1.0) > APART * (points + APART * self._average[:, None])
        for row in np.flatnonzero(~self.response.concave):
            kept[row] &= _on_hull(points[row], outcomes[row], kept[row])
        cell = np.nonzero(kept)[0]
        same = np.diff(cell) == 0
        width, rise = np.diff(points[kept])[same], np.diff(outcomes[kept])[same]
        offset = points[:, 0] - self.response.from_before
        return Segments(self.response.effect, self.response.largest, offset, cell[1:][same], width, rise / width)

    def bound(self, at: Corner) -> float:
        """By duality: for any worth π of media at work no split brings more than Σ max(f(a) − π·a) and the best corner
        for π together. The nearer π is to the slopes at the optimum, the nearer is the bound."""
        corner = self.limits.corner((self.response.effect.T @ at.worth).reshape(at.spend.shape))
        assert corner is not None, "limits that had a split have a best one"
        return float(self._most_above(at.worth).sum() + at.worth @ self.response.media(corner.spend))

    @property
    def _average(self) -> Floats:
        """Per period at work, what an average spend does there at most."""
        return self.response.largest * self.limits.unit

    @cached_property
    def _range(self) -> tuple[Floats, Floats]:
        low = self.response.media(self.limits.least)
        most = self.response.effect @ self.limits.most.ravel()
        return low, self.response.from_before + np.minimum(most, self.response.largest * float(self.limits.budget))

    def _most_above(self, worth: Floats) -> Floats:
        """Per period at work, the most by which the outcome exceeds worth × media."""
        parts = zip(self.response.tracks, self.response.by_line(worth), self.response.by_line(self.whole), strict=True)
        media = np.concatenate([_farthest_above(track, slopes, points) for track, slopes, points in parts])
        above: Floats = self.response.outcomes(media) - worth * media
        return above


def _farthest_above(track: Track, slopes: Floats, points: Floats) -> Floats:
    """Where f(a) − slope · a is greatest: of a concave curve at that slope, of others by a grid that closes in."""
    if track.curve.concave:
        return np.clip(track.at_slope(slopes), points[:, 0], points[:, -1])
    rows, last = np.arange(len(points)), points.shape[1] - 1
    for _ in range(3):
        best = np.argmax(track.outcomes(points) - slopes[:, None] * points, axis=1)
        left, right = points[rows, np.maximum(best - 1, 0)], points[rows, np.minimum(best + 1, last)]
        points, last = left[:, None] + (right - left)[:, None] * NARROWING, len(NARROWING) - 1
    best = np.argmax(track.outcomes(points) - slopes[:, None] * points, axis=1)
    farthest: Floats = points[rows, best]
    return farthest


def _on_hull(points: Floats, outcomes: Floats, candidates: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which of the candidates lie on the upper hull (A. Andrew, *Another efficient algorithm for convex hulls in two
    dimensions*, 1979)."""
    hull: list[int] = []
    at, high = points.tolist(), outcomes.tolist()
    for i in np.flatnonzero(candidates).tolist():
        while len(hull) > 1:
            before, last = hull[-2:]
            if (high[last] - high[before]) * (at[i] - at[last]) > (high[i] - high[last]) * (at[last] - at[before]):
                break
            hull.pop()
        hull.append(i)
    on = np.zeros(len(at), dtype=np.bool_)
    on[hull] = True
    return on
