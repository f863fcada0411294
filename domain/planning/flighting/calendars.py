"""Weeks summed to months, of the calendar or of broadcasters. A week over two months is split by its days, exactly."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.errors import InvalidInput
from domain.money import split_minor
from domain.planning.flighting.weeks import DAYS_PER_WEEK, Week


class Calendar(StrEnum):
    GREGORIAN = "gregorian"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    def __post_init__(self) -> None:
        if not (date.min.year <= self.year <= date.max.year and 1 <= self.month <= 12):
            raise InvalidInput(f"{self.year}-{self.month} is not a month.", code="bad_month", field="month")

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


def month_of(day: date, calendar: Calendar = Calendar.GREGORIAN) -> Month:
    """A broadcast week runs from Monday to Sunday and belongs to the month of its Sunday."""
    if calendar is Calendar.BROADCAST:
        days_to_sunday = DAYS_PER_WEEK - 1 - day.weekday()
        day = date.fromordinal(min(day.toordinal() + days_to_sunday, date.max.toordinal()))
    return Month(day.year, day.month)


def broadcast_weeks(month: Month) -> list[Week]:
    """The four or five whole weeks of a broadcast month."""
    first = date(month.year, month.month, 1)
    monday = first - timedelta(days=first.weekday())
    return [
        Week(start, DAYS_PER_WEEK)
        for start in (monday + timedelta(weeks=i) for i in range(5))
        if month_of(start, Calendar.BROADCAST) == month
    ]


def by_month(
    weeks: Iterable[Week], amounts: Sequence[int], calendar: Calendar = Calendar.GREGORIAN
) -> dict[Month, int]:
    """Minor units by month, in order; they add up to the amounts. Largest remainder within each week."""
    totals: Counter[Month] = Counter()
    for week, minor in zip(weeks, amounts, strict=True):
        days = Counter(month_of(week.start + timedelta(days=i), calendar) for i in range(week.days))
        for month, part in zip(days, split_minor(minor, list(days.values())), strict=True):
            totals[month] += part
    return dict(sorted(totals.items()))
