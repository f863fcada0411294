"""Members and their roles: who is meant, by name, address or pronoun, and as what."""

import re
from collections.abc import Sequence

from agents.language.clause import ASK, Clause
from agents.language.utterance import Address, Amount, Name, Percent, Version, placeholder
from domain.channels import Channel
from domain.tenants import Role

_NOBODY = (
    "the|it|this|that|these|those|an?|my|our|your|its|all|any|some|us|you|we|i|who|what|which|how|when|where|why|there"
    "|every(?:one|body)|no(?:body|ne)?|some(?:one|body)|any(?:one|body)|one|to|from|of|for|in|on|at|and|or|if|not|more"
    "|less|please|campaigns?|plans?|budgets?|money|teams?|as|with|up|by|sure|over"
)
_NO_PERSON = "".join(placeholder(kind)[1:-1] for kind in (Amount, Percent, Version, Channel))
PERSON = rf"(?!(?:{_NOBODY})\b|[{_NO_PERSON}])[^\s,;.!?:]+(?:\s+(?!(?:from|to|as|in|on|of)\b)[^\s,;.!?:]+){{0,3}}?"
"""Up to four words where a member's name may stand; a slot of an address, a quoted name or a month is one of them."""

ROLE = r"(?:(?:viewer|analyst|planner|admin|administrator|owner)s?\b)"
_TO_ROLE = re.compile(rf"\b(?:to|into|as)\s+(?:an?\s+|the\s+)?(?P<role>{ROLE})", re.I)
_ANY_ROLE = re.compile(rf"\b(?P<role>{ROLE})", re.I)
_PRONOUN = re.compile(r"(?:him|her|them|he|she|they)(?:self|selves)?", re.I)
_SELF = re.compile(r"(?:me|myself)", re.I)
_MEMBER = re.compile(rf"\bmember\s+(?P<who>{placeholder(Name)}|{placeholder(Address)})", re.I)
_TRIMMED = re.compile(r"(?:'s|'(?=\W*$)|\s+(?:back|now|also|only|please))+\W*$", re.I)


def role(text: str) -> str | None:
    """The role that was said; of two ("from planner to admin") the new one."""
    found = list(_TO_ROLE.finditer(text)) or list(_ANY_ROLE.finditer(text))
    if not found:
        return None
    word = found[-1]["role"].lower().removesuffix("s")
    return Role.ADMIN.value if word == "administrator" else Role(word).value


def member(clause: Clause, shapes: Sequence[re.Pattern[str]]) -> object:
    """The person in the group `who` of the first shape that fits, in the words that were said; ASK without one."""
    if (found := _who(clause, shapes)) and (who := named(clause, found["who"])) is not ASK:
        return who
    people = [*(a.text for a in clause.utterance.values(clause.text, Address)), *clause.names]
    return people[0] if people else ASK


def rest(clause: Clause, shapes: Sequence[re.Pattern[str]]) -> str:
    """What was said after the person."""
    found = _who(clause, shapes)
    return clause.text[found.end("who") :] if found and found.re is not _MEMBER else clause.text


def named(clause: Clause, fragment: str) -> object:
    said = _TRIMMED.sub("", fragment).strip(" '\"-")
    if addresses := clause.utterance.values(said, Address):
        return addresses[0].text
    if names := clause.utterance.values(said, Name):
        return names[0].text
    if _PRONOUN.fullmatch(said):
        return _spoken_of(clause)
    return "me" if _SELF.fullmatch(said) else clause.utterance.reveal(said).strip() or ASK


def addresses(clause: Clause) -> list[str]:
    return [found.text for found in clause.utterance.values(clause.text, Address)]


def _who(clause: Clause, shapes: Sequence[re.Pattern[str]]) -> re.Match[str] | None:
    tried = (shape.search(clause.text) for shape in (_MEMBER, *shapes))
    return next((found for found in tried if found), None)


def _spoken_of(clause: Clause) -> object:
    """The member of the latest call that was about one."""
    calls = [*((step.args) for step in clause.memory.steps), *(args for _, args in clause.before)]
    said = [args.get("member") or args.get("person") for args in calls]
    return next((name for name in reversed(said) if isinstance(name, str)), ASK)


def shapes(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """With PERSON in the place of {who}."""
    return tuple(re.compile(pattern.replace("{who}", f"(?P<who>{PERSON})"), re.I) for pattern in patterns)
