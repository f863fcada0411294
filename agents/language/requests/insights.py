"""Arguments of the insights agent's tools."""

import re

from agents.language.clause import Args, Clause
from agents.language.references import campaign

_GROUP = re.compile(
    r"\b(?:by|per|each|every|across(?:\s+(?:the|all|our|my))?|broken down by|for each"
    r"|group(?:ed)? by)\s+(?P<group>campaign|channel|month|status)(?:e?s)?\b"
    r"|\b(?P<adjective>month|channel|campaign|status)(?:ly|[ -]wise)?\s+(?:budget|spend|breakdown|split)",
    re.I,
)


def plan_summary(clause: Clause) -> Args:
    return campaign(clause, verb=r"sum+ar(?:y|i[sz]e|i[sz]ing)|sum\s+up|recap|tl;?dr")


def forecast(clause: Clause) -> Args:
    return campaign(clause, verb=r"forecast|predict") | (
        {"version": clause.versions[-1]} if any(clause.versions[-1:]) else {}
    )


def budget_overview(clause: Clause) -> Args:
    found = _GROUP.search(clause.text)
    return {"group_by": (found["group"] or found["adjective"]).lower()} if found else {}
