"""Second thoughts about what was done: "no, make it 300k", "I meant May", "the second" after a refusal.

A call that was refused is made again with what was said now; what went through is changed by the tool for that.
"""

import re
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz, process

from agents.language import objectives, references
from agents.language.calendar import plus
from agents.language.clause import ASK, Args, Clause
from agents.language.memory import Step
from agents.language.money import as_json
from agents.language.names import proper
from agents.language.numbers import plain
from agents.language.people import role
from agents.language.requests import approvals
from agents.language.utterance import Amount

Call = tuple[str, Args]
_SECOND_THOUGHT = re.compile(
    r"^\W*(?:no+|nope|nah|actually|sorry|wait|oops|correction|i\s+meant?|i\s+mean|rather|make\s+(?:it|that"
    r"|this)|should\s+be|it\s+should|change\s+(?:it|that|this)|wrong|not\b|my\s+mistake|better|and|or|try)\b"
    r"|\b(?:instead|i\s+meant|rather)\b",
    re.I,
)
_NO = re.compile(r"\W*(?:no+|nope|nah|actually|sorry|wait|oops|correction|i\s+meant?)\b", re.I)
_YES = re.compile(r"^\W*(?:yes|yep|yeah|yup|exactly|right|correct|sure|that one|that'?s it|i did|please)\b", re.I)
_FLIPPED = {"increase": "decrease", "decrease": "increase"}
_ASKED = re.compile(r"\s*Refused \(\w+, (?P<field>member|person|request)\)")
_LOOK_BACK = 8


def is_second_thought(text: str) -> bool:
    return bool(_NO.match(text))


def correction(clause: Clause) -> Call | None:
    """The call that puts right the latest call the message can be about; None when it is no correction."""
    steps = clause.memory.steps[-_LOOK_BACK:]
    if not steps:
        return None
    last = steps[-1]
    if picked := _picked(clause, last) or _chosen(clause, last):
        return picked
    refused = [step for step in clause.memory.turns[-1].steps if step.refused]
    if not (_SECOND_THOUGHT.search(clause.text) or refused or last.tool == "what_if"):
        return None
    for step in (*refused, *reversed(steps)):
        changed = _changed(step, clause)
        if changed:
            return step.tool if step.refused else _tool_after(step.tool), _merged(step, changed)
    return None


def _picked(clause: Clause, last: Step) -> Call | None:
    """A campaign chosen from a list: opens it, or repeats the call that was refused for not knowing which."""
    if not (last.refused or last.tool == "list_campaigns") or (last.refused and "campaign" not in last.result.lower()):
        return None
    named = references.campaign(clause, r"for|of|campaign|meant?|the", needed=False).get("campaign")
    listed = clause.memory.listed_campaigns()
    said = proper(re.sub(r"^\W*(?:no|i meant?|sorry|the one called)\W+", "", clause.said, flags=re.I))
    if not isinstance(named, str) and said and len(said) <= 80 and not clause.amounts:
        best = process.extractOne(said, listed, scorer=fuzz.WRatio, score_cutoff=80) if listed else None
        named = best[0] if best else None
    if not isinstance(named, str) and last.refused and len(listed) == 1 and _YES.search(clause.text):
        named = listed[0]
    if not isinstance(named, str):
        return None
    if last.refused:
        return last.tool, {**last.args, "campaign": named}
    return "open_campaign", {"campaign": named}


def _chosen(clause: Clause, last: Step) -> Call | None:
    """A member or a request, after a refusal that did not know which one was meant."""
    asked = _ASKED.match(last.result) if last.refused else None
    if asked is None:
        return None
    if asked["field"] == "request":
        said = approvals.request(clause, clause.said).get("request")
        words = re.findall(r"\w{3,}", said) if isinstance(said, str) else []
        known = any(word.lower() in last.result.lower() for word in words)
        return (last.tool, {**last.args, "request": said}) if known else None
    email = _member_chosen(clause)
    return (last.tool, {**last.args, asked["field"]: email}) if email else None


def _member_chosen(clause: Clause) -> str | None:
    """The address of one of those offered. A name that two of them have chooses nobody."""
    offered = clause.memory.offered_members()
    names = [name for name, _ in offered]
    known = [
        *((name, email) for name, email in offered if names.count(name) == 1),
        *((email, email) for _, email in offered),
    ]
    said = re.sub(r"^\W*(?:no|i meant?|sorry|yes|the one called)\W+", "", clause.said, flags=re.I)
    if best := process.extractOne(said, [text for text, _ in known], scorer=fuzz.WRatio, score_cutoff=80):
        return known[best[2]][1]
    return offered[0][1] if len(offered) == 1 and _YES.search(clause.text) else None


