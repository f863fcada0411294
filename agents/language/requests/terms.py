"""Arguments of the tools for advertisers and benchmarks."""

import re
from decimal import Decimal

from agents.language.clause import ASK, PCT, Args, Clause
from agents.language.markets import markets
from agents.language.names import PROPER, after, proper
from agents.language.numbers import plain
from agents.language.utterance import Amount, Percent

_FEES = {
    "ad_serving": r"ad[ -]?serving",
    "dsp": r"dsp|platform|tech(?:nology)?",
    "data": r"data",
    "verification": r"verification|brand safety",
    "production": r"production|creative",
    "commission": r"commission|agency fees?|management fees?",
}
_KIND = "|".join(f"(?P<{kind}>{words})" for kind, words in _FEES.items())
_KIND_AFTER = "|".join(f"(?P<after_{kind}>{words})" for kind, words in _FEES.items())
_FEE = re.compile(
    rf"(?P<first>{PCT})\s*(?:of\s+net(?:\s+media)?\s+)?(?:for\s+|in\s+|as\s+)?(?:an?\s+|the\s+)?(?:{_KIND})\b"
    rf"|\b(?:{_KIND_AFTER})(?:\s+fees?)?\s*(?:of|is|at|to|:)?\s*(?P<second>{PCT})",
    re.I,
)
_DISCOUNT = re.compile(rf"\bdiscount\s*(?:of|is|at|to|:)?\s*(?P<a>{PCT})|(?P<b>{PCT})\s*(?:agency\s+)?discount", re.I)
_CURRENCY = re.compile(r"\bcurrency\s*(?:is|to|:)?\s*(?P<code>[A-Za-z]{3})\b", re.I)
_PATTERN = re.compile(r"\bnam(?:ing|es?)\b[^{]{0,40}(?P<pattern>\S*\{\S+)", re.I)
_PAYS = re.compile(rf"^\W*(?:and\s+)?(?P<name>{PROPER})\s+(?:now\s+)?(?:pays?|gets|has|is\s+charged)\b", re.I)
_CHARGED = re.compile(rf"\b(?:charge|bill)\s+(?P<name>{PROPER})", re.I)
_OWNER = re.compile(
    rf"\b(?:set|change|update|make|raise|lower)\s+(?P<name>{PROPER}?)(?:'s|’s)?\s+(?:agency|fees?|commission|naming)",
    re.I,
)
_CALLED = r"advertisers?|clients?|customers?"
_FIGURES = {
    "cpm": r"cpms?",
    "cpp": r"cpps?|cost per (?:rating )?point",
    "ctr": r"ctrs?|click(?:-?through)? rates?",
    "cvr": r"cvrs?|conversion rates?",
    "viewability": r"viewability",
    "completion_rate": r"completion rates?|vtrs?",
    "audience": r"audience(?: size)?",
    "frequency_cap": r"frequency caps?",
}
_PRICES = frozenset({"cpm", "cpp"})
_NUMBERS = frozenset({"audience", "frequency_cap"})
_SOURCE = re.compile(
    r"\bsource\s*(?:is|=|:)?\s*[\"“']?(?P<a>[^\"”;\n]{2,200}?)[\"”']?\s*$"
    r"|[,(]\s*(?:from|according to|based on|as in|per)\s+(?:the\s+|our\s+)?(?P<b>[^;()\n]{2,200}?)\)?\s*$",
    re.I,
)
_BARE = re.compile(r"\b(?:to|is|at|of|=)\s+(?P<number>\d[\d.,]*)\b")


def create_advertiser(clause: Clause) -> Args:
    name = next(iter(clause.names), None) or after(rf"(?:{_CALLED})(?:\s+called)?", clause.text)
    return {"name": name or ASK} | _terms(clause)


def update_advertiser(clause: Clause) -> Args:
    return {"client": _client(clause) or ASK} | (_terms(clause) or {"fees": ASK})


def show_advertiser(clause: Clause) -> Args:
    return {"client": _client(clause) or ASK}


