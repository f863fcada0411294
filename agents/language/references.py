"""Which campaign is meant: a name, "the second", "the old one", or none, which is the active one."""

import re
from typing import Any

from agents.language.clause import ASK, Clause
from agents.language.names import PROPER, VERB, after, fronted, mentioned, proper

_NTH = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "last": -1,
}
_ORDINAL = re.compile(
    r"\b(?:(?:number|no\.?|item)\s+(?P<number>\d{1,2})|#(?P<hash>\d{1,2})|(?:the\s+)?"
    rf"(?P<nth>{'|'.join(_NTH)})(?:\s+(?:one|campaign)\b|\s*$|(?=\s*[,.;!?])))",
    re.I,
)
_OTHER = re.compile(r"\b(?:the\s+)?(?:old|older|other|previous)\s+(?:one|campaign)\b", re.I)
_ADJECTIVES = (
    r"(?:media|current|latest|new|whole|full|first|last|second|active|same|entire|test|planning|old|older"
    r"|other|previous|\w+ed|budget|next|this)"
)
_THING_OF = (  # "the plan of Northwind Spring campaign": what is shown is no part of the name
    r"(?:media\s+)?(?:plans?|(?:flow\s?)?charts?|workbook|forecasts?|budgets?|overview|summary|report|results?|numbers"
    r"|schedule|timeline|lines?|versions?|status|performance|reach|history|changes|details?|name)\s+(?:of|for)"
)
_POSSESSED = re.compile(
    rf"\b(?:the|my|our|this)\s+(?!{_ADJECTIVES}\b|{_THING_OF}\b)(?P<name>[^\W\d_][\w&'’.-]*(?:\s+(?!plan\b"
    rf"|campaign\b)[^\W\d_][\w&'’.-]*){{0,4}})\s+(?:campaign|plan|media plan)\b"
    rf"|\b(?!{VERB}\b)(?P<owner>[^\W\d_][\w&.-]*(?:\s+[A-Z][\w&.-]*){{0,3}})'s\s+"
    r"(?:campaign|plan|media plan|budget|forecast)\b"
    rf"|\bhow(?:'s|\s+is)\s+(?P<asked>{PROPER}?)\s+campaign\b",
    re.I,
)
_OPENED = {"create_campaign", "open_campaign"}


def campaign(clause: Clause, lead: str = r"for|of|campaign", verb: str = "", *, needed: bool = True) -> dict[str, Any]:
    """{"campaign": name}, {} for the active one, or {"campaign": ASK} when there is none and one is `needed`.

    A name follows the `lead` words, stands in front ("In Northwind, …"), or follows the `verb` if it reads like a name.
    """
    name = clause.names[0] if clause.names else _listed(clause) or _named(clause.text, lead, verb)
    if name is ASK or isinstance(name, str):
        return {} if _just_opened(clause, name) else {"campaign": name}
    if not needed or clause.context.active_campaign or any(tool in _OPENED for tool, _ in clause.before):
        return {}
    known = clause.memory.named_campaigns()
    return {"campaign": known[0]} if len(known) == 1 else {"campaign": ASK}


def points(text: str) -> bool:
    """Whether a campaign is meant by its place: "the second", "the old one"."""
    return bool(_ORDINAL.search(text) or _OTHER.search(text))


def _listed(clause: Clause) -> object:
    """A name from the last list, ASK when it was counted but nothing (or nothing clear) was listed, None when not."""
    if found := _ORDINAL.search(clause.text):
        listed = clause.memory.listed_campaigns()
        number = found["number"] or found["hash"]
        if found["number"] and not listed and (found.start() and found[0][0].isupper()):
            return None
        index = int(number) - 1 if number else _NTH[found["nth"].lower()]
        return listed[index] if listed and -1 <= index < len(listed) else ASK
    if _OTHER.search(clause.text):
        active = clause.context.active_campaign
        others = [name for name in clause.memory.named_campaigns() if not active or name.lower() != active.name.lower()]
        return others[0] if len(others) == 1 and active else ASK
    return None


def _named(text: str, lead: str, verb: str) -> str | None:
    if name := fronted(text):
        return name
    if (found := _POSSESSED.search(text)) and (name := proper(found["name"] or found["owner"] or found["asked"])):
        return name
    return after(lead, text) or (mentioned(verb, text) if verb else None)


def _just_opened(clause: Clause, name: object) -> bool:
    """The name of what this very message creates or opens means the active one."""
    opened = [args for tool, args in clause.before if tool in _OPENED]
    words = [str(args.get(key, "")).lower() for args in opened for key in ("name", "advertiser", "campaign")]
    return isinstance(name, str) and any(name.lower() in known for known in words if known)
