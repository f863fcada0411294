"""Where a message's instructions begin: the text between one trigger and the next is one clause."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice

from agents.language import constraints, goals
from agents.language.clause import PCT, A, C
from agents.language.requests.table import BY_TOOL, CONSTRAINT, ROWS, Row
from agents.language.requests.words import expanded
from agents.language.utterance import SLOT, Utterance

MOST_CLAUSES = 40

_STARTS = re.compile(
    (
        r"[,.;:!?\n–—()]+|\s-\s|\b(?:and|then|also|plus|next|finally|afterwards|after\s+that|but|or|so|now|first"
        r"|second|lastly|\d{1,2}[.)])(?=\s)|&"
    ),
    re.I,
)
_FILLER = re.compile(
    r"(?:\s|[,*•>-]|\b(?:please|pls|plz|kindly|just|now|then|also|and|maybe|perhaps|ok(?:ay)?|hey|hi|hello"
    r"|well|great|thanks|alright|right"
    r"|finally|next|quickly|actually|sorry|yes|yeah|sure|no|nope|wait|oh|damn|hmm|again|first|dear|can|could"
    r"|would|will|you|we|i|i'd|i'll|i'm|we'd|we'll|to"
    r"|like\s+(?:you\s+)?to|want(?:\s+(?:you\s+)?to)?|wants?\s+(?:me|us)\s+to|need(?:\s+(?:you\s+)?to)?|prefer|have\s+to"
    r"|be\s+so\s+kind\s+(?:as\s+)?to|mind|go\s+ahead\s+and|let's|lets|let\s+us|let\s+me|help\s+me"
    r"|am\s+going\s+to|going\s+to|gonna|wanna|try\s+to|it's\s+time\s+to|time\s+to|don't\s+forget\s+to"
    r"|do\s+me\s+a\s+favou?r|my\s+boss\s+wants?|if\s+possible|for\s+me|u|the\s+fucking|fucking|bloody"
    r"|stupid\s+(?:bot|machine)|bot|dude|mate|man)\b){1,12}",
    re.I,
)
_NEGATED = re.compile(
    (
        r"(?:\b(?:don'?t|do\s+not|never|no\s+need\s+to|without|instead\s+of|rather\s+than|shouldn't|won't"
        r"|can't)\s+(?:you\s+|yet\s+|want\s+(?:you\s+)?to\s+|have\s+to\s+|need\s+(?:to\s+)?|ever\s+|just\s+)*"
        r"|\bnot\s+(?:to\s+)?)$"
    ),
    re.I,
)
_NOT_NEGATED = re.compile(r"\bwhy\s+(?:don't|not)|\bforget\s+to\s*$", re.I)
_HOW_TO = re.compile(
    r"\b(?:how|where)\s+(?:do|can|could|would|should|to|does)\s*(?:i|we|you|one)?\s*$|\bhow\s+to\s*$", re.I
)
_ASKS_HOW = re.compile(r"\W*(?:how|where)\s+(?:do|can|could|would|should)\s+(?:i|we|you|one)\s+\w+", re.I)
_SENTENCE_END = re.compile(r"[.;!?\n]|,?\s*\b(?:and\s+)?then\b")
_SAVED = re.compile(rf"{_SENTENCE_END.pattern}|,?\s*\b(?:and\s+)?save\s+(?:it|this|that)\s+as\b", re.I)
_WORD = re.compile(r"\S")
_BECAUSE = re.compile(r"\b(?:because|since|due to|reason)\b|:", re.I)


@dataclass(frozen=True, slots=True)
class Found:
    """A row and the fragment of the utterance it was recognised in."""

    row: Row
    text: str


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a trigger begins and ends, and where the clause before it ends."""

    row: Row
    begin: int
    end: int
    border: int
    meant: bool


def _master(anchored: bool) -> tuple[re.Pattern[str], list[Row]]:
    rows = [row for row in ROWS if any(trigger.startswith("^") == anchored for trigger in row.triggers)]
    alternatives = [
        f"(?P<r{i}>" + "|".join(expanded(t) for t in row.triggers if t.startswith("^") == anchored) + ")"
        for i, row in enumerate(rows)
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.I), rows


