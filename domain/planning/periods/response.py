"""What spend by line and period brings: price, carry-over, the curve of a period, the season, in this order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain.planning.allocation.linear import Floats, Sparse
from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.periods.adstock import Adstock
from domain.planning.periods.shape import PeriodShape

LARGEST_RANGE = 1e18
STEEPEST_FROM = 1.0  # minor units: nearer to 0 a slope may be infinite


@dataclass(frozen=True)
class Track:
    """One line over the periods.

    curve    of a flight of `curve.days`; a period of d days has (d/D)·f(x·D/d), which is the flight at an even rate
    price    per period; the season also for the periods after the end in which media is still counted
    history  spend of the periods before, at the level price
    days     of each period in `season`
    """

    curve: ResponseCurve
    adstock: Adstock
    price: Floats
    season: Floats
    history: Sequence[float]
    days: Floats

    @cached_property
    def effect(self) -> Floats:
        """Periods at work × periods of spend: media at work per minor unit spent."""
        return self.adstock.matrix(len(self.price))[: len(self.season)] / self.price

    @cached_property
    def from_before(self) -> Floats:
        return self.adstock.from_before(self.history, len(self.price))[: len(self.season)]

    @cached_property
    def flights(self) -> Floats:
        """How many such periods make a flight of the curve's length."""
        return self.curve.days / self.days

    def outcomes(self, media: Floats) -> Floats:
        """Of media at work, with the periods on the first axis."""
        flights = _beside(self.flights, media)
        return self.curve.shape.gains(0.0, media * flights) / flights * _beside(self.season, media)

    def slopes(self, media: Floats) -> Floats:
        """Outcome per further unit of media at work; of an upright curve at 0, from one unit upwards."""
        return _each(self.curve.marginal, np.maximum(media, STEEPEST_FROM) * self.flights) * self.season

    def at_slope(self, slopes: Floats) -> Floats:
        """Of a concave curve: the media at work at which a further unit brings so much."""
        return _each(self.curve.spend_at_marginal, np.maximum(slopes, 0.0) / self.season) / self.flights

    def period_curve(self, period: int) -> ResponseCurve:
        """The curve of the spend of one period, where media works in it alone."""
        flights, price = float(self.flights[period]), float(self.price[period])
        weight = self.adstock.weights[0]
        shape = PeriodShape(self.curve.shape, flights * weight / price, float(self.season[period]) / flights)
        return replace(self.curve, shape=shape, valid_from=0.0, valid_to=LARGEST_RANGE, draws=())

    def extrapolates(self, media: Floats) -> bool:
        return any(self.curve.extrapolates(rate) for rate in media * self.flights)


@dataclass(frozen=True)
class Response:
    """All lines. Spends are lines × periods; media at work is one vector, line after line."""

    tracks: tuple[Track, ...]

    @cached_property
    def effect(self) -> Sparse:
        return Sparse(sparse.block_diag([track.effect for track in self.tracks], format="csr"))

    @cached_property
    def largest(self) -> Floats:
        """Per period at work, its largest effect of a minor unit; 1 where nothing works."""
        most: Floats = self.effect.max(axis=1).toarray().ravel()
        return np.where(most > 0, most, 1.0)

    @cached_property
    def from_before(self) -> Floats:
        return np.concatenate([track.from_before for track in self.tracks])

    @cached_property
    def _ends(self) -> npt.NDArray[np.intp]:
        return np.cumsum([len(track.season) for track in self.tracks])

    def media(self, spend: Floats) -> Floats:
        worked: Floats = self.effect @ spend.ravel() + self.from_before
        return worked

    def by_line(self, media: Floats) -> list[Floats]:
        return np.split(media, self._ends[:-1])

    def outcomes(self, media: Floats) -> Floats:
        """Per period at work; with points on a second axis if `media` has them there."""
        parts = zip(self.tracks, self.by_line(media), strict=True)
        return np.concatenate([track.outcomes(part) for track, part in parts])

    def slopes(self, media: Floats) -> Floats:
        parts = zip(self.tracks, self.by_line(media), strict=True)
        return np.concatenate([track.slopes(part) for track, part in parts])

    @cached_property
    def concave(self) -> npt.NDArray[np.bool_]:
        """Per period at work."""
        return np.concatenate([np.full(len(track.season), track.curve.concave) for track in self.tracks])

    def total(self, spend: Floats) -> float:
        return float(self.outcomes(self.media(spend)).sum())

    def gradient(self, spend: Floats) -> Floats:
        """Outcome per further minor unit of each spend."""
        steepness: Floats = self.effect.T @ self.slopes(self.media(spend))
        return steepness.reshape(spend.shape)


def _each(function: Callable[[float], float], numbers: Floats) -> Floats:
    flat = np.fromiter(map(function, numbers.ravel().tolist()), dtype=np.float64, count=numbers.size)
    return flat.reshape(numbers.shape)


def _beside(per_period: Floats, media: Floats) -> Floats:
    return per_period.reshape(-1, *[1] * (media.ndim - 1))
