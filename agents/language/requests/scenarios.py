"""Arguments of the tools for scenarios."""

import re

from agents.language.clause import ASK, Args, Clause
from agents.language.references import campaign
from agents.language.requests import planning
from agents.language.utterance import Name, placeholder

_WORD = r"(?!(?:with|at|on|for|of|and|from|to|as|in|the|plan|instead|please)\b)[\w&'’+./%-]+"
_NAMED = rf"(?:{placeholder(Name)}|(?-i:[A-Z0-9])[\w&'’+./%-]*(?:\s+(?-i:[A-Z0-9])[\w&'’+./%-]*){{0,4}})"
_AFTER = re.compile(rf"\bscenarios?\s+(?:(?:called|named|number|no\.?|#)\s*)?(?P<name>{_NAMED}|{_WORD})", re.I)
_AS = re.compile(
    rf"\bas\s+(?:(?:an?|the|another|new)\s+(?=\S*scenario))*(?:scenario\s+)?(?P<name>{_NAMED}|{_WORD})", re.I
)
_TWO = re.compile(
    rf"\bcompar\w*\s+(?:(?:the\s+)?scenarios?\s+)?(?P<first>{_NAMED})\s*(?:,|\band\b|\bwith\b|\bto\b|\bvs\.?|\bversus\b|\bagainst\b|&)\s*"
    rf"(?:(?:the\s+)?scenario\s+)?(?P<second>{_NAMED})",
    re.I,
)
_ALONE = re.compile(rf"^\W*(?:promote|make|use|adopt|take)\s+(?:the\s+)?(?P<name>{_NAMED})", re.I)
_POINTS = re.compile(r"\b(?:this|that|it|the what[ -]?if)\b", re.I)
_OF = r"plan\s+(?:of|for)|campaign"


def save_scenario(clause: Clause) -> Args:
    """What was tried last where "this" is saved; else the conditions that are said."""
    found = _AFTER.search(clause.text) or _AS.search(clause.text)
    name = _said(clause, found["name"]) if found else None
    args: Args = {"name": name or ASK}
    rest = clause.text[: found.start()] + " " + clause.text[found.end() :] if found else clause.text
    tried = planning.what_if(Clause(rest, clause.utterance, clause.context, clause.memory, clause.before))
    tried = {key: value for key, value in tried.items() if key != "campaign" and value is not ASK}
    if not tried and _POINTS.search(clause.text):
        tried = _last_tried(clause)
    return args | tried | campaign(clause.without_names(), _OF)


def list_scenarios(clause: Clause) -> Args:
    return campaign(clause, r"plan\s+(?:of|for)|for|of")


def compare_scenarios(clause: Clause) -> Args:
    """Those that are named, or all."""
    if found := _TWO.search(clause.text):
        names = [_said(clause, found["first"]), _said(clause, found["second"])]
        more = re.findall(rf"(?:,|\band\b)\s*({_NAMED})", clause.text[found.end() :])
        return {"scenarios": [*names, *(_said(clause, one) for one in more)]} | campaign(clause.without_names(), _OF)
    return campaign(clause.without_names(), _OF + r"|for|of")


def one_scenario(clause: Clause) -> Args:
    found = _AFTER.search(clause.text) or _ALONE.search(clause.text)
    name = _said(clause, found["name"]) if found else None
    return {"scenario": name or ASK} | campaign(clause.without_names(), _OF)


def _said(clause: Clause, words: str) -> str | None:
    names = clause.utterance.values(words, Name)
    said = names[0].text if names else clause.utterance.reveal(words).strip(" .,;:!?\"'")
    return None if said.lower() in ("", "scenario", "scenarios") else said


def _last_tried(clause: Clause) -> Args:
    before = [args for tool, args in clause.before if tool == "what_if"]
    steps = [step for step in clause.memory.steps if not step.refused]
    if before:
        return {key: value for key, value in before[-1].items() if key != "campaign"}
    if steps and steps[-1].tool == "what_if":
        return {key: value for key, value in steps[-1].args.items() if key != "campaign"}
    return {}