_ANYWHERE, _ANYWHERE_ROWS = _master(anchored=False)
_AT_START, _AT_START_ROWS = _master(anchored=True)
_TAKE_THE_SENTENCE = frozenset(
    {"what_if", "plan_year", "move_campaign", "set_conditions", "approve_request", "deny_request"}
)
_TAKE_IT_ALWAYS = frozenset({"what_if", "plan_year", "set_conditions"})
_LONGEST_SENTENCE = 400
# "… to spend and approve up to 100k" gives a second right; it approves nothing.
_MORE_RIGHTS = re.compile(
    r"[^.;!?\n]{0,120}?(?:\band|\bor|,|&)\s+(?:also\s+)?(?:approve|sign\s+off|decide|launch|spend|commit|act|propose)\b"
    r"(?!\s+(?:it|this|that|them|the|my|our|both|all|r-|request))",
    re.I,
)
_ORDER = {row.tool: i for i, row in enumerate(ROWS)}
_TAKES_CONSTRAINTS = ("optimize_plan", "what_if", "cheapest_budget")
_TRIES = ("what_if", "save_scenario", "cheapest_budget", "sweep_budgets", "plan_year")
_FLIGHTED = re.compile(
    r"\W*(?:(?:front|back)[\s-]?loaded|pulsed|even(?:ly)?(?: spread)?)\W*(?:flighting|flighted|please)?\W*", re.I
)
_PORTIONED = re.compile(rf"(?:\W*(?:and\s+)?(?:{A}|{PCT})\s+(?:on|for|to|in|into)\s+(?:the\s+)?{C})+\W*", re.I)
_JOINED = frozenset({"revise_plan", "optimize_plan", "update_campaign", "change_settings", CONSTRAINT})
_LEAD = re.compile(rf"{SLOT}|\b(?:for|about)\s|(?:^|,)\W*in\s", re.I)
_TAIL = re.compile(r"(?:[\s,;:.&-]|\b(?:and|then|also|please|plus|but|after\s+that)\b)+$", re.I)


def first(utterance: Utterance) -> Row | None:
    """The row of the first instruction, as `split` has it; the text is read no further than that takes."""
    text = utterance.text
    start = next((one for one in _without_inner(_candidates(text), text) if one.meant), None)
    if start and start.row.tool != CONSTRAINT:
        return start.row
    found = split(utterance) if start else []
    return found[0].row if found else None


def split(utterance: Utterance) -> list[Found]:
    """The instructions in the order they were said; what was said not to be done is left out."""
    text = utterance.text
    starts = list(_without_inner(_candidates(text), text))
    if not starts:
        return []
    ends = [start.border for start in starts[1:]] + [len(text)]
    found = [
        Found(start.row, _TAIL.sub("", text[start.begin : end]) if len(starts) > 1 else text[start.begin : end])
        for start, end in zip(starts, ends, strict=True)
        if start.meant
    ]
    lead = text[: starts[0].border]
    if found and starts[0].meant and _LEAD.search(lead):
        found[0] = Found(found[0].row, f"{lead}, {found[0].text}")
    return _joined(_attached(found))[:MOST_CLAUSES]


def asks_how(text: str) -> bool:
    """A question like "How do I create a campaign?" wants to know, not to have it done."""
    return bool(_ASKS_HOW.match(text)) or any(
        _HOW_TO.search(text, 0, match.start()) for match in islice(_ANYWHERE.finditer(text), 3)
    )


def _candidates(text: str) -> Iterator[_Start]:
    """In the order of the text, and no more of them than are asked for: looking for triggers is what reading costs."""
    borders = _borders(text)
    words = deque(sorted(borders))
    for anywhere in chain(_ANYWHERE.finditer(text), (None,)):
        matches = [anywhere] if anywhere else []
        while words and (anywhere is None or words[0] <= anywhere.start()):
            if at_start := _AT_START.match(text, words.popleft()):
                matches.append(at_start)
        starts = [_start(match, borders) for match in matches]
        yield from sorted(starts, key=lambda start: (start.begin, _ORDER[start.row.tool]))


