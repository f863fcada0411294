"""Changes to the lines of a plan: "move 20k from search to social", "drop CTV", "increase display by 10%"."""

import re
from collections.abc import Callable
from typing import Any

from agents.language.clause import ASK, CHANNELS, PCT, A, C, Clause
from agents.language.numbers import plain
from agents.language.utterance import Percent
from domain.channels import Channel

Change = dict[str, Any]
MOST_CHANGES = 40
_THE = r"(?:\s+(?:the|our|my|budget|spend|spending|for|of|on|up|down|more|another|an|extra|additional|about))*\s*"
_UP = r"(?:increas(?:e|ing)|rais(?:e|ing)|boost(?:ing)?|bump(?:ing)?|grow(?:ing)?|up|add(?:ing)?)"
_DOWN = (
    r"(?:decreas(?:e|ing)|reduc(?:e|ing)|cut(?:ting)?|lower(?:ing)?|trim(?:ming)?|drop(?:ping)?|shrink(?:ing)?|take)"
)
_SIZE = rf"(?:(?P<amount>{A})|(?P<percent>{PCT}))"


def _size(clause: Clause, match: re.Match[str]) -> Change:
    found = match.groupdict()
    if found.get("percent"):
        percent = clause.utterance.value(found["percent"], Percent).value
        return {"percent": plain(percent)} if 0 < percent <= 1000 else {"amount": ASK}
    return {"amount": clause.money(found["amount"])}


def _move(clause: Clause, match: re.Match[str]) -> list[Change]:
    source, target = (clause.utterance.value(match[key], Channel).value for key in ("source", "target"))
    if share := match.groupdict().get("percent"):
        percent = clause.utterance.value(share, Percent).value
        size: Change = {"percent": plain(percent)} if 0 < percent <= 100 else {"amount": ASK}
        return [{"channel": source, "action": "move", **size, "to_channel": target}]
    amount = clause.money(match["amount"]) if match["amount"] else ASK
    return [
        {"channel": source, "action": "decrease", "amount": amount},
        {"channel": target, "action": "increase", "amount": amount},
    ]


def _by(action: str) -> Callable[[Clause, re.Match[str]], list[Change]]:
    def change(clause: Clause, match: re.Match[str]) -> list[Change]:
        return [
            {"channel": c.value, "action": action, **_size(clause, match)}
            for c in clause.channels_in(match["channels"])
        ]

    return change


def _set(clause: Clause, match: re.Match[str]) -> list[Change]:
    """A channel the plan does not have yet is added; without knowing the plan it is set."""
    known = clause.context.channels_of_plan
    return [
        {"channel": c.value, "action": "set" if not known or c in known else "add", **_size(clause, match)}
        for c in clause.channels_in(match["channels"])
    ]


def _whole(action: str) -> Callable[[Clause, re.Match[str]], list[Change]]:
    return lambda clause, match: [{"channel": c.value, "action": action} for c in clause.channels_in(match["channels"])]


def _replace(clause: Clause, match: re.Match[str]) -> list[Change]:
    removed = [{"channel": c.value, "action": "remove"} for c in clause.channels_in(match["channels"])]
    return removed + [{"channel": c.value, "action": "add"} for c in clause.channels_in(match["others"])]


def _times(clause: Clause, match: re.Match[str]) -> list[Change]:
    action, percent = {"double": ("increase", "100"), "triple": ("increase", "200"), "halve": ("decrease", "50")}[
        match["times"].lower()
    ]
    return [{"channel": c.value, "action": action, "percent": percent} for c in clause.channels_in(match["channels"])]


def _vague(clause: Clause, match: re.Match[str]) -> list[Change]:
    action = "increase" if match["more"] else "decrease"
    return [{"channel": c.value, "action": action, "amount": ASK} for c in clause.channels_in(match["channels"])]


