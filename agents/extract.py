"""A summary that no model is asked for: what was asked, what was done about it, with the names and amounts as reported.

The same messages always give the same text, so nothing has to be recorded of it.
"""

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from agents.tools import UNTRUSTED

LONGEST = 2_000  # characters
_CAMPAIGNS = "Campaigns: "
_MOST_NAMES = 20
_ASKED, _RESULT = 80, 160
_QUOTED = re.compile(r"“([^”\n]{1,80})”")
_ABOUT_CAMPAIGNS = re.compile(r"campaign|plan|what_if|forecast")  # in a tool's name
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)? [A-Z]{3}\b")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)", re.DOTALL)


def extract(before: str | None, messages: Sequence[AnyMessage]) -> str:
    """`before` is the summary so far. The latest turns are told; of older ones the campaigns' names stay longest."""
    earlier = (before or "").splitlines()
    told = [line for line in earlier if line.startswith("- ")]
    results = {message.tool_call_id: message for message in messages if isinstance(message, ToolMessage)}
    names = [name for line in earlier if line.startswith(_CAMPAIGNS) for name in _names_in(line)]
    for message in messages:
        match message:
            case HumanMessage():
                told.append(f"- asked “{_clipped(message.text, _ASKED)}”")
            case AIMessage(tool_calls=[]) if message.text and not told:
                told.append(f"- said: {_clipped(message.text, _RESULT)}")
            case AIMessage():
                done = [_done(call["name"], results.get(str(call["id"]))) for call in message.tool_calls]
                told += [f"- {one}" for one in done if one]
                names += [name for call in message.tool_calls for name in _campaigns_of(results.get(str(call["id"])))]
    return _fitting(list(dict.fromkeys(reversed(names)))[:_MOST_NAMES], told)


def _done(tool: str, result: ToolMessage | None) -> str:
    if tool.startswith("transfer_to_") or result is None:
        return ""
    if result.additional_kwargs.get(UNTRUSTED):
        return f"{tool}: text from outside, left out"
    return f"{tool}: {_told(result.text)}"


def _told(text: str) -> str:
    """The first sentence, and the first amount if it is not in there."""
    found = _SENTENCE.match(text.strip())
    sentence = _clipped(found[0] if found else text, _RESULT)
    amount = _AMOUNT.search(text)
    return sentence if amount is None or _AMOUNT.search(sentence) else f"{sentence} ({amount[0]})"


def _campaigns_of(result: ToolMessage | None) -> list[str]:
    if result is None or result.status == "error" or result.additional_kwargs.get(UNTRUSTED):
        return []
    return _QUOTED.findall(result.text) if _ABOUT_CAMPAIGNS.search(str(result.name)) else []


def _names_in(heading: str) -> list[str]:
    """Where the latest come first."""
    return _QUOTED.findall(heading)[::-1]


def _fitting(names: Sequence[str], told: Sequence[str]) -> str:
    heading = [_CAMPAIGNS + ", ".join(f"“{name}”" for name in names)] if names else []
    lines, left = list[str](), LONGEST - sum(map(len, heading))
    for line in reversed(told):
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
    return "\n".join([*heading, *reversed(lines)])


def _clipped(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
