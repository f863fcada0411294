"""Markets: the countries a campaign runs in."""

import re
from functools import lru_cache

from babel import Locale

_MARKETS = re.compile(r"\b(?:[Ii]n|markets?(?:\s+(?:is|are|to))?:?)\s+(?P<markets>[A-Z][\w .,&'-]{1,120})")


def markets(text: str) -> list[str]:
    """ISO 3166 codes of the countries named after "in" or "markets"."""
    codes: list[str | None] = []
    for match in _MARKETS.finditer(text):
        for part in re.split(r"\s*(?:,|&|\band\b)\s*", match["markets"]):
            if (code := part.strip(" .")) in _codes():  # "AT" or "IT" by itself is no small word
                codes.append(code)
                continue
            words = re.sub(r"^the\s+", "", part.lower()).strip(" .").split()[:4]
            known = (_territories().get(" ".join(words[:n])) for n in range(len(words), 0, -1))
            codes.append(next((code for code in known if code), None))
    return list(dict.fromkeys(code for code in codes if code))[:100]


def is_market(words: str) -> bool:
    """Whether the words are a country: "In Germany, …" speaks of no campaign."""
    return words.lower() in _territories()


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(_territories().values())


@lru_cache(maxsize=1)
def _territories() -> dict[str, str]:
    names = {
        str(name).lower(): code for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()
    }
    own = {
        "us": "US",
        "usa": "US",
        "uk": "GB",
        "great britain": "GB",
        "england": "GB",
        "america": "US",
        "holland": "NL",
    }
    return (
        {
            code.lower(): code
            for code in names.values()
            if code not in {"IN", "ON", "AT", "IS", "IT", "TO", "SO", "NO", "BE", "AS", "DO", "MY", "ME"}
        }
        | names
        | own
    )
