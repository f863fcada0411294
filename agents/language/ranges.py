"""Ranges of dates: "1 March to 30 April", "6 weeks from Monday", "until Friday"; and a clause's dates as one flight."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from agents.language import dates
from agents.language.calendar import WEEKDAYS, plus, shifted
from agents.language.context import Context
from agents.language.utterance import Period, Utterance, placeholder

_P = placeholder(Period)
_ON = r"(?:\s+(?:on|in|the))*\s*"
_BETWEEN = re.compile(
    rf"(?:\b(?:from|between)\s+)?({_P})\s*(?:-|–|—|\bto\b|\b(?:un)?till?\b|\bthrough\b|\bthru\b|\bup to\b){_ON}({_P})",
    re.I,
)
_AND = re.compile(rf"\bbetween\s+({_P})\s+and\s+({_P})", re.I)
_FROM_FOR = re.compile(
    (
        rf"(?:\b(?:from|start(?:ing|s)?|begin(?:ning|s)?){_ON})?({_P}),?\s*(?:for|over|lasting"
        rf"|running)\s+(?:the\s+)?({_P})"
    ),
    re.I,
)
_LENGTH_FROM = re.compile(
    rf"({_P})\s*,?\s*(?:from|starting|beginning|as of|after|commencing|with a start){_ON}({_P})", re.I
)
_NEXT = re.compile(rf"\b(?:the\s+)?(?:next|coming|following)\s+({_P})", re.I)
_WEEK_OF = re.compile(
    rf"\b(?:the\s+)?(?:week\s+(?:of|from|beginning|commencing|starting)|w/c)\s+(?:on\s+)?(?:the\s+)?({_P})", re.I
)
_FROM = re.compile(
    r"\b(?:from|since|start(?:s|ing)?(?:\s+date)?|begin(?:s|ning)?|as of|launch(?:es|ing)|going live|go(?:es)? live)"
    rf"(?:\s+(?:is|to|at|of))*{_ON}({_P})",
    re.I,
)
_UNTIL = re.compile(
    r"\b(?:until|till?|through|end(?:s|ing)?(?:\s+date)?|up to|finish(?:es|ing)?)"
    rf"(?:\s+(?:is|at|to|until|till))*{_ON}({_P})",
    re.I,
)


def tagged(utterance: Utterance, context: Context) -> Utterance:
    """Every date and duration becomes a Period slot, pairs of them one slot."""
    for pattern, reading in dates.READINGS:
        utterance = utterance.tagged(Period, pattern, partial(_read, reading, context))
    if not any(isinstance(tag.value, Period) for tag in utterance.tags.values()):
        return utterance
    utterance = _merged(utterance, _WEEK_OF, partial(_whole_week, context))
    for pattern, combine in ((_AND, _joined), (_BETWEEN, _joined), (_FROM_FOR, _lasting), (_LENGTH_FROM, _lasting)):
        utterance = _merged(utterance, pattern, combine)
    utterance = _merged(utterance, _NEXT, lambda p: _lasting(p, Period(context.today, context.today)))
    utterance = _merged(utterance, _FROM, _beginning)
    return _merged(utterance, _UNTIL, _ending)


def flight(periods: Iterable[Period]) -> Period:
    """The dates of one clause as one period: a range before a single day, a duration from the start that was said."""
    found = list(periods)
    start = end = None
    length = next((period.length for period in found if period.length and not period.start), None)
    for period in sorted((p for p in found if p.start or p.end), key=lambda p: not p.range):
        one_day = period.start == period.end and not period.range
        start = start or period.start
        end = end or (None if one_day and period.start == start else period.end)
    if start and length and (end is None or any(p.start == start and p.end == end and not p.range for p in found)):
        end = plus(start, *length)
    return Period(start, end, length if not start else None)


def _read(
    reading: Callable[[re.Match[str], Context], Period | None], context: Context, match: re.Match[str]
) -> Period | None:
    return reading(match, context)


def _merged(utterance: Utterance, pattern: re.Pattern[str], combine: Callable[..., Period | None]) -> Utterance:
    return utterance.tagged(
        Period, pattern, lambda match: combine(*(utterance.value(char, Period) for char in match.groups()))
    )


def _joined(first: Period, last: Period) -> Period | None:
    """A yearless end comes after its start; a yearless start before an end whose year was said."""
    if not (first.start and last.end):
        return None
    start, end = first.start, last.end
    if first.yearless and not last.yearless:
        start = shifted(start, end.year - start.year)
        start = shifted(start, -1) if start > end else start
    while last.yearless and end < start:
        end = shifted(end, 1)
    if last.weekday and end < start:
        end += timedelta(days=-((end - start).days // 7) * 7)
    if first.yearless and last.yearless and end >= shifted(start, 1):
        end = shifted(end, -1)
    return Period(start, end, yearless=first.yearless and last.yearless, range=True)


def _lasting(first: Period, second: Period) -> Period | None:
    """A duration and the day it starts on, in either order."""
    length, begun = (first.length, second) if first.length else (second.length, first)
    if not length or not begun.start or begun.range:
        return None
    return Period(begun.start, plus(begun.start, *length), range=True)


def _whole_week(context: Context, period: Period) -> Period | None:
    """The calendar week of a day, as the tenant's weeks start."""
    if period.start is None or period.start != period.end:
        return None
    first = WEEKDAYS.index(context.week_start) if context.week_start in WEEKDAYS else 0
    start = period.start - timedelta(days=(period.start.weekday() - first) % 7)
    return Period(start, start + timedelta(days=6), range=True)


def _beginning(period: Period) -> Period | None:
    return replace(period, end=None) if period.start and not period.range else None


def _ending(period: Period) -> Period | None:
    return replace(period, start=None) if period.end and not period.range else None
