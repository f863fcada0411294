"""Arguments of the workspace agent's tools."""

import re

from agents.language import objectives
from agents.language.clause import ASK, PCT, Args, Clause
from agents.language.markets import markets
from agents.language.names import LONGEST_NAME, PROPER, after, proper, titled
from agents.language.references import campaign
from agents.language.utterance import Name, placeholder

_KIND = re.compile(r"\b(?:an?|the|our|my|another|new|one|some|next|first)\s+((?:[^\s,;]+\s+){0,5}?)campaign\b", re.I)
_BEFORE_CAMPAIGN = re.compile(r"^\S+\s+(?:up\s+|me\s+|us\s+)?((?:[^\s,;]+\s+){0,5}?)campaign\b", re.I)
_EMPTY = {
    "new",
    "a",
    "an",
    "the",
    "our",
    "my",
    "another",
    "one",
    "me",
    "us",
    "up",
    "next",
    "first",
    "marketing",
    "media",
    "ad",
    "please",
    "in",
    "for",
    "some",
}
_AFTER_CAMPAIGN = re.compile(rf"\bcampaign\s*[:,]?\s+(?!for\b|of\b|with\b|from\b)(?P<name>{PROPER})")
_PRODUCT = re.compile(rf"\bproduct(?:\s+is|:)?\s+(?P<name>{PROPER})", re.I)


def create_campaign(clause: Clause) -> Args:
    amounts, flight, objective = clause.amounts, clause.flight, objectives.objective(clause.text)
    advertiser = _advertiser(clause)
    args: Args = {
        "name": _campaign_name(clause, advertiser) or ASK,
        "objective": objective.value if objective else ASK,
        "budget": clause.money(amounts[0]) if amounts else ASK,
        "start": flight.start.isoformat() if flight.start else ASK,
        "end": flight.end.isoformat() if flight.end else ASK,
    }
    return args | _described(clause, advertiser)


def update_campaign(clause: Clause) -> Args:
    """New values; ASK for the budget when it was only said to change."""
    args: Args = {}
    if named := clause.has(r"\brename\b|\bname\b"):
        args["name"] = (
            clause.names[-1] if clause.names else after(r"to|into|as|is", clause.text[named.start() :]) or ASK
        )
    if clause.amounts:
        args["budget"] = clause.money(clause.amounts[-1])
    elif clause.has(rf"\bbudget\b|{PCT}"):
        args["budget"] = ASK
    args |= _new_dates(clause)
    if clause.has(r"\bobjective\b|\bgoal\b|\baim\b"):
        found = objectives.objective(clause.text)
        args["objective"] = found.value if found else ASK
    args |= _described(clause, after(r"advertiser(?:\s+(?:to|is|as))?", clause.text))
    if not args:
        args["change"] = ASK
    if "name" in args:
        renamed = re.search(r"\brename\s+(?P<old>.{1,200}?)\s+(?:to|into|as)\b", clause.text, re.I)
        old = proper(renamed["old"]) if renamed else None
        return args | ({"campaign": old} if old else {})
    return args | campaign(clause, needed="change" not in args)


def _new_dates(clause: Clause) -> Args:
    flight = clause.flight
    start = flight.start.isoformat() if flight.start else None
    end = flight.end.isoformat() if flight.end else None
    if clause.has(r"\b(?:extend|prolong|shorten|end)\b") and not clause.has(r"\bstart"):
        return {"end": end or start} if end or start else {}
    if clause.has(r"\b(?:start|begin|postpone|delay|bring)\b") and not clause.has(r"\bend"):
        return {"start": start or end} if start or end else {}
    if not start and not end and clause.has(r"\b(?:dates?|flight|period)\b"):
        return {"start": ASK, "end": ASK}
    return {key: value for key, value in (("start", start), ("end", end)) if value}


def list_campaigns(clause: Clause) -> Args:
    status = clause.has(r"\b(draft|planned|approved|live|running|paused|completed?|finished|cancell?ed|active)\b")
    said = {
        "running": "live",
        "active": "live",
        "complete": "completed",
        "finished": "completed",
        "canceled": "cancelled",
    }
    args: Args = {"status": said.get(status[1].lower(), status[1].lower())} if status else {}
    if clause.has(r"\barchived?\b"):
        args["include_archived"] = True
    search = clause.names[0] if clause.names else after(r"for|named|like|with|containing|about|of", clause.text)
    if not search and (
        kind := re.search(
            r"\b(?:my|our|all|the|any|for)\s+([A-Z][\w&'-]*(?:\s+[A-Z][\w&'-]*)*)\s+campaigns\b", clause.text
        )
    ):
        search = kind[1]
    return args | ({"search": search[:LONGEST_NAME]} if search else {})


