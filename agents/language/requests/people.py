"""Arguments of the tools for members, invitations and roles in a campaign."""

import re
from dataclasses import replace

from agents.language.calendar import plus
from agents.language.clause import ASK, Args, Clause
from agents.language.people import ROLE, addresses, member, rest, role, shapes
from agents.language.references import campaign
from agents.language.utterance import Address, Period, placeholder

_A = r"(?:an?\s+|the\s+)?"
_MOVED = shapes(
    r"\b(?:set|change|switch|update|make|adjust|modify|put|move)\s+{who}(?:'s)?\s+role\b",
    rf"\b(?:make|set|turn|give|assign|promote|demote)\s+{{who}}\s+(?:back\s+)?(?:(?:to|into|as|from)\s+)?{_A}{ROLE}",
    r"\brole\s+(?:of|for)\s+{who}\s+(?:to|as|into|from)\b",
    rf"^\W*{{who}}\s+(?:should|must|shall|is|becomes)\s+(?:now\s+)?(?:to\s+)?(?:be\s+|become\s+)?{_A}{ROLE}",
    r"\b(?:promote|demote)\s+{who}\s*(?:\b(?:to|from|into)\b|[,.;!?]|$)",
)
_OUT = shapes(
    r"\b(?:remove|kick|delete|take|throw|exclude|off-?board)\s+(?:out\s+)?{who}\s+(?:from|off|out)\b",
    r"\b(?:member|user|colleague|account\s+of)\s+{who}\s*(?:\bfrom\b|[,.;!?]|$)",
    r"\b(?:remove|kick(?:\s+out)?|delete|off-?board|deactivate)\s+{who}\s*(?:[,.;!?]|$)",
)
_WORK = {
    "viewer": r"\b(?:see|view|read|look\s+at)\b",
    "analyst": r"\banaly[sz]e\b",
    "planner": r"\b(?:plan|edit|manage|work\s+on|change)\b",
    "admin": r"\badminister\b",
}
_WORDS = "|".join(pattern[len(r"\b") : -len(r"\b")] for pattern in _WORK.values())
_GRANTED = shapes(
    rf"\b(?:let|allow|have)\s+{{who}}\s+(?:to\s+)?(?:{_WORDS})\b",
    rf"^\W*{{who}}\s+(?:may|can|could|should|shall|is\s+allowed\s+to)\s+(?:now\s+)?(?:{_WORDS})\b",
    rf"\b(?:make|give|assign|grant|set)\s+{{who}}\s+(?:(?:to|as)\s+)?{_A}(?:{ROLE}|access|role)",
    r"\badd\s+{who}\s+(?:to|as)\b",
)
_TAKEN = shapes(
    r"\b(?:remove|take|pull|kick)\s+{who}\s+(?:from|off|out\s+of)\b",
    rf"^\W*{{who}}\s+(?:may|can|should|shall)\s*(?:no\s+longer|not|n't)(?:\s+(?:any\s?more|{_WORDS}))?\b",
    r"\b(?:revoke|withdraw|remove|take\s+away)\s+{who}(?:'s)?\s+(?:\w+\s+){0,2}(?:role|access|rights?|grant)\b",
    r"\b(?:role|access|rights?|grant)\s+(?:of|for|from)\s+{who}\s+(?:on|in|for|to|from|of|at)\b",
)
_PLACE = r"for|of|from|in|on|off|to|campaign"
_VERB = r"plan|edit|manage|work\s+on|change|see|view|read|look\s+at|analy[sz]e|administer"


def invite_member(clause: Clause) -> Args:
    return invitations(clause)[0]


def invitations(clause: Clause) -> list[Args]:
    """One for each address. What follows an address is its role, else the role that was said for all of them."""
    parts = re.split(f"({placeholder(Address)})", clause.text)
    emails, after = parts[1::2], parts[2::2]
    shared = role(clause.text) or ASK
    if not emails:
        return [{"email": ASK, "as_role": shared}]
    return [
        {"email": clause.utterance.value(email, Address).text, "as_role": role(said) or shared}
        for email, said in zip(emails, after, strict=True)
    ]


def revoke_invitation(clause: Clause) -> Args:
    found = addresses(clause)
    return {"email": found[0] if found else ASK}


def change_member_role(clause: Clause) -> Args:
    return {"member": member(clause, _MOVED), "as_role": role(rest(clause, _MOVED)) or role(clause.text) or ASK}


def remove_member(clause: Clause) -> Args:
    return {"member": member(clause, _OUT)}


def grant_campaign_role(clause: Clause) -> Args:
    after = rest(clause, _GRANTED)
    work = next((name for name, words in _WORK.items() if re.search(words, after, re.I)), None)
    args: Args = {"member": member(clause, _GRANTED), "as_role": role(after) or work or ASK}
    return args | last_day(clause) | _campaign(clause, after)


def withdraw_campaign_role(clause: Clause) -> Args:
    return {"member": member(clause, _TAKEN)} | _campaign(clause, rest(clause, _TAKEN))


def list_grants(clause: Clause) -> Args:
    return campaign(clause, r"for|of|in|on|to", _VERB, needed=False)


def last_day(clause: Clause) -> Args:
    """Of "until 30 June", "for two weeks"; a month or a season alone ends nothing."""
    for period in clause.utterance.values(clause.text, Period):
        if period.end and not period.start:
            return {"last_day": period.end.isoformat()}
        if period.length and not period.start:
            return {"last_day": plus(clause.context.today, *period.length).isoformat()}
    return {}


def _campaign(clause: Clause, after: str) -> Args:
    """Looked for behind the person, whose name is none."""
    return campaign(replace(clause, text=after), _PLACE, _VERB)
