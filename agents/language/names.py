"""Names: what stands in quotes or after "called" is a name whatever it says; others are found by where they stand."""

import re

from agents.language.dates import MONTH_NAMES
from agents.language.markets import is_market
from agents.language.money import LONG_NUMBER, MARKED
from agents.language.utterance import SLOT, Name, Utterance

_NEXT_INTENT = (
    r"(?:then|create|draft|plan|run|show|start|open|list|compare|summari[sz]e|archive|pause|launch|optimi[sz]e"
    r"|give|make|set|tell)\b"
)
VERB = r"(?:re-?)?(?:draft|plan|show|summari[sz]e|compare|forecast|optimi[sz]e|open|change|run|submit)"
_OTHER_REQUEST = r"\b(?:then|draft|plan|least|most|min(?:imum)?|max(?:imum)?)\b|[;\n]"
_UNIT = rf"(?:%|percent|{MONTH_NAMES}|(?:day|week|fortnight|month|quarter|year)s?)(?!\w)"
_NUMBER_OF_A_NAME = (
    rf"(?!{MARKED})(?!\d+\s*{_UNIT})(?!\d{{1,3}}\s\d{{3}}\b)"
    rf"(?:\d{{1,3}}|(?:19|20)\d\d|{LONG_NUMBER}|\d{{4,10}}(?!\d)(?=(?:(?!{_OTHER_REQUEST}).){{1,120}}?{MARKED}))"
    r"(?=\s|[,;:!?)]|\.(?:\s|$)|$)"
)
_END = (
    r"(?=\s*(?:[,;:!?\n]|\.(?:\s|$)|$)|\s+[-–—]\s|\s+(?:for|from|worth|budget|objective|starting|running"
    r"|targeting|then|please)\b"
    rf"|\s+(?:with|at|over|on|in|and)\s+(?:an?|the|our|my|budget|{_NEXT_INTENT}|search|social|[\d$€£])|\s+[$€£]"
    rf"|\s+(?!{_NUMBER_OF_A_NAME})\d|(?<=\d)\s+in\s+(?:{MONTH_NAMES})\b)"
)
_NAMED = (
    r"(?:called|named|titled|entitled|name(?:\s+(?:is|to|it)|\s?:)|call\s+(?:it|this(?:\s+(?:chat|session"
    r"|campaign|one))?|that)"
    r"|rename\s+(?:[\w'’-]+\s+){1,6}?(?:to|as|into))"
)
DOUBLE_QUOTED = re.compile(r'"(?P<name>[^"]{1,2000})(?:"|$)')
SINGLE_QUOTED = re.compile(r"(?<!\w)'(?P<name>[^'\n]{1,300}(?:'\w[^'\n]{0,300}){0,3})'(?!\w)")
CALLED = re.compile(rf"\b{_NAMED}\s+(?P<name>[^\s\"{SLOT[1:-1]}][^\n{SLOT[1:-1]}]{{0,120}}?){_END}", re.I)
LONGEST_NAME = 200
_WORD = r"[^\W\d_][\w&'’+./-]{0,40}"
_STOP = (
    r"(?:with|on|in|at|from|to|until|over|for|and|or|but|by|using|budget|objective|starting|running|then"
    r"|please|because|worth"
    r"|called|named|titled|which|that|as|is|are|of|so|we|i|if|across|goal|aim|kpi|asap|today|now|was|were|will"
    r"|has|have|do|does|did|right|it|next|looks?\s+like)"
)
PROPER = rf"(?!{_STOP}\b)(?:{_WORD}|\d{{1,4}})(?:\s+(?!{_STOP}\b)(?:{_WORD}|&|{LONG_NUMBER}|\d{{1,4}}\b)){{0,6}}"
_NUMBERED = re.compile(
    rf"\bcampaign\s*:?\s+(?P<name>(?!(?:{_STOP}|{MONTH_NAMES}|version|plan|spend)\b)(?-i:[A-Z])[\w&'’+./-]{{0,40}}"
    rf"(?:\s+(?!(?:{_STOP}|{MONTH_NAMES}|version)\b){_WORD}){{0,5}}?\s+{_NUMBER_OF_A_NAME})",
    re.I,
)
_FRONT = re.compile(rf"^\W*(?:(?:please|ok|and|also|so|now),?\s+)*(?:in|for)\s+(?P<name>{PROPER})\s*[,:]", re.I)
_DETERMINER = re.compile(
    r"^(?:the|my|our|a|an|this|that|their|its|your|campaign|client|customer|brand|all|any|some)\s+", re.I
)
_TAIL = re.compile(
    r"(?:'s)?(?:\s+(?:campaigns?|plans?|one|media plan|please|again|instead|too|job|now|quickly|briefly|workflow))*$",
    re.I,
)
_MOST = re.compile(r"(?:maxim(?:um|al)|minim(?:um|al)|highest|lowest)\b")
_POINTING = """
me us it this that now today them him her everyone you campaign client plan budget free sure one job chat session
team customer brand good once example instance fun start year month week all most least each every more less here
there what how conversions awareness traffic leads sales consideration media total rest spend money details status
channel channels version workflow something anything everything someone project new old other another same people
settings members overview forecast summary again first second third last previous current latest
doing going pacing performing end excel xlsx workbook spreadsheet pdf csv json powerpoint
"""
_NO_NAME = frozenset(_POINTING.split())
_TALK = """
short general brief addition fact case opinion view principle theory detail parallel future meantime meeting end
how why where when which who if whether quick simple results result figures numbers highlights performance progress
work state things thing stuff findings report table clicks impressions reach outcome goals costs
look looks say says mean means ready good better best well nice great mix split allocation roi focusing focused heavy
based just only about your yours mine his its our my their the all any some words
"""
_ORDINARY = _NO_NAME | frozenset(_TALK.split())


