"""A flight cut into the periods that an optimum is sought over: its weeks, or its calendar months."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.money import split_minor
from domain.planning.flighting.calendars import month_of
from domain.planning.flighting.weeks import Week, weeks_of


class PeriodLength(StrEnum):
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def days_in(self, start: date, end: date) -> int:
        return max((min(self.end, end) - max(self.start, start)).days + 1, 0)

    def by_month(self) -> Counter[int]:
        """Its days by the number of the calendar month, 1 to 12."""
        return Counter((self.start + timedelta(days=i)).month for i in range(self.days))


def periods_of(start: date, end: date, length: PeriodLength, first_weekday: int) -> list[Period]:
    """Whole but for the first and the last, which lie in the flight only in part."""
    if length is PeriodLength.WEEKS:
        return [Period(week.start, week.end) for week in weeks_of(start, end, first_weekday)]
    periods: list[Period] = []
    while start <= end:
        month = month_of(start)
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        last = min(following - timedelta(days=1), end)
        periods.append(Period(start, last))
        start = last + timedelta(days=1)
    return periods


def index_of(period: Period, by_month: Mapping[int, float]) -> float:
    """The index of its months, each for the days it has; 1 for a month that nothing is said of."""
    days = period.by_month()
    return sum(by_month.get(month, 1.0) * count for month, count in days.items()) / period.days


def mostly_in(period: Period, months: frozenset[int]) -> bool:
    days = period.by_month()
    return 2 * sum(count for month, count in days.items() if month in months) > period.days


def into_weeks(amounts: Sequence[int], periods: Sequence[Period], weeks: Sequence[Week]) -> list[int]:
    """Amounts by period as amounts by week, each over the days it shares with them, exact by largest remainder.

    Every period with an amount has to share a day with a week.
    """
    found = [0] * len(weeks)
    for amount, period in zip(amounts, periods, strict=True):
        if not amount:
            continue
        shared = [period.days_in(week.start, week.end) for week in weeks]
        for i, part in enumerate(split_minor(amount, shared)):
            found[i] += part
    return found


def into_periods(amounts: Sequence[int], weeks: Sequence[Week], periods: Sequence[Period]) -> list[int]:
    """The other way round."""
    found = [0] * len(periods)
    for amount, week in zip(amounts, weeks, strict=True):
        if not amount:
            continue
        for i, part in enumerate(split_minor(amount, [period.days_in(week.start, week.end) for period in periods])):
            found[i] += part
    return found
