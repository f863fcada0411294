"""Days that are over: "yesterday", "last week", "since Monday", "on 3 March". Other dates lie ahead (dates.py)."""

import re
from datetime import date, timedelta

from agents.language import calendar, ranges
from agents.language.context import Context
from agents.language.numbers import SMALL_NUMBER, small
from agents.language.utterance import Period, Utterance

Span = tuple[date | None, date | None]

_SINCE = re.compile(r"\b(?:since|ever since|starting|from)\s+(?P<rest>.{2,60})", re.I)
_AGO = re.compile(rf"\b(?P<count>{SMALL_NUMBER})\s+(?P<unit>day|week|month|year)s?\s+ago\b", re.I)
_LAST_FEW = re.compile(
    rf"\b(?:last|past|previous)\s+(?:(?P<count>{SMALL_NUMBER})\s+)?(?P<unit>hour|day|week|month|quarter|year)(?P<s>s?)\b",
    re.I,
)
_THIS = re.compile(r"\b(?:this|the current)\s+(?P<unit>week|month|quarter|year)\b", re.I)
_TODAY = re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening)|just now|so far)\b", re.I)
_YESTERDAY = re.compile(r"\b(?:yesterday|last night)\b", re.I)
_LATELY = re.compile(r"\b(?:recently|lately)\b", re.I)
_WEEKDAY = re.compile(rf"\b(?P<last>last\s+)?(?P<day>{'|'.join(calendar.WEEKDAYS)})\b", re.I)
_DAYS = {"hour": 1, "day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_FEW_DAYS = 7


def past(text: str, context: Context) -> Span:
    """First and last day, both included; None where nothing was said. Nothing in it lies after today."""
    if (since := _SINCE.search(text)) and (start := _span(since["rest"], context)[0]):
        until = _span(since["rest"], context)[1] if re.search(r"\b(?:to|until|till)\b", since["rest"], re.I) else None
        return min(start, context.today), until
    start, end = _span(text, context)
    return start, min(end, context.today) if end else None


def _span(text: str, context: Context) -> Span:
    today = context.today
    if _YESTERDAY.search(text):
        return today - timedelta(days=1), today - timedelta(days=1)
    if found := _AGO.search(text):
        day = today - timedelta(days=small(found["count"]) * _DAYS[found["unit"].lower()])
        return day, day
    if found := _LAST_FEW.search(text):
        return _last(found, context)
    if found := _THIS.search(text):
        span = calendar.unit(found["unit"].lower(), 0, context)
        return span.start, span.end
    if _LATELY.search(text):
        return today - timedelta(days=_FEW_DAYS), today
    if found := _WEEKDAY.search(text):
        back = (today.weekday() - calendar.WEEKDAYS.index(found["day"].lower())) % 7
        day = today - timedelta(days=back or (7 if found["last"] else 0))
        return day, day
    return _dated(text, context) or ((today, today) if _TODAY.search(text) else (None, None))


def _last(found: re.Match[str], context: Context) -> Span:
    """ "Last week" is the one before this; "the last 7 days" end today."""
    unit = found["unit"].lower()
    if found["count"] or found["s"] or unit in {"hour", "day"}:
        days = _DAYS[unit] * (small(found["count"]) if found["count"] else 2 if found["s"] else 1)
        return context.today - timedelta(days=days), context.today
    span = calendar.unit(unit, -1, context)
    return span.start, span.end


def _dated(text: str, context: Context) -> Span | None:
    """A date without a year is the latest such day that has come."""
    utterance = ranges.tagged(Utterance(text, {}), context)
    for period in utterance.values(utterance.text, Period):
        start, end = period.start or period.end, period.end or period.start
        if start is None or end is None:
            continue
        while period.yearless and start > context.today:
            start, end = calendar.shifted(start, -1), calendar.shifted(end, -1)
        return start, end
    return None