def list_advertisers(clause: Clause) -> Args:
    return {"include_archived": True} if clause.has(r"\barchived\b") else {}


def set_benchmark(clause: Clause) -> Args:
    found = next((name for name, words in _FIGURES.items() if clause.has(rf"\b(?:{words})\b")), "cpm")
    number, currency = _figure(clause, found)
    source = _SOURCE.search(clause.said)
    said = (source["a"] or source["b"]).strip(" .,") if source else ""
    return _place(clause, currency) | {found: number or ASK, "source": said or ASK}


def list_benchmarks(clause: Clause) -> Args:
    place = _place(clause, "")
    known = {name: place[name] for name in ("channel", "market") if name in place and place[name] is not ASK}
    code = re.search(r"\bin\s+(?P<code>[A-Z]{3})\b", clause.said)
    return known | ({"currency": code["code"]} if code else {})


def remove_benchmark(clause: Clause) -> Args:
    code = re.search(r"\b(?:in\s+)?(?P<code>EUR|USD|GBP|CHF|JPY|[A-Z]{3})\b(?=\s*[,.!?]?$)", clause.said)
    return _place(clause, code["code"] if code else "")


def _place(clause: Clause, currency: str) -> Args:
    before_source = re.split(r"[,;(]\s*(?:source|from|according)\b", clause.said, maxsplit=1)[0]
    where = markets(before_source)
    place: Args = {"channel": clause.channels[0].value if clause.channels else ASK}
    if where:
        place["market"] = where[0]
    return place | {"currency": currency or clause.currency}


def _figure(clause: Clause, name: str) -> tuple[str | None, str]:
    """The number as its tool takes it, and the currency that was said."""
    amounts, percents = clause.amounts, clause.utterance.values(clause.text, Percent)
    if name in _PRICES or name in _NUMBERS:
        currency = amounts[0].currency if amounts else None
        return _number(clause, amounts), currency or ""
    if percents:
        return plain(percents[0].value / 100), ""
    return _number(clause, []), ""


def _number(clause: Clause, amounts: list[Amount]) -> str | None:
    if amounts:
        return plain(amounts[0].value)
    bare = _BARE.search(clause.said)
    return plain(Decimal(bare["number"].rstrip(".,").replace(",", ""))) if bare else None


def _terms(clause: Clause) -> Args:
    args: Args = {}
    fees = [fee for match in _FEE.finditer(clause.text) if (fee := _fee(clause, match))]
    if fees:
        args["fees"] = fees
    elif clause.has(r"\bno\s+(?:more\s+)?fees\b"):
        args["fees"] = []
    if found := _DISCOUNT.search(clause.text):
        args["agency_discount_percent"] = plain(clause.utterance.value(found["a"] or found["b"], Percent).value)
    if found := _CURRENCY.search(clause.said):
        args["currency"] = found["code"].upper()
    if found := _PATTERN.search(clause.said):
        args["naming"] = found["pattern"].strip("\"'“”.,")
    return args


def _fee(clause: Clause, match: re.Match[str]) -> Args:
    kind = next(kind for kind in _FEES if match[kind] or match[f"after_{kind}"])
    percent = clause.utterance.value(match["first"] or match["second"], Percent).value
    return {"kind": kind, "basis": "percent_of_net_media", "value": plain(percent)}


_TERM = re.compile(
    r"^(?:(?:agency|media|ad|serving)\s*)*(?:fees?|commission|discount|budget)?$|\bnet\b|\bgross\b", re.I
)


def _client(clause: Clause) -> str | None:
    if clause.names:
        return clause.names[0]
    for pattern in (_PAYS, _CHARGED, _OWNER):
        if (found := pattern.search(clause.text)) and (paying := proper(found["name"])) and not _TERM.search(paying):
            return paying
    name = after(rf"{_CALLED}|terms\s+(?:of|for)|fees\s+(?:of|for)|for|does|of", clause.text)
    if not name or _TERM.search(name):
        return None
    return re.sub(r"\s+(?:pays?|have|has|gets?|(?:to|as|at)\b.*)$", "", name, flags=re.I)