def open_campaign(clause: Clause) -> Args:
    found = campaign(
        clause,
        (
            r"open|switch(?:\s+over)?\s+to|(?:go|jump|get)(?:\s+back)?\s+to|select|use|load|work\s+on|continue\s+with"
            r"|activate|for|campaign"
        ),
    )
    return found or {"campaign": _active_name(clause) if clause.has(r"\b(?:it|this|that)\b") else ASK}


def show_campaign(clause: Clause) -> Args:
    return campaign(clause, r"for|of|campaign|about|show(?!\s+(?:me\s+)?(?:everything|all|more)\b)(?:\s+me)?")


def move_campaign(clause: Clause) -> Args:
    moves = {
        "cancel": r"cancel|call(?:ed)? off|scrap|kill|abort|abandon",
        "complete": r"complete|finish|close|wrap|end|done",
        "resume": r"resume|un-?pause|continue|restart|reactivate|pick up",
        "pause": r"pause|hold|suspend|halt|stop|freeze",
        "launch": r"launch|live|start|activate|kick",
    }
    move = next((move for move, words in moves.items() if re.search(rf"\b(?:{words})", clause.text, re.I)), ASK)
    because = clause.has(
        r"(?:\b(?:because|since|as(?=\s+(?:the|we|they|our|it|he|she|this)\b)|due to|reason(?:\s+is)?"
        r"|on account of)\b\s*:?\s*(?:of\s+)?|[:–—]\s+|,\s*(?=(?:the|we|they|our|their|client"
        r"|it)\b))(?P<why>\S.{0,400})"
    )
    head = Clause(
        clause.text[: because.start()] if because else clause.text,
        clause.utterance,
        clause.context,
        clause.memory,
        clause.before,
    )
    args: Args = {
        "move": move,
        **campaign(head, r"launch|pause|resume|complete|cancel|stop|finish|hold|restart|for|of|campaign"),
    }
    if because:
        args["reason"] = clause.utterance.reveal(because["why"])[:LONGEST_NAME].strip(' .!;,"') or ASK
    elif move == "cancel":
        args["reason"] = ASK
    return args


def archive_campaign(clause: Clause) -> Args:
    return campaign(clause, r"archive|for|of|campaign")


def restore_campaign(clause: Clause) -> Args:
    return campaign(clause, r"restore|un-?archive|bring back|for|of|campaign", needed=True) or {
        "campaign": _active_name(clause)
    }


def rename_session(clause: Clause) -> Args:
    title = clause.names[-1] if clause.names else None
    said = title or after(r"to|as|into|chat|session|conversation|thread", clause.said)
    return {"title": said or ASK}


def nothing(clause: Clause) -> Args:
    return {}


def _active_name(clause: Clause) -> object:
    return clause.context.active_campaign.name if clause.context.active_campaign else ASK


def _advertiser(clause: Clause) -> str | None:
    quoted = clause.has(rf"\bfor\s+(?:the\s+)?({placeholder(Name)})")
    found = (
        clause.utterance.value(quoted[1], Name).text
        if quoted
        else after(r"advertiser(?:\s+is|:)?|client(?:\s+is|:)?|for", clause.text)
    )
    return titled(found) if found else None


def _campaign_name(clause: Clause, advertiser: str | None) -> str | None:
    """A name that was said; else the advertiser and what kind of campaign it is: "Northwind Spring Campaign"."""
    if said := next((name for name in clause.names if name != advertiser), None):
        return said
    match = _KIND.search(clause.text) or _BEFORE_CAMPAIGN.search(clause.text)
    words = [
        word for word in (clause.utterance.reveal(match[1]).split() if match else []) if word.lower() not in _EMPTY
    ]
    if direct := _AFTER_CAMPAIGN.search(clause.text):
        name = proper(direct["name"])
        if name and not objectives.objective(name):
            return titled(name)
    kind = " ".join(w[:1].upper() + w[1:] for w in words)
    full = " ".join(part for part in (advertiser, kind) if part)
    return f"{full} Campaign" if full else None


def _described(clause: Clause, advertiser: str | None) -> Args:
    args: Args = {"advertiser": advertiser} if advertiser else {}
    if (product := _PRODUCT.search(clause.text)) and (name := proper(product["name"])):
        args["product"] = name
    if kpi := objectives.kpi(clause.text):
        args["kpi"] = kpi
    if codes := markets(clause.text):
        args["markets"] = codes
    return args
