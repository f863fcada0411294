"""What an allocation must respect: fixed channels, minimums, maximums."""

import re
from typing import Any

from agents.language.clause import ASK, CHANNELS, PCT, A, Args, Clause
from agents.language.numbers import plain
from agents.language.utterance import Percent

_KEEP = re.compile(
    r"\b(?:keep|keeping|lock|locking|hold|holding|freeze|freezing|fix|leave|leaving|touch|touching"
    r"|changing)\s+(?:the\s+|my\s+|our\s+)?"
    rf"(?P<kept>{CHANNELS})(?!\s*(?:to|at|=)\s*{A})|(?P<fixed>{CHANNELS})\s+(?:stays?|remains?|is|are|must stay"
    rf"|should stay)?\s*"
    r"(?:fixed|locked|unchanged|untouched|frozen|as is|as it is|as they are|the same|where it is)\b",
    re.I,
)
_LEAST = (
    r"(?:at least|at minimum|(?:a |with a )?min(?:imum)?(?: of)?|no less than|not less than"
    r"|(?<!no )(?<!not )more than|not below)"
)
_MOST = (
    r"(?:at most|(?:a |with a )?max(?:imum)?(?: of)?|no more than|not more than|up to|less than|not above"
    r"|capped at|limited to)"
)
_OF_BUDGET = r"(?:\s+of\s+(?:the\s+|our\s+|my\s+)?(?:total\s+)?(?:budget|spend|money))?"
_ON = (
    rf"(?:{_OF_BUDGET}\s+(?:each\s+)?(?:on|for|to|in|into|of|(?:goes|went|going|go) to)\s+"
    r"(?:each\s+(?:of\s+)?|both\s+)?(?:the\s+)?)"
)
_SIZE = rf"(?:{A}|{PCT})"
_FAMILY = r"audio|digital|video"
_WHERE = rf"(?:(?:all\s+(?:the\s+)?)?(?:{CHANNELS}|(?:{_FAMILY})\b))(?:\s+(?:channels|media)\b)?"
_TOGETHER = r"(?P<together>\s*,?\s*(?:together|combined|jointly|in total|in sum))?"
_SHAPES = (
    r"\b{bound}\s+(?P<amount>{a}){on}(?P<channels>{c})",
    (
        r"(?P<channels>{c})\s*(?:[:=(,]\s*)?(?:(?:with|has|have|gets?|needs?|should (?:have|get)|must (?:have|get)"
        r"|to)\s+)?{bound}\s*(?P<amount>{a})"
    ),
    r"(?P<amount>{a})\s+(?:{after})\s*(?:{on}(?P<channels>{c}))",
    r"\b{bound}{on}(?P<channels>{c})\s*(?:is|of|:|=|at)?\s*(?P<amount>{a})",
)
_OR = r"(?:\s*,?\s*or\s+|\s*,\s*)"
_NOTHING = r"(?:nothing|none|zero|not at all|0)\b"


def _limits(bound: str, after: str) -> list[re.Pattern[str]]:
    shapes = (shape.format(bound=bound, after=after, a=_SIZE, c=_WHERE, on=_ON) + _TOGETHER for shape in _SHAPES)
    return [re.compile(shape, re.I) for shape in shapes]


_MINIMUM = _limits(_LEAST, "min(?:imum)?|at least|or more")
_MAXIMUM = [
    *_limits(_MOST, "max(?:imum)?|at most|or less"),
    re.compile(
        rf"\b(?:cap|limit)\s+(?:the\s+)?(?P<channels>{_WHERE})\s+(?:at|to)\s+(?P<amount>{_SIZE}){_TOGETHER}", re.I
    ),
]
_BUYS = [
    re.compile(shape, re.I)
    for shape in (
        rf"\b(?:a\s+)?min(?:imum)?[\s-]buy(?:\s+(?:of|is))?\s*:?\s*(?P<amount>{A}){_ON}(?P<channels>{CHANNELS})"
        rf"(?:\s*,?\s*or\s+{_NOTHING})?",
        rf"\b(?:either\s+)?{_NOTHING}\s+or\s+(?:{_LEAST}\s+)?(?P<amount>{A}){_ON}(?P<channels>{CHANNELS})",
        rf"\b(?:{_LEAST}\s+)?(?P<amount>{A}){_ON}(?P<channels>{CHANNELS})\s*,?\s*or\s+{_NOTHING}",
        rf"(?P<channels>{CHANNELS})\s+(?:(?:has|have|with|gets?|needs?)\s+)?(?:a\s+)?min(?:imum)?[\s-]buy(?:\s+of)?"
        rf"\s+(?P<amount>{A})",
        rf"(?P<channels>{CHANNELS})\s+(?:(?:gets?|getting)\s+)?(?:either\s+)?{_NOTHING}{_OR}(?:{_LEAST}\s+)?(?P<amount>{A})",
        rf"(?P<channels>{CHANNELS})\s+(?:(?:gets?|getting|has|having|with)\s+)?{_LEAST}\s+(?P<amount>{A})\s*,?\s*or"
        rf"\s+{_NOTHING}",
    )
]
_WITHIN = re.compile(
    rf"(?:±|\+/-|\+-|plus\s*(?:or|/)?\s*minus)\s*(?P<a>{PCT})|\b(?:by\s+(?:at most|no more than|up to|max(?:imum)?)"
    rf"|(?:no\s+(?:line|channel)|nothing)\s+(?:moves?|changes?)\s+(?:by\s+)?more than|within)\s+(?P<b>{PCT})"
    r"(?:\s+(?:each|of (?:what|where) (?:it|they) (?:has|have|is|are)(?: now)?))?",
    re.I,
)
_UNCLEAR = re.compile(rf"\b(?P<least>{_LEAST})\s+(?:{PCT}|{A})|\b{_MOST}\s+(?:{PCT}|{A})", re.I)


