"""From a session's log to the events of one run's stream: a pure encoder, one for each reader.

`messages` brings text as it is written, `updates` a step's message once it is whole, `custom` what is shown beside the
words (blocks, jobs, approvals), `values` the whole state: first, after each tool, and at the end.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.sessions import TurnStatus
from server.api.langgraph import messages as m
from server.api.langgraph.conversation import Conversation
from server.api.langgraph.messages import Json
from services.events import EventType, Gap, SessionEvent, TextDelta

Event = tuple[str, Any]  # its name and data
END: Event = ("end", None)

_CUSTOM = {EventType.JOB: "job", EventType.APPROVAL: "approval"}


class RunEncoder:
    def __init__(
        self,
        thread_id: str,
        run_id: UUID,
        modes: frozenset[str],
        conversation: Conversation,
        active_campaign_id: UUID | None,
        now: Callable[[], datetime],
    ) -> None:
        """`conversation` is as the reader has it; it goes on with what is encoded."""
        self.conversation = conversation
        self.active_campaign_id = active_campaign_id  # the log doesn't tell it: whoever reads looks it up
        self._thread_id = thread_id
        self._run_id = run_id
        self._modes = modes
        self._now = now

    def begin(self) -> list[Event]:
        metadata = {"run_id": str(self._run_id), "thread_id": self._thread_id, "attempt": 1}
        return [("metadata", metadata), *self._values()]

    def encode(self, entry: SessionEvent | TextDelta | Gap) -> list[Event]:
        """What belongs to another run is taken note of, and not told."""
        if isinstance(entry, Gap):
            return self._values()
        if isinstance(entry, TextDelta):
            mine = entry.turn_id == self._run_id
            return self._chunk(m.text_chunk(entry.message_id, entry.agent, entry.text), entry.agent) if mine else []
        self.conversation.take(entry)
        return list(self._told(entry)) if entry.turn_id in (None, self._run_id) else []

    def values(self) -> Json:
        """The thread's state as it is now."""
        campaign = str(self.active_campaign_id) if self.active_campaign_id else None
        state = {
            "messages": list(self.conversation.messages.values()),
            "active_agent": self.conversation.agent,
            "active_campaign_id": campaign,
        }
        waits = self.conversation.pending(self._now())
        return {**state, "__interrupt__": waits} if waits else state

    def _told(self, event: SessionEvent) -> Iterator[Event]:
        match event.type:
            case EventType.TURN_STARTED if event.data.get("attempt", 1) != 1:
                yield from self._custom({"type": "turn_restarted", "attempt": event.data["attempt"]})
            case EventType.MESSAGE:
                yield from self._message(event)
            case EventType.TOOL_CALL:
                message = self.conversation.messages[str(event.data["message_id"])]
                chunk = m.call_chunk(event.data, event.agent, len(message["tool_calls"]) - 1)
                yield from self._chunk(chunk, event.agent)
                yield from self._update(event, message)
            case EventType.TOOL_RESULT:
                result = self.conversation.messages[f"{event.data['id']}:result"]
                yield from self._chunk(result, event.agent)
                yield from self._update(event, result)
                yield from self._block(event, str(event.data["id"]))
                yield from self._values()
            case EventType.JOB | EventType.APPROVAL:
                yield from self._custom({"type": _CUSTOM[event.type], **event.data})
            case EventType.TURN_ENDED:
                yield from self._ended(event)

    def _message(self, event: SessionEvent) -> Iterator[Event]:
        message_id = str(event.data["message_id"])
        if event.data.get("restarted"):
            yield from self._chunk(m.removal(message_id), event.agent)
        if rest := str(event.data.get("rest", event.data["text"])):
            yield from self._chunk(m.text_chunk(message_id, event.agent, rest), event.agent)
        yield from self._update(event, self.conversation.messages[message_id])
        yield from self._block(event, message_id)

    def _ended(self, event: SessionEvent) -> Iterator[Event]:
        if event.data["status"] == TurnStatus.AWAITING_APPROVAL and "updates" in self._modes:
            yield "updates", {"__interrupt__": self.conversation.pending(self._now())}
        yield from self._values()
        if event.data["status"] == TurnStatus.FAILED:
            yield "error", failure(self.conversation.runs[self._run_id].error)
        yield END

    def _values(self) -> list[Event]:
        return [("values", self.values())] if "values" in self._modes else []

    def _chunk(self, message: Json, agent: str | None) -> list[Event]:
        if "messages-tuple" not in self._modes:
            return []
        about = {"run_id": str(self._run_id), "thread_id": self._thread_id, "langgraph_node": agent}
        return [("messages", [message, about])]

    def _update(self, event: SessionEvent, message: Json) -> list[Event]:
        return [("updates", {event.agent or "jobs": {"messages": [message]}})] if "updates" in self._modes else []

    def _block(self, event: SessionEvent, origin: str) -> list[Event]:
        block = event.data.get("block")
        return self._custom({"type": "block", "message_id": origin, "block": block}) if block else []

    def _custom(self, data: Json) -> list[Event]:
        return [("custom", data)] if "custom" in self._modes else []


def failure(error: Json | None) -> Json:
    told = error or {}
    return {"error": told.get("code") or "turn_failed", "message": told.get("message") or "The turn failed."}
