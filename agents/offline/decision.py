"""One model call: the next tool call of the turn, a handoff to the agent that has the tool, or the answer."""

import hashlib
from dataclasses import dataclass
from typing import Any

from agents.language.intents import read
from agents.language.spelling import LONGEST_READ
from agents.offline import wording
from agents.offline.progress import progress
from agents.offline.window import TRANSFER, Window


@dataclass(frozen=True, slots=True)
class Call:
    tool: str
    args: dict[str, Any]
    id: str


def decide(window: Window, tools: frozenset[str]) -> Call | str:
    """A call when there is something to do and a way to do it, else the words that end the turn.

    `tools` are the names bound to the model. The message is understood afresh at every call of the turn, from the same
    words and the same memory, so that the n-th call of a turn is the same whoever runs it, and however often.
    """
    reading = read(window.turn.said, window.context, window.memory)
    if not reading.intents:
        return wording.talk(reading, window.memory)
    state = progress(reading.intents, window.turn.steps)
    cut = len(window.turn.said) > LONGEST_READ
    if state.next is None or state.next.missing:
        return wording.answer(state, cut=cut)
    if state.next.tool in tools:
        return Call(state.next.tool, state.next.args, _call_id(window))
    handoff = TRANSFER + state.next.owner
    if handoff in tools and handoff not in window.handoffs:
        return Call(handoff, {}, _call_id(window))
    return wording.answer(state, unreachable=True, cut=cut)


def _call_id(window: Window) -> str:
    """The same for the same place in the same turn, so that a turn that runs again finds its recorded results."""
    return "call_" + hashlib.sha256(f"{window.turn_id}:{window.calls}".encode()).hexdigest()[:24]
