"""Shares of the budget that channels are to have: "60% on search", "social 40%", "50/50 between search and CTV"."""

import re
from decimal import Decimal
from typing import Any

from agents.language.clause import PCT, C, Clause
from agents.language.numbers import plain
from agents.language.utterance import Percent

_OF_BUDGET = r"(?:\s+of\s+(?:the\s+|our\s+|my\s+)?(?:total\s+)?(?:budget|spend|money))?"
_NO_SHARE = (  # but a change, a fee or a rate
    r"(?!\s*(?:more|less|higher|lower|extra|up|down|off|(?:ad\s+)?serving|(?:agency\s+)?(?:fees?|commission)|discount"
    r"|mark-?up|ctr|cvr|vtr|viewability|tax|vat)\b)"
)
_SIZE_FIRST = re.compile(
    rf"(?P<percent>{PCT}){_NO_SHARE}{_OF_BUDGET}\s*(?:(?:on|for|to|in|into|goes\s+to|going\s+to)\s+)?(?:the\s+)?"
    rf"(?P<channel>{C})",
    re.I,
)
_CHANNEL_FIRST = re.compile(
    rf"(?P<channel>{C})\s*(?:(?:to(?:\s+be)?|at|with|gets?|has|is|of|(?:should|must)\s+(?:get|have|be))\s+|[:=(]\s*)?(?P<percent>{PCT}){_NO_SHARE}",
    re.I,
)
_EITHER = re.compile(rf"(?P<percent>{PCT})|{C}")
_RATIO = re.compile(r"(?<![\d/])\d{1,3}(?:\s*/\s*\d{1,3}){1,9}(?![\d/])")
_EQUALLY = re.compile(
    r"\b(?:split|divid\w+|shar\w+|spread|allocat\w+|distribut\w+)\b.{0,80}?"
    r"\b(?:even(?:ly)?|equal(?:ly)?|in\s+equal\s+(?:parts|shares))\b.{0,10}?\b(?:between|among|across|over)\b",
    re.I,
)
_PORTIONS = re.compile(
    r"(?:\S{1,3}(?:\s*/\s*\d{1,3})+|\beven(?:ly)?|\bequal(?:ly)?|\bin\s+equal\s+(?:parts|shares))\s+"
    r"(?:between|among|across|over|on)\b",
    re.I,
)


def exact(clause: Clause, text: str) -> list[dict[str, Any]]:
    """A channel and its percent each; of what is said twice the last."""
    if several := _of_all(clause):
        return several
    first = _EITHER.search(text)
    shape = _SIZE_FIRST if first and first["percent"] else _CHANNEL_FIRST
    found = {}
    for match in shape.finditer(text):
        [channel] = clause.channels_in(match["channel"])
        percent = clause.utterance.value(match["percent"], Percent).value
        if 0 <= percent <= 100:
            found[channel.value] = plain(percent)
    return [{"channel": channel, "percent": percent} for channel, percent in found.items()]


def without_portions(text: str) -> str:
    """What says how the budget is shared out is no part of a campaign's name."""
    return _PORTIONS.sub(" ", text)


def as_limits(shares: list[dict[str, Any]]) -> dict[str, Any]:
    """No less and no more."""
    return {"minimums": shares, "maximums": shares} if shares else {}


def _of_all(clause: Clause) -> list[dict[str, Any]]:
    """Of everything that is said to share the budget, whose shares are told without naming each one's."""
    channels = clause.channels
    if not channels:
        return []
    if _EQUALLY.search(clause.said):
        each = (Decimal(100) / len(channels)).quantize(Decimal("0.01"))
        sizes = [*([each] * (len(channels) - 1)), 100 - each * (len(channels) - 1)]
    elif found := _RATIO.search(clause.said):
        sizes = [Decimal(size) for size in re.findall(r"\d+", found[0])]
    else:
        return []
    if len(sizes) != len(channels) or sum(sizes) != 100:
        return []
    return [{"channel": one.value, "percent": plain(size)} for one, size in zip(channels, sizes, strict=True)]
