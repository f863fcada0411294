"""What an allocation is to reach: "cap CPA at 40", "a ROAS of 4", "stop where the next lead costs more than 60"."""

import re
from decimal import Decimal, InvalidOperation

from agents.language.clause import PCT, A, Args, Clause
from agents.language.numbers import SCALE, decimal, plain, scaled
from agents.language.utterance import Amount, Percent

OUTCOME = (
    r"(?:leads?|conversions?|clicks?|visits?|sales|orders?|customers?|sign-?ups?|actions?|acquisitions?|installs?"
    r"|(?:completed\s+)?views?|people|users|persons?)"
)
CPA = rf"(?:cpa|cpl|cost\s+per\s+(?:{OUTCOME}))"
_NUMBER = r"\d[\d.,']*"
_SUM = rf"(?P<sum>{A}|{_NUMBER})"
_AT = r"(?:\s*(?:[:=]|\b(?:of|at|to|is|below|under|within|most|more|no|than|not|above|down|around|by|should|be)\b))*\s*"
_WORD = r"(?:\s+(?:target|cap|limit|goal|ceiling))?"
_CPA = re.compile(
    rf"(?:\b(?:cap|limit|keep|hold|get|bring)\s+)?(?:\b(?:the|our|a|an)\s+)?(?:\b(?:target|max(?:imum)?|average)\s+)?"
    rf"\b{CPA}\b{_WORD}{_AT}{_SUM}",
    re.I,
)
_ROAS = re.compile(
    rf"(?:\b(?:the|our|a|an)\s+)?(?:\b(?:target|min(?:imum)?)\s+)?\broas\b{_WORD}"
    rf"(?:\s*(?:[:=]|\b(?:of|at|least|is|above|over|to|no|less|than)\b))*\s*(?:(?P<share>{PCT})|(?P<ratio>{_NUMBER})\s*x?)"
    rf"|(?:(?P<share2>{PCT})|(?P<ratio2>{_NUMBER})\s*x?)\s+roas\b",
    re.I,
)
_MARGINAL = re.compile(
    rf"(?:\b(?:stop|until|up to|as long as|while|where|when)\s+)+(?:the\s+)?next\s+{OUTCOME}\s+(?:would\s+)?costs?"
    rf"(?:\s+(?:more|less|no|not|at|most|over|under|below|above|than))*\s*{_SUM}"
    rf"|\bmarginal\s+{CPA}\b{_WORD}{_AT}(?P<sum2>{A}|{_NUMBER})",
    re.I,
)
_CHEAPEST = re.compile(
    rf"\b(?:cheapest|for\s+as\s+little\s+as\s+possible)\b.{{0,40}}?(?P<number>{_NUMBER})\s*(?P<scale>{SCALE})?\s*{OUTCOME}",
    re.I,
)
_COUNTED = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<scale>{SCALE})?\s*(?:more\s+)?{OUTCOME}\b", re.I)


def read(clause: Clause, text: str) -> tuple[Args, str]:
    """The goal as far as one was said, and the text without it."""
    if found := _MARGINAL.search(text):
        sum_ = _money(clause, found["sum"] or found["sum2"])
        return {"target_marginal": sum_}, _MARGINAL.sub(" ", text)
    if found := _CPA.search(text):
        return {"target_cpa": _money(clause, found["sum"])}, _CPA.sub(" ", text)
    if found := _ROAS.search(text):
        share = found["share"] or found["share2"]
        ratio = clause.utterance.value(share, Percent).value / 100 if share else _plain(clause, _ratio(found))
        return ({"target_roas": plain(ratio)} if ratio else {}), _ROAS.sub(" ", text)
    if found := _CHEAPEST.search(text):
        return {"cheapest_for": plain(_counted(clause, found))}, _CHEAPEST.sub(" ", text)
    return {}, text


def said(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_CPA, _ROAS, _MARGINAL))


def outcome(clause: Clause) -> str | None:
    """How many are wanted: "2,000 leads"; None when no number was said."""
    if found := _COUNTED.search(clause.text):
        return plain(_counted(clause, found))
    amounts = clause.utterance.values(clause.text, Amount)
    return plain(amounts[0].value) if amounts else None


def _counted(clause: Clause, found: re.Match[str]) -> Decimal:
    return scaled(_plain(clause, found["number"]), found["scale"])


def _ratio(found: re.Match[str]) -> str:
    return found["ratio"] or found["ratio2"] or ""


def _plain(clause: Clause, number: str, *, whole: bool = True) -> Decimal:
    try:
        return decimal(number.rstrip(".,'"), clause.context.locale, whole=whole)
    except InvalidOperation:
        return Decimal(0)


def _money(clause: Clause, said: str) -> dict[str, str]:
    """A bare number is one of the campaign's currency: nobody writes the sign after "CPA"."""
    if re.fullmatch(A, said):
        return clause.money(said)
    return clause.money(Amount(_plain(clause, said)))
