"""When the money of a plan runs, changed as asked: another shape, weeks that are closed, weeks with an amount.

A wish for all lines changes the plan's pattern, and that of the lines which have one of their own; an amount for a week
is divided over the lines by their budgets, so each then has a pattern of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.money import Money, split_minor
from domain.planning.flighting.pattern import Pulse
from domain.planning.flighting.weeks import (
    Flighting,
    FlightPattern,
    Week,
    blacked_out,
    fitted,
    pinned,
    reopened,
    weeks_of,
)
from domain.plans.brief import PlanningBrief
from domain.plans.lines import LineSpec
from domain.plans.versions import PlanVersion

Wanted = dict[str, tuple[LineSpec, Money]]
WeeksChange = Callable[[FlightPattern, Sequence[Week], Iterable[date]], FlightPattern]


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInput(
                f"Days can't end ({self.end}) before they start ({self.start}).",
                code="flight_end_before_start",
                field="end",
            )

    def within(self, week: Week) -> int:
        """How many days of the week's part in the flight these are."""
        first, last = max(self.start, week.start), min(self.end, week.end)
        return max((last - first).days + 1, 0)


@dataclass(frozen=True, slots=True)
class FlightWish:
    """One change of the weeks, of the lines of these channels and codes; with neither, of all lines.

    pins    (any day of a week, what it has exactly)
    pause   weeks of which at least half of the days in the flight are meant have nothing
    resume  such weeks are neither closed nor fixed any more
    """

    channels: tuple[Channel, ...] = ()
    codes: tuple[str, ...] = ()
    shape: Flighting | None = None
    weights: tuple[Decimal, ...] = ()
    pulse: Pulse | None = None
    pins: tuple[tuple[date, Money], ...] = ()
    pause: tuple[Days, ...] = ()
    resume: tuple[Days, ...] = ()

    @property
    def of_all(self) -> bool:
        return not (self.channels or self.codes)

    @property
    def wanted_shape(self) -> Flighting | None:
        if self.weights:
            return Flighting.CUSTOM
        return Flighting.PULSED if self.pulse else self.shape


