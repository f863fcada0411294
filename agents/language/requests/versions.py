"""Arguments of the tools for versions of a plan, copies and being in step with the campaign."""

import re

from agents.language.clause import ASK, Args, Clause, P
from agents.language.names import PROPER, after, proper
from agents.language.references import campaign
from agents.language.utterance import Period

_COPY = r"(?:copy|duplicate|clone|repeat|reuse|re-use|apply)"
_COPIED = re.compile(
    rf"\b{_COPY}\s+(?:(?:the|our|my|this)\s+)*(?!(?:the|our|my|this|campaign)\b)(?P<name>{PROPER})\s+campaign\b", re.I
)
_SOURCE = re.compile(rf"\bplan\s+(?:of|from)\s+(?:the\s+)?(?P<name>{PROPER}?)\s+(?:to|into|onto|for)\s", re.I)
_HOW = {
    "scale": r"\b(?:re-?)?(?:scale|size)|\bproportion|\bto fit\b",
    "optimize": r"\boptimi[sz]e",
    "keep": r"\b(?:keep|leave)|\bas it is\b|\bunchanged\b",
}


def undo_plan(clause: Clause) -> Args:
    args: Args = {"version": clause.versions[-1]} if clause.versions and clause.versions[-1] else {}
    if not args and (bare := clause.has(r"\bto\s+(?:number\s+|no\.?\s*)?(\d{1,4})\b")):
        args["version"] = int(bare[1])
    return args | campaign(clause, r"(?:plan|campaign)\s+(?:of|for)|for|of|in(?=\s+(?-i:[A-Z]))")


def resync_plan(clause: Clause) -> Args:
    how = next((name for name, words in _HOW.items() if clause.has(words)), ASK)
    return {"how": how} | campaign(clause, r"(?:plan|campaign)\s+(?:of|for)|for|of")


def changes_since_approval(clause: Clause) -> Args:
    return campaign(clause, r"plan\s+(?:of|for)|for|of|in(?=\s+(?-i:[A-Z]))")


def copy_plan(clause: Clause) -> Args:
    """Whose plan, and the campaign that gets it: names in the order they were said, the last one is the target."""
    names = clause.names
    target = names[-1] if names else after(r"to|into|onto", clause.text)
    if not target:
        target = after(r"for", clause.text)
    args: Args = {"to_campaign": target or ASK}
    source = names[0] if len(names) > 1 else None
    if source is None and (found := _SOURCE.search(clause.text)):
        source = proper(found["name"])
    if source:
        args["campaign"] = source
    if clause.has(r"\bscal|\bproportion|\bto (?:its|that|the) budget\b"):
        args["scale"] = True
    return args


def copy_campaign(clause: Clause) -> Args:
    """To a month means from its first day on, as long as the original; two dates are meant as they are said."""
    args: Args = {}
    flight = clause.flight
    if flight.start:
        args["start"] = flight.start.isoformat()
    if flight.end and not (flight.start and _is_a_month(clause)):
        args["end"] = flight.end.isoformat()
    if clause.amounts:
        args["budget"] = clause.money(clause.amounts[-1])
    if clause.has(r"\bwithout\s+(?:the\s+|its\s+)?plan\b"):
        args["with_plan"] = False
    names = clause.names
    if names and clause.has(r"\b(?:as|called|named)\b"):
        args["name"] = names[-1]
        names = names[:-1]
    if names:
        return args | {"campaign": names[0]}
    found = _COPIED.search(clause.text)
    name = proper(found["name"]) if found else after(r"(?:copy|duplicate|clone)\s+of", clause.text)
    return args | (
        {"campaign": name} if name else campaign(clause, r"campaign\s+(?:of|for)|of", r"copy|duplicate|clone")
    )


def _is_a_month(clause: Clause) -> bool:
    periods = clause.utterance.values(clause.text, Period)
    if len(periods) != 1 or clause.has(rf"{P}\s*(?:-|–|to|until|through)"):
        return False
    start, end = periods[0].start, periods[0].end
    return bool(start and end and start.day == 1 and (start.year, start.month) == (end.year, end.month))
