"""The AG-UI 1.0 events that we send, each as its plain JSON. Their names and fields are the protocol's."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from domain.sessions import TurnStatus
from services.events import SessionEvent
from services.session_views import MessageView

PROTOCOL_VERSION = "1.0"
# What an interrupt is answered with: the payload of its entry in `resume`.
VERDICT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["approved", "denied", "conditions"]},
        "reason": {"type": "string"},
        "conditions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "required", "reason")},
                "required": ["field", "required", "reason"],
            },
        },
    },
    "required": ["verdict"],
}

Event = dict[str, Any]


def run_started(thread_id: str, run_id: str) -> Event:
    return {
        "type": "RUN_STARTED",
        "threadId": thread_id,
        "runId": run_id,
        "protocolVersion": PROTOCOL_VERSION,
    }


def run_finished(thread_id: str, run_id: str, outcome: Event, result: object = None) -> Event:
    finished: Event = {"type": "RUN_FINISHED", "threadId": thread_id, "runId": run_id, "outcome": outcome}
    return finished if result is None else {**finished, "result": result}


def run_error(message: str, code: str) -> Event:
    return {"type": "RUN_ERROR", "message": message, "code": code}


def run_end(thread_id: str, run_id: str, data: Mapping[str, Any]) -> Event:
    """Of a `turn_ended` event's data."""
    if data["status"] != TurnStatus.FAILED:
        return run_finished(thread_id, run_id, _outcome(data))
    error = data.get("error")
    told: Mapping[str, Any] = error if isinstance(error, dict) else {}
    return run_error(told.get("message") or "The turn failed.", told.get("code") or "turn_failed")


def _outcome(data: Mapping[str, Any]) -> Event:
    if data["status"] == TurnStatus.AWAITING_APPROVAL and (approvals := data.get("approvals")):
        return {"type": "interrupt", "interrupts": [_interrupt(waits) for waits in approvals]}
    return {"type": "cancelled" if data["status"] == TurnStatus.CANCELLED else "success"}


def _interrupt(waits: Mapping[str, Any]) -> Event:
    return {
        "id": waits["approval_id"],
        "reason": "approval",
        "message": waits["title"],
        "expiresAt": waits["expires_at"],
        "responseSchema": VERDICT_SCHEMA,
    }


def step_started(name: str) -> Event:
    return {"type": "STEP_STARTED", "stepName": name}


def step_finished(name: str) -> Event:
    return {"type": "STEP_FINISHED", "stepName": name}


def text_start(message_id: str, agent: str | None) -> Event:
    start: Event = {"type": "TEXT_MESSAGE_START", "messageId": message_id, "role": "assistant"}
    return {**start, "name": agent} if agent else start


def text(message_id: str, delta: str) -> Event:
    return {"type": "TEXT_MESSAGE_CONTENT", "messageId": message_id, "delta": delta}


def text_end(message_id: str) -> Event:
    return {"type": "TEXT_MESSAGE_END", "messageId": message_id}


def tool_call(data: Mapping[str, Any]) -> list[Event]:
    """The whole call: arguments don't come in pieces."""
    call_id, arguments = data["id"], orjson.dumps(data["arguments"]).decode()
    start = {"type": "TOOL_CALL_START", "toolCallId": call_id, "toolCallName": data["name"]}
    return [
        {**start, "parentMessageId": data["message_id"]},
        {"type": "TOOL_CALL_ARGS", "toolCallId": call_id, "delta": arguments},
        {"type": "TOOL_CALL_END", "toolCallId": call_id},
    ]


def tool_result(event: SessionEvent) -> list[Event]:
    """With the block that it shows, if it shows one."""
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
    return [result, activity(str(data["id"]), block)] if block else [result]


def activity(origin: str, block: Any) -> Event:
    """A block is written once and never changes, so it is one snapshot and no delta."""
    return {
        "type": "ACTIVITY_SNAPSHOT",
        "messageId": f"{origin}:{block['kind']}",
        "activityType": block["kind"],
        "content": block,
    }


def state_snapshot(state: Mapping[str, object]) -> Event:
    return {"type": "STATE_SNAPSHOT", "snapshot": dict(state)}


def state_delta(changed: Mapping[str, object]) -> Event:
    """By `add`, which sets a key whether or not it is there."""
    return {
        "type": "STATE_DELTA",
        "delta": [{"op": "add", "path": f"/{name}", "value": value} for name, value in changed.items()],
    }


def messages_snapshot(messages: Iterable[MessageView], *, earlier: bool) -> Event:
    """`earlier` says that there are messages before these. Blocks are activity messages, as in the stream."""
    told: Event = {"type": "MESSAGES_SNAPSHOT", "messages": [one for view in messages for one in _messages(view)]}
    return {**told, "metadata": {"earlier": True}} if earlier else told


def _messages(view: MessageView) -> list[Event]:
    said: list[Event] = []
    if view.role in ("user", "assistant") and view.text:
        message: Event = {"id": view.id, "role": view.role, "content": view.text}
        said.append({**message, "name": view.agent} if view.agent else message)
    shown = [activity(view.id, block) for block in view.blocks]
    return said + [
        {"id": one["messageId"], "role": "activity", "activityType": one["activityType"], "content": one["content"]}
        for one in shown
    ]


def custom(name: str, value: Mapping[str, object]) -> Event:
    return {"type": "CUSTOM", "name": name, "value": dict(value)}


def camel(data: Mapping[str, object]) -> dict[str, object]:
    return {_camel_case(name): value for name, value in data.items()}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
