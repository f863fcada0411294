"""Arguments of the tools that show a plan to others: exports and charts."""

import re

from agents.language.clause import ASK, Args, Clause
from agents.language.references import campaign

_WORKBOOK = re.compile(r"\b(?:excel|xlsx|workbook|spreadsheet)\b", re.I)
_OTHER_FILE = re.compile(r"\b(?:csv|pdf|powerpoint|pptx?|slides?|docx?)\b", re.I)
_STANDARD = re.compile(r"\b(?:json|media\s?plan\s?schema|standard)\b", re.I)
_KINDS = (
    ("curves", r"\b(?:response|curves?|saturation|diminishing|optimum|optimal)\b"),
    ("reach", r"\breach\b"),
    ("weeks", r"\b(?:weeks?|weekly|flow(?:chart)?|flighting|over time|timeline|gantt)\b"),
)
_CAMPAIGN = r"for|of(?=\s+(?-i:[A-Z]))"


def export_plan(clause: Clause) -> Args:
    return campaign(clause, _CAMPAIGN) | {"format": _format(clause.text)} | _version(clause)


def _format(text: str) -> object:
    """ASK for one that there is none of: nobody is to get a workbook for a PDF."""
    if _STANDARD.search(text):
        return "mediaplan_json"
    return "xlsx" if _WORKBOOK.search(text) or not _OTHER_FILE.search(text) else ASK


def show_chart(clause: Clause) -> Args:
    kind = next((kind for kind, words in _KINDS if re.search(words, clause.text, re.I)), "budget")
    return campaign(clause, _CAMPAIGN) | {"kind": kind} | _version(clause)


def _version(clause: Clause) -> Args:
    return {"version": clause.versions[-1]} if clause.versions and clause.versions[-1] else {}