def read(clause: Clause) -> tuple[Args, str]:
    """What an allocation must respect, as far as it was said, and the text without it."""
    args: Args = {}
    text = _read_buys(clause, clause.text, args)
    text = _read_within(clause, text, args)
    for key, patterns in (("minimums", _MINIMUM), ("maximums", _MAXIMUM)):
        text = _read_limits(clause, text, key, patterns, args)
    if unclear := _UNCLEAR.search(text):
        args["minimums" if unclear["least"] else "maximums"] = ASK
        text = _UNCLEAR.sub(" ", text)
    kept = [c.value for match in _KEEP.finditer(text) for c in clause.channels_in(match["kept"] or match["fixed"])]
    if kept:
        args["keep"] = list(dict.fromkeys(kept))
    return args, _KEEP.sub(" ", text)


def _read_limits(clause: Clause, text: str, key: str, patterns: list[re.Pattern[str]], args: Args) -> str:
    bounds: dict[str, dict[str, Any]] = {}
    groups: list[dict[str, Any]] = args.get("groups", [])
    for pattern in patterns:
        for match in pattern.finditer(text):
            size, where = size_of(clause, match["amount"]), match["channels"]
            shared = _shared(clause, where, together=bool(match["together"]))
            if shared:
                groups.append(shared | {_GROUPED[key, name]: value for name, value in size.items()})
            else:
                bounds |= {c.value: {"channel": c.value, **size} for c in clause.channels_in(where)}
        text = pattern.sub(" ", text)
    if bounds:
        args[key] = list(bounds.values())
    if groups:
        args["groups"] = groups
    return text


def size_of(clause: Clause, slot: str) -> dict[str, Any]:
    """An amount, or a share in percent."""
    if shares := clause.utterance.values(slot, Percent):
        return {"percent": plain(shares[0].value)}
    return {"amount": clause.money(slot)}


def _shared(clause: Clause, where: str, *, together: bool) -> dict[str, Any]:
    """What says which lines share the limit; {} where each channel has it for itself."""
    said = clause.utterance.reveal(where)
    if family := re.fullmatch(rf"(?:all\s+(?:the\s+)?)?({_FAMILY})s?(?:\s+(?:channels|media))?", said.strip(), re.I):
        return {"family": family[1].lower()}
    channels = [c.value for c in clause.channels_in(where)]
    return {"channels": channels} if together and len(channels) > 1 else {}


def _read_buys(clause: Clause, text: str, args: Args) -> str:
    buys: dict[str, dict[str, Any]] = {}
    for pattern in _BUYS:
        for match in pattern.finditer(text):
            money = clause.money(match["amount"])
            buys |= {c.value: {"channel": c.value, "amount": money} for c in clause.channels_in(match["channels"])}
        text = pattern.sub(" ", text)
    if buys:
        args["minimum_buys"] = list(buys.values())
    return text


def _read_within(clause: Clause, text: str, args: Args) -> str:
    if within := _WITHIN.search(text):
        args["within_percent"] = plain(clause.utterance.value(within["a"] or within["b"], Percent).value)
        return _WITHIN.sub(" ", text)
    return text


_GROUPED = {
    (key, size): f"{key.removesuffix('s')}{'_percent' if size == 'percent' else ''}"
    for key in ("minimums", "maximums")
    for size in ("amount", "percent")
}


def keeps(text: str) -> bool:
    return bool(_KEEP.search(text))
