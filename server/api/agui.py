"""From a session's log to AG-UI 1.0 events: a pure encoder, one for each reader.

A run is a turn, a step is an agent's part in it. Beside the protocol's own events it sends these CUSTOM ones:
`user_message` {messageId, turnId, text}, `job` {jobId, kind, status, step, percent}, `reconnect` {},
`turn_restarted` {turnId, attempt}, `text_restarted` {messageId} (drop what came of it: all of it follows).
Tables, plans and charts are activities named by their kind.

A reader that comes back in the middle of a run is told its step once more, unless it comes back within a text.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from domain.sessions import TurnStatus
from services.events import EventType, Position, SessionEvent, TextDelta
from services.watching import Seen

PROTOCOL_VERSION = "1.0"

Event = dict[str, Any]
Placed = tuple[Position | None, Event]  # where a reader is once it has the event; None: not further than before


class AguiEncoder:
    def __init__(self, session_id: UUID, *, resumed: Position | None = None) -> None:
        """`resumed` is where a reader that comes back has got to."""
        self._thread = str(session_id)
        self._in_text = bool(resumed and resumed.offset)
        self._message: str | None = None  # being streamed
        self._step: str | None = None
        self._begun: set[UUID] = set()
        self._accepted: set[UUID] = set()

    def begin(self, turn_id: UUID) -> Event:
        """The run's start, as soon as its turn is accepted: a reader need not wait for its place in the queue."""
        self._begun.add(turn_id)
        return {
            "type": "RUN_STARTED",
            "threadId": self._thread,
            "runId": str(turn_id),
            "protocolVersion": PROTOCOL_VERSION,
        }

    def encode(self, seen: Seen) -> list[Placed]:
        """The last event carries the position; so does text that is whole before its message is."""
        if isinstance(seen.entry, TextDelta):
            placed: list[Placed] = [(None, event) for event in self._delta(seen.entry)]
        else:
            placed = self._durable(seen.entry)
        return [*placed[:-1], (seen.position, placed[-1][1])] if placed else []

    def _durable(self, event: SessionEvent) -> list[Placed]:
        match event.type:
            case EventType.MESSAGE:
                return self._whole_message(event)
            case EventType.USER_MESSAGE:
                events = self._user_message(event)
            case EventType.TURN_STARTED:
                events = self._turn_started(event)
            case EventType.ROUTED:
                events = []  # the agent that was chosen says so itself
            case EventType.AGENT_STARTED:
                events = self._enter(event.agent)
            case EventType.TOOL_CALL:
                events = [*self._enter(event.agent), *_tool_call(event.data)]
            case EventType.TOOL_RESULT:
                events = [*self._enter(event.agent), *_tool_result(event)]
            case EventType.JOB:
                events = [_custom("job", _camel(event.data))]
            case EventType.TURN_ENDED:
                events = self._turn_ended(event)
        return [(None, one) for one in events]

    def _delta(self, delta: TextDelta) -> list[Event]:
        events = self._enter(delta.agent)
        if delta.offset == 0:
            events.append(_text_start(delta.message_id, delta.agent))
        self._message = delta.message_id
        events.append(_text(delta.message_id, delta.text))
        return events

    def _whole_message(self, event: SessionEvent) -> list[Placed]:
        data, message_id = event.data, str(event.data["message_id"])
        delivered, rest = _number(data.get("delivered", 0)), str(data.get("rest", data["text"]))
        events = self._enter(event.agent) if event.turn_id else []
        if data.get("restarted"):
            events.append(_custom("text_restarted", {"messageId": message_id}))
        elif not delivered and rest:
            events.append(_text_start(message_id, event.agent))
        placed: list[Placed] = [(None, one) for one in events]
        if rest:
            # Somebody cut off after this one has the whole text, and must not get it again.
            place = Position(seq=event.seq - 1, offset=delivered + len(rest), attempt=_number(data.get("attempt", 1)))
            placed.append((place if data.get("streamed") else None, _text(message_id, rest)))
        if rest or delivered:
            placed.append((None, _text_end(message_id)))
        self._message = None if event.turn_id else self._message
        if block := data.get("block"):
            placed.append((None, _activity(message_id, block)))
        return placed

    def _user_message(self, event: SessionEvent) -> list[Event]:
        if event.turn_id:
            self._accepted.add(event.turn_id)
        return [_custom("user_message", {**_camel(event.data), "turnId": str(event.turn_id)})]

    def _turn_started(self, event: SessionEvent) -> list[Event]:
        assert event.turn_id, "turns start turns"
        attempt = event.data.get("attempt", 1)
        if attempt != 1:
            return [_custom("turn_restarted", {"turnId": str(event.turn_id), "attempt": attempt})]
        return [] if event.turn_id in self._begun else [self.begin(event.turn_id)]

    def _turn_ended(self, event: SessionEvent) -> list[Event]:
        assert event.turn_id, "turns end turns"
        events: list[Event] = []
        if event.turn_id in self._accepted - self._begun:  # it never started
            events.append(self.begin(event.turn_id))
        if self._message:
            events.append(_text_end(self._message))
        events += self._leave()
        self._message, self._in_text = None, False
        self._begun.discard(event.turn_id)
        self._accepted.discard(event.turn_id)
        return [*events, _run_end(self._thread, event)]

    def _enter(self, agent: str | None) -> list[Event]:
        if agent is None or agent == self._step:
            return []
        known, self._in_text = not self._in_text, False
        events = self._leave()
        self._step = agent
        return [*events, {"type": "STEP_STARTED", "stepName": agent}] if known else events

    def _leave(self) -> list[Event]:
        left, self._step = self._step, None
        return [{"type": "STEP_FINISHED", "stepName": left}] if left else []


