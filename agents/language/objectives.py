"""Objectives and KPIs, and what people call them."""

import re

from domain.objectives import Objective

_SYNONYMS: dict[Objective, str] = {
    Objective.AWARENESS: r"(?:brand[ -])?awareness|branding|brand[ -]building|visibility|get (?:our|the) name out",
    Objective.CONSIDERATION: r"consideration|engagement|video views",
    Objective.LEADS: r"leads?|lead[ -]gen(?:eration)?|sign-?ups?|registrations?|enquir(?:y|ies)",
    Objective.CONVERSIONS: r"conversions?|converting|installs?|app installs?|bookings?",
    Objective.SALES: r"sales|revenue|purchases|orders|sell(?:ing)? more",
    Objective.TRAFFIC: r"(?:web(?:site)?[ -]|site[ -])?traffic|(?:site|web|website) visits?|visits?|clicks",
}
_STATED = re.compile(
    r"\b(?:objective|goal|aim)\b(?:\s+(?:is|to|of|should be|will be|as|=))*\s*:?\s*(?P<words>[^,;.\n]{0,60})", re.I
)
_ANY = re.compile(
    r"\b(?:" + "|".join(f"(?P<{objective.value}>{words})" for objective, words in _SYNONYMS.items()) + r")\b", re.I
)
_REACH = re.compile(r"\breach\b", re.I)
_KPI_NAME = (
    r"cost per (?:acquisition|action|click|lead|conversion|sale|mille|view|completed view)|return on ad spend"
    r"|click[ -]through rate"
    r"|conversion rate|view[ -]through rate|brand lift|share of voice|cpa|cpc|cpm|cpl|cpv|cpcv|cpi|roas|roi"
    r"|ctr|cvr|vtr|grps?"
    r"|reach|frequency|impressions|clicks|conversions|leads|sales|revenue|visits"
)
_KPI = re.compile(
    r"\b(?:kpi|measured (?:by|on|in)|tracked by|success metric|target)\b(?:\s+(?:is|are|of|to|the|a|an"
    r"|should be|=))*\s*:?\s*"
    rf"(?P<kpi>{_KPI_NAME})\b",
    re.I,
)


def objective(text: str) -> Objective | None:
    """What the person said the campaign is for; a stated one ("objective: …") before a word in passing."""
    stated = _STATED.search(text)
    if stated and (found := _ANY.search(stated["words"]) or _REACH.search(stated["words"])):
        return _of(found)
    passing = _ANY.search(_KPI.sub(" ", text))
    return _of(passing) if passing else None


def kpi(text: str) -> str | None:
    found = _KPI.search(text)
    if found is None:
        return None
    name = found["kpi"]
    return name.upper() if len(name) <= 4 else name.lower()


def _of(found: re.Match[str]) -> Objective:
    return Objective(found.lastgroup) if found.lastgroup else Objective.AWARENESS
