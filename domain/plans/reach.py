"""Reach and frequency of a plan: per line, and across lines without counting anybody twice.

Lines of one channel, market and audience share its people, so nobody is in two of them: their reach adds up. Different
channels find the same people, each by chance unless a duplication factor says otherwise. Markets have different people.
The people of a market are as many as its largest audience.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.planning.reach.distribution import FrequencyDistribution
from domain.planning.reach.duplication import combined, net_reach
from domain.planning.reach.frequency import CapEffect, OptimalWeight, capped, most_efficient
from domain.planning.reach.vehicles import GammaPoisson
from domain.plans.lines import PlanLine

APART = 0.0  # the duplication factor of people that are different by definition
HEAVIEST = 50  # impressions per person up to which the best weight is sought

Shared = tuple[Channel, str | None, str | None]


@dataclass(frozen=True, slots=True)
class PlanReach:
    """Distributions by the code of the line, each in its own audience, and across lines in all people of the plan.

    `unmeasured` are labels of lines with no known audience; they are left out.
    """

    lines: Mapping[str, FrequencyDistribution]
    total: FrequencyDistribution
    duplication: float
    unmeasured: tuple[str, ...]


def reach_of(lines: Sequence[PlanLine], duplication: float = 1.0) -> PlanReach:
    """Refuses (InvalidInput) `no_audience` where no line has one, and `bad_duplication`."""
    known = [line for line in lines if line.audience]
    if not known:
        raise InvalidInput("No line of the plan has a known audience.", code="no_audience", field="lines")
    each = {line.code: vehicle_of(line).at(line.delivery.impressions) for line in known}
    markets = [
        combined(_of_one_size([_apart([each[line.code] for line in shared]) for shared in channels]), duplication)
        for channels in _by_people(known)
    ]
    unmeasured = tuple(line.label for line in lines if not line.audience)
    return PlanReach(each, _apart(markets), duplication, unmeasured)


def people_reached(lines: Iterable[PlanLine], duplication: float = 1.0) -> tuple[int, int] | None:
    """(people of the plan, how many see it at least once), as `reach_of` has it; None without a known audience."""
    known = [line for line in lines if line.audience]
    if not known:
        return None
    universe = reached = 0.0
    for channels in _by_people(known):
        sizes = [_universe(shared) for shared in channels]
        people = max(sizes)
        seen = [sum(line.audience.reached for line in shared if line.audience) / people for shared in channels]
        universe += people
        reached += net_reach(seen, duplication) * people
    return round(universe), round(reached)


def vehicle_of(line: PlanLine) -> GammaPoisson:
    """The negative binomial that the line's impressions and reach make of its audience; chance alone where they reach
    as many as chance does."""
    assert line.audience is not None
    people, shown, reached = line.audience.universe, line.delivery.impressions, line.audience.reached
    by_chance = -math.expm1(-shown / people) * people
    if not 0 < reached < by_chance:
        return GammaPoisson(people, math.inf)
    return GammaPoisson.fitted(people, shown, reached)


def best_weight(line: PlanLine, effective: int) -> OptimalWeight:
    """Where money reaches most people at least `effective` times (2 or more). Refuses what `most_efficient` does."""
    vehicle = vehicle_of(line)
    return most_efficient(vehicle, effective, HEAVIEST * vehicle.universe)


def with_cap(line: PlanLine, cap: int) -> CapEffect:
    """A cap per person and week over the line's weeks with money. Refuses what `capped` does."""
    weeks = max(sum(1 for week in line.weeks if week.budget_minor), 1)
    return capped(vehicle_of(line), line.delivery.impressions / weeks, weeks, cap)


def _by_people(lines: Sequence[PlanLine]) -> list[list[list[PlanLine]]]:
    """By market, then by what shares an audience. A line for no market in particular is for all of them."""
    apart = all(line.placement.market for line in lines)
    markets: dict[str | None, dict[Shared, list[PlanLine]]] = {}
    for line in lines:
        placed = line.placement
        shared = markets.setdefault(placed.market if apart else None, {})
        shared.setdefault((line.channel, placed.market, placed.audience), []).append(line)
    return [list(shared.values()) for shared in markets.values()]


def _universe(shared: Sequence[PlanLine]) -> int:
    return sum(line.audience.universe for line in shared if line.audience)


def _apart(parts: Sequence[FrequencyDistribution]) -> FrequencyDistribution:
    if len(parts) == 1:
        return parts[0]
    people = math.fsum(part.universe for part in parts)
    return combined([part.in_universe(people) for part in parts], APART)


def _of_one_size(parts: Sequence[FrequencyDistribution]) -> list[FrequencyDistribution]:
    people = max(part.universe for part in parts)
    return [part.in_universe(people) for part in parts]
