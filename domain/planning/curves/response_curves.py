"""Response curves: what a spend brings, where that holds, and who says so.

CPM × CTR × CVR alone is a straight line and would put a whole budget into the cheapest channel. A benchmark curve
starts with exactly those economics and flattens as the audience is used up: once `audience × weekly frequency cap ×
weeks` exposures are bought, another exposure mostly meets people who have seen the advertisement often enough.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import InvalidInput
from domain.objectives import Objective, Outcome
from domain.planning.curves.benchmarks import Benchmark
from domain.planning.curves.shapes import MichaelisMenten, Shape

DAYS_PER_WEEK = 7
MILLE = 1000


class CurveOrigin(StrEnum):
    BENCHMARK = "benchmark"
    FITTED = "fitted"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class ResponseCurve:
    """A curve with what it is worth: the outcome it counts, where it holds, and where it comes from.

    `valid_from` and `valid_to` enclose the spends (minor units) the source speaks for; outside of them the shape is
    extrapolated. `days` is the period it holds for. An outcome of VALUE is in minor units of `currency`, every other
    one is a count. `source` is the citation. `draws` are further parameter sets of the same family, equally likely,
    from the posterior of a fit; `key` names what the curve is of (a channel, a line). Refuses `bad_curve`.
    """

    counts: Outcome
    currency: str
    shape: Shape
    valid_to: float
    days: int
    source: str
    valid_from: float = 0.0
    origin: CurveOrigin = CurveOrigin.BENCHMARK
    key: str = ""
    draws: tuple[Shape, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.valid_from <= self.valid_to < math.inf:
            raise InvalidInput(
                f"A curve's range goes up from 0 or more, not from {self.valid_from} to {self.valid_to}.",
                code="bad_curve",
                field="valid_to",
            )
        if any(draw.family != self.shape.family for draw in self.draws):
            raise InvalidInput("A curve's draws are of its own family.", code="bad_curve", field="draws")

    @property
    def concave(self) -> bool:
        return self.shape.concave

    def outcome(self, spend_minor: float) -> float:
        return self.shape.outcome(_amount(spend_minor, "spend"))

    def marginal(self, spend_minor: float) -> float:
        """Outcome per further minor unit."""
        return self.shape.marginal(_amount(spend_minor, "spend"))

    def spend_at_marginal(self, marginal: float) -> float:
        """Of a concave curve: the spend at which a further minor unit brings `marginal`; 0 where none ever does,
        infinite for 0."""
        return self.shape.spend_at_marginal(_amount(marginal, "marginal"))

    def gain(self, spend_minor: float, more: float) -> float:
        """What `more` minor units on top of the spend bring."""
        return self.shape.gain(_amount(spend_minor, "spend"), _amount(more, "spend"))

    def extrapolates(self, spend_minor: float) -> bool:
        """Outside the range it was measured in. Nothing spent brings nothing: that needs no measurement."""
        spend = _amount(spend_minor, "spend")
        return spend > self.valid_to or 0 < spend < self.valid_from


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
    minor_per_impression = float(benchmark.cpm) / MILLE
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
        key=str(benchmark.channel),
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
