"""Single dates: days, months, quarters, seasons, "next week", durations. Ranges of them are in `ranges`."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import cast

from dateparser.date import DateDataParser

from agents.language import calendar
from agents.language.context import Context
from agents.language.numbers import SMALL_NUMBER, locale_of, small
from agents.language.utterance import Period, Unit

MONTH_NAMES = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_M = rf"(?:{MONTH_NAMES})\b(?:\.(?=\s*\d))?"
_D = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![\w%]|[.,]\d)"
_Y = r"(?:,?\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)\b)"
_Y2 = r"(?P<year>(?:20)?\d\d)\b"

DAYS_OF_MONTH = re.compile(
    rf"\b(?:(?:the\s+)?(?P<d1>{_D})\s*(?:-|–|to|until|till|through"
    rf"|and)\s*(?:the\s+)?(?P<d2>{_D})\s+(?:of\s+)?(?P<m1>{_M})"
    rf"|(?P<m2>{_M})\s+(?P<d3>{_D})\s*(?:-|–|to|until|till|through)\s*(?P<d4>{_D})(?!\s+(?:of\s+)?{_M})){_Y}?",
    re.I,
)
DAY = re.compile(
    r"(?<![\w/.-])(?:(?P<iso>\d{4}-\d\d?-\d\d?)|(?P<full>\d{1,2}([/.-])\d{1,2}\3(?:\d{4}|\d{2}))"
    r"|(?P<short>\d{1,2}/\d{1,2})"
    rf"|(?:the\s+)?{_D}\s+(?:of\s+)?{_M}{_Y}?|{_M}\s+(?:the\s+)?{_D}(?:,?\s+(?P<year2>(?:19|20)\d\d)\b)?)(?![\w/])",
    re.I,
)
PART_OF_MONTH = re.compile(
    r"\b(?P<part>(?:the\s+)?(?:end|start|beginning|middle)\s+of|early|mid|late)[\s-]+"
    rf"(?:(?P<month>{_M})(?:\s+{_Y2})?|(?:the\s+|this\s+)?(?P<next>next\s+)?(?P<unit>week|month|quarter|year))\b",
    re.I,
)
WEEK_OF_MONTH = re.compile(
    r"\b(?:the\s+)?(?P<nth>first|second|third|fourth|last|1st|2nd|3rd|4th)\s+"
    rf"(?:(?P<count>two|three|[23])\s+)?weeks?\s+(?:of|in)\s+(?P<month>{_M})(?:,?\s+(?P<year>20\d\d)\b)?",
    re.I,
)
MONTH = re.compile(
    rf"\b(?:(?:this|next|whole of|all of)\s+)?(?P<month>{_M})(?:,?\s+(?:of\s+)?(?P<year>20\d\d)\b(?!-\d))?", re.I
)
QUARTER = re.compile(
    r"\b(?:(?:FY\s?(?P<fy>(?:20)?\d\d)\s+)?(?:fiscal\s+)?(?:(?P<kind>[qh])(?P<n>[1-4])|(?:the\s+)?"
    r"(?P<nth>first|second|third|fourth|last|1st|2nd|3rd|4th)\s+(?P<long>quarter|half)(?:\s+of)?)\b"
    r"(?:(?:\s+|[/-])(?:of\s+)?(?:FY\s?)?(?P<year>(?:20)\d\d|(?<=/)\d\d)\b)?)",
    re.I,
)
UNIT = re.compile(
    r"\b(?:(?P<which>this|next|the coming|the current)\s+(?P<unit>week|month|quarter|year))\b(?!\s+and\b.{0,1}$)", re.I
)
RELATIVE = re.compile(
    (
        rf"\b(?:today|tomorrow|(?:in\s+)?{SMALL_NUMBER}(?:\s+of)?\s+(?:days?|weeks?|months?)(?:(?<=s)"
        rf"|\b)\s+from\s+(?:now|today)|in\s+{SMALL_NUMBER}\s+(?:days?|weeks?|months?))\b(?:'s time)?"
    ),
    re.I,
)
WEEKDAY = re.compile(
    rf"(?<!\bblack )(?<!\bgood )\b(?:(?:next|this|coming)\s+)?(?P<day>{'|'.join(calendar.WEEKDAYS)})\b", re.I
)
SEASON = re.compile(
    r"(?<!role )(?<!access )(?<!viewer )(?<!analyst )(?<!planner )(?<!admin )"
    r"\b(?:(?:this|next|during|over|in)\s+(?:the\s+)?)(?!(?-i:[A-Z][a-z]+\s+[A-Z][a-z]))(?P<season>spring|summer|autumn|fall|winter)\b"
    r"(?:\s+(?:of\s+)?(?P<year>20\d\d)\b)?(?!\s+(?:\w+\s+){0,2}(?:campaign|\d{11}))",
    re.I,
)
LENGTH = re.compile(
    (
        rf"(?<![\w.,$€£])(?P<count>{SMALL_NUMBER})(?:\s+of)?[\s-]+(?:full\s+)?(?P<unit>day|week|fortnight|month"
        rf"|quarter|year)s?\b"
    ),
    re.I,
)
YEAR = re.compile(r"(?<=\bin )(?P<year>20\d\d)\b(?!\s*[km%])")

_NTH = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3}
_MAY_AFTER = re.compile(
    r"(?:\b(?:in|for|from|to|until|till|through|meant|mean|during|this|next|by|since|and|or|of)|[-–,:])\s*$", re.I
)
_MAY_BEFORE = re.compile(rf"\s*(?:$|[,.;]|[-–]|(?:to|until|till|through|and)\s+(?:{MONTH_NAMES})\b)", re.I)

Reading = tuple[re.Pattern[str], Callable[[re.Match[str], Context], Period | None]]


def days_of_month(match: re.Match[str], context: Context) -> Period | None:
    name, first, last = match["m1"] or match["m2"], match["d1"] or match["d3"], match["d2"] or match["d4"]
    start, end = (
        _parsed(f"{re.sub('[a-z]+', '', day, flags=re.I)} {name} {match['year'] or ''}", context)
        for day in (first, last)
    )
    if not start or not end:
        return None
    yearless = match["year"] is None
    return Period(start, end if end >= start else calendar.shifted(end, 1), yearless=yearless, range=True)


def day(match: re.Match[str], context: Context) -> Period | None:
    if match["full"] is None and match["iso"] is None and match["short"] is None and _is_verb(match[0], match):
        return None
    found = _parsed(match[0], context)
    year = match["year"] or match["year2"] or match["full"] or match["iso"]
    return Period(found, found, yearless=year is None) if found else None


def part_of_month(match: re.Match[str], context: Context) -> Period | None:
    if match["month"]:
        year = int(match["year"]) if match["year"] else None
        span = calendar.month(_number(match["month"]), year and year + 2000 * (year < 100), context.today)
    else:
        span = calendar.unit(match["unit"].lower(), 1 if match["next"] else 0, context)
    assert span.start is not None
    assert span.end is not None
    part = match["part"].lower()
    where = span.end if "end" in part else span.start
    if "mid" in part:
        where = span.start + (span.end - span.start) // 2 if not match["month"] else span.start.replace(day=15)
    if "late" in part:
        where = span.end - timedelta(days=9)
    return Period(where, where, yearless=span.yearless)


def week_of_month(match: re.Match[str], context: Context) -> Period:
    """Seven days of the month: its first, its second … or its last; or as many weeks as were said."""
    span = calendar.month(_number(match["month"]), int(match["year"]) if match["year"] else None, context.today)
    assert span.start is not None
    assert span.end is not None
    days = timedelta(days=7 * (small(match["count"]) if match["count"] else 1) - 1)
    if match["nth"].lower() == "last":
        return Period(span.end - days, span.end, yearless=span.yearless)
    first = span.start + timedelta(weeks=_NTH[match["nth"].lower()])
    return Period(first, first + days, yearless=span.yearless)


def month(match: re.Match[str], context: Context) -> Period | None:
    if match["year"] is None and _is_verb(match["month"], match):
        return None
    return calendar.month(_number(match["month"]), int(match["year"]) if match["year"] else None, context.today)


def quarter(match: re.Match[str], context: Context) -> Period | None:
    half = (match["kind"] or match["long"]).lower() in {"h", "half"}
    parts = 2 if half else 4
    nth = (match["nth"] or "").lower()
    index = int(match["n"]) - 1 if match["n"] else (parts - 1 if nth == "last" else _NTH[nth])
    if index >= parts:
        return None
    said = match["year"] or match["fy"]
    year = int(said) + 2000 * (int(said) < 100) if said else None
    return calendar.part_of_fiscal_year(index, 12 // parts, year, context)


def unit(match: re.Match[str], context: Context) -> Period:
    ahead = 0 if match["which"].lower() in {"this", "the current"} else 1
    return calendar.unit(match["unit"].lower(), ahead, context)


def relative(match: re.Match[str], context: Context) -> Period | None:
    phrase = re.sub(r"\bfrom\s+today\b", "from now", match[0].lower()).removesuffix("'s time")
    if phrase in {"today", "tomorrow"}:
        found: date | None = context.today + timedelta(days=phrase == "tomorrow")
    else:
        found = _parsed(phrase, context)
    return Period(found, found) if found else None


def weekday(match: re.Match[str], context: Context) -> Period:
    found = calendar.weekday(match["day"].lower(), context.today)
    return Period(found, found, weekday=True)


def season(match: re.Match[str], context: Context) -> Period:
    return calendar.season(match["season"].lower(), int(match["year"]) if match["year"] else None, context)


def length(match: re.Match[str], context: Context) -> Period | None:
    count, name = small(match["count"]), match["unit"].lower()
    if not count:
        return None
    months = {"month": 1, "quarter": 3, "year": 12}.get(name)
    if months:
        return Period(length=(count * months, "month"))
    return Period(length=(count * 2, "week") if name == "fortnight" else (count, cast(Unit, name)))


def year(match: re.Match[str], context: Context) -> Period:
    return calendar.months_from(int(match["year"]), 1, 12)


# Longer readings first: "1-15 March" before "15 March" before "March".
READINGS: tuple[Reading, ...] = (
    (DAYS_OF_MONTH, days_of_month),
    (DAY, day),
    (PART_OF_MONTH, part_of_month),
    (QUARTER, quarter),
    (SEASON, season),
    (WEEK_OF_MONTH, week_of_month),
    (MONTH, month),
    (UNIT, unit),
    (RELATIVE, relative),
    (WEEKDAY, weekday),
    (YEAR, year),
    (LENGTH, length),
)


def _number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _is_verb(name: str, match: re.Match[str]) -> bool:
    """As in "we may", "march on": a lower-case "may" or "mar" without a date's company is no month."""
    word = name.strip(".")
    if word.lower() not in {"may", "mar", "march"} or (word[0].isupper() and match.start() > 0):
        return False
    alone = match.string[: match.start()].strip() == "" and match.string[match.end() :].strip(" .!") == ""
    if alone or (word.lower() == "march" and not re.match(r"\s+(?:on|ahead|forward)\b", match.string[match.end() :])):
        return False
    return not (_MAY_AFTER.search(match.string, 0, match.start()) or _MAY_BEFORE.match(match.string, match.end()))


@lru_cache(maxsize=64)
def _order(locale: str) -> str:
    pattern = locale_of(locale).date_formats["short"].pattern
    return "".join(sorted("DMY", key=lambda part: pattern.lower().find(part.lower())))


@lru_cache(maxsize=16)
def _parser(today: date, order: str) -> DateDataParser:
    return DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime.combine(today, time.min),
            "DATE_ORDER": order,
            "PREFER_DATES_FROM": "future",
        },
    )


@lru_cache(maxsize=4096)
def _read(phrase: str, today: date, order: str) -> date | None:
    found = _parser(today, order).get_date_data(phrase).date_obj
    return found.date() if found else None


def _parsed(phrase: str, context: Context) -> date | None:
    order = _order(context.locale)
    short = re.fullmatch(r"\d{1,2}/\d{1,2}", phrase)
    if re.match(r"\d{4}-", phrase):
        order = "YMD"
    elif short and order == "YMD":
        order = "MDY"
    return _read(re.sub(r"^the\s+", "", phrase.strip().lower()), context.today, order)
