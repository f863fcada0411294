"""Arguments of the tools for delegations and approvals."""

import re

from agents.language.clause import ASK, Args, Clause
from agents.language.markets import markets
from agents.language.money import as_json
from agents.language.names import LONGEST_NAME
from agents.language.people import member, rest, shapes
from agents.language.requests.people import last_day
from agents.language.utterance import Amount, placeholder

_APPROVES = r"approve|sign\s+off|decide"
_ACTS = rf"{_APPROVES}|spend|launch|commit|act|propose"
_LIMIT = r"limits?|cap|delegations?|approval\s+rights?|rights?"
_DELEGATED = shapes(
    rf"\b(?:let|allow)\s+{{who}}\s+(?:to\s+)?(?:only\s+|just\s+)?(?:{_ACTS})\b",
    rf"^\W*{{who}}\s+(?:may|can|could|should|shall|must|is\s+allowed\s+to|has\s+to|is\s+able\s+to)\s+"
    rf"(?:now\s+|only\s+|just\s+)*(?:{_ACTS}|ask)\b",
    rf"\b(?:set|change|raise|increase|lower|reduce|update|adjust|make|put|cut)\s+{{who}}(?:'s)?\s+(?:[\w-]+\s+){{0,2}}?"
    rf"(?:{_LIMIT})\b",
    rf"\b(?:give|grant|set)\s+{{who}}\s+(?:an?\s+|the\s+)?(?:[\w-]+\s+){{0,2}}?(?:{_LIMIT})\b",
    r"\b(?:limit|cap)\s+{who}\s+(?:to|at)\b",
    r"\bmake\s+{who}\s+an?\s+approver?\b",
    r"\b(?:limit|cap|delegation)\s+(?:of|for)\s+{who}\s*(?:\b(?:to|at|is)\b|$)",
    rf"^\W*{{who}}'s\s+(?:\w+\s+){{0,2}}?(?:{_LIMIT})\s+(?:is|should\s+be|becomes)\b",
)
_UNDELEGATED = shapes(
    rf"\b(?:withdraw|revoke|remove|take\s+away|cancel|delete)\s+{{who}}(?:'s)?\s+(?:\w+\s+){{0,2}}?(?:{_LIMIT})\b",
    r"\b(?:delegation|limit)\s+(?:of|for|from)\s+{who}\s*(?:[,.;!?]|$)",
    rf"^\W*{{who}}\s+(?:may|can|should|shall)\s*(?:no\s+longer|not|n't)(?:\s+any\s?more)?\s+(?:{_ACTS})\b",
)
_KINDS = (
    ("full", rf"\bfull\b|^(?=.*\b(?:spend|launch|act|commit)\b)(?=.*(?<!not\s)\b(?:{_APPROVES})\b(?!\s+nothing))"),
    ("propose_only", r"\bpropose\b|\bask\s+(?:first|for\s+everything)"),
    (
        "execute_only",
        r"\b(?:spend|spending|launch|act|commit|execute)\b|\b(?:him|her|them)sel(?:f|ves)\b|\bon\s+\w+\s+own\b",
    ),
    ("full", r"\b(?:approve|approval|sign\s+off|decide)\b"),
)
_UNLIMITED = re.compile(
    r"\b(?:unlimited|without\s+(?:an?\s+|any\s+)?(?:limit|cap)|no\s+(?:limit|cap)|any(?:thing|\s+amount)|everything"
    r"|however\s+much)\b",
    re.I,
)
_ABOVE = re.compile(rf"\b(?:over|above|beyond|exceeding|(?:more|higher|greater)\s+than)\s+{placeholder(Amount)}", re.I)
_STATUSES = (
    ("conditions", r"\bconditions?\b"),
    ("pending", r"\b(?:pending|waiting|open|to\s+(?:approve|decide))\b"),
    ("denied", r"\b(?:denied|rejected|declined|turned\s+down)\b"),
    ("executed", r"\b(?:executed|carried\s+out|done|approved|granted)\b"),
    ("withdrawn", r"\bwithdrawn\b"),
    ("expired", r"\bexpired\b"),
    ("failed", r"\bfailed\b"),
)
_ASKS_WHETHER = re.compile(r"^\W*(?:is|was|has|have)\b|\b(?:verdict|decision)\b", re.I)
_MINE = re.compile(r"\b(?:my|mine)\b(?!\s+(?:approval|decision))|\bi\s+(?:have\s+)?(?:asked|requested|made)\b", re.I)
_CODE = re.compile(r"\bR-?(?P<code>[0-9A-F]{6})\b", re.I)
_QUOTED = re.compile(r'\brequest "(?P<words>[^"]+)"')
_BECAUSE = re.compile(
    r"\s*(?:\b(?:because(?:\s+of)?|since|due\s+to|reason(?:\s+is)?|as)\b\s*:?|[:–—,]|\s-\s)\s*(?P<why>.+)", re.I | re.S
)
_CONDITION = re.compile(
    r"\b(?:(?:only\s+|but\s+only\s+)?if|provided(?:\s+that)?|as\s+long\s+as|(?:up)?on\s+(?:the\s+)?condition(?:\s+that)?"
    r"|under\s+the\s+condition(?:\s+that)?|conditions?(?:\s+(?:for|on|of)\s+(?P<about>[^:]{1,200}))?(?:\s+(?:is|are))?[:,]?)"
    r"\s+(?P<terms>.+)",
    re.I | re.S,
)
_VERB = re.compile(
    r"^.*?\b(?:approve|sign\s+off(?:\s+on)?|green-?light|accept|deny|reject|decline|refuse|turn\s+down|veto|withdraw"
    r"|retract|take\s+back|cancel|recall|pull\s+back|set|add|attach|put|make|say\s+no\s+to|go-?ahead|approval)\b(?:\s+(?:to|on|for)\b)?",
    re.I | re.S,
)
_EMPTY = re.compile(
    r"^(?:\W|\b(?:the|my|our|this|that|it|an?|request|approval|one|please|now|pending|for|of|to|waiting|then|yes|ok|conditions?"
    r"|again|as|is|too|just|go|ahead)\b)+",
    re.I,
)
_TRAILING = re.compile(r"(?:'s)?(?:\s+(?:request|approval|one|please|now|then))*\W*$", re.I)
_SEVERAL = re.compile(r"\b(?:all|everything|both|each|every\s+\w+|them)\b", re.I)
_NTH = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "last": -1,
}
_ORDINAL = re.compile(rf"(?:\b(?:number|no\.?|#)\s*(?P<number>\d{{1,2}})|\b(?P<nth>{'|'.join(_NTH)}))\b", re.I)
_FIELDS = (
    ("budget", r"\bbudget|\bamount|\bcosts?|\bspend"),
    ("start", r"\bstart|\bbegin"),
    ("end", r"\bend"),
    ("markets", r"\bmarkets?|\bcountr"),
    ("role", r"\brole|\bviewer|\banalyst|\bplanner|\badmin"),
    ("channels", r"\bchannels?"),
)
_MOST_CONDITIONS = 20
_SUBJECT = re.compile(
    r"^(?:the|its|our)?\s*(?:budget|amount|costs?|start|end|markets?|channels?|role)\s+"
    r"(?:(?:is|are|be|has\s+to\s+be|have\s+to\s+be|should\s+be|must\s+be|stays?|remains?|becomes?)\b\s*)?",
    re.I,
)


