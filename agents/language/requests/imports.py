"""Arguments of the tools for plans that come in: each message adds to what the last preview was read with."""

import re
from typing import Any

from agents.language.channels import PATTERN as CHANNEL_WORDS
from agents.language.channels import channel
from agents.language.clause import ASK, Args, Clause
from agents.language.memory import Step
from agents.language.references import campaign
from domain.objectives import Objective

_FIELDS = (
    ("channel", r"channels?|medium|media"),
    ("vehicle", r"vehicles?|publishers?|partners?|vendors?|suppliers?|sites?|stations?"),
    ("format", r"(?:ad )?formats?|creatives?|sizes?"),
    ("market", r"markets?|countr(?:y|ies)|regions?|geos?|locations?"),
    ("audience", r"audiences?|targets?|target groups?|segments?"),
    ("notes", r"notes?|comments?|remarks?"),
    ("pricing_model", r"pricing(?: models?)?|buy(?:ing)? types?"),
    ("exchange_rate", r"exchange rates?|fx"),
    ("rate", r"rates?|prices?|unit (?:prices?|costs?)"),
    ("quantity", r"quantit(?:y|ies)|units?|impressions|clicks|views"),
    ("client_cost", r"client costs?"),
    ("net_media", r"net(?: media| costs?| budget)?"),
    ("gross", r"gross(?: costs?| budget| media)?"),
    ("fees", r"fees?|commissions?"),
    ("cost", r"(?:total )?costs?|budgets?|spend|amounts?|totals?"),
    ("currency", r"currenc(?:y|ies)"),
    ("start", r"starts?(?: dates?)?"),
    ("end", r"ends?(?: dates?)?"),
    ("name", r"(?:line )?names?|placements?|line items?"),
    ("code", r"ids?|codes?"),
)
_FIELD = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _FIELDS), re.I)
_COLUMN = r"columns?\s+(?:[\"“”'](?P<quoted>[^\"“”']{1,80})[\"“”']|(?P<letter>[A-Za-z]{1,2})\b|(?P<word>[\w%-]{3,40}))"
_IS = re.compile(
    rf"\b{_COLUMN}\s+(?:as|is|for|holds|has|=|to be|means)\s+(?:the\s+)?(?P<field>[a-z][a-z ]{{1,24}})", re.I
)
_IGNORED = re.compile(rf"\b(?:ignore|skip|leave out|drop|without|not)\s+(?:the\s+)?{_COLUMN}", re.I)
_ROWS = re.compile(
    r"\b(?:ignore|skip|leave out|drop|without)\s+(?:the\s+)?rows?\s+(?P<rows>\d{1,4}(?:\s*(?:,|and|&)\s*\d{1,4})*)",
    re.I,
)
_HEADER = re.compile(r"\bheaders?\s+(?:are\s+|is\s+)?(?:in|on|at)\s+row\s+(\d{1,4})", re.I)
_SHEET = re.compile(r"\bsheet\s+(?:[\"“”'](?P<quoted>[^\"“”']{1,80})[\"“”']|(?P<word>(?!is\b|of\b)[\w-]{2,40}))", re.I)
_WORD_IS = re.compile(r"[\"“”'](?P<word>[^\"“”']{1,80})[\"“”']\s+(?:is|as|means|=)\s+(?P<channel>[\w -]{2,40})", re.I)
_RATE = re.compile(
    r"\b1\s*(?P<currency>[A-Z]{3})\s*(?:is|=|are|at)\s*(?P<rate>\d{1,7}(?:\.\d{1,8})?)\s*(?:[A-Z]{3})?\b"
    r".{0,10}?\b(?:by|from|per|according to)\s+(?:the\s+)?(?P<source>[\w .&-]{2,60}?)\s+(?:of|on|as of)\s",
)
_ORDER = (
    ("day_first", r"\bdays?\s+(?:comes?\s+|goes?\s+|is\s+)?first\b|\bday,?\s+(?:then\s+)?month\b"),
    ("month_first", r"\bmonths?\s+(?:comes?\s+|goes?\s+|is\s+)?first\b|\bmonth,?\s+(?:then\s+)?day\b"),
)
_MARK = (
    (",", r"\b(?:decimal\s+)?commas?\s+(?:begins?|marks?|are|is|as)\b|\bdecimal comma\b"),
    (".", r"\b(?:decimal\s+)?points?\s+(?:begins?|marks?|are|is|as)\b|\bdecimal point\b"),
)
_NEW = re.compile(r"\b(?:as|into|to|in|with)\s+(?:a\s+)?new\s+campaign\b|\bmake\s+a\s+(?:new\s+)?campaign\b", re.I)
_RAISED = re.compile(
    r"\b(?:raise|increase|adjust|change|set|lift)\s+(?:the\s+|its\s+|my\s+)?(?:campaign'?s?\s+)?budget\b"
    r"|\bbudget\s+(?:as\s+)?imported\b|\bas\s+imported\b",
    re.I,
)
_FILE = re.compile(
    r"[\"“”'](?P<quoted>[^\"“”']{1,100}\.(?:xlsx|csv|tsv|json))[\"“”']|(?P<file>[\w][\w.()-]{0,100}\.(?:xlsx|csv|tsv|json))\b",
    re.I,
)
_BEGINS = re.compile(r"^\W*(?:import|load|read|bring|take|re-?import)\b(?!\s+(?:it|them|this)\b)", re.I)
_DIGEST = re.compile(r"\bdigest ([0-9a-f]{16,64})\b")


