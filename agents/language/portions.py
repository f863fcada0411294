"""What each channel is to get: "100k on search", "search at 100k", or a list, "search 100k, social 50k"."""

import re
from functools import lru_cache
from typing import Any

from agents.language.clause import ASK, CHANNELS, Args, C

_PREPOSITION = r"(?:on|for|to|in|into|goes\s+to|going\s+to)"
_GETS = r"(?:(?:to(?:\s+be)?|at|gets?|has|is|of|(?:should|must)\s+(?:get|have|be))\s+|[:=(]\s*)"

Portion = tuple[str, str]  # a channel, or several together, and the size, as they stand in the text


def read(text: str, size: str, *, alone: bool) -> tuple[list[Portion], str]:
    """In the order of the text, and the text without them. `size` is the pattern of one, with what must not follow it.

    Without a word between them two things belong together beside others, or if one `alone` is enough.
    """
    found: list[tuple[int, Portion]] = []
    for shape in _said(size):
        found += _matches(shape, text)
        text = shape.sub(_blank, text)
    for listed in _listed(size, text):
        if (pairs := _matches(listed, text)) and (alone or found or len(pairs) > 1):
            found += pairs
            text = listed.sub(_blank, text)
    led = _with(size)
    found += _matches(led, text)
    return [portion for _, portion in sorted(found)], led.sub(_blank, text)


def as_limits(fixed: list[dict[str, Any]], args: Args) -> Args:
    """No less and no more, beside the limits that `args` has."""
    if not fixed:
        return {}
    return {key: [*args.get(key, []), *fixed] for key in ("minimums", "maximums") if args.get(key) is not ASK}


def _matches(shape: re.Pattern[str], text: str) -> list[tuple[int, Portion]]:
    return [(match.start(), (match["channels"], match["size"])) for match in shape.finditer(text)]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


@lru_cache
def _said(size: str) -> tuple[re.Pattern[str], ...]:
    return (
        re.compile(rf"(?P<size>{size})\s+{_PREPOSITION}\s+(?:the\s+)?(?P<channels>{CHANNELS})", re.I),
        re.compile(rf"(?P<channels>{C})\s*{_GETS}(?P<size>{size})", re.I),
    )


@lru_cache
def _with(size: str) -> re.Pattern[str]:
    """Last, since "search and CTV with 100k on search" gives CTV nothing."""
    return re.compile(rf"(?P<channels>{C})\s+with\s+(?P<size>{size})", re.I)


def _listed(size: str, text: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Sizes and channels take turns, and whichever is said first begins; else it is the other way round."""
    first = re.search(rf"(?P<size>{size})|{C}", text, re.I)
    size_first = bool(first and first["size"])
    return _in_turn(size, size_first=size_first), _in_turn(size, size_first=not size_first)


@lru_cache
def _in_turn(size: str, *, size_first: bool) -> re.Pattern[str]:
    pair = (rf"(?P<size>{size})", rf"(?P<channels>{C})")
    return re.compile(r"\s+".join(pair if size_first else reversed(pair)), re.I)
