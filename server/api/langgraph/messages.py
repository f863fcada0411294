"""Messages as LangChain writes them in JSON: human, ai and tool ones, and the chunks of one that is being written."""

from collections.abc import Mapping
from typing import Any

import orjson

Json = dict[str, Any]

CANCELLED = "Cancelled before it was done."


def human(message_id: str, text: str) -> Json:
    return {**_common(message_id, text), "type": "human", "example": False}


def ai(message_id: str, agent: str | None, text: str = "") -> Json:
    lists: Json = {"tool_calls": [], "invalid_tool_calls": []}
    return {**_common(message_id, text, agent), "type": "ai", "example": False, **lists, "usage_metadata": None}


def tool(call_id: str, name: str | None, text: str, *, refused: bool) -> Json:
    status = "error" if refused else "success"
    common = _common(f"{call_id}:result", text, name)
    return {**common, "type": "tool", "tool_call_id": call_id, "artifact": None, "status": status}


def tool_call(data: Mapping[str, Any]) -> Json:
    return {"id": data["id"], "name": data["name"], "args": data["arguments"], "type": "tool_call"}


def text_chunk(message_id: str, agent: str | None, text: str) -> Json:
    lists: Json = {"tool_calls": [], "invalid_tool_calls": [], "tool_call_chunks": []}
    return {**_common(message_id, text, agent), "type": "AIMessageChunk", **lists}


def call_chunk(data: Mapping[str, Any], agent: str | None, index: int) -> Json:
    """A call comes whole: one chunk is all of it."""
    piece: Json = {"id": data["id"], "name": data["name"], "index": index, "type": "tool_call_chunk"}
    piece["args"] = orjson.dumps(data["arguments"]).decode()
    chunk = text_chunk(str(data["message_id"]), agent, "")
    return {**chunk, "tool_calls": [tool_call(data)], "tool_call_chunks": [piece]}


def removal(message_id: str) -> Json:
    """What was sent of it is forgotten."""
    return {**_common(message_id, ""), "type": "remove"}


def _common(message_id: str, text: str, name: str | None = None) -> Json:
    return {"id": message_id, "content": text, "name": name, "additional_kwargs": {}, "response_metadata": {}}
