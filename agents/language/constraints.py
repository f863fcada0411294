"""What an allocation must respect: fixed channels, minimums, maximums."""

import re
from typing import Any

from agents.language.clause import ASK, CHANNELS, PCT, A, Args, Clause

_KEEP = re.compile(
    r"\b(?:keep|keeping|lock|locking|hold|holding|freeze|freezing|fix|leave|leaving|touch|touching"
    r"|changing)\s+(?:the\s+|my\s+|our\s+)?"
    rf"(?P<kept>{CHANNELS})(?!\s*(?:to|at|=)\s*{A})|(?P<fixed>{CHANNELS})\s+(?:stays?|remains?|is|are|must stay"
    rf"|should stay)?\s*"
    r"(?:fixed|locked|unchanged|untouched|frozen|as is|as it is|as they are|the same|where it is)\b",
    re.I,
)
_LEAST = r"(?:at least|at minimum|(?:a |with a )?min(?:imum)?(?: of)?|no less than|not less than|more than|not below)"
_MOST = (
    r"(?:at most|(?:a |with a )?max(?:imum)?(?: of)?|no more than|not more than|up to|less than|not above"
    r"|capped at|limited to)"
)
_ON = r"(?:\s+(?:each\s+)?(?:on|for|to|in|into|of|goes to)\s+(?:each\s+(?:of\s+)?|both\s+)?(?:the\s+)?)"
_SHAPES = (
    r"\b{bound}\s+(?P<amount>{a}){on}(?P<channels>{c})",
    (
        r"(?P<channels>{c})\s*(?:[:=(,]\s*)?(?:(?:with|has|have|gets?|needs?|should (?:have|get)|must (?:have|get)"
        r"|to)\s+)?{bound}\s*(?P<amount>{a})"
    ),
    r"(?P<amount>{a})\s+(?:{after})\s*(?:{on}(?P<channels>{c}))",
    r"\b{bound}{on}(?P<channels>{c})\s*(?:is|of|:|=|at)?\s*(?P<amount>{a})",
)
_MINIMUM = [
    re.compile(shape.format(bound=_LEAST, after="min(?:imum)?|at least|or more", a=A, c=CHANNELS, on=_ON), re.I)
    for shape in _SHAPES
]
_MAXIMUM = [
    re.compile(shape.format(bound=_MOST, after="max(?:imum)?|at most|or less", a=A, c=CHANNELS, on=_ON), re.I)
    for shape in _SHAPES
]
_MAXIMUM.append(
    re.compile(rf"\b(?:cap|limit)\s+(?:the\s+)?(?P<channels>{CHANNELS})\s+(?:at|to)\s+(?P<amount>{A})", re.I)
)
_UNCLEAR = re.compile(rf"\b(?P<least>{_LEAST})\s+(?:{PCT}|{A})|\b{_MOST}\s+(?:{PCT}|{A})", re.I)


def read(clause: Clause) -> tuple[Args, str]:
    """The arguments keep, minimums and maximums as far as they were said, and the text without them."""
    args: Args = {}
    text = clause.text
    for key, patterns in (("minimums", _MINIMUM), ("maximums", _MAXIMUM)):
        bounds: list[dict[str, Any]] = []
        for pattern in patterns:
            for match in pattern.finditer(text):
                money = clause.money(match["amount"])
                bounds += [{"channel": c.value, "amount": money} for c in clause.channels_in(match["channels"])]
            text = pattern.sub(" ", text)
        if bounds:
            args[key] = list({bound["channel"]: bound for bound in bounds}.values())
    if unclear := _UNCLEAR.search(text):
        args["minimums" if unclear["least"] else "maximums"] = ASK
        text = _UNCLEAR.sub(" ", text)
    kept = [c.value for match in _KEEP.finditer(text) for c in clause.channels_in(match["kept"] or match["fixed"])]
    if kept:
        args["keep"] = list(dict.fromkeys(kept))
    return args, _KEEP.sub(" ", text)


def keeps(text: str) -> bool:
    return bool(_KEEP.search(text))
