"""The real langchain-openai client against a server that speaks the provider's protocol, streamed tool calls too."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from agents.models import chat_models
from domain.sessions import TurnStatus
from services.events import EventType
from tests.agents.conftest import Talk

ARGUMENTS = json.dumps(
    {
        "name": "Wired",
        "objective": "traffic",
        "budget": {"amount": "1000.00", "currency": "USD"},
        "start": "2027-03-01",
        "end": "2027-03-31",
    }
)


class Provider:
    """First it calls a tool, in pieces as providers do; once it has the result, it answers in words."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    async def complete(self, request: Request) -> StreamingResponse:
        body = await request.json()
        self.requests.append(body)
        has_result = body["messages"][-1]["role"] == "tool"
        deltas = self._words() if has_result else self._tool_call()
        return StreamingResponse(self._stream(deltas), media_type="text/event-stream")

    def _tool_call(self) -> list[dict[str, Any]]:
        half = len(ARGUMENTS) // 2
        opening = {"index": 0, "id": "call_wire", "type": "function"}
        return [
            {
                "role": "assistant",
                "tool_calls": [{**opening, "function": {"name": "create_campaign", "arguments": ""}}],
            },
            {"tool_calls": [{"index": 0, "function": {"arguments": ARGUMENTS[:half]}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": ARGUMENTS[half:]}}]},
        ]

    def _words(self) -> list[dict[str, Any]]:
        return [{"role": "assistant", "content": word} for word in ("Created ", "“Wired” ", "for 1,000 USD.")]

    async def _stream(self, deltas: list[dict[str, Any]]) -> AsyncIterator[str]:
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "wire"}
        reason = "tool_calls" if "tool_calls" in deltas[0] else "stop"
        for delta in deltas:
            yield f"data: {json.dumps({**chunk, 'choices': [{'index': 0, 'delta': delta, 'finish_reason': None}]})}\n\n"
        yield f"data: {json.dumps({**chunk, 'choices': [{'index': 0, 'delta': {}, 'finish_reason': reason}]})}\n\n"
        yield "data: [DONE]\n\n"


@pytest.fixture
async def provider() -> AsyncIterator[tuple[Provider, str]]:
    served = Provider()
    app = Starlette(routes=[Route("/v1/chat/completions", served.complete, methods=["POST"])])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        yield served, f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        server.should_exit = True
        await running


async def test_a_tool_turn_over_the_providers_wire(talk: Talk, provider: tuple[Provider, str]) -> None:
    served, base_url = provider
    model = chat_models("openai:wire", base_url=base_url, api_key="not a key").agents
    one = await talk(model)
    turn = await one.say("Create a campaign called Wired, $1k, March 2027, traffic")
    assert turn.status is TurnStatus.COMPLETED
    first, second = served.requests
    assert {"create_campaign", "list_members", "transfer_to_planning"} <= {
        t["function"]["name"] for t in first["tools"]
    }
    assert (first["stream"], first["messages"][0]["role"]) == (True, "system")
    assert second["messages"][-1]["tool_call_id"] == "call_wire"
    said = [event.data for event in await one.events() if event.type is EventType.MESSAGE]
    assert [event["text"] for event in said] == ["Created “Wired” for 1,000 USD."]
