"""When money runs: "front-load it", "pause the last week of April", "put 10k in the week of 2 March"."""

import re
from typing import Any

from agents.language.clause import CHANNELS, A, Args, Clause, P
from agents.language.numbers import SMALL_NUMBER, small
from agents.language.utterance import Period

DAYS_PER_WEEK = 7
_LOADS = (
    (
        "front_loaded",
        r"\bfront[ -]?load(?:ed|ing)?\b|\b(?:more|heavier|spend more|heavy)\s+(?:at the (?:start|beginning)"
        r"|up ?front|early)\b",
    ),
    (
        "back_loaded",
        r"\bback[ -]?load(?:ed|ing)?\b|\b(?:more|heavier|spend more|heavy)\s+(?:at the end|late|towards the end)\b",
    ),
    (
        "even",
        r"\b(?:even(?:ly)?|flat|equally)\s*(?:flight\w*|spread|over|across)?\b|\bspread (?:it|them|the spend)?\s*"
        r"(?:out\s*)?evenly\b",
    ),
)
_ON = rf"(?P<on>{P}|(?:{SMALL_NUMBER})(?:\s+weeks?)?)"
_PULSE = re.compile(rf"{_ON}\s+on\b\W*(?:and\s+|then\s+)?(?P<off>{P}|(?:{SMALL_NUMBER})(?:\s+weeks?)?)\s+off\b", re.I)
_PULSED = re.compile(r"\b(?:puls(?:e[ds]?|ing)|in\s+(?:waves|bursts|pulses))\b", re.I)
_OFF = (
    r"(?:pause|black\s?out|skip|stop|go\s+dark|dark|off\s+air|off|no\s+(?:spend(?:ing)?|money|media|budget|ads?)"
    r"|nothing|close|leave\s+out)"
)
_LINES = rf"(?:\s+(?:on|for)\s+(?:the\s+)?{CHANNELS})?"
_PAUSE = re.compile(
    rf"\b{_OFF}(?:\s+(?:all|the|everything|for|on|{CHANNELS}|spend(?:ing)?|in|during|over|from|is|runs?))*\s*(?P<days>{P})"
    + _LINES,
    re.I,
)
_RESUME = re.compile(
    rf"\b(?:re-?open|un-?pause|resume|open|run\s+again|bring\s+back)(?:\s+(?:the|for|on|{CHANNELS}|in|during))*\s*"
    rf"(?P<days>{P})",
    re.I,
)
_PIN = re.compile(
    rf"(?P<amount>{A})(?:\s+(?:of|for|on|the|{CHANNELS}))*\s+(?:in|into|for|on|during)\s+(?:the\s+)?(?P<days>{P})"
    + _LINES,
    re.I,
)
_WEIGHTS = re.compile(
    r"\bweights?\b(?:\s+(?:of|per|by|week|weekly|are|is|to))*\s*:?\s*"
    r"(?P<weights>\d+(?:\.\d+)?(?:\s*[,/:;-]\s*\d+(?:\.\d+)?)+)",
    re.I,
)
_RUN = re.compile(
    rf"(?P<only>\bonly\s+)?(?P<channels>{CHANNELS})(?:\s+(?:should|only|runs?|running|is|are|goes|go|live|to|just))*"
    rf"\s+(?:in|from|between|during|until|for)?\s*(?P<days>{P})",
    re.I,
)
_RUNS = re.compile(r"\bruns?\b|\brunning\b|\bonly\b|\bjust\b", re.I)


def shape(text: str) -> str | None:
    """Which of the shapes that need no more words is said."""
    return next((value for value, pattern in _LOADS if re.search(pattern, text, re.I)), None)


def read(clause: Clause) -> tuple[Args, str]:
    """`flights` of weeks that are closed, opened or fixed, and the text without them."""
    found: list[dict[str, Any]] = []
    text = clause.text
    for key, pattern, reading in (("pause", _PAUSE, _span), ("resume", _RESUME, _span), ("pins", _PIN, _pin)):
        for match in pattern.finditer(text):
            if (value := reading(clause, match)) is None:
                continue
            named = [channel.value for channel in clause.channels_in(match[0])]
            found.append({**({"channels": named} if named else {}), key: [value]})
            text = text.replace(match[0], " ", 1)
    return ({"flights": found} if found else {}), text


def read_shape(clause: Clause) -> Args:
    """`flighting` for another shape of all lines, `flights` where more is said of it, {} where nothing is."""
    named = [channel.value for channel in clause.channels]
    lines: dict[str, Any] = {"channels": named} if named else {}
    if pulse := _pulse(clause):
        return {"flights": [{**lines, "pulse": pulse}]}
    if weights := _WEIGHTS.search(clause.said):
        return {"flights": [{**lines, "weights": re.findall(r"\d+(?:\.\d+)?", weights["weights"])}]}
    said = shape(clause.text)
    if said is None:
        return {}
    return {"flights": [{**lines, "shape": said}]} if named else {"flighting": said}


def dates_of_lines(clause: Clause) -> tuple[list[dict[str, Any]], str]:
    """Changes of the days a line runs, "run CTV only in March", and the text without them."""
    if not _RUNS.search(clause.text):
        return [], clause.text
    changes: list[dict[str, Any]] = []
    text = clause.text
    for match in _RUN.finditer(text):
        period = clause.utterance.value(match["days"], Period)
        details = {key: day.isoformat() for key, day in (("start", period.start), ("end", period.end)) if day}
        if details:
            amended = {"action": "amend", "details": details}
            changes += [{"channel": channel.value, **amended} for channel in clause.channels_in(match["channels"])]
            text = text.replace(match[0], " ", 1)
    return changes, text


def _pulse(clause: Clause) -> dict[str, int] | None:
    if found := _PULSE.search(clause.text):
        return {"on": _count(clause, found["on"]), "off": _count(clause, found["off"])}
    return {"on": 2, "off": 2} if _PULSED.search(clause.text) else None


def _count(clause: Clause, said: str) -> int:
    """Weeks: "two weeks" is a length of time, "one" is a number."""
    if re.fullmatch(P, said):
        length = clause.utterance.value(said, Period).length
        return length[0] if length else 1
    return small(said.split()[0])


def _span(clause: Clause, match: re.Match[str]) -> dict[str, str] | None:
    period = clause.utterance.value(match["days"], Period)
    if not (period.start and period.end):
        return None
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _pin(clause: Clause, match: re.Match[str]) -> dict[str, Any] | None:
    """An amount for one week; for longer it is no wish about weeks."""
    period = clause.utterance.value(match["days"], Period)
    if not (period.start and period.end) or (period.end - period.start).days >= DAYS_PER_WEEK:
        return None
    return {"week": period.start.isoformat(), "amount": clause.money(match["amount"])}
