"""A curve that is only known at points."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator, PPoly

from domain.errors import InvalidInput
from domain.planning.curves.shapes import LARGEST_CEILING, LARGEST_HALF_SATURATION, Numbers, not_concave

MOST_POINTS = 10_000


@dataclass(frozen=True)
class Tabulated:
    """A monotone cubic through the given points (PCHIP: Fritsch & Carlson, 1980).

    Spends rise, outcomes never fall. Without a point at a spend of 0 the curve starts at (0, 0). Beyond the last point
    it stays level: nothing is known there, so nothing is promised. It may be neither concave nor S-shaped.
    """

    spends: tuple[float, ...]
    outcomes: tuple[float, ...]
    _cubics: PPoly = field(init=False, repr=False, compare=False)
    _derivatives: tuple[PPoly, PPoly, PPoly] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spends", tuple(self.spends))
        object.__setattr__(self, "outcomes", tuple(self.outcomes))
        _refuse_bad_points(self.spends, self.outcomes)
        spends, outcomes = list(self.spends), list(self.outcomes)
        if spends[0] > 0:
            spends, outcomes = [0.0, *spends], [0.0, *outcomes]
        cubics = PchipInterpolator(np.array(spends, float), np.array(outcomes, float))
        object.__setattr__(self, "_cubics", cubics)
        object.__setattr__(self, "_derivatives", tuple(cubics.derivative(order) for order in (1, 2, 3)))

    @property
    def family(self) -> str:
        return "tabulated"

    @property
    def concave(self) -> bool:
        return False

    def outcome(self, spend: float) -> float:
        return float(self._cubics(min(spend, self._last)))

    def marginal(self, spend: float) -> float:
        return max(float(self._derivatives[0](spend)), 0.0) if spend < self._last else 0.0

    def spend_at_marginal(self, marginal: float) -> float:
        raise not_concave(self.family)

    def gain(self, spend: float, more: float) -> float:
        return float(self.gains(spend, np.array([more], float))[0])

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        """Within one cubic by its Taylor series, which is exact; across cubics there is a point between, far enough
        away that the difference of two outcomes is as good."""
        start = min(spend, self._last)
        moved = np.clip(spend + steps, 0, self._last)
        walked = moved - start
        low, high = np.minimum(start, moved), np.maximum(start, moved)
        one_cubic = np.searchsorted(self._cubics.x, low, "right") >= np.searchsorted(self._cubics.x, high, "left")
        first, second, third = (slope(low) for slope in self._derivatives)
        size = np.abs(walked)
        within = size * (first + size * (second / 2 + size * third / 6))
        across = self._cubics(high) - self._cubics(low)
        return np.sign(walked) * np.maximum(np.where(one_cubic, within, across), 0.0)

    @property
    def _last(self) -> float:
        return float(self.spends[-1])


def _refuse_bad_points(spends: Sequence[float], outcomes: Sequence[float]) -> None:
    """Codes: bad_curve, with the field that breaks the rule."""
    if len(spends) != len(outcomes) or not 2 <= len(spends) <= MOST_POINTS:
        raise _bad("spends", f"2 to {MOST_POINTS:,} spends, and as many outcomes")
    for name, numbers, largest in (
        ("spends", spends, LARGEST_HALF_SATURATION),
        ("outcomes", outcomes, LARGEST_CEILING),
    ):
        if not all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= largest for n in numbers):
            raise _bad(name, f"{name} from 0 to {largest:g}")
    if any(later <= earlier for earlier, later in pairwise(spends)):
        raise _bad("spends", "spends that rise from point to point")
    if any(later < earlier for earlier, later in pairwise(outcomes)):
        raise _bad("outcomes", "outcomes that never fall from point to point")


def _bad(name: str, needed: str) -> InvalidInput:
    return InvalidInput(f"A tabulated curve needs {needed}.", code="bad_curve", field=name)
