"""What has to be asked, and how an answer joins the instruction it completes."""

import re

from agents.language import references
from agents.language.intent import Intent
from agents.language.names import LONGEST_NAME, proper
from agents.language.utterance import SLOT, Name, Utterance

_ASKED = {
    "name": "what should the campaign be called",
    "objective": "what is the objective (awareness, consideration, traffic, leads, conversions or sales)",
    "budget": "what is the budget",
    "start": "when does it start",
    "end": "when does it end",
    "channels": "on which channels (for example search, social and CTV)",
    "campaign": "which campaign do you mean",
    "move": "what should happen to it (launch, pause, resume, complete or cancel)",
    "reason": "what is the reason",
    "advertiser": "who is the advertiser",
    "product": "what is the product",
    "title": "what should the title be",
    "email": "which e-mail address",
    "as_role": "in which role (viewer, analyst, planner or admin)",
    "member": "which member do you mean",
    "kind": "may they approve what others ask for, only spend themselves, or only propose",
    "cap": "up to which amount (or without limit)",
    "request": "which request do you mean",
    "conditions": "under which condition (for example: the budget is at most 200k)",
    "amount": "by how much, as an amount of money",
    "percent": "by how much, in percent or as an amount of money",
    "outcome": "how many should it bring (for example 2,000 leads)",
    "changes": "what should change (for example move 20k from search to social, or drop CTV)",
    "minimums": "on which channel and how much is that at least, as an amount of money",
    "maximums": "on which channel and how much is that at most, as an amount of money",
    "client": "which advertiser do you mean",
    "fees": "what are the terms (for example 2 % ad serving and 10 % commission)",
    "channel": "on which channel",
    "source": "where does the figure come from (for example 2026 actuals)",
    **dict.fromkeys(
        ("cpm", "cpp", "ctr", "cvr", "viewability", "completion_rate", "audience", "frequency_cap"),
        "what is the figure",
    ),
    "format": "in which format: an Excel workbook, or JSON in the media plan schema",
    "file": "which file should I import (attach it to your message)",
    "how": "should I scale it, optimise it again, or keep it as it is",
    "lowest": "from which budget",
    "highest": "up to which",
    "scenario": "which scenario",
    "to_campaign": "which campaign should get the plan",
    "change": "what should change (name, budget, dates, objective)",
    "setting": "which setting (time zone, currency, locale, week start, fiscal year)",
    "timezone": "which time zone (for example Europe/Berlin)",
    "default_currency": "which currency (for example EUR)",
    "locale": "which locale (for example en-GB)",
    "week_start": "which day does the week start on",
    "fiscal_year_start": "which month does the fiscal year start in",
}
_OWN = {
    ("create_advertiser", "name"): "what is the advertiser called",
    ("save_scenario", "name"): "what should the scenario be called",
    ("update_campaign", "budget"): "what should the new budget be",
    ("what_if", "budget"): "which total budget or limits should I try",
}
_FREE = {
    "name": ' called "{}"',
    "title": ' to "{}"',
    "campaign": ', for "{}"',
    "member": ', member "{}"',
    "request": ' request "{}"',
    "reason": " because {}",
    "source": ", source: {}",
    "client": ' client "{}"',
}
_LEAD = re.compile(r"^\W*(?:for|of|called|named|because|to)\s+", re.I)
_CHATTER = re.compile(
    (
        r"[\s,.!?;:]|\b(?:and|with|from|to|for|the|is|a|an|it|budget|please|on|in|of|at|let's|say|maybe|about|it's"
        r"|its|objective|goal|run|runs|start|starts|end|ends|at|least|most|min|minimum|max|maximum|more|less|by"
        r"|each|than|no|only)\b"
    ),
    re.I,
)
_BARE_NUMBER = re.compile(r"^\D{0,12}?(\d[\d.,' ]*)\s*$")


def question(intent: Intent) -> str:
    """One sentence that asks for everything that is missing: "What is the budget, and when does it run?" """
    missing = list(intent.missing)
    phrases = [_OWN.get((intent.tool, slot), _ASKED[slot]) for slot in missing if slot not in {"start", "end"}]
    if {"start", "end"} <= set(missing):
        phrases.append("when does it run")
    else:
        phrases += [_ASKED[slot] for slot in missing if slot in {"start", "end"}]
    if len(intent.said) > LONGEST_NAME:
        phrases[-1] += f" (a name has at most {LONGEST_NAME} characters)"
    joined = ", and ".join([", ".join(phrases[:-1]), phrases[-1]]) if len(phrases) > 1 else phrases[0]
    return joined[0].upper() + joined[1:] + "?"


def completed(intent: Intent, answer: str, utterance: Utterance) -> str:
    """The instruction with the answer to its question, as one text to read again."""
    words = _words(intent, utterance)
    said = intent.said + _put(intent, utterance.reveal(words)) if words else intent.said
    if words and len(intent.missing) == 1:
        return said
    answer = utterance.reveal(utterance.text.replace(words, "", 1))
    if "amount" in intent.missing:
        return _with_amount(said, answer)
    if "budget" in intent.missing and (bare := _BARE_NUMBER.match(answer)):
        answer = f"budget {bare[1]}"
    if intent.missing == ("objective",):
        answer = f"objective {answer}"
    return f"{said}, {answer}"


def _words(intent: Intent, utterance: Utterance) -> str:
    """The part of the answer that names a campaign or a title, or gives the reason; "" when there is none."""
    slot = _free(intent)
    if slot is None or (slot != "reason" and utterance.values(utterance.text, Name)):
        return ""
    if slot == "campaign" and references.points(utterance.text):
        return ""
    parts = [utterance.text] if slot == "reason" else re.split(r"[,;\n]", utterance.text)
    return next((part for part in parts if proper(_CHATTER.sub("", re.sub(SLOT, "", part)))), "")


def _put(intent: Intent, words: str) -> str:
    """These words in a form that can mean nothing else."""
    slot = _free(intent) or "name"
    name = _LEAD.sub("", words).strip(' ."').replace('"', "'")
    return _FREE[slot].format(proper(name) or name if slot == "campaign" else name)


def _free(intent: Intent) -> str | None:
    return next((slot for slot in intent.missing if slot in _FREE), None)


def _with_amount(said: str, answer: str) -> str:
    size = re.sub(r"^\W*(?:by|about|say|let's say)\s+", "", answer.strip(), flags=re.I)
    moved, count = re.subn(
        r"\b(move|shift|transfer|reallocate|take|put)\b(?:\s+(?:some|money|budget|part|of|the|it|\d+\s?%))*",
        rf"\1 {re.escape(size)}",
        said,
        count=1,
        flags=re.I,
    )
    return moved.replace("\\", "") if count else f"{said} by {size}"
