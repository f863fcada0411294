"""How reach builds up over the weeks of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from domain.errors import InvalidInput
from domain.planning.reach.distribution import FrequencyDistribution, refuse_impressions
from domain.planning.reach.duplication import combined
from domain.planning.reach.vehicles import Vehicle


@dataclass(frozen=True, slots=True)
class BuildingLine:
    """A line's vehicle and the impressions it buys in each week of the plan (0 where it doesn't run)."""

    key: str
    vehicle: Vehicle
    weekly_impressions: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ReachBuild:
    """Cumulative distributions, from the first week to the end of each: `by_line[key][week]` and `total[week]`."""

    by_line: dict[str, tuple[FrequencyDistribution, ...]]
    total: tuple[FrequencyDistribution, ...]


def reach_build(lines: Sequence[BuildingLine], universe: float, duplication: float = 1.0) -> ReachBuild:
    """Reach and frequency week by week, per line and over all lines, as parts of one universe of people.

    People keep their rates: a week's impressions add to the weight of the weeks before. A vehicle may have an audience
    smaller than the universe; the rest never meets it. `duplication` as in `combined`. Refuses `no_vehicles`,
    `duplicate_line`, `weeks_mismatch` (lines of unequal length), `bad_impressions` and `reach_above_universe`.
    """
    if not lines:
        raise InvalidInput("There is no line whose reach could build.", code="no_vehicles", field="lines")
    if len({line.key for line in lines}) < len(lines):
        raise InvalidInput("A line is named twice.", code="duplicate_line", field="lines")
    if len({len(line.weekly_impressions) for line in lines}) > 1:
        raise InvalidInput("All lines need impressions for the same weeks.", code="weeks_mismatch", field="lines")
    by_line = {line.key: _cumulative(line, universe) for line in lines}
    return ReachBuild(by_line, tuple(combined(week, duplication) for week in zip(*by_line.values(), strict=True)))


def _cumulative(line: BuildingLine, universe: float) -> tuple[FrequencyDistribution, ...]:
    for impressions in line.weekly_impressions:
        refuse_impressions(impressions)
    return tuple(line.vehicle.at(shown).in_universe(universe) for shown in accumulate(line.weekly_impressions))
