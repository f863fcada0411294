"""Amounts of money in symbols, codes and words."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import iso4217
from babel import numbers

from agents.language.context import Context
from agents.language.numbers import NUMBER, NUMBER_IN_WORDS, SCALE, decimal, in_words, locale_of, scaled
from agents.language.utterance import Amount
from domain.errors import InvalidInput
from domain.money import exponent

_DOLLARS = frozenset(
    ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "BZD", "BSD", "JMD", "TTD", "XCD", "FJD", "NAD"]
)
_KRONER = frozenset(["SEK", "NOK", "DKK", "ISK"])
_SYMBOLS = {
    "us$": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "s$": "SGD", "hk$": "HKD",
    "r$": "BRL", "mx$": "MXN", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "zł": "PLN", "₺": "TRY", "₪": "ILS",
    "₴": "UAH", "₽": "RUB", "fr.": "CHF", "sfr": "CHF",
}  # fmt: skip
_WORDS = {
    "us dollar": "USD", "canadian dollar": "CAD", "australian dollar": "AUD", "euro": "EUR", "pound": "GBP",
    "quid": "GBP", "sterling": "GBP", "yen": "JPY", "swiss franc": "CHF", "franc": "CHF", "rupee": "INR",
    "zloty": "PLN",
}  # fmt: skip
_SHARED = {"$": _DOLLARS, "dollar": _DOLLARS, "buck": _DOLLARS, "¥": frozenset({"JPY", "CNY"}), "kr": _KRONER,
           "kroner": _KRONER, "kronor": _KRONER}  # fmt: skip
_FALLBACK = {"¥": "JPY", "kr": "SEK", "kroner": "DKK", "kronor": "SEK"}
_CODES = frozenset(currency.code for currency in iso4217.Currency) - {
    "ALL", "TOP", "CUP", "TRY", "PEN", "GEL", "SOS",
}  # fmt: skip  # words of a shouted message
_NOT_CODES = """
API CTV OLV OOH SEM PPC SEO KPI CPA CPC CPM CTR ROI OTT JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC AND FOR THE
NOW MIN MAX PER ALL OUT OFF NEW GET BUT NOT YES BIG TOP PUT CUT ADD SET RUN USE TRY ITS OUR ARE WAS HAS CAN YOU
ANY
"""

_SYMBOL = "(?:" + "|".join(re.escape(s) for s in sorted([*_SYMBOLS, "$", "¥"], key=len, reverse=True)) + ")"
_USUAL = "usd|eur|gbp|chf|cad|aud|jpy|sek|nok|dkk|pln|inr|nzd|sgd|brl|mxn|cny|zar"
_CODE = rf"(?:(?-i:{'|'.join(sorted(_CODES))})|{_USUAL})(?![\w'])"
_ANY_CODE = rf"(?:(?!(?:{'|'.join(_NOT_CODES.split())})\b)(?-i:[A-Z]{{3}})|{_USUAL})(?![\w'])"
_NOUN = r"(?:(?:" + "|".join([*_WORDS, "dollar", "buck"]) + r")s?|kr|kroner|kronor)(?![\w'])"
_OTHER_UNIT = (
    r"(?!\s*(?:%|percent|per\s?cent|pct|x\b|[a-z-]*\s?(?:impressions|clicks|conversions|views|people|users"
    r"|visits|leads|times)\b))"
)
PATTERN = re.compile(
    rf"(?:(?<![\w.,$€£-])(?P<minus>-|minus\s+))?(?<![\w.])(?:(?P<pre>{_SYMBOL}|{_CODE})\s?(?P<minus2>-)?)?"
    rf"(?P<number>(?<!\d){NUMBER}){_OTHER_UNIT}"
    rf"(?:\s?(?P<scale>{SCALE}))?{_OTHER_UNIT}(?:\s?(?P<post>{_SYMBOL}|{_NOUN}|{_ANY_CODE}))?(?![\w])",
    re.IGNORECASE,
)
IN_WORDS = re.compile(
    rf"(?:(?P<pre>{_SYMBOL})\s?)?\b(?<!\d )(?P<number>{NUMBER_IN_WORDS}){_OTHER_UNIT}"
    rf"(?:\s?(?P<post>{_SYMBOL}|{_NOUN}|{_ANY_CODE}))?",
    re.IGNORECASE,
)
MARKED = (
    rf"(?<!\w)(?:(?:{_SYMBOL}|{_CODE})\s?\d|{NUMBER}\s?(?:{SCALE}|{_SYMBOL}|{_NOUN}|{_ANY_CODE})"
    r"|(?:for|budget(?:\s+(?:of|is))?:?)\s+(?!(?:19|20)\d\d\b)\d[\d.,']{3,})"
)
"""What can only be an amount: a number with a currency or a scale, or a large one after "for" or "budget"."""

LONG_NUMBER = r"\d{11,20}"
"""Too long for a bare amount: an identifier, as in "Spring launch 1795416708305"."""

_BUDGET_BEFORE = re.compile(
    r"\b(?:budget|spend|have|amount|worth|least|most|max|min|cap)(?:\s+(?:of|is|to|at|only|was|were|=|now))*\s*:?\s*$",
    re.I,
)

_CHANGED_BEFORE = re.compile(r"\b(?:to|by)\s+$", re.I)
_NOTHING_AFTER = re.compile(r"\s*(?:$|[,.;!?)\n]|(?:and|please|then)\b)", re.I)


def amount(match: re.Match[str], context: Context) -> Amount | None:
    """The amount a PATTERN match means; None when it is only a number (a year, a count, a time)."""
    try:
        value = scaled(decimal(match["number"], context.locale, whole=not match["scale"]), match["scale"])
    except InvalidOperation:
        return None
    marked = match["pre"] or match["post"]
    if not marked and not match["scale"] and not _stands_alone(match, value):
        return None
    sign = -1 if match["minus"] or match["minus2"] else 1
    return Amount(sign * value, _currency(match["pre"] or "", context) or _currency(match["post"] or "", context))


def amount_in_words(match: re.Match[str], context: Context) -> Amount | None:
    value = in_words(match["number"])
    marked = match["pre"] or match["post"]
    budget = _BUDGET_BEFORE.search(match.string, max(0, match.start() - 40), match.start())
    if value is None or (value < 1000 and not marked and not budget):
        return None
    return Amount(value, _currency(match["pre"] or match["post"] or "", context))


def as_json(amount: Amount, currency: str) -> dict[str, str]:
    """{"amount": "250000.00", "currency": "USD"}: ISO 4217's decimals unless more were said; `currency` if none was."""
    code = amount.currency or currency
    try:
        places = exponent(code)
    except InvalidInput:
        places = 2
    if amount.value.adjusted() > 20:
        return {"amount": str(amount.value), "currency": code}
    said = -int(amount.value.normalize().as_tuple().exponent)
    return {"amount": f"{amount.value:.{max(places, said)}f}", "currency": code}


