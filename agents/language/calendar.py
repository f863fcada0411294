"""Months, quarters, halves and seasons as spans of days. A span that has no year lies ahead of `today`."""

import calendar
from datetime import date, timedelta

from agents.language.context import Context
from agents.language.utterance import Period, Unit

_SOUTH = frozenset(["AU", "NZ", "ZA", "AR", "CL", "UY", "PY", "BO", "PE", "BW", "NA", "ZW"])
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
WEEKDAYS = tuple(day.lower() for day in calendar.day_name)
LAST_YEAR = 9000


def last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def months_from(year: int, month: int, count: int) -> Period:
    """`count` whole months from the first of a month; `month` may be above 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    end = month + count - 1
    return Period(date(year, month, 1), last_day(year + (end - 1) // 12, (end - 1) % 12 + 1))


def month(number: int, year: int | None, today: date) -> Period:
    """The month being lived in still counts as this year's."""
    found = months_from(year or today.year + (number < today.month), number, 1)
    return Period(found.start, found.end, yearless=year is None)


def part_of_fiscal_year(index: int, months: int, year: int | None, context: Context) -> Period:
    """Quarter (3 months) or half (6) `index`, from 0. A fiscal year is named after the year it ends in."""
    first = context.fiscal_year_start + index * months
    if year is not None:
        return months_from(year - (context.fiscal_year_start > 1), first, months)
    ahead = (months_from(context.today.year + shift, first, months) for shift in (-1, 0, 1, 2))
    found = next(span for span in ahead if span.end and span.end >= context.today)
    return Period(found.start, found.end, yearless=True)


def season(name: str, year: int | None, context: Context) -> Period:
    """Meteorological seasons; turned round where the locale's country lies in the south."""
    south = context.locale.replace("_", "-").split("-")[-1].upper() in _SOUTH
    first = _SEASONS[name] + (6 if south else 0)
    first = first - 12 if first > 12 else first
    found = months_from(year or context.today.year, first, 3)
    if year is None and found.end and found.end < context.today:
        found = months_from(context.today.year + 1, first, 3)
    return Period(found.start, found.end, yearless=year is None)


def unit(name: str, ahead: int, context: Context) -> Period:
    """The week, month, quarter or year `ahead` of the one today lies in."""
    today = context.today
    if name == "week":
        first = WEEKDAYS.index(context.week_start) if context.week_start in WEEKDAYS else 0
        start = today - timedelta(days=(today.weekday() - first) % 7) + timedelta(weeks=ahead)
        return Period(start, start + timedelta(days=6))
    if name == "month":
        return months_from(today.year, today.month + ahead, 1)
    months = 3 if name == "quarter" else 12
    since = (today.month - context.fiscal_year_start) % 12 // months * months
    first_month = context.fiscal_year_start + since
    year = today.year - (1 if first_month > today.month else 0)
    return months_from(year, first_month + ahead * months, months)


def weekday(name: str, today: date) -> date:
    """The next such day after today."""
    return today + timedelta(days=(WEEKDAYS.index(name) - today.weekday() - 1) % 7 + 1)


def plus(start: date, count: int, name: Unit) -> date:
    """The last day of `count` days, weeks or months that begin on `start`; capped long before the calendar ends."""
    if name == "month":
        month = start.month + min(count, 1200)
        year, number = start.year + (month - 1) // 12, (month - 1) % 12 + 1
        day = min(start.day, calendar.monthrange(year, number)[1])
        return date(year, number, day) - timedelta(days=1)
    return start + timedelta(days=min(count, 5000) * (7 if name == "week" else 1) - 1)


def shifted(day: date, years: int) -> date:
    """The same day of another year; 28 February for a leap day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