def _changed(step: Step, clause: Clause) -> Args:
    """The step's arguments the message gives a new value to."""
    match step.tool:
        case "create_campaign" | "update_campaign":
            return _of_campaign(step, clause)
        case "what_if" | "optimize_plan" | "draft_plan":
            return _of_allocation(step, clause)
        case "run_planning_workflow":
            return {"channels": [c.value for c in clause.channels]} if clause.channels else {}
        case "revise_plan":
            return _of_revision(step, clause)
        case "rename_session":
            return {"title": clause.names[-1]} if clause.names else {}
        case "set_delegation":
            own = clause.context.default_currency
            return {"cap": as_json(clause.amounts[-1], own), "unlimited": ASK} if clause.amounts else {}
        case "change_member_role" | "grant_campaign_role":
            return {"as_role": found} if (found := role(clause.text)) else {}
        case _:
            return {}


def _of_campaign(step: Step, clause: Clause) -> Args:
    if clause.channels:
        return {}
    args: Args = {}
    if clause.amounts:
        args["budget"] = clause.money(clause.amounts[-1])
    flight = clause.flight
    args |= {key: day.isoformat() for key, day in (("start", flight.start), ("end", flight.end)) if day}
    if (
        clause.has(r"\b(?:end|ends|ending|until)\b")
        and "start" in args
        and args.get("end", args["start"]) == args["start"]
    ):
        args["end"] = args.pop("start")
    if flight.length and (start := step.args.get("start")):
        args["end"] = plus(date.fromisoformat(start), *flight.length).isoformat()
    if objective := objectives.objective(clause.text):
        args["objective"] = objective.value
    if clause.names:
        args["name"] = clause.names[-1]
    return args


def _of_allocation(step: Step, clause: Clause) -> Args:
    if step.tool == "draft_plan" and clause.channels and not clause.amounts:
        return {"channels": [c.value for c in clause.channels]}
    if clause.percents and (limits := _limits_with(step, clause, {"percent": plain(clause.percents[0].value)})):
        return limits
    if clause.percents and step.tool == "what_if":
        sign = "-" if clause.has(r"\bless|\blower|\bcut|\bminus|-") else ""
        percent = Decimal(sign + plain(clause.percents[0].value))
        return {"budget_percent": plain(percent), "budget": ASK} if -100 < percent <= 1000 else {}
    if not clause.amounts:
        return {}
    money = clause.money(clause.amounts[-1])
    if limits := _limits_with(step, clause, {"amount": money}):
        return limits
    return (
        {"budget": money, "budget_percent": ASK}
        if step.tool == "what_if"
        else {"budget": money}
        if step.tool == "optimize_plan"
        else {}
    )


def _limits_with(step: Step, clause: Clause, size: dict[str, Any]) -> Args:
    """The limits the message is about, by another size: a limit in percent is corrected in percent or in money."""
    said = {c.value for c in clause.channels}
    for key in ("minimums", "maximums", "minimum_buys"):
        bounds: list[dict[str, Any]] = step.args.get(key) or []
        about = [bound for bound in bounds if not said or bound["channel"] in said]
        shares = "percent" in size and not any("percent" in bound for bound in about)
        if about and not shares and ("budget" not in step.args or said):
            return {key: [{"channel": b["channel"], **size} if b in about else b for b in bounds]}
    return {}


def _of_revision(step: Step, clause: Clause) -> Args:
    """The same changes by another size: after "move 20k", "make it 30k" moves 10k more."""
    changes: list[dict[str, Any]] = deepcopy(step.args.get("changes") or [])
    said = {c.value for c in clause.channels}
    sized = [change for change in changes if "amount" in change and (not said or change["channel"] in said)]
    if not clause.amounts or not sized or (said and len(sized) != len(said)):
        return {}
    if step.refused:
        money = clause.money(clause.amounts[-1])
        return {"changes": [{**change, "amount": money} if change in sized else change for change in changes]}
    return {
        "changes": [_resized(change, clause.amounts[-1], clause.currency) for change in sized],
        **dict.fromkeys(("flighting", "flights"), ASK),
    }


def _resized(change: dict[str, Any], amount: Amount, currency: str) -> dict[str, Any]:
    if change["action"] not in _FLIPPED:
        return {**change, "action": "set", "amount": as_json(amount, currency)}
    further = amount.value - Decimal(change["amount"]["amount"])
    action = change["action"] if further >= 0 else _FLIPPED[change["action"]]
    code = amount.currency or change["amount"]["currency"]
    return {**change, "action": action, "amount": as_json(Amount(abs(further), code), currency)}


def _tool_after(tool: str) -> str:
    return "update_campaign" if tool == "create_campaign" else tool


def _merged(step: Step, changed: Args) -> Args:
    """New values over the old call's; ASK takes an old one away. Of a campaign that exists only the change is sent."""
    if step.tool in {"create_campaign", "update_campaign"} and not step.refused:
        kept = {"campaign": step.args["campaign"]} if "campaign" in step.args else {}
    else:
        kept = step.args
    return {key: value for key, value in {**kept, **changed}.items() if value is not ASK}
