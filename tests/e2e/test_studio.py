"""LangGraph Studio's server on our graph, asked through its own SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from domain.ids import new_id
from server.settings import Settings
from server.studio_server import run
from server.terminal.own_server import free_port
from tests.server.embedded.homes import temporary_home

pytestmark = pytest.mark.timeout(600)
GRAPH = "media_planner"


@pytest.fixture(scope="module")
async def studio() -> AsyncIterator[LangGraphClient]:
    port = free_port()
    with temporary_home() as folder:
        serving = asyncio.create_task(run(Settings(home=folder / "data"), lambda _: None, port=port))
        try:
            await until_it_answers(f"http://127.0.0.1:{port}", serving)
            async with get_client(url=f"http://127.0.0.1:{port}") as client:
                yield client
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


async def until_it_answers(url: str, serving: asyncio.Task[None]) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        while True:
            if serving.done():
                serving.result()
            with suppress(httpx.TransportError):
                if (await http.get("/ok")).is_success:
                    return
            await asyncio.sleep(0.2)


async def ask(client: LangGraphClient, thread_id: str, words: str, context: dict[str, Any] | None = None) -> object:
    """What the thread holds after the run."""
    said: dict[str, Any] = {"messages": [{"role": "human", "content": words}]}
    return await client.runs.wait(thread_id, GRAPH, input=said, context=context)


async def test_a_run_without_context_is_the_demo_users(studio: LangGraphClient) -> None:
    thread = await studio.threads.create()
    state = await ask(studio, thread["thread_id"], "Who is on the team?")
    assert isinstance(state, dict)
    kinds = [message["type"] for message in state["messages"]]
    assert kinds == ["human", "ai", "tool", "ai"]
    assert state["messages"][2]["name"] == "list_members"
    assert "Demo Planner" in state["messages"][2]["content"]


async def test_a_thread_remembers_what_it_was_about(studio: LangGraphClient) -> None:
    thread, name = await studio.threads.create(), f"Studio {new_id().hex[:12]}"
    await ask(studio, thread["thread_id"], f'Create a campaign "{name}", 50k USD, 1 April to 31 May 2027, leads')
    state = await ask(studio, thread["thread_id"], "Draft a plan on search and social")
    assert isinstance(state, dict)
    assert state["active_agent"] == "planning"
    assert name in state["messages"][-1]["content"]


async def test_what_the_context_says_counts(studio: LangGraphClient) -> None:
    thread, name = await studio.threads.create(), f"Nothing {new_id().hex[:12]}"
    may_look: dict[str, Any] = {"permissions": ["campaign:read", "session:use"], "something": "else"}
    words = f'Create a campaign "{name}", 50k USD, 1 April to 31 May 2027, leads'
    state = await ask(studio, thread["thread_id"], words, may_look)
    assert isinstance(state, dict)
    assert "tool" not in [message["type"] for message in state["messages"]]


async def test_studio_can_draw_the_graph(studio: LangGraphClient) -> None:
    (assistant,) = await studio.assistants.search(graph_id=GRAPH)
    drawn = await studio.assistants.get_graph(assistant["assistant_id"], xray=True)
    nodes = {str(node["id"]) for node in drawn["nodes"]}
    assert any("workspace" in node for node in nodes)