def reconnect() -> Event:
    """The server goes away; whoever comes back elsewhere misses nothing."""
    return _custom("reconnect", {})


def _text_start(message_id: str, agent: str | None) -> Event:
    start: Event = {"type": "TEXT_MESSAGE_START", "messageId": message_id, "role": "assistant"}
    return {**start, "name": agent} if agent else start


def _text(message_id: str, text: str) -> Event:
    return {"type": "TEXT_MESSAGE_CONTENT", "messageId": message_id, "delta": text}


def _text_end(message_id: str) -> Event:
    return {"type": "TEXT_MESSAGE_END", "messageId": message_id}


def _tool_call(data: Mapping[str, Any]) -> list[Event]:
    call_id, arguments = data["id"], orjson.dumps(data["arguments"]).decode()
    start = {"type": "TOOL_CALL_START", "toolCallId": call_id, "toolCallName": data["name"]}
    return [
        {**start, "parentMessageId": data["message_id"]},
        {"type": "TOOL_CALL_ARGS", "toolCallId": call_id, "delta": arguments},
        {"type": "TOOL_CALL_END", "toolCallId": call_id},
    ]


def _tool_result(event: SessionEvent) -> list[Event]:
    data = event.data
    result: Event = {
        "type": "TOOL_CALL_RESULT",
        "messageId": f"{data['id']}:result",
        "toolCallId": data["id"],
        "content": data["text"],
        "role": "tool",
    }
    if data.get("refused"):
        result["metadata"] = {"refused": True}
    block = data.get("block")
    return [result, _activity(str(data["id"]), block)] if block else [result]


def _activity(origin: str, block: Any) -> Event:
    return {
        "type": "ACTIVITY_SNAPSHOT",
        "messageId": f"{origin}:{block['kind']}",
        "activityType": block["kind"],
        "content": block,
    }


def _run_end(thread: str, event: SessionEvent) -> Event:
    status, error = event.data["status"], event.data.get("error")
    if status == TurnStatus.FAILED:
        told: Mapping[str, Any] = error if isinstance(error, dict) else {}
        return {
            "type": "RUN_ERROR",
            "message": told.get("message") or "The turn failed.",
            "code": told.get("code") or "turn_failed",
        }
    outcome = "cancelled" if status == TurnStatus.CANCELLED else "success"
    return {
        "type": "RUN_FINISHED",
        "threadId": thread,
        "runId": str(event.turn_id),
        "outcome": {"type": outcome},
    }


def _number(value: object) -> int:
    return int(str(value))


def _custom(name: str, value: Mapping[str, object]) -> Event:
    return {"type": "CUSTOM", "name": name, "value": dict(value)}


def _camel(data: Mapping[str, object]) -> dict[str, object]:
    return {_camel_case(name): value for name, value in data.items()}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