def _borders(text: str) -> dict[int, int]:
    """Where the words after a border begin, behind what only leads up to them and before it; and each one's border."""
    borders: dict[int, int] = {}
    for begin, end in [(0, 0), *(match.span() for match in _STARTS.finditer(text))]:
        filler = _FILLER.match(text, end)
        for begins in {end, filler.end() if filler else end}:
            word = _WORD.search(text, begins)
            if word:
                borders.setdefault(word.start(), begin)
    return borders


def _start(match: re.Match[str], borders: Mapping[int, int]) -> _Start:
    rows = _ANYWHERE_ROWS if match.re is _ANYWHERE else _AT_START_ROWS
    begin = match.start()
    return _Start(rows[int(str(match.lastgroup)[1:])], begin, match.end(), borders.get(begin, begin), True)


def _without_inner(candidates: Iterable[_Start], text: str) -> Iterator[_Start]:
    """One trigger per place: none inside another, none in what "what if …" or "cancel it because …" goes on to say."""
    free_from = 0
    for start in candidates:
        if start.begin < free_from:
            continue
        free_from = _end_of(start, text)
        before = text[max(0, start.begin - 60) : start.begin]
        negated = _NEGATED.search(before) and not _NOT_NEGATED.search(before)
        yield replace(start, meant=not negated and not _HOW_TO.search(before))


def _end_of(start: _Start, text: str) -> int:
    """What "what if we drop CTV", a condition or a reason goes on to say belongs to it and is no request of its own."""
    if start.row.tool == "set_delegation":
        more = _MORE_RIGHTS.match(text, start.end)
        return more.end() if more else start.end
    if start.row.tool not in _TAKE_THE_SENTENCE:
        return start.end
    ends = _SAVED if start.row.tool == "what_if" else _SENTENCE_END
    found = ends.search(text, start.end, start.end + _LONGEST_SENTENCE)
    end = found.start() if found else min(len(text), start.end + _LONGEST_SENTENCE)
    takes = start.row.tool in _TAKE_IT_ALWAYS or _BECAUSE.search(text, start.end, end)
    return end if takes else start.end


def _attached(found: list[Found]) -> list[Found]:
    """Constraints beside an optimisation, a question or a draft are part of it; alone they are an optimisation."""
    result: list[Found] = []
    for i, one in enumerate(found):
        following = next((later.row for later in found[i + 1 :] if later.row.tool != CONSTRAINT), None)
        if result and _belongs(one, result[-1].row.tool, following):
            result[-1] = Found(result[-1].row, f"{result[-1].text}, {one.text}")
        elif one.row.tool == CONSTRAINT:
            row = following if following and following.tool in _TAKES_CONSTRAINTS else BY_TOOL["optimize_plan"]
            result.append(Found(row, one.text))
        else:
            result.append(one)
    return result


def _belongs(one: Found, before: str, following: Row | None) -> bool:
    """Whether a clause only adds to the call before it: limits, "front-loaded" or "150k on social" to a draft."""
    if before == "draft_plan":
        limits = one.row.tool == CONSTRAINT and not constraints.keeps(one.text) and not goals.said(one.text)
        told = _FLIGHTED.fullmatch(one.text) or _PORTIONED.fullmatch(one.text)
        return limits or (one.row.tool == "revise_plan" and bool(told))
    return one.row.tool == CONSTRAINT and (before in _TRIES or (before == "optimize_plan" and following is None))


def _joined(found: list[Found]) -> list[Found]:
    """Neighbours that are one call: several changes of a plan, several settings; and nothing twice."""
    result: list[Found] = []
    for one in found:
        same = result and result[-1].row is one.row
        if same and one.row.tool in _JOINED | {"what_if", "show_reach", "cheapest_budget"}:
            result[-1] = Found(one.row, f"{result[-1].text}, {one.text}")
        else:
            result.append(one)
    return result