def preview_import(clause: Clause) -> Args:
    said = _said(clause)
    before = _before(clause)
    if "file" in said or clause.context.attached or _BEGINS.search(clause.said):
        before = _just_said(clause)
    for name in ("columns", "channels", "exchange", "skip_rows"):
        if name in said and name in before:
            said[name] = [*before[name], *said[name]]
    return {**before, **said}


def commit_import(clause: Clause) -> Args:
    """As the last preview was read; without one there is nothing to save."""
    last = _last(clause)
    digest = _DIGEST.search(last.result) if last else None
    if last is None or digest is None:
        return preview_import(clause) if last else {"file": ASK}
    args = {**_before(clause), "digest": digest[1]}
    return {**args, "budget": "as_imported"} if _RAISED.search(clause.said) else args


def _last(clause: Clause) -> Step | None:
    return next((step for step in reversed(clause.memory.steps) if step.tool == "preview_import"), None)


def _before(clause: Clause) -> Args:
    """What the latest preview was asked with, be it in this very message."""
    last = _last(clause)
    return _just_said(clause) or (dict(last.args) if last else {})


def _just_said(clause: Clause) -> Args:
    return next((dict(args) for tool, args in reversed(clause.before) if tool == "preview_import"), {})


def _said(clause: Clause) -> Args:
    text = clause.said
    args: Args = {"columns": [*_columns(text)], "channels": [*_words(text)], "exchange": [*_rates(clause)]}
    args |= {"file": _file(text), "sheet": _sheet(text), "skip_rows": _rows(text), "header_row": _header(text)}
    args |= {"day_order": _one_of(_ORDER, text), "decimal_mark": _one_of(_MARK, text), "objective": _objective(text)}
    args["new_campaign"] = bool(_NEW.search(text))
    said = {name: value for name, value in args.items() if value}
    if said.get("new_campaign") or not _BEGINS.search(text):
        return said
    return said | campaign(clause, r"into|for(?=\s+(?-i:[A-Z]))", needed=False)


def _file(text: str) -> str | None:
    found = _FILE.search(text)
    return (found["quoted"] or found["file"]).strip() if found else None


def _sheet(text: str) -> str | None:
    found = _SHEET.search(text)
    return found["quoted"] or found["word"] if found else None


def _rows(text: str) -> list[int]:
    found = _ROWS.search(text)
    return [int(number) for number in re.findall(r"\d+", found["rows"])] if found else []


def _header(text: str) -> int | None:
    found = _HEADER.search(text)
    return int(found[1]) if found else None


def _objective(text: str) -> str | None:
    found = re.search(rf"\bobjective\s+(?:is\s+)?({'|'.join(Objective)})\b", text, re.I)
    return found[1].lower() if found else None


def _one_of(words: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((value for value, pattern in words if re.search(pattern, text, re.I)), None)


def _columns(text: str) -> list[dict[str, Any]]:
    found = []
    for match in _IS.finditer(text):
        if field := _FIELD.match(match["field"].strip()):
            found.append({"column": _named(match), "field": field.lastgroup})
    return [*found, *({"column": _named(match), "field": None} for match in _IGNORED.finditer(text))]


def _named(match: re.Match[str]) -> str:
    return match["quoted"] or (match["letter"] or "").upper() or match["word"]


def _words(text: str) -> list[dict[str, str]]:
    found = []
    for match in _WORD_IS.finditer(text):
        if (word := CHANNEL_WORDS.match(match["channel"])) and (meant := channel(word)):
            found.append({"word": match["word"], "channel": meant.value})
    return found


def _rates(clause: Clause) -> list[dict[str, str]]:
    """Only with its source and its day: one that lacks them is asked for by the tool."""
    found, day = _RATE.search(clause.said), clause.flight.start
    if found is None or day is None:
        return []
    source = found["source"].strip()
    return [{"currency": found["currency"], "rate": found["rate"], "source": source, "on": day.isoformat()}]
