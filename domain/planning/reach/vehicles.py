"""Reach within one vehicle: from a measured point or two to the frequency distribution of any weight.

Each model speaks of one universe of people. Which one to take depends on what was measured: reach after one and two
insertions (BetaBinomial), impressions and reach (GammaPoisson), or impressions and reach of a vehicle that a part of
the universe never meets (OnePoint).
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import optimize, stats

from domain.errors import InvalidInput
from domain.planning.curves.benchmarks import Benchmark
from domain.planning.reach.distribution import (
    HIGHEST_FREQUENCY,
    FrequencyDistribution,
    refuse_impressions,
    refuse_measured,
    refuse_share,
    refuse_universe,
)

MOST_INSERTIONS = 10_000
SMALLEST_DISPERSION, LARGEST_DISPERSION = 1e-12, 1e9  # beyond the largest it can't be told from a Poisson
SAME_REACH = 1e-12
BENCHMARK_DISPERSION = 1.0  # at which the gamma–Poisson is the benchmarks' reach curve


class Vehicle(Protocol):
    """Something bought by the impression."""

    @property
    def universe(self) -> float: ...

    def at(self, impressions: float, highest: int = HIGHEST_FREQUENCY) -> FrequencyDistribution:
        """What so many impressions do; frequencies are listed up to `highest`."""
        ...


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """A vehicle bought by the insertion; each person meets an insertion with a probability of their own.

    The probabilities follow a beta distribution (R. Metheringham, *Measuring the net cumulative coverage of a print
    campaign*, Journal of Advertising Research 4, 1964). `alpha` is infinite where everybody's probability is `first`,
    which makes it the binomial model.
    """

    universe: float
    first: float
    alpha: float

    @classmethod
    def from_reaches(cls, universe: float, first: float, second: float) -> "BetaBinomial":
        """From R1 and R2, the shares of the universe reached after one and after two insertions.

        By moments: α = R1(R2 − R1)/(2·R1 − R1² − R2), β = α(1 − R1)/R1. R2 lies above R1 (somebody new was met) and at
        most at 2·R1 − R1², where the second insertion meets people as chance has it. Refuses `bad_reach`.
        """
        refuse_universe(universe)
        refuse_share(first, "first reach")
        by_chance = first * (2 - first)
        if not 0 < first < second <= by_chance + SAME_REACH:
            raise InvalidInput(
                f"After a first reach of {first:.2%} the second lies above it and at most at {by_chance:.2%}, "
                f"not at {second:.2%}.",
                code="bad_reach",
                field="second",
            )
        short_of_chance = by_chance - second
        alpha = first * (second - first) / short_of_chance if short_of_chance > SAME_REACH else math.inf
        return cls(universe, first, alpha)

    @property
    def beta(self) -> float:
        return self.alpha * (1 - self.first) / self.first

    def after(self, insertions: int, highest: int = HIGHEST_FREQUENCY) -> FrequencyDistribution:
        if isinstance(insertions, bool) or not isinstance(insertions, int) or not 1 <= insertions <= MOST_INSERTIONS:
            raise InvalidInput(
                f"Insertions are a whole number from 1 to {MOST_INSERTIONS:,}, not {insertions}.",
                code="bad_insertions",
                field="insertions",
            )
        times = np.arange(insertions + 1)
        if math.isinf(self.alpha):
            every = stats.binom.pmf(times, insertions, self.first)
        else:
            every = stats.betabinom.pmf(times, insertions, self.alpha, self.beta)
        every = np.pad(every / every.sum(), (0, max(highest - insertions, 0)))
        listed, rest = every[: highest + 1], every[highest + 1 :]
        impressions = insertions * self.first * self.universe
        return FrequencyDistribution(self.universe, impressions, tuple(listed.tolist()), float(rest.sum()))


@dataclass(frozen=True, slots=True)
class GammaPoisson:
    """A vehicle whose impressions find people at rates that follow a gamma distribution: the negative binomial.

    `dispersion` is the gamma's shape k: small where few people get most impressions, infinite where chance alone
    decides (Poisson). R(1+) = 1 − (1 + m/k)^−k at m impressions per person of the universe. k stays as the weight grows
    (A. Ehrenberg, *The pattern of consumer purchases*, Applied Statistics 8, 1959).
    """

    universe: float
    dispersion: float

    def __post_init__(self) -> None:
        refuse_universe(self.universe)
        if not self.dispersion >= SMALLEST_DISPERSION:
            raise InvalidInput(
                f"A dispersion is a number above 0, not {self.dispersion}.", code="bad_dispersion", field="dispersion"
            )

    @classmethod
    def fitted(cls, universe: float, impressions: float, reach: float) -> "GammaPoisson":
        """The dispersion at which `impressions` reach `reach` people.

        Refuses what `refuse_measured` does, and `reach_above_chance`: impressions dealt out at random already reach
        the most people that this model knows of.
        """
        refuse_measured(universe, impressions, reach)
        mean, share = impressions / universe, reach / universe
        by_chance = -math.expm1(-mean)
        if share > by_chance + SAME_REACH:
            raise InvalidInput(
                f"{impressions:,.0f} impressions dealt out at random reach {by_chance * universe:,.0f} people, so "
                f"{reach:,.0f} is more than this model can explain.",
                code="reach_above_chance",
                field="reach",
            )

        def surplus(log_dispersion: float) -> float:
            shape = math.exp(log_dispersion)
            return -math.expm1(-shape * math.log1p(mean / shape)) - share

        low, high = math.log(SMALLEST_DISPERSION), math.log(LARGEST_DISPERSION)
        if surplus(high) <= 0:
            return cls(universe, math.inf)
        if surplus(low) >= 0:
            return cls(universe, SMALLEST_DISPERSION)
        return cls(universe, math.exp(float(optimize.brentq(surplus, low, high, xtol=1e-13))))

    def at(self, impressions: float, highest: int = HIGHEST_FREQUENCY) -> FrequencyDistribution:
        refuse_impressions(impressions)
        mean = impressions / self.universe
        times = np.arange(highest + 1)
        if math.isinf(self.dispersion):
            exactly, beyond = stats.poisson.pmf(times, mean), stats.poisson.sf(highest, mean)
        else:
            parameters = (self.dispersion, self.dispersion / (self.dispersion + mean))
            exactly, beyond = stats.nbinom.pmf(times, *parameters), stats.nbinom.sf(highest, *parameters)
        return FrequencyDistribution(self.universe, impressions, tuple(exactly.tolist()), float(beyond))


def benchmark_vehicle(benchmark: Benchmark) -> GammaPoisson:
    """The vehicle of a benchmark, whose reach is the one its reach curve counts.

    Its universe is the benchmark's audience, and its impressions are viewable ones: bought × viewability.
    """
    return GammaPoisson(benchmark.audience, BENCHMARK_DISPERSION)


@dataclass(frozen=True, slots=True)
class OnePoint:
    """Goerg's reach curve: R = ρ·I/(I + ρ), so the first impressions meet a new person each and no more than ρ ever.

    `ceiling` is ρ in people. Those who can be met at all get geometrically many impressions (Poisson mixed over an
    exponential): R(n+) = ρ·(I/(I + ρ))ⁿ. Source: G. Goerg, *Estimating reach curves from one data point*, Google, 2014.
    """

    universe: float
    ceiling: float

    def __post_init__(self) -> None:
        refuse_universe(self.universe)
        if not 0 < self.ceiling <= self.universe * (1 + SAME_REACH):
            raise InvalidInput(
                f"The curve rises to {self.ceiling:,.0f} people, and the universe has {self.universe:,.0f}.",
                code="reach_above_universe",
                field="reach",
            )

    @classmethod
    def fitted(cls, universe: float, impressions: float, reach: float) -> "OnePoint":
        """ρ = I·R/(I − R). Refuses what `refuse_measured` does, and a point whose ρ is above the universe."""
        refuse_measured(universe, impressions, reach)
        repeated = impressions - reach
        return cls(universe, impressions * reach / repeated if repeated else math.inf)

    def at(self, impressions: float, highest: int = HIGHEST_FREQUENCY) -> FrequencyDistribution:
        refuse_impressions(impressions)
        again = impressions / (impressions + self.ceiling)  # of those met n times, the share met once more
        part = self.ceiling / self.universe
        at_least = part * again ** np.arange(1, highest + 2)
        exactly = at_least * self.ceiling / (impressions + self.ceiling)
        met = (1 - float(at_least[0]), *exactly[:-1].tolist())
        return FrequencyDistribution(self.universe, impressions, met, float(at_least[-1]))
