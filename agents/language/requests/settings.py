"""Arguments of change_settings: time zone, currency, locale, week start, fiscal year."""

import calendar
import re
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from agents.language.calendar import WEEKDAYS
from agents.language.clause import ASK, Args, Clause

_MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
_LANGUAGES = {
    "british english": "en-GB", "uk english": "en-GB", "american english": "en-US", "us english": "en-US",
    "canadian english": "en-CA", "australian english": "en-AU", "english": "en-US", "swiss german": "de-CH",
    "austrian german": "de-AT", "canadian french": "fr-CA", "brazilian portuguese": "pt-BR",
}  # fmt: skip
_CURRENCY = re.compile(r"\bcurrency\b(?:\s+(?:to|is|as|into|should be|be))*\s*:?\s*(?P<said>[\w ]{2,24})", re.I)
_TO = re.compile(r"\b(?:to|as|into|is|be|use|:)\s+(?P<said>[A-Za-z_/ +-]{2,40})", re.I)
_ZONE = re.compile(r"\b(?P<zone>[A-Z][A-Za-z_]+/[A-Za-z_+/-]+\w|UTC|GMT)\b", re.I)
_LOCALE = re.compile(r"\b(?P<locale>[a-z]{2}[-_][A-Za-z]{2})\b")
_CURRENCY_NAMES = {
    "euro": "EUR", "dollar": "USD", "us dollar": "USD", "canadian dollar": "CAD", "australian dollar": "AUD",
    "pound": "GBP", "british pound": "GBP",
    "swiss franc": "CHF", "franc": "CHF", "yen": "JPY", "rupee": "INR", "zloty": "PLN",
}  # fmt: skip


def change_settings(clause: Clause) -> Args:
    text = clause.said
    args: Args = {}
    if re.search(r"\btime ?zone\b|\btime\b", text, re.I) or _ZONE.search(text):
        args["timezone"] = _timezone(text) or ASK
    if re.search(r"\bcurrency\b", text, re.I):
        args["default_currency"] = _currency(text) or ASK
    if re.search(r"\b(?:locale|language|format)\b", text, re.I):
        args["locale"] = _locale(text) or ASK
    if re.search(r"\bweeks?\b", text, re.I):
        args["week_start"] = next((day for day in WEEKDAYS if re.search(rf"\b{day}\b", text, re.I)), ASK)
    if re.search(r"\b(?:fiscal|financial)\b", text, re.I):
        month = next((i for i, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}\b", text, re.I)), None)
        args["fiscal_year_start"] = month or ASK
    return args or {"setting": ASK}


def _timezone(text: str) -> str | None:
    """A zone's id as written, or the one whose city is named ("Berlin", "New York")."""
    zones, cities = _zones()
    if (found := _ZONE.search(text)) and found["zone"].lower() not in {"utc", "gmt"}:
        return zones.get(found["zone"].lower(), found["zone"])
    if found:
        return "UTC"
    words = re.findall(r"[A-Za-z]+", text.lower())
    pairs = [" ".join(words[i : i + n]) for n in (3, 2, 1) for i in range(len(words) - n + 1)]
    return next((cities[pair] for pair in pairs if pair in cities), None)


@lru_cache(maxsize=1)
def _zones() -> tuple[dict[str, str], dict[str, str]]:
    ids = [zone for zone in get_global("zone_territories") if "/" in zone and not zone.startswith("Etc/")]
    cities = {zone.rsplit("/", 1)[1].replace("_", " ").lower(): zone for zone in sorted(ids, reverse=True)}
    return {zone.lower(): zone for zone in ids}, cities


def _currency(text: str) -> str | None:
    found = _CURRENCY.search(text) or _TO.search(text)
    said = re.sub(r"\b(?:please|and|the|from|to)\b.*", "", found["said"], flags=re.I).strip().lower() if found else ""
    if re.fullmatch(r"[a-z]{3}", said):
        return said.upper()
    return _CURRENCY_NAMES.get(said.removesuffix("s"))


def _locale(text: str) -> str | None:
    if found := _LOCALE.search(text):
        return f"{found['locale'][:2].lower()}-{found['locale'][3:].upper()}"
    lower = text.lower()
    own = next((tag for name, tag in _LANGUAGES.items() if name in lower), None)
    return own or next((tag for name, tag in _languages().items() if re.search(rf"\b{name}\b", lower)), None)


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    """English names of languages to the tag of the country where most of their speakers live."""
    likely = get_global("likely_subtags")
    named = {str(name).lower(): code for code, name in Locale("en").languages.items() if len(code) == 2}
    return {
        name: f"{code}-{likely[code].split('_')[-1]}"
        for name, code in named.items()
        if code in likely and name.isalpha()
    }
