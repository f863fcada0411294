"""How much frequency is worth buying: the weight at which money does most, and what a frequency cap does."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from domain.errors import InvalidInput
from domain.planning.reach.distribution import (
    FrequencyDistribution,
    refuse_frequency,
    refuse_impressions,
)
from domain.planning.reach.vehicles import GammaPoisson, Vehicle

HIGHEST_EFFECTIVE = 50
SEARCH_POINTS = 120  # per search; the best one is refined afterwards
LIGHTEST = 1e-4  # impressions per person where a search starts


@dataclass(frozen=True, slots=True)
class OptimalWeight:
    """A number of impressions and what makes it the best one.

    value       people reached effectively, or the response, at these impressions
    at_limit    the best lies at the largest weight that was allowed; more might do better
    """

    distribution: FrequencyDistribution
    value: float
    at_limit: bool

    @property
    def impressions(self) -> float:
        return self.distribution.impressions

    @property
    def average_frequency(self) -> float:
        return self.distribution.average_frequency or 0.0


@dataclass(frozen=True, slots=True)
class CapEffect:
    """What a cap of so many exposures per person and week does to a week and to the flight.

    wasted             impressions a week that went to people beyond the cap; with the cap they are not served
    wasted_share       of the week's impressions
    reach_before       people the flight reaches, with or without the cap: a cap alone takes no one away
    reach_reinvested   people the flight reaches when the saved impressions are bought again under the cap
    week               one week's distribution with the cap and as many impressions as before
    """

    cap: int
    wasted: float
    wasted_share: float
    reach_before: float
    reach_reinvested: float
    week: FrequencyDistribution


def most_efficient(vehicle: Vehicle, least: int, limit: float) -> OptimalWeight:
    """The impressions, at most `limit`, at which people reached at least `least` times per impression are most.

    At a fixed CPM that is effective reach per money. `least` is 2 or more: reach at 1+ per impression is greatest at
    the first impression, so there would be nothing to find. With gamma-Poisson at k = 1 the answer is least − 1
    impressions per person. Refuses `bad_frequency` and `bad_impressions`.
    """
    refuse_frequency(least, HIGHEST_EFFECTIVE)
    if least == 1:
        raise InvalidInput(
            "Reach at 1+ per impression is greatest at the first impression; take an effective frequency of 2 or more.",
            code="bad_frequency",
            field="least",
        )
    best, at_limit = _highest(lambda shown: vehicle.at(shown, least).at_least[least] / shown, vehicle, limit)
    distribution = vehicle.at(best, max(least, 10))
    return OptimalWeight(distribution, distribution.reach_at(least), at_limit)


def most_responsive(vehicle: Vehicle, response: Sequence[float], limit: float) -> OptimalWeight:
    """The impressions, at most `limit`, with the greatest response of the universe.

    `response` is what a person met 0, 1, 2 … times does on average (a probability, a value), 0 or more; the last entry
    holds for everybody met more often. A response that falls again at high frequency has its best inside; one that
    only rises is best at the limit, and the answer says so. Refuses `bad_response` and `bad_impressions`.
    """
    weights = np.asarray(response, dtype=np.float64)
    if not 2 <= len(weights) <= HIGHEST_EFFECTIVE or not np.all((weights >= 0) & (weights < math.inf)):
        raise InvalidInput(
            f"A response by frequency is a list of 2 to {HIGHEST_EFFECTIVE} numbers of 0 or more.",
            code="bad_response",
            field="response",
        )
    listed = len(weights) - 2  # frequencies below the last, which stands for the rest

    def responded(shown: float) -> float:
        distribution = vehicle.at(shown, listed)
        return float(weights[:-1] @ np.array(distribution.exactly) + weights[-1] * distribution.beyond)

    best, at_limit = _highest(responded, vehicle, limit)
    return OptimalWeight(vehicle.at(best), responded(best) * vehicle.universe, at_limit)


def capped(vehicle: GammaPoisson, weekly_impressions: float, weeks: int, cap: int) -> CapEffect:
    """A cap per person and week on a vehicle whose people keep their rates over the weeks.

    A week's exposures are a negative binomial cut at the cap: E[min(X, cap)] = Σ R(n+), n = 1 … cap. Buying the saved
    impressions again raises everybody's rate until the capped week uses as many as before. Refuses
    `cap_below_impressions` where that is impossible: more impressions than `cap` for everybody in the universe.
    """
    refuse_frequency(cap, HIGHEST_EFFECTIVE)
    refuse_impressions(weekly_impressions)
    if isinstance(weeks, bool) or not isinstance(weeks, int) or weeks < 1:
        raise InvalidInput(f"A flight has at least one whole week, not {weeks}.", code="no_weeks", field="weeks")
    if weekly_impressions >= cap * vehicle.universe:
        raise InvalidInput(
            f"{weekly_impressions:,.0f} impressions a week are more than a cap of {cap} leaves room for.",
            code="cap_below_impressions",
            field="cap",
        )
    served = _served(vehicle, weekly_impressions, cap)
    demand = _demand_for(vehicle, weekly_impressions, cap)
    uncapped = vehicle.at(demand, cap - 1)
    week = (*uncapped.exactly, uncapped.beyond)
    wasted = weekly_impressions - served
    return CapEffect(
        cap=cap,
        wasted=wasted,
        wasted_share=wasted / weekly_impressions if weekly_impressions else 0.0,
        reach_before=vehicle.at(weekly_impressions * weeks).reach,
        reach_reinvested=vehicle.at(demand * weeks).reach,
        week=FrequencyDistribution(vehicle.universe, weekly_impressions, week),
    )


def _served(vehicle: GammaPoisson, impressions: float, cap: int) -> float:
    """Impressions that are served under the cap when `impressions` would be without it."""
    return math.fsum(vehicle.at(impressions, cap).at_least[1 : cap + 1]) * vehicle.universe


def _demand_for(vehicle: GammaPoisson, served: float, cap: int) -> float:
    """The impressions without the cap that leave `served` with it; at most what a float can hold."""
    if _served(vehicle, served, cap) >= served:  # nobody is near the cap
        return served
    low = high = math.log(served)
    while _served(vehicle, math.exp(high), cap) < served:
        high += 1
        if high > math.log(vehicle.universe) + 600:
            raise InvalidInput(
                f"So few people see this vehicle that a cap of {cap} can't be filled again.",
                code="cap_below_impressions",
                field="cap",
            )
    found = optimize.brentq(lambda log: _served(vehicle, math.exp(log), cap) - served, low, high, xtol=1e-13)
    return math.exp(float(found))


def _highest(value: Callable[[float], float], vehicle: Vehicle, limit: float) -> tuple[float, bool]:
    """The impressions of the greatest value, by a search over orders of magnitude and a refinement of the best."""
    refuse_impressions(limit)
    lightest = LIGHTEST * vehicle.universe
    if limit <= lightest:
        raise InvalidInput(
            f"A search for the best weight needs room for more than {lightest:,.0f} impressions.",
            code="bad_impressions",
            field="limit",
        )
    tried = np.geomspace(lightest, limit, SEARCH_POINTS)
    best = int(np.argmax([value(shown) for shown in tried]))
    bounds = tuple(np.log(tried[[max(best - 1, 0), min(best + 1, SEARCH_POINTS - 1)]]).tolist())
    found = optimize.minimize_scalar(
        lambda log: -value(math.exp(log)), bounds=bounds, method="bounded", options={"xatol": 1e-9}
    )
    refined = math.exp(float(found.x))
    if value(refined) < value(limit):
        return limit, True
    return refined, False
