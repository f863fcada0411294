"""What a message asks for: tool calls with what is missing, or a topic to talk about."""

from dataclasses import dataclass, field
from typing import Any, Literal

from agents.language.clause import ASK, Args
from agents.language.names import LONGEST_NAME
from agents.language.requests.table import BY_TOOL, Owner

Topic = Literal[
    "none",
    "greeting",
    "thanks",
    "help",
    "identity",
    "goodbye",
    "why",
    "recall",
    "dropped",
    "cannot",
    "elsewhere",
    "vague",
    "empty",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Intent:
    """One tool call. `missing` names what has to be asked first; `focus` is a pattern of what to read in the result.

    `said` is the instruction in the person's words: an answer to a question is read together with it.
    """

    tool: str
    args: dict[str, Any]
    owner: Owner
    missing: tuple[str, ...] = ()
    focus: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`intents` in the order they were said. Without any, `topic` says what the message is about.

    `found` are the lines of earlier results that answer a question about them.
    """

    intents: tuple[Intent, ...] = ()
    topic: Topic = "none"
    found: tuple[str, ...] = field(default=())


def intent(tool: str, args: Args, *, focus: str = "", said: str = "") -> Intent:
    """Arguments that are ASK (or hold one), and names too long to be one, become `missing`."""
    args = {key: ASK if _too_long(value) else value for key, value in args.items()}
    missing = tuple(
        dict.fromkeys(
            "amount" if key == "changes" and value is not ASK else key for key, value in args.items() if _asks(value)
        )
    )
    return Intent(tool, {k: v for k, v in args.items() if not _asks(v)}, BY_TOOL[tool].owner, missing, focus, said)


def _too_long(value: object) -> bool:
    return isinstance(value, str) and len(value) > LONGEST_NAME


def _asks(value: object) -> bool:
    if isinstance(value, list):
        return any(_asks(item) for item in value)
    if isinstance(value, dict):
        return any(_asks(item) for item in value.values())
    return value is ASK