_CS = rf"(?P<channels>{CHANNELS})"
_LINE = r"(?:an?\s+)?(?:new\s+)?(?:lines?\s+(?:for|of|on)\s+)?"
_SHAPES: tuple[tuple[str, Callable[[Clause, re.Match[str]], list[Change]]], ...] = (
    (
rf"(?:(?P<amount>{A})|(?P<percent>{PCT}))?(?:some|money|budget|part|spend|\s|more|of (?:it|the|that))*\s*"
rf"(?:from|out of|off|away from)\s+(?:the\s+)?(?P<source>{C})"


rf"(?:'s)?(?:\s+budget)?\s*(?:,|and)?\s*(?:(?:put|move|shift|add)\s+(?:it|that|them)\s+)?(?:in)?(?:to|onto"
rf"|on|for)\s+(?:the\s+)?(?P<target>{C})"
, _move),
    ((
rf"(?P<amount>{A})(?:\s+more)?\s+(?:in)?to\s+(?:the\s+)?(?P<target>{C})\s+(?:from"
rf"|out of)\s+(?:the\s+)?(?P<source>{C})"
), _move),
    ((
rf"\b(?:replace|swap|exchange|substitute)\s+(?:out\s+)?{_CS}\s+(?:with|for|by"
rf"|against)\s+(?P<others>{CHANNELS})"
), _replace),
    ((
rf"\b(?:move|shift|transfer|reallocate|take|put)\s+(?P<percent>{PCT})\s+of\s+(?:the\s+|our\s+)?(?P<source>{C})(?:'s)?"
rf"(?:\s+(?:budget|spend|money))?\s+(?:(?:in)?to|on(?:to)?)\s+(?:the\s+)?(?P<target>{C})"
), _move),
    (rf"\b(?P<times>double|triple|halve)(?:\s+(?:the|our|my|budget|spend|for|of|on))*\s+{_CS}", _times),
    (rf"\b{_UP}{_THE}{_CS}(?:\s+(?:budget|spend))?\s+(?:up\s+)?by\s+{_SIZE}", _by("increase")),
    (rf"\b{_DOWN}{_THE}{_CS}(?:\s+(?:budget|spend))?\s+(?:down\s+)?(?:by\s+)?(?!to\b){_SIZE}", _by("decrease")),
    (rf"\b{_DOWN}{_THE}{_SIZE}\s+(?:from|off|out of|of|on)\s+{_CS}", _by("decrease")),
    (rf"(?P<amount>{A})\s+(?:out of|off)\s+{_CS}", _by("decrease")),
    (rf"\b(?:give|giving)\s+{_CS}\s+(?:another\s+|an extra\s+)?{_SIZE}\s+(?:more|extra|on top)", _by("increase")),
    ((
rf"\b(?:{_UP}|another|an extra|extra|additional){_THE}{_SIZE}\s+(?:more\s+)?(?:to|on|onto|for|into"
rf"|in)\s+{_CS}"
), _by("increase")),
    (rf"{_SIZE}\s+(?:more|extra|additional|on top)\s+(?:to|on|for|into|in|of)\s+{_CS}", _by("increase")),
    (rf"{_SIZE}\s+(?:less|fewer)\s+(?:to|on|for|into|in|of)\s+{_CS}", _by("decrease")),
    (rf"{_CS}\s+up\s+(?:by\s+)?{_SIZE}", _by("increase")),
    (rf"{_CS}\s+down\s+(?:by\s+)?{_SIZE}", _by("decrease")),
    ((
rf"\b(?:add|include|bring in|also use)\s+(?:also\s+)?{_LINE}{_CS}(?:\s+line)?\s+(?:with|at|for|of|using)"
rf"\s+(?P<amount>{A})"
), _by("add")),
    (rf"{_CS}\s*(?:budget\s+)?(?:to|at|=|:|is|gets|should be|should get)\s*(?P<amount>{A})", _set),
    (rf"(?P<amount>{A})\s+(?:on|to|for|into|in|towards)\s+(?:the\s+)?{_CS}", _set),
    (rf"(?:\bgive|,|\band)\s+{_CS}\s+(?P<amount>{A})(?!\s*(?:more|less|extra|additional|on\s+top))", _set),
    (rf"\b(?:add|include|bring in|also use|use also)\s+(?:also\s+|some\s+)?{_LINE}{_CS}", _whole("add")),
    (
rf"\b(?:remove|drop|delete|cut|kill|lose|exclude|stop|get rid of|without|no more|ditch|skip|scrap|take out"
rf"|take|kick out|eliminate)"

     rf"\s+(?:out\s+)?(?:the\s+)?{_CS}(?!\s+(?:to|by)\b)", _whole("remove")),
    (rf"\bmore(?:\s+(?:money|budget|spend|on|for|in|to))*\s+{_CS}\s+by\s+{_SIZE}", _by("increase")),
    (rf"\bless(?:\s+(?:money|budget|spend|on|for|in|to))*\s+{_CS}\s+by\s+{_SIZE}", _by("decrease")),
    ((
rf"\b(?:(?P<more>more|increase|raise|boost|bump up)|less|decrease|reduce|lower|trim)(?:\s+(?:money|budget"
rf"|spend|the|on|for|in|to))*\s+{_CS}"
), _vague),
)  # fmt: skip
_PATTERNS = [(re.compile(shape, re.I), reading) for shape, reading in _SHAPES]


def read(clause: Clause) -> tuple[list[Change], str]:
    """The changes in the order they were said, and the text without them. An amount that was not said is ASK."""
    text, found = clause.text, []
    for pattern, reading in _PATTERNS:
        for match in pattern.finditer(text):
            found.append((match.start(), reading(clause, match)))
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    changes = [change for _, changes in sorted(found, key=lambda item: item[0]) for change in changes]
    return changes[:MOST_CHANGES], text