def masked(utterance: Utterance) -> Utterance:
    """Quoted text, and what follows "called", as Name slots. A double quote that never closes reaches to the end."""
    for pattern in (DOUBLE_QUOTED, SINGLE_QUOTED):
        utterance = utterance.tagged(Name, pattern, _name)
    for pattern in (CALLED, _NUMBERED):
        utterance = utterance.tagged(Name, pattern, _name, group="name")
    return utterance


def _name(match: re.Match[str]) -> Name | None:
    said = match["name"].strip()
    return Name(said) if said else None


def after(lead: str, text: str) -> str | None:
    """The proper name after one of the lead words, without its article: "Acme" of `after("for|of", "for the Acme")`."""
    for match in re.finditer(rf"\b(?:{lead})\s+(?:the\s+)?(?P<name>{PROPER})", text, re.I):
        if found := proper(match["name"]):
            return found
    return None


def mentioned(verb: str, text: str) -> str | None:
    """The name right after a verb that other words may follow: "Acme" of "plan Acme", None of "plan a party"."""
    found = re.search(rf"\b(?:{verb})\s+(?!an?\b)(?P<name>{PROPER})", text, re.I)
    return _recognised(found["name"]) if found else None


def fronted(text: str) -> str | None:
    """The name a request begins with: "Acme" of "In Acme, drop CTV"."""
    found = _FRONT.search(text)
    return _recognised(found["name"]) if found else None


def _recognised(words: str) -> str | None:
    """The proper name if its capitals show it, or else if it begins like none of the ordinary things to say."""
    name = proper(words)
    if name is None or name.lower() in _ORDINARY or is_market(name):
        return None
    if any(char.isupper() for char in name) and not name.isupper():
        return name
    first = words.split()[0].lower()
    ordinary = first in _ORDINARY or first.endswith("ly")
    return None if ordinary else name


def proper(words: str) -> str | None:
    """Words without article and trailing "campaign"; None when nothing is left that names anything."""
    name = words.strip(" .,;:!?'-")
    while (shorter := _DETERMINER.sub("", name)) != name:
        name = shorter
    name = _TAIL.sub("", name).strip()
    pointing = not name or name.lower() in _NO_NAME or _DETERMINER.fullmatch(f"{name} ") or _MOST.match(name)
    return None if pointing or len(name) < 2 else name


def titled(name: str) -> str:
    """Of "northwind spring" "Northwind Spring"; a name that has capitals stays as it was written."""
    return name if any(char.isupper() for char in name) else " ".join(w[:1].upper() + w[1:] for w in name.split())