@dataclass(slots=True)
class Reflighting:
    """A plan's lines and pattern while wishes are applied; `said` is what was done, in words."""

    brief: PlanningBrief
    lines: Wanted
    pattern: FlightPattern
    said: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, brief: PlanningBrief, version: PlanVersion) -> "Reflighting":
        return cls(brief, {line.code: (line.spec, line.budget) for line in version.lines}, version.flighting)

    def apply(self, wish: FlightWish) -> None:
        """Refuses (InvalidInput) `line_not_in_plan`, `channel_not_in_plan`, `week_outside_flight` and what a
        FlightPattern can't be."""
        codes = self._meant(wish)
        if wish.wanted_shape:
            self._shape(wish, wish.wanted_shape, codes)
        for days in wish.pause:
            self._close(wish, days, codes)
        for days in wish.resume:
            self._open(wish, days, codes)
        for day, amount in wish.pins:
            self._pin(wish, day, amount, codes)

    def _meant(self, wish: FlightWish) -> list[str]:
        for code in wish.codes:
            if code not in self.lines:
                known = ", ".join(self.lines)
                raise InvalidInput(
                    f"The plan has no line {code}; it has {known}.", code="line_not_in_plan", field="line"
                )
        for channel in wish.channels:
            if not any(spec.channel is channel for spec, _ in self.lines.values()):
                raise InvalidInput(f"{channel.label} is not in the plan.", code="channel_not_in_plan", field="channel")
        return [
            code
            for code, (spec, _) in self.lines.items()
            if wish.of_all or code in wish.codes or spec.channel in wish.channels
        ]

    def _shape(self, wish: FlightWish, shape: Flighting, codes: Sequence[str]) -> None:
        if wish.of_all:
            self.pattern = self.pattern.shaped(shape, wish.weights, wish.pulse)
        for code in codes:
            own = self.lines[code][0].flighting
            if own or not wish.of_all:
                self._give(code, (own or self._plans(code)).shaped(shape, wish.weights, wish.pulse))
        self._say(wish, codes, f"flighting {shape.value.replace('_', ' ')}")

    def _close(self, wish: FlightWish, days: Days, codes: Sequence[str]) -> None:
        closed = self._changed(wish, days, codes, blacked_out)
        self._say(wish, codes, f"nothing in {_weeks_said(closed)}")

    def _open(self, wish: FlightWish, days: Days, codes: Sequence[str]) -> None:
        opened = self._changed(wish, days, codes, reopened)
        self._say(wish, codes, f"{_weeks_said(opened)} open again")

    def _changed(self, wish: FlightWish, days: Days, codes: Sequence[str], change: WeeksChange) -> list[date]:
        """The weeks that were meant, over all of these lines."""
        meant: set[date] = set()
        if wish.of_all:
            flight = self.brief.campaign.flight
            weeks = weeks_of(flight.start, flight.end, self.brief.first_weekday)
            meant |= set(weeks_meant(days, weeks))
            self.pattern = change(self.pattern, weeks, sorted(meant))
        for code in codes:
            own, weeks = self.lines[code][0].flighting, self._weeks(code)
            found = weeks_meant(days, weeks)
            if found and (own or not wish.of_all):
                self._give(code, change(own or self._plans(code), weeks, found))
            meant |= set(found)
        if not meant:
            raise InvalidInput(
                f"Nothing runs from {days.start} to {days.end}.", code="week_outside_flight", field="flighting"
            )
        return sorted(meant)

    def _pin(self, wish: FlightWish, day: date, amount: Money, codes: Sequence[str]) -> None:
        week = Days(day, day)
        running = [code for code in codes if self.lines[code][1].minor and weeks_meant(week, self._weeks(code))]
        if not running:
            raise InvalidInput(f"Nothing runs in the week of {day}.", code="week_outside_flight", field="pinned")
        total = Money.zero(self.brief.currency) + amount
        parts = split_minor(total.minor, [self.lines[code][1].minor for code in running])
        for code, part in zip(running, parts, strict=True):
            own, weeks = self.lines[code][0].flighting or self._plans(code), self._weeks(code)
            self._give(code, pinned(own, weeks, dict.fromkeys(weeks_meant(week, weeks), part)))
        start = weeks_meant(week, self._weeks(running[0]))
        self._say(wish, codes, f"{total} in {_weeks_said(start)}")

    def _give(self, code: str, pattern: FlightPattern) -> None:
        spec, amount = self.lines[code]
        self.lines[code] = replace(spec, flighting=None if pattern == self._plans(code) else pattern), amount

    def _plans(self, code: str) -> FlightPattern:
        return fitted(self.pattern, self._weeks(code))

    def _weeks(self, code: str) -> list[Week]:
        flight = self.lines[code][0].flight or self.brief.campaign.flight
        return weeks_of(flight.start, flight.end, self.brief.first_weekday)

    def _say(self, wish: FlightWish, codes: Iterable[str], what: str) -> None:
        labels = "" if wish.of_all else f"{', '.join(self.lines[code][0].label for code in codes)} "
        self.said.append(f"{labels}{what}")


def weeks_meant(days: Days, weeks: Sequence[Week]) -> list[date]:
    """First days of the weeks that are meant: those with at least half of their days, else the one with most."""
    covered = [(days.within(week), week) for week in weeks]
    half = [week.start for shared, week in covered if 2 * shared >= week.days]
    if half:
        return half
    most, week = max(covered, key=lambda each: each[0])
    return [week.start] if most else []


def _weeks_said(starts: Sequence[date]) -> str:
    named = [f"{day.day} {day:%B}" for day in starts]
    return (
        f"the week{'s' if len(named) > 1 else ''} of {' and '.join(filter(None, [', '.join(named[:-1]), named[-1]]))}"
    )
