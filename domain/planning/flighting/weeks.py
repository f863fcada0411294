"""Flighting: a line's budget over the weeks of its flight. The weeks always add up to the budget."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from domain.errors import InvalidInput
from domain.money import split_minor
from domain.planning.flighting.pattern import Flighting as Flighting
from domain.planning.flighting.pattern import FlightPattern as FlightPattern
from domain.planning.flighting.pattern import Pulse

DAYS_PER_WEEK = 7
LONGEST_FLIGHT_WEEKS = 520
FRONT_LOAD = 3  # the first week's daily spend as a multiple of the last week's; back-loaded the other way round


@dataclass(frozen=True, slots=True)
class Week:
    """The part of a calendar week that lies in the flight: its first day there, and how many days (1–7)."""

    start: date
    days: int

    def __post_init__(self) -> None:
        if not 1 <= self.days <= DAYS_PER_WEEK:
            raise InvalidInput(
                f"The week of {self.start} has {self.days} days in the flight; a week has 1 to 7.",
                code="week_without_days",
                field="weeks",
            )

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


def fitted(pattern: FlightPattern, weeks: Sequence[Week]) -> FlightPattern:
    """Without what is fixed or closed outside these weeks: a plan's pattern on a shorter line, or once a flight moved.

    A custom shape whose weights don't fit the weeks stays as it is, and `spread` refuses it.
    """
    return _only(pattern, lambda day: _position(weeks, day) is not None)


def pinned(pattern: FlightPattern, weeks: Sequence[Week], amounts: Mapping[date, int]) -> FlightPattern:
    """These weeks fixed at so many minor units, whatever was said of them before. Raises `week_outside_flight`."""
    opened = reopened(pattern, weeks, amounts, "pinned")
    return replace(opened, pinned=(*opened.pinned, *amounts.items()))


def blacked_out(pattern: FlightPattern, weeks: Sequence[Week], days: Iterable[date]) -> FlightPattern:
    """These weeks closed, whatever was said of them before. Raises `week_outside_flight`."""
    closed = tuple(days)
    opened = reopened(pattern, weeks, closed)
    return replace(opened, blackout=(*opened.blackout, *closed))


def reopened(
    pattern: FlightPattern, weeks: Sequence[Week], days: Iterable[date], field: str = "blackout"
) -> FlightPattern:
    """These weeks neither fixed nor closed any more. Raises `week_outside_flight`."""
    positions = set(_positions(weeks, days, field))
    return _only(pattern, lambda day: _position(weeks, day) not in positions)


def _only(pattern: FlightPattern, holds: Callable[[date], bool]) -> FlightPattern:
    return replace(
        pattern,
        pinned=tuple((day, minor) for day, minor in pattern.pinned if holds(day)),
        blackout=tuple(day for day in pattern.blackout if holds(day)),
    )


def spread(total: int, weeks: Sequence[Week], pattern: Flighting | FlightPattern) -> list[int]:
    """The total (minor units) by week, by largest remainder: it adds up exactly.

    Pinned weeks have their amount and blackout weeks nothing; what is left goes over the others by the shape. Raises
    InvalidInput `pinned_exceed_budget`, `all_weeks_blacked_out`, `no_open_week` (money without a week to go to),
    `week_outside_flight`, `week_pinned_twice`, `week_pinned_and_blacked_out`, `weights_do_not_match`.
    """
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise InvalidInput(
            f"A budget is a whole number of minor units of 0 or more, not {total}.", code="bad_amount", field="budget"
        )
    if not weeks:
        raise InvalidInput("A flight needs at least one week.", code="no_weeks", field="weeks")
    wanted = FlightPattern(pattern) if isinstance(pattern, Flighting) else pattern
    fixed = _fixed(total, weeks, wanted)
    weights = [Fraction(0) if i in fixed else weight for i, weight in enumerate(_weights(weeks, wanted))]
    left = total - sum(fixed.values())
    if left and not any(weights):
        raise InvalidInput(
            f"{left} of {total} minor units have no week to go to: the others are fixed, blacked out or of weight 0.",
            code="no_open_week",
            field="flighting",
        )
    parts = split_minor(left, weights) if left else [0] * len(weeks)
    return [fixed.get(i, part) for i, part in enumerate(parts)]


def _fixed(total: int, weeks: Sequence[Week], pattern: FlightPattern) -> dict[int, int]:
    """The amounts of pinned and of blackout weeks, by the week's position."""
    pins, closed = _pins(weeks, pattern), set(_positions(weeks, pattern.blackout, "blackout"))
    if len(closed) == len(weeks):
        raise InvalidInput("Every week of the flight is blacked out.", code="all_weeks_blacked_out", field="blackout")
    if both := closed & pins.keys():
        raise InvalidInput(
            f"The week of {weeks[min(both)].start} is both fixed and blacked out.",
            code="week_pinned_and_blacked_out",
            field="pinned",
        )
    if sum(pins.values()) > total:
        raise InvalidInput(
            f"The fixed weeks add up to {sum(pins.values())} minor units; the line has {total}.",
            code="pinned_exceed_budget",
            field="pinned",
        )
    return pins | dict.fromkeys(closed, 0)


