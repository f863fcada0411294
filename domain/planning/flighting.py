"""Flighting: a line's budget over the weeks of its flight. The weeks always add up to the budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.errors import InvalidInput
from domain.money import split_minor

DAYS_PER_WEEK = 7
LONGEST_FLIGHT_WEEKS = 520
FRONT_LOAD = 3  # the first week's daily spend as a multiple of the last week's


class Flighting(StrEnum):
    EVEN = "even"
    FRONT_LOADED = "front_loaded"


@dataclass(frozen=True, slots=True)
class FlightPattern:
    shape: Flighting = Flighting.EVEN


@dataclass(frozen=True, slots=True)
class Week:
    """The part of a calendar week that lies in the flight: its first day there, and how many days (1–7)."""

    start: date
    days: int

    @property
    def end(self) -> date:
        return self.start + timedelta(days=self.days - 1)


def weeks_of(start: date, end: date, first_weekday: int) -> list[Week]:
    """The flight cut at calendar weeks; both days included. `first_weekday` as in `date.weekday()`: Monday is 0."""
    if end < start:
        raise InvalidInput(
            f"A flight can't end ({end}) before it starts ({start}).", code="flight_end_before_start", field="end"
        )
    if first_weekday not in range(DAYS_PER_WEEK):
        raise InvalidInput(
            f"The week starts on a day from 0 (Monday) to 6 (Sunday), not {first_weekday}.",
            code="bad_weekday",
            field="first_weekday",
        )
    days_left = (end - start).days + 1
    if days_left > LONGEST_FLIGHT_WEEKS * DAYS_PER_WEEK:
        raise InvalidInput(f"A flight lasts at most {LONGEST_FLIGHT_WEEKS} weeks.", code="flight_too_long", field="end")
    weeks: list[Week] = []
    days = DAYS_PER_WEEK - (start.weekday() - first_weekday) % DAYS_PER_WEEK
    while days_left:
        week = Week(start, min(days, days_left))
        weeks.append(week)
        days_left -= week.days
        if days_left:
            start, days = week.end + timedelta(days=1), DAYS_PER_WEEK
    return weeks


def spread(total: int, weeks: Sequence[Week], pattern: Flighting | FlightPattern) -> list[int]:
    """The total (minor units) by week, by largest remainder: it adds up exactly."""
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise InvalidInput(
            f"A budget is a whole number of minor units of 0 or more, not {total}.", code="bad_amount", field="budget"
        )
    if not weeks:
        raise InvalidInput("A flight needs at least one week.", code="no_weeks", field="weeks")
    return split_minor(total, _weights(weeks, pattern.shape if isinstance(pattern, FlightPattern) else pattern))


def _weights(weeks: Sequence[Week], pattern: Flighting) -> list[int]:
    """Days in flight times the week's daily weight."""
    if pattern is Flighting.EVEN:
        return [week.days for week in weeks]
    # A straight line from FRONT_LOAD in the first week to 1 in the last, times (n - 1) to stay in integers.
    steps = max(len(weeks) - 1, 1)
    return [week.days * (FRONT_LOAD * steps - (FRONT_LOAD - 1) * i) for i, week in enumerate(weeks)]