def set_delegation(clause: Clause) -> Args:
    after = rest(clause, _DELEGATED)
    kind = next((kind for kind, words in _KINDS if re.search(words, after, re.I)), None)
    args: Args = {"member": member(clause, _DELEGATED), "kind": kind or ASK}
    if clause.amounts:
        args["cap"] = _limit(clause)
    elif _UNLIMITED.search(after):
        args["unlimited"] = True
    elif kind != "propose_only":
        args["cap"] = ASK
    if codes := markets(clause.utterance.reveal(after)):
        args["markets"] = codes
    return args | last_day(clause)


def withdraw_delegation(clause: Clause) -> Args:
    return {"member": member(clause, _UNDELEGATED)}


def who_can_approve(clause: Clause) -> Args:
    if not clause.amounts:
        return {}
    return {"amount": _limit(clause)} | ({"above": True} if _ABOVE.search(clause.text) else {})


def _limit(clause: Clause) -> Args:
    """In the workspace's currency, whatever the open campaign has: it is about no campaign."""
    return as_json(clause.amounts[-1], clause.context.default_currency)


def list_approvals(clause: Clause) -> Args:
    """What is approved is carried out at once; whether something was decided is answered with all there is."""
    asks = _ASKS_WHETHER.search(clause.text) and not clause.has(r"\b(?:waiting|pending)\b")
    status = None if asks else next((status for status, words in _STATUSES if clause.has(words)), None)
    return ({"status": status} if status else {}) | ({"mine": True} if _MINE.search(clause.text) else {})


def approve_request(clause: Clause) -> Args:
    asked, why = _parts(clause)
    return request(clause, asked) | ({"reason": why} if why else {})


def deny_request(clause: Clause) -> Args:
    asked, why = _parts(clause)
    return {**request(clause, asked), "reason": why or ASK}


def set_conditions(clause: Clause) -> Args:
    text = clause.said
    found = _CONDITION.search(text)
    args = request(clause, (found["about"] or text[: found.start()]) if found else text)
    return {**args, "conditions": _conditions(found["terms"]) if found else ASK}


def withdraw_request(clause: Clause) -> Args:
    return request(clause, _parts(clause)[0])


def request(clause: Clause, said: str) -> Args:
    """Which request was meant: its code, its place in the last list as a code, or words of it. {} for the only one."""
    if quoted := _QUOTED.search(said):
        return {"request": quoted["words"]}
    if code := _CODE.search(said):
        return {"request": f"R-{code['code'].upper()}"}
    listed = clause.memory.listed_requests()
    if found := _ORDINAL.search(said):
        index = int(found["number"]) - 1 if found["number"] else _NTH[found["nth"].lower()]
        return {"request": listed[index] if listed and -1 <= index < len(listed) else ASK}
    words = _TRAILING.sub("", _EMPTY.sub("", _VERB.sub("", said, count=1)))
    if not words:
        return {}
    return {"request": ASK if _SEVERAL.fullmatch(words) or len(words) > LONGEST_NAME else words}


def _parts(clause: Clause) -> tuple[str, str]:
    """What the decision is about, and the reason that was given."""
    found = _BECAUSE.search(clause.said)
    if found is None:
        return clause.said, ""
    return clause.said[: found.start()], found["why"][:LONGEST_NAME].strip(" .!;,\"'")


def _conditions(terms: str) -> list[Args]:
    """One condition a part: "the budget is at most 200k and it starts in May" are two."""
    parts = [part.strip(" .!;,\"'") for part in re.split(r"\s+and\s+|;|,", terms)]
    return [
        {"field": _field(part), "required": (_SUBJECT.sub("", part) or part)[:LONGEST_NAME]} for part in parts if part
    ][:_MOST_CONDITIONS]


def _field(words: str) -> str:
    return next((field for field, pattern in _FIELDS if re.search(pattern, words, re.I)), "request")
