"""The conversation a chat model is given, as plain data: context, the turn that is running, the turns before it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage

from agents.attachments import words_of
from agents.language.context import Context
from agents.language.memory import Memory, Step, Turn

TRANSFER = "transfer_to_"


@dataclass(frozen=True, slots=True)
class Window:
    """`turn.steps` are the tool calls since the last message of the person, handoffs left out.

    `handoffs` are the tools of the handoffs since the last of these steps; `calls` counts every call of the turn.
    """

    context: Context
    memory: Memory
    turn: Turn
    turn_id: str
    handoffs: tuple[str, ...]
    calls: int


def window(messages: Sequence[BaseMessage]) -> Window:
    system = "\n".join(message.text for message in messages if isinstance(message, SystemMessage))
    starts = [i for i, message in enumerate(messages) if isinstance(message, HumanMessage)]
    turns = [_turn(messages[begin:end]) for begin, end in zip(starts, [*starts[1:], len(messages)], strict=False)]
    current = messages[starts[-1] :] if starts else []
    names = [call["name"] for message in current for call in _calls(message)]
    trailing = 0
    while trailing < len(names) and names[-1 - trailing].startswith(TRANSFER):
        trailing += 1
    return Window(
        context=Context.of_prompt(system),
        memory=Memory(tuple(turns[:-1])),
        turn=turns[-1] if turns else Turn(""),
        turn_id=_turn_id(current[0], len(starts)) if current else "none",
        handoffs=tuple(names[len(names) - trailing :]),
        calls=len(names),
    )


def _turn(messages: Sequence[BaseMessage]) -> Turn:
    """The first words without a call are the reply; what comes after was posted by a job."""
    results = {message.tool_call_id: message for message in messages if isinstance(message, ToolMessage)}
    steps = [_step(call, results.get(call["id"] or "")) for message in messages for call in _calls(message)]
    texts = [
        message.text
        for message in messages
        if isinstance(message, AIMessage) and message.text and not message.tool_calls
    ]
    own = tuple(step for step in steps if not step.tool.startswith(TRANSFER))
    return Turn(words_of(messages[0]), own, texts[0] if texts else "", tuple(texts[1:]))


def _step(call: ToolCall, result: ToolMessage | None) -> Step:
    text = result.text if result else ""
    refused = result is not None and (result.status == "error" or bool(re.match(r"\s*Refused \(", text)))
    return Step(call["name"], call["args"], text, refused, answered=result is not None)


def _calls(message: BaseMessage) -> list[ToolCall]:
    return message.tool_calls if isinstance(message, AIMessage) else []


def _turn_id(message: BaseMessage, number: int) -> str:
    return message.id or json.dumps([number, message.text])
