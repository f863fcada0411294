"""Arguments of the tools that show a plan to others: exports and charts."""

import re

from agents.language.clause import Args, Clause
from agents.language.references import campaign

_STANDARD = re.compile(r"\b(?:json|media\s?plan\s?schema|standard)\b", re.I)
_KINDS = (
    ("curves", r"\b(?:response|curves?|saturation|diminishing|optimum|optimal)\b"),
    ("reach", r"\breach\b"),
    ("weeks", r"\b(?:weeks?|weekly|flow(?:chart)?|flighting|over time|timeline|gantt)\b"),
)
_CAMPAIGN = r"for|of(?=\s+(?-i:[A-Z]))"


def export_plan(clause: Clause) -> Args:
    wanted = {"format": "mediaplan_json"} if _STANDARD.search(clause.text) else {"format": "xlsx"}
    return campaign(clause, _CAMPAIGN) | wanted | _version(clause)


def show_chart(clause: Clause) -> Args:
    kind = next((kind for kind, words in _KINDS if re.search(words, clause.text, re.I)), "budget")
    return campaign(clause, _CAMPAIGN) | {"kind": kind} | _version(clause)


def _version(clause: Clause) -> Args:
    return {"version": clause.versions[-1]} if clause.versions and clause.versions[-1] else {}