def _pins(weeks: Sequence[Week], pattern: FlightPattern) -> dict[int, int]:
    """Amounts by the position of their week."""
    positions = _positions(weeks, (day for day, _ in pattern.pinned), "pinned")
    pins: dict[int, int] = {}
    for i, (day, minor) in zip(positions, pattern.pinned, strict=True):
        if i in pins:
            raise InvalidInput(f"The week of {day} is fixed twice.", code="week_pinned_twice", field="pinned")
        pins[i] = minor
    return pins


def _positions(weeks: Sequence[Week], days: Iterable[date], field: str) -> list[int]:
    positions: list[int] = []
    for day in days:
        i = _position(weeks, day)
        if i is None:
            raise InvalidInput(
                f"The week of {day} is outside the line's flight from {weeks[0].start} to {weeks[-1].end}.",
                code="week_outside_flight",
                field=field,
            )
        positions.append(i)
    return positions


def _position(weeks: Sequence[Week], day: date) -> int | None:
    """Which calendar week the day falls in; of a partial one, the days outside the flight name it as well."""
    first = weeks[0].end.toordinal() - DAYS_PER_WEEK + 1
    last = weeks[-1].start.toordinal() + DAYS_PER_WEEK - 1
    if not first <= day.toordinal() <= last:
        return None
    return max(bisect_right(weeks, day, key=lambda week: week.start) - 1, 0)


def _weights(weeks: Sequence[Week], pattern: FlightPattern) -> list[Fraction]:
    """A custom weight is its week's share; every other shape weighs a week by its days in the flight."""
    if pattern.shape is Flighting.CUSTOM:
        if len(pattern.weights) != len(weeks):
            raise InvalidInput(
                f"The flight has {len(weeks)} weeks and {len(pattern.weights)} weights.",
                code="weights_do_not_match",
                field="weights",
            )
        return [Fraction(weight) for weight in pattern.weights]
    daily = _daily(len(weeks), pattern)
    return [week.days * weight for week, weight in zip(weeks, daily, strict=True)]


def _daily(count: int, pattern: FlightPattern) -> list[Fraction]:
    """The weight of a day in each week."""
    steps = max(count - 1, 1)
    falling = [Fraction(FRONT_LOAD * steps - (FRONT_LOAD - 1) * i, steps) for i in range(count)]
    match pattern.shape:
        case Flighting.FRONT_LOADED:
            return falling
        case Flighting.BACK_LOADED:
            return falling[::-1]
        case Flighting.PULSED:
            pulse = pattern.pulse or Pulse()
            return [Fraction(1 if i % (pulse.on + pulse.off) < pulse.on else pulse.low) for i in range(count)]
        case _:
            return [Fraction(1)] * count