def _stands_alone(match: re.Match[str], value: Decimal) -> bool:
    """Without unit or scale: large enough to be money and no year, or named a budget."""
    if _BUDGET_BEFORE.search(match.string, max(0, match.start() - 40), match.start()):
        return True
    if _CHANGED_BEFORE.search(match.string, max(0, match.start() - 8), match.start()) and _NOTHING_AFTER.match(
        match.string, match.end()
    ):
        return not 1900 <= value <= 2100
    if re.fullmatch(LONG_NUMBER, match["number"]):
        return False
    grouped = not match["number"].isdigit()
    return value >= 1000 and (grouped or not 1900 <= value <= 2100)


@lru_cache(maxsize=512)
def _resolved(sign: str, default: str, locale: str) -> str:
    """A sign several currencies share: the tenant's own, else its locale's, else the best known."""
    shared = _SHARED[sign]
    if default in shared:
        return default
    territory = locale_of(locale).territory
    local = numbers.get_territory_currencies(territory) if territory else []
    return next((code for code in local if code in shared), _FALLBACK.get(sign, "USD"))


def _currency(mark: str, context: Context) -> str | None:
    sign = mark.strip().lower().removesuffix("s") if len(mark) > 3 else mark.lower()
    if sign in _SHARED:
        return _resolved(sign, context.currency, context.locale)
    if sign in _SYMBOLS or sign in _WORDS:
        return _SYMBOLS.get(sign) or _WORDS.get(sign)
    code = mark.upper()
    return code if len(code) == 3 and code.isalpha() else None
