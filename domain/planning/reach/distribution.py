"""Reach and frequency: how many people of a universe an advertisement met, and how often.

The identity GRP = 100 × impressions / universe = reach % × average frequency holds in every distribution, since both
sides are read from the same impressions.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from domain.errors import InvalidInput

HIGHEST_FREQUENCY = 10  # R(1+) … R(10+) is what a planner reads
ROUNDING = 1e-9


@dataclass(frozen=True)
class FrequencyDistribution:
    """Who was met how often.

    universe     people, above 0
    impressions  that met the universe, 0 or more; an expectation, so not always whole
    exactly      shares of the universe met 0, 1, 2 … times
    beyond       share met more often than `exactly` lists; it is kept apart, so that a small one loses no digits

    Refuses `bad_universe`, `bad_impressions`, `bad_reach` (shares that are no distribution) and
    `impressions_below_reach` (fewer impressions than people met).
    """

    universe: float
    impressions: float
    exactly: tuple[float, ...]
    beyond: float = 0.0

    def __post_init__(self) -> None:
        refuse_universe(self.universe)
        refuse_impressions(self.impressions)
        shares = (*self.exactly, self.beyond)
        if not self.exactly or not all(-ROUNDING <= share <= 1 + ROUNDING for share in shares):
            raise InvalidInput("Shares of people lie between 0 and 1.", code="bad_reach", field="exactly")
        if abs(math.fsum(shares) - 1) > ROUNDING:
            raise InvalidInput("The shares of people must add up to all of them.", code="bad_reach", field="exactly")
        refuse_fewer_impressions(self.impressions, self.reach, self.universe)

    @property
    def highest(self) -> int:
        """The largest frequency that is listed on its own."""
        return len(self.exactly) - 1

    @cached_property
    def at_least(self) -> tuple[float, ...]:
        """Shares met at least 0, 1, 2 … times, R(n+) at position n; the last position is `highest` + 1."""
        tails = [self.beyond]
        for share in reversed(self.exactly):
            tails.append(tails[-1] + share)
        return tuple(reversed(tails))

    @property
    def reach_share(self) -> float:
        return self.at_least[1]

    @property
    def reach(self) -> float:
        """People met at least once, R(1+)."""
        return self.reach_share * self.universe

    def reach_at(self, frequency: int) -> float:
        """People met at least `frequency` times, R(n+)."""
        refuse_frequency(frequency, self.highest + 1)
        return self.at_least[frequency] * self.universe

    @property
    def average_frequency(self) -> float | None:
        """Impressions per person met; None where nobody was."""
        return self.impressions / self.reach if self.reach else None

    @property
    def grp(self) -> float:
        """Gross rating points: impressions per hundred people of the universe."""
        return 100 * self.impressions / self.universe

    def in_universe(self, universe: float) -> "FrequencyDistribution":
        """The same people and impressions as a part of a larger universe, whose other people were not met."""
        refuse_universe(universe)
        if universe < self.universe:
            raise InvalidInput(
                f"An audience of {self.universe:,.0f} doesn't fit into a universe of {universe:,.0f}.",
                code="reach_above_universe",
                field="universe",
            )
        part = self.universe / universe
        met = [share * part for share in self.exactly[1:]]
        unmet = (1 - part) + self.exactly[0] * part
        return FrequencyDistribution(universe, self.impressions, (unmet, *met), self.beyond * part)


def met_once(universe: float, reach_share: float) -> FrequencyDistribution:
    """One insertion in one vehicle: the share of the universe that it reaches meets it once."""
    share = refuse_share(reach_share, "reach")
    return FrequencyDistribution(universe, universe * share, (1 - share, share, *[0.0] * (HIGHEST_FREQUENCY - 1)))


def effective_reach(distribution: FrequencyDistribution, least: int, most: int | None = None) -> float:
    """People met at least `least` and, with `most`, at most that many times: the effective-frequency band."""
    refuse_frequency(least, distribution.highest)
    if most is None:
        return distribution.reach_at(least)
    refuse_frequency(most, distribution.highest)
    if most < least:
        raise InvalidInput(f"A band can't end at {most} and start at {least}.", code="bad_frequency", field="most")
    return math.fsum(distribution.exactly[least : most + 1]) * distribution.universe


def refuse_share(number: float, field: str) -> float:
    if not 0 <= number <= 1:
        raise InvalidInput(
            f"The {field} is a share of the universe from 0 to 1, not {number}.", code="bad_reach", field=field
        )
    return number


def refuse_universe(universe: float) -> None:
    if not 0 < universe < math.inf:
        raise InvalidInput(
            f"The universe is a number of people above 0, not {universe}.", code="bad_universe", field="universe"
        )


def refuse_impressions(impressions: float) -> None:
    if not 0 <= impressions < math.inf:
        raise InvalidInput(
            f"Impressions are a number of 0 or more, not {impressions}.", code="bad_impressions", field="impressions"
        )


def refuse_fewer_impressions(impressions: float, reach: float, universe: float) -> None:
    if reach > impressions + ROUNDING * universe:
        raise InvalidInput(
            f"{impressions:,.0f} impressions can't reach {reach:,.0f} people.",
            code="impressions_below_reach",
            field="impressions",
        )


def refuse_frequency(frequency: int, highest: int) -> None:
    if isinstance(frequency, bool) or not isinstance(frequency, int) or not 1 <= frequency <= highest:
        raise InvalidInput(
            f"A frequency is a whole number from 1 to {highest}, not {frequency}.",
            code="bad_frequency",
            field="frequency",
        )


def refuse_measured(universe: float, impressions: float, reach: float) -> None:
    """One measured point of a vehicle. Codes: those above, and `reach_above_universe`."""
    refuse_universe(universe)
    refuse_impressions(impressions)
    if not 0 < reach < math.inf:
        raise InvalidInput(f"The reach is a number of people above 0, not {reach}.", code="bad_reach", field="reach")
    if reach > universe:
        raise InvalidInput(
            f"A reach of {reach:,.0f} is above the universe of {universe:,.0f} people.",
            code="reach_above_universe",
            field="reach",
        )
    refuse_fewer_impressions(impressions, reach, 0)
