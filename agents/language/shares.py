"""Shares of the budget that channels are to have: "60% on search", "social 40%", "50/50 between search and CTV"."""

import re
from decimal import Decimal
from typing import Any

from agents.language import portions
from agents.language.clause import PCT, Clause
from agents.language.numbers import plain
from agents.language.utterance import Percent

EVENLY = r"(?:even(?:ly)?|equal(?:ly)?|in\s+equal\s+(?:parts|shares))"
IN_RATIO = r"\S{1,3}(?:\s*/\s*\d{1,3})+"  # "60/40"; the first number may have become a slot
AMONG = r"(?:on|across|over|between|among)"
_SHARE = (  # and no change, fee or rate
    rf"{PCT}(?!\s*(?:more|less|higher|lower|extra|up|down|off|(?:ad\s+)?serving|(?:agency\s+)?(?:fees?|commission)"
    r"|discount|mark-?up|ctr|cvr|vtr|viewability|tax|vat)\b)"
    r"(?:\s+of\s+(?:the\s+|our\s+|my\s+)?(?:total\s+)?(?:budget|spend|money))?"
)
_RATIO = re.compile(r"(?<![\d/])\d{1,3}(?:\s*/\s*\d{1,3}){1,9}(?![\d/])")
_EQUALLY = re.compile(
    rf"\b(?:split|divid\w+|shar\w+|spread|allocat\w+|distribut\w+)\b.{{0,80}}?"
    rf"\b{EVENLY}\b.{{0,10}}?\b(?:between|among|across|over)\b",
    re.I,
)
_PORTIONS = re.compile(rf"(?:{IN_RATIO}|\b{EVENLY})\s+{AMONG}\b", re.I)


def exact(clause: Clause, text: str) -> list[dict[str, Any]]:
    """A channel and its percent each; of what is said twice the last."""
    if several := _of_all(clause):
        return several
    found = {}
    for said, size in portions.read(text, _SHARE, alone=True)[0]:
        channels, percent = clause.channels_in(said), clause.utterance.values(size, Percent)[0].value
        if len(channels) == 1 and 0 <= percent <= 100:  # what several get together is nobody's share
            found[channels[0].value] = plain(percent)
    return [{"channel": channel, "percent": percent} for channel, percent in found.items()]


def without_portions(text: str) -> str:
    """What says how the budget is shared out is no part of a campaign's name."""
    return _PORTIONS.sub(" ", text)


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
