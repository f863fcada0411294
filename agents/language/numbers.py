"""Numbers as people write them: by the locale's separators, with k and m, or in English words."""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError, numbers

NUMBER = r"(?:\d{1,3}(?:[ \u00a0\u202f'.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,30}(?:[.,]\d{1,20})?(?:e\d{1,3}(?!\w))?)"
SCALE = r"(?:thousand|grand|millions?|billions?|mio|mil|bn|mm|mn|[kmb])(?![\w'])"

_SCALES = {"t": 3, "g": 3, "k": 3, "m": 6, "b": 9}
_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENTHS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: number for number, word in enumerate(_COUNTED.split())} | {"a": 1, "an": 1, "couple": 2}
_TENS = {word: number for number, word in zip(range(20, 100, 10), _TENTHS.split(), strict=True)}
_MULTIPLES = {"thousand": 1_000, "grand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORD = "(?:" + "|".join([*_UNITS, *_TENS, *_MULTIPLES, "hundred", "half", "quarters?", "of", "and"]) + ")"

SMALL_NUMBER = r"(?:\d{1,4}|" + "|".join(_UNITS) + ")"
NUMBER_IN_WORDS = rf"(?!and\b|of\b){_WORD}(?:[ -]+{_WORD}){{0,11}}\b"


@lru_cache(maxsize=64)
def locale_of(tag: str) -> Locale:
    """The babel locale of "en-CA" or "de_DE"; American English for a tag nobody knows."""
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en", "US")


def decimal(text: str, locale: str, *, whole: bool = False) -> Decimal:
    """Reads "1.234.567,89", "250 000" or "1e6".

    One separator before three digits is a thousands separator when `whole` (few amounts have three decimals), otherwise
    ("1.250 m") the locale decides.
    """
    plain = re.sub(r"[ \u00a0\u202f']", "", text.lower())
    if "e" in plain:
        return Decimal(plain.replace(",", "."))
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return Decimal(plain)
    mark = plain[last]
    both = "." in plain and "," in plain
    groups = plain.count(mark) > 1 or (
        not both and len(plain) - last == 4 and (whole or mark != numbers.get_decimal_symbol(locale_of(locale)))
    )
    units, fraction = (plain, "") if groups else (plain[:last], plain[last + 1 :])
    return Decimal(re.sub(r"[.,]", "", units) + ("." + fraction if fraction else ""))


def scaled(value: Decimal, scale: str | None) -> Decimal:
    if not scale:
        return value
    return value.scaleb(_SCALES[scale[0].lower()])


def plain(value: Decimal) -> str:
    """Without exponent and trailing zeros: "10", "12.5"."""
    return f"{value.normalize():f}"


def small(text: str) -> int:
    return int(text) if text.isdigit() else _UNITS[text.lower()]


def in_words(text: str) -> Decimal | None:
    """Reads "a quarter of a million", "one and a half million", "two hundred and fifty thousand"; None for others."""
    total, group, spoken = Decimal(0), Decimal(0), False
    words = [word for word in re.split(r"[ -]+", text.lower()) if word not in {"of", "and"}]
    parts = {"half", "quarter", "quarters"}
    words = [
        w
        for w, after in zip(words, [*words[1:], ""], strict=True)
        if w not in {"a", "an"} or after not in {*parts, "couple"}
    ]
    for word, before in zip(words, ["", *words], strict=False):
        if word in {"a", "an"} and before in parts:
            continue
        if word in _MULTIPLES:
            total, group = total + (group or Decimal(1)) * _MULTIPLES[word], Decimal(0)
        elif word == "hundred":
            group = (group or Decimal(1)) * 100
        elif word in parts:
            part = Decimal("0.5") if word == "half" else Decimal("0.25")
            if before in _MULTIPLES:
                total += part * _MULTIPLES[before]
            else:
                group = group * part if word == "quarters" else group + part
        else:
            group += _UNITS.get(word, _TENS.get(word, 0))
        spoken = True
    return total + group if spoken else None
