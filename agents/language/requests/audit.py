"""Arguments of show_changes: when, by whom, on which campaign, or only what was refused."""

import re
from dataclasses import replace

from agents.language.clause import Args, Clause
from agents.language.past import past
from agents.language.people import named, shapes
from agents.language.references import campaign

_BY = shapes(
    r"\bwhat\s+(?:did|has|have)\s+{who}\s+(?:been\s+)?(?:chang|do|edit|touch)",
    r"\b(?:what|(?:everything|all)(?:\s+that)?)\s+(?!(?:did|has|have|was|were|is|are|changed|happened|else)\b){who}\s+(?:(?:has|have)\s+)?"
    r"(?:changed|did|done|edited|touched)\b",
    r"\b(?:chang(?:es?|ed)|made|done|actions?|log|trail|history)\s+(?:was\s+|were\s+)?by\s+{who}\s*(?:[,.;!?]|$|\b(?:today"
    r"|yesterday|since|last|this|recently|lately|in|on|between|during)\b|[\ue000-\uf8ff])",
    r"\b(?:show|see|list|view)\s+(?:me\s+)?{who}'s\s+(?:\w+\s+){0,2}?(?:changes|actions)\b",
)
_MYSELF = re.compile(r"\b(?:what|(?:everything|all)(?:\s+that)?)\s+(?:(?:did|have)\s+)?i\b", re.I)
_REFUSED = re.compile(r"\b(?:refus|forbid|forbade|blocked|denied|denial|not\s+allowed)", re.I)
_ELSEWHERE = re.compile(
    r"\b(?:yesterday|today|recently|lately|since\b.*|(?:the\s+)?(?:last|past|previous|this)\s+(?:\w+\s+)?(?:hours?|days?|weeks?"
    r"|months?|quarter|year)|\w+\s+(?:days?|weeks?|months?)\s+ago"
    r"|(?:(?:in|to|on|of|for)\s+)?(?:the\s+|our\s+|this\s+)?(?:workspace|team|account|tenant|audit(?:\s+(?:log|trail))?))\b",
    re.I,
)
_PLACE = r"in|on|of|to|for|with|about|campaign"
_VERB = r"changed|edited|launched|paused|resumed|archived|touched|cancelled|canceled|created|deleted|removed"
_IT = re.compile(r"\b(?:it|this|that|(?:this|that|the)\s+(?:campaign|one))\b", re.I)


def show_changes(clause: Clause) -> Args:
    since, until = past(clause.said, clause.context)
    days = (("since", since), ("until", until))
    args: Args = {key: day.isoformat() for key, day in days if day}
    found = next((match for shape in _BY if (match := shape.search(clause.text))), None)
    if found or _MYSELF.search(clause.text):
        args["person"] = named(clause, found["who"]) if found else "me"
    if _REFUSED.search(clause.text):
        args["refused_only"] = True
    return args | _campaign(clause, found)


def _campaign(clause: Clause, by: re.Match[str] | None) -> Args:
    """Only one that was said: without a name, or "it", the whole workspace is meant."""
    text = _ELSEWHERE.sub(" ", clause.text[by.end("who") :] if by else clause.text)
    found = campaign(replace(clause, text=text), _PLACE, _VERB, needed=False)
    if not found and _IT.search(text) and (active := clause.context.active_campaign):
        return {"campaign": active.name}
    return found
