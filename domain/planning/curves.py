"""Response curves: what a spend brings, each further unit bringing less than the one before.

CPM × CTR × CVR alone is a straight line and would put a whole budget into the cheapest channel. A benchmark curve
starts with exactly those economics and flattens as the audience is used up: once `audience × weekly frequency cap ×
weeks` exposures are bought, another exposure mostly meets people who have seen the advertisement often enough.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from domain.errors import InvalidInput
from domain.objectives import Objective, Outcome
from domain.planning.benchmarks import Benchmark

DAYS_PER_WEEK = 7
MILLE = 1000
LARGEST_HALF_SATURATION = 1e16  # minor units; far beyond it a float can no longer tell one unit from the next
SMALLEST_PARAMETER, LARGEST_CEILING = 1e-12, 1e30


class Shape(Protocol):
    """A concave, increasing family of curves. Spend in minor units of the curve's currency, 0 or more."""

    @property
    def family(self) -> str: ...

    def outcome(self, spend: float) -> float: ...

    def marginal(self, spend: float) -> float:
        """The slope: outcome per minor unit."""
        ...

    def spend_at_marginal(self, marginal: float) -> float:
        """The inverse of `marginal`: 0 where the curve is never that steep, infinite at a slope of 0."""
        ...

    def gain(self, spend: float, more: float) -> float:
        """outcome(spend + more) - outcome(spend), computed without cancellation."""
        ...


@dataclass(frozen=True, slots=True)
class MichaelisMenten:
    """ceiling · x / (half_saturation + x): a Hill curve of slope 1 (Michaelis & Menten, 1913).

    Half the ceiling is reached at half_saturation; the slope at zero is ceiling / half_saturation.
    """

    ceiling: float
    half_saturation: float

    def __post_init__(self) -> None:
        _refuse_outside("ceiling", self.ceiling, LARGEST_CEILING)
        _refuse_outside("half_saturation", self.half_saturation, LARGEST_HALF_SATURATION)

    @property
    def family(self) -> str:
        return "michaelis_menten"

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

    @property
    def _slope_at_zero(self) -> float:
        return self.ceiling / self.half_saturation


@dataclass(frozen=True, slots=True)
class ResponseCurve:
    """A curve with what it is worth: the outcome it counts, where it holds, and where it comes from.

    `valid_to` is the largest spend (minor units) the source speaks for; beyond it the shape is extrapolated. `days`
    is the period it holds for. An outcome of VALUE is in minor units of `currency`, every other one is a count.
    """

    counts: Outcome
    currency: str
    shape: Shape
    valid_to: float
    days: int
    source: str

    def outcome(self, spend_minor: float) -> float:
        return self.shape.outcome(_amount(spend_minor, "spend"))

    def marginal(self, spend_minor: float) -> float:
        """Outcome per further minor unit."""
        return self.shape.marginal(_amount(spend_minor, "spend"))

    def spend_at_marginal(self, marginal: float) -> float:
        """The spend at which a further minor unit brings `marginal`; 0 where none ever does, infinite for 0."""
        return self.shape.spend_at_marginal(_amount(marginal, "marginal"))

    def gain(self, spend_minor: float, more: float) -> float:
        """What `more` minor units on top of the spend bring."""
        return self.shape.gain(_amount(spend_minor, "spend"), _amount(more, "spend"))

    def extrapolates(self, spend_minor: float) -> bool:
        return _amount(spend_minor, "spend") > self.valid_to


def curve_for(
    benchmark: Benchmark, objective: Objective, days: int, *, value_per_conversion: int | None = None
) -> ResponseCurve:
    """The curve an optimisation for the objective climbs, over a flight of `days`.

    Sales counts value (minor units). Without a `value_per_conversion` it counts conversions, which is the same optimum
    as long as every conversion is worth the same; the curve's `counts` says which.
    """
    counts = objective.outcome
    if counts is Outcome.VALUE and value_per_conversion is None:
        counts = Outcome.CONVERSIONS
    return outcome_curve(benchmark, counts, days, value_per_conversion=value_per_conversion)


def outcome_curve(
    benchmark: Benchmark, counts: Outcome, days: int, *, value_per_conversion: int | None = None
) -> ResponseCurve:
    """The curve of one outcome. Refuses a flight of no days and value without a value per conversion."""
    capacity = _useful_impressions(benchmark, days)
    minor_per_impression = benchmark.cpm / MILLE
    if counts is Outcome.REACH:
        seen_per_impression = benchmark.viewability
        shape = MichaelisMenten(benchmark.audience, benchmark.audience * minor_per_impression / seen_per_impression)
    else:
        rate = _rate_per_impression(benchmark, counts, value_per_conversion)
        shape = MichaelisMenten(capacity * rate, capacity * minor_per_impression)
    return ResponseCurve(
        counts=counts,
        currency=benchmark.currency,
        shape=shape,
        valid_to=capacity * minor_per_impression,
        days=days,
        source=benchmark.source,
    )


def _useful_impressions(benchmark: Benchmark, days: int) -> float:
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise InvalidInput(f"A flight lasts at least one whole day, not {days}.", code="bad_days", field="days")
    return benchmark.audience * benchmark.frequency_cap * days / DAYS_PER_WEEK


def _rate_per_impression(benchmark: Benchmark, counts: Outcome, value_per_conversion: int | None) -> float:
    if counts is Outcome.COMPLETED_VIEWS:
        return benchmark.completed_view_rate
    if counts is Outcome.CLICKS:
        return benchmark.ctr
    conversion_rate = benchmark.ctr * benchmark.cvr
    if counts is Outcome.CONVERSIONS:
        return conversion_rate
    if value_per_conversion is None or not value_per_conversion > 0:
        raise InvalidInput(
            "A value needs a value per conversion above zero.",
            code="value_per_conversion_required",
            field="value_per_conversion",
        )
    return conversion_rate * value_per_conversion


def _amount(number: float, field: str) -> float:
    if not 0 <= number < math.inf:
        raise InvalidInput(f"The {field} must be a number of 0 or more, not {number}.", code="bad_amount", field=field)
    return number


def _refuse_outside(parameter: str, number: float, largest: float) -> None:
    if not SMALLEST_PARAMETER <= number <= largest:
        raise InvalidInput(
            f"A curve's {parameter} lies between {SMALLEST_PARAMETER:g} and {largest:g}, not at {number}.",
            code="bad_curve",
            field=parameter,
        )
