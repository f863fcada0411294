"""Families of response curves: what a spend brings, as formulas.

Spends are in minor units of the curve's currency, 0 or more; parameters are per minor unit. Differences are computed
from formulas of their own, never as one outcome less another: at a budget of a million dollars the gain of a cent is
lost in the rounding of the two outcomes.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from domain.errors import InvalidInput

Numbers = NDArray[np.float64]

LARGEST_HALF_SATURATION = 1e16  # minor units; far beyond it a float can no longer tell one unit from the next
SMALLEST_PARAMETER, LARGEST_CEILING = 1e-12, 1e30
LARGEST_RATE = 1e12
SMALLEST_RATE = 1e-18
FLATTEST_SLOPE, STEEPEST_SLOPE = 0.05, 20.0
_PRECISE = 1e-15


class Shape(Protocol):
    """An increasing family of curves; `concave` says whether every further unit brings less than the one before."""

    @property
    def family(self) -> str: ...

    @property
    def concave(self) -> bool: ...

    def outcome(self, spend: float) -> float: ...

    def marginal(self, spend: float) -> float:
        """The slope: outcome per minor unit; infinite at 0 for curves that start upright."""
        ...

    def spend_at_marginal(self, marginal: float) -> float:
        """The inverse of `marginal`, of concave curves: 0 where the curve is never that steep, infinite at a slope
        of 0. Refuses (`not_concave`) where a slope belongs to more than one spend."""
        ...

    def gain(self, spend: float, more: float) -> float:
        """outcome(spend + more) - outcome(spend) for 0 or more, without cancellation."""
        ...

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        """`gain` of every step, in one go; steps may be negative, down to -spend."""
        ...


@dataclass(frozen=True, slots=True)
class MichaelisMenten:
    """ceiling · x / (half_saturation + x): a Hill curve of slope 1 (Michaelis & Menten, 1913).

    Half the ceiling is reached at half_saturation; the slope at zero is ceiling / half_saturation.
    """

    ceiling: float
    half_saturation: float

    def __post_init__(self) -> None:
        refuse_outside("ceiling", self.ceiling, SMALLEST_PARAMETER, LARGEST_CEILING)
        refuse_outside("half_saturation", self.half_saturation, SMALLEST_PARAMETER, LARGEST_HALF_SATURATION)

    @property
    def family(self) -> str:
        return "michaelis_menten"

    @property
    def concave(self) -> bool:
        return True

    def outcome(self, spend: float) -> float:
        return self.ceiling * (spend / (self.half_saturation + spend))

    def marginal(self, spend: float) -> float:
        return self._slope_at_zero / (1 + spend / self.half_saturation) ** 2

    def spend_at_marginal(self, marginal: float) -> float:
        if marginal == 0:
            return math.inf
        steeper = (self._slope_at_zero - marginal) / marginal
        if steeper <= 0:
            return 0.0
        # half_saturation · (√(1 + steeper) - 1), in the form that stays exact for a small `steeper`
        return self.half_saturation * (steeper / (math.sqrt(1 + steeper) + 1))

    def gain(self, spend: float, more: float) -> float:
        reached = self.half_saturation + spend
        return self.ceiling * (self.half_saturation / reached) * (more / (reached + more))

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        start, more = _upwards(spend, steps)
        reached = self.half_saturation + start
        return np.sign(steps) * (self.ceiling * (self.half_saturation / reached) * (more / (reached + more)))

    @property
    def _slope_at_zero(self) -> float:
        return self.ceiling / self.half_saturation


@dataclass(frozen=True, slots=True)
class Hill:
    """ceiling · x^slope / (half_saturation^slope + x^slope) (Hill, 1910): S-shaped for a slope above 1."""

    ceiling: float
    half_saturation: float
    slope: float

    def __post_init__(self) -> None:
        refuse_outside("ceiling", self.ceiling, SMALLEST_PARAMETER, LARGEST_CEILING)
        refuse_outside("half_saturation", self.half_saturation, SMALLEST_PARAMETER, LARGEST_HALF_SATURATION)
        refuse_outside("slope", self.slope, FLATTEST_SLOPE, STEEPEST_SLOPE)

    @property
    def family(self) -> str:
        return "hill"

    @property
    def concave(self) -> bool:
        return self.slope <= 1

    def outcome(self, spend: float) -> float:
        return self.ceiling * _share(self._log_odds(spend))

    def marginal(self, spend: float) -> float:
        if spend == 0:
            return math.inf if self.slope < 1 else 0.0 if self.slope > 1 else self.ceiling / self.half_saturation
        odds = self._log_odds(spend)
        return self.ceiling * _share(odds) * _share(-odds) * (self.slope / spend)

    def spend_at_marginal(self, marginal: float) -> float:
        if not self.concave:
            raise not_concave(self.family)
        if self.slope == 1:
            return MichaelisMenten(self.ceiling, self.half_saturation).spend_at_marginal(marginal)
        if marginal == 0:
            return math.inf
        return self.half_saturation * math.exp(min(self._log_spend_at(marginal), 700.0))

    def gain(self, spend: float, more: float) -> float:
        if spend == 0 or more == 0:
            return self.outcome(more) if more else 0.0
        rise = -math.expm1(-self.slope * math.log1p(more / spend))
        return self.ceiling * _share(self._log_odds(spend + more)) * _share(-self._log_odds(spend)) * rise

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        start, more = _upwards(spend, steps)
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = -np.expm1(-self.slope * np.log1p(more / start))
            reached = expit(self.slope * np.log((start + more) / self.half_saturation))
            missing = expit(-self.slope * np.log(start / self.half_saturation))
        return np.where(steps == 0, 0.0, np.sign(steps) * (self.ceiling * reached * missing * rise))

    def _log_odds(self, spend: float) -> float:
        return self.slope * math.log(spend / self.half_saturation) if spend else -math.inf

    def _log_spend_at(self, marginal: float) -> float:
        """Newton on y = ln(x / half_saturation), where ln marginal = const + (slope-1)·y - 2·ln(1 + e^(slope·y)).

        That is concave and falling in y, and lies below both its asymptotes: from the nearer of their roots every
        step goes left and none passes the solution.
        """
        s = self.slope
        wanted = math.log(marginal) + math.log(self.half_saturation) - math.log(self.ceiling) - math.log(s)
        y = min(wanted / (s - 1), -wanted / (s + 1))
        for _ in range(100):
            missed = (s - 1) * y - 2 * _softplus(s * y) - wanted
            step = missed / (1 - s + 2 * s * _share(s * y))
            y += step
            if abs(step) <= _PRECISE * max(1.0, abs(y)):
                break
        return y


@dataclass(frozen=True, slots=True)
class Logarithmic:
    """scale · ln(1 + x / offset)."""

    scale: float
    offset: float

    def __post_init__(self) -> None:
        refuse_outside("scale", self.scale, SMALLEST_PARAMETER, LARGEST_CEILING)
        refuse_outside("offset", self.offset, SMALLEST_PARAMETER, LARGEST_HALF_SATURATION)

    @property
    def family(self) -> str:
        return "logarithmic"

    @property
    def concave(self) -> bool:
        return True

    def outcome(self, spend: float) -> float:
        return self.scale * math.log1p(spend / self.offset)

    def marginal(self, spend: float) -> float:
        return self.scale / (self.offset + spend)

    def spend_at_marginal(self, marginal: float) -> float:
        return max(0.0, self.scale / marginal - self.offset) if marginal else math.inf

    def gain(self, spend: float, more: float) -> float:
        return self.scale * math.log1p(more / (self.offset + spend))

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        start, more = _upwards(spend, steps)
        return np.sign(steps) * (self.scale * np.log1p(more / (self.offset + start)))


@dataclass(frozen=True, slots=True)
class Power:
    """scale · x^exponent, for an exponent between 0 and 1: no ceiling, upright at zero."""

    scale: float
    exponent: float

    def __post_init__(self) -> None:
        refuse_outside("scale", self.scale, SMALLEST_PARAMETER, LARGEST_CEILING)
        refuse_outside("exponent", self.exponent, FLATTEST_SLOPE, 0.99)

    @property
    def family(self) -> str:
        return "power"

    @property
    def concave(self) -> bool:
        return True

    def outcome(self, spend: float) -> float:
        return self.scale * math.pow(spend, self.exponent)

    def marginal(self, spend: float) -> float:
        return self.scale * self.exponent * math.pow(spend, self.exponent - 1) if spend else math.inf

    def spend_at_marginal(self, marginal: float) -> float:
        if marginal == 0:
            return math.inf
        log_spend = (math.log(self.scale * self.exponent) - math.log(marginal)) / (1 - self.exponent)
        return math.exp(min(log_spend, 700.0))

    def gain(self, spend: float, more: float) -> float:
        if spend == 0:
            return self.outcome(more)
        return self.outcome(spend + more) * -math.expm1(-self.exponent * math.log1p(more / spend))

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        start, more = _upwards(spend, steps)
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = -np.expm1(-self.exponent * np.log1p(more / start))
        risen = np.sign(steps) * (self.scale * (start + more) ** self.exponent * rise)
        return np.where(steps == 0, 0.0, risen)


@dataclass(frozen=True, slots=True)
class LogisticSaturation:
    """ceiling · (1 - e^(-rate·x)) / (1 + e^(-rate·x)) = ceiling · tanh(rate·x / 2).

    The upper half of a logistic curve, as media mix models use it; concave.
    """

    ceiling: float
    rate: float

    def __post_init__(self) -> None:
        refuse_outside("ceiling", self.ceiling, SMALLEST_PARAMETER, LARGEST_CEILING)
        refuse_outside("rate", self.rate, SMALLEST_RATE, LARGEST_RATE)

    @property
    def family(self) -> str:
        return "logistic_saturation"

    @property
    def concave(self) -> bool:
        return True

    def outcome(self, spend: float) -> float:
        return self.ceiling * math.tanh(self.rate * spend / 2)

    def marginal(self, spend: float) -> float:
        return self._slope_at_zero * _share(self.rate * spend) * _share(-self.rate * spend) * 4

    def spend_at_marginal(self, marginal: float) -> float:
        if marginal == 0:
            return math.inf
        steeper = (self._slope_at_zero - marginal) / marginal
        return 2 / self.rate * math.asinh(math.sqrt(steeper)) if steeper > 0 else 0.0

    def gain(self, spend: float, more: float) -> float:
        risen = math.tanh(self.rate * more / 2)
        steepness = 4 * _share(self.rate * spend) * _share(-self.rate * spend)
        return self.ceiling * steepness * risen / (1 + math.tanh(self.rate * spend / 2) * risen)

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        start, more = _upwards(spend, steps)
        risen = np.tanh(self.rate * more / 2)
        steepness = 4 * expit(self.rate * start) * expit(-self.rate * start)
        size: Numbers = self.ceiling * steepness * risen / (1 + np.tanh(self.rate * start / 2) * risen)
        return np.sign(steps) * size

    @property
    def _slope_at_zero(self) -> float:
        return self.ceiling * self.rate / 2


def refuse_outside(parameter: str, number: float, smallest: float, largest: float) -> None:
    if isinstance(number, bool) or not isinstance(number, int | float) or not smallest <= number <= largest:
        raise InvalidInput(
            f"A curve's {parameter} lies between {smallest:g} and {largest:g}, not at {number}.",
            code="bad_curve",
            field=parameter,
        )


def not_concave(family: str) -> InvalidInput:
    return InvalidInput(f"A {family} curve may be equally steep at two spends.", code="not_concave", field="family")


def _upwards(spend: float, steps: Numbers) -> tuple[Numbers, Numbers]:
    """Where each step starts when it is walked upwards, and how long it is."""
    return spend + np.minimum(steps, 0.0), np.abs(steps)


def _share(log_odds: float) -> float:
    """1 / (1 + e^-t), for any t."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    grown = math.exp(log_odds)
    return grown / (1 + grown)


def _softplus(t: float) -> float:
    return max(t, 0.0) + math.log1p(math.exp(-abs(t)))
