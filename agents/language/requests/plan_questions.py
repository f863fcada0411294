"""Arguments of the questions about a plan."""

import re
from dataclasses import replace

from agents.language import constraints, goals
from agents.language.clause import ASK, Args, Clause
from agents.language.numbers import plain
from agents.language.references import campaign
from agents.language.utterance import Amount

_LESS = re.compile(r"\b(?:less|fewer|lower|cut|minus|reduction)\b|-\s?\d", re.I)
_CAP = re.compile(
    r"\bcap\w*\s+(?:of\s+|at\s+)?(\d{1,2})\b|\b(\d{1,2})\s+(?:exposures?\s+|times\s+)?(?:per|a|each)\s+week\b", re.I
)
_EFFECTIVE = re.compile(r"\b(\d{1,2})\s?\+|\bat\s+least\s+(\d{1,2})\s+times\b", re.I)
_DUPLICATION = re.compile(
    r"\b(?:duplication|overlap)(?:\s+factor)?(?:\s+(?:of|is|at|=))?\s*(\d{1,2}(?:\.\d{1,3})?)\b", re.I
)


def what_would_more_buy(clause: Clause) -> Args:
    sign = -1 if _LESS.search(clause.text) else 1
    if clause.percents:
        percent = sign * clause.percents[0].value
        args: Args = {"percent": plain(percent)} if -100 < percent <= 1000 else {"percent": ASK}
    elif clause.amounts:
        said = clause.amounts[0]
        args = {"amount": clause.money(Amount(sign * said.value, said.currency))}
    else:
        args = {"percent": ASK}
    return args | campaign(clause, r"campaign|plan\s+(?:for|of)")


def cheapest_budget(clause: Clause) -> Args:
    """A number is the outcome, so limits are read first."""
    args, rest = constraints.read(clause)
    left = replace(clause, text=rest)
    return args | {"outcome": goals.outcome(left) or ASK} | campaign(left, r"campaign|plan\s+(?:for|of)")


def rank_lines(clause: Clause) -> Args:
    return campaign(clause, r"campaign|plan\s+(?:for|of)|of|in")


def show_reach(clause: Clause) -> Args:
    args: Args = {}
    if cap := _CAP.search(clause.said):
        args["cap"] = int(cap[1] or cap[2])
    effective = _EFFECTIVE.search(clause.said)
    if effective and 2 <= int(effective[1] or effective[2]) <= 10:
        args["effective"] = int(effective[1] or effective[2])
    if overlap := _DUPLICATION.search(clause.said):
        args["duplication"] = overlap[1]
    if clause.versions and clause.versions[-1]:
        args["number"] = clause.versions[-1]
    return args | campaign(clause, r"for|of|campaign")
