"""The stock LangGraph SDKs, unmodified, against the API on a port: Python's in this process, npm's with node."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc.jwk import ECKey
from langchain_core.messages import AIMessage
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import ConflictError, UnprocessableEntityError
from langgraph_sdk.schema import StreamMode
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.models import ChatModels
from domain.campaigns import Move
from domain.delegations import DelegationKind
from domain.ids import new_id
from domain.tenants import Role
from server.bootstrap import System, bootstrap
from server.settings import Settings
from services.actor import Actor
from services.amounts import Amount
from services.campaigns import CreateCampaign
from services.delegations import GiveDelegation
from services.tenants import ChangeSettings
from tests.agents.people import colleague
from tests.agents.scripted import ScriptedModel, calls
from tests.conftest import NewActor
from tests.e2e.stock_clients import BreakingLine, node, served

GRAPH = "media_planner"
MODES: list[StreamMode] = ["values", "messages-tuple", "updates", "custom"]
TEAM = "Who is on the team?"
LONG = "One two three four five six seven eight nine ten."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person's clients go."""

    system: System
    actor: Actor
    port: int

    @property
    def token(self) -> str:
        return self.system.tokens.issue(self.actor.user_id, new_id())

    def url(self, port: int | None = None) -> str:
        return f"http://127.0.0.1:{port or self.port}/api/v1/tenants/{self.actor.tenant_id}/langgraph"

    def python(self, port: int | None = None) -> LangGraphClient:
        return get_client(url=self.url(port), api_key=None, headers={"Authorization": f"Bearer {self.token}"})

    async def npm(self, scenario: str, *, port: int | None = None, thread: str, message: str = TEAM) -> Any:
        wanted = {"scenario": scenario, "threadId": thread, "message": message}
        return await node("langgraph.mjs", url=self.url(port), token=self.token, **wanted)


NewPlace = Callable[..., AbstractAsyncContextManager[Place]]


@pytest.fixture(scope="module")
def settings(app_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url=app_url,
        redis_url=redis_url,
        signing_key=SecretStr(ECKey.generate_key("P-256").as_pem(private=True).decode()),
        server_secret=SecretStr("a server's secret, only for tests"),
        model="offline",
    )


@pytest.fixture
def place(settings: Settings, tenant: NewActor) -> NewPlace:
    """An owner's, or `by` somebody's; offline rules answer, or the scripted model."""

    @asynccontextmanager
    async def open_place(model: ScriptedModel | None = None, by: Actor | None = None) -> AsyncIterator[Place]:
        models = ChatModels(model, None, "scripted") if model else None
        async with bootstrap(settings, models, sweeps=False) as system, served(system) as port:
            yield Place(system, by or await tenant(), port)

    return open_place


def text_of(parts: list[Any]) -> str:
    """As a client puts it together from the pieces of the assistant's messages."""
    pieces = [data[0] for event, data in parts if event == "messages"]
    return "".join(piece["content"] for piece in pieces if piece["type"] == "AIMessageChunk")


def said(state: Any) -> list[tuple[str, str]]:
    return [(one["type"], one["content"]) for one in state["values"]["messages"] if one["content"]]


async def streamed(client: LangGraphClient, thread: str, **options: Any) -> list[tuple[str, Any]]:
    stream = client.runs.stream(thread, GRAPH, stream_mode=MODES, stream_resumable=True, **options)
    return [(part.event, part.data) async for part in stream]


def human(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def is_a_tool_turn(parts: list[Any]) -> None:
    events = [event for event, _ in parts]
    assert (events[0], events[1], events[-1]) == ("metadata", "values", "end")
    messages = [data[0] for event, data in parts if event == "messages"]
    (call,) = [chunk for message in messages for chunk in message.get("tool_call_chunks", ())]
    (result,) = [message for message in messages if message["type"] == "tool"]
    assert result["tool_call_id"] == call["id"]
    assert [data["block"]["kind"] for event, data in parts if event == "custom"] == ["table"]
    last = [data for event, data in parts if event == "values"][-1]
    assert [message["type"] for message in last["messages"]] == ["human", "ai", "tool", "ai"]
    assert last["messages"][-1]["content"] == text_of(parts)


async def test_python_chats_uses_a_tool_and_finds_it_again(place: NewPlace) -> None:
    async with place() as one, one.python() as client:
        assert (await client.assistants.search(graph_id=GRAPH))[0]["graph_id"] == GRAPH
        thread = await client.threads.create(thread_id="mine", if_exists="do_nothing")
        assert (thread["thread_id"], thread["status"]) == ("mine", "idle")
        parts = await streamed(client, "mine", input=human(TEAM))
        is_a_tool_turn(parts)
        history: Any = await client.threads.get_history("mine")
        assert [state["metadata"]["source"] for state in history] == ["loop", "input"]
        assert said(history[0])[-1] == ("ai", text_of(parts))
        assert said(await client.threads.get_state("mine")) == said(history[0])
        assert (await client.threads.search(metadata={"graph_id": GRAPH}))[0]["thread_id"] == "mine"
        assert [run["status"] for run in await client.runs.list("mine")] == ["success"]


async def test_npm_chats_uses_a_tool_and_finds_it_again(place: NewPlace) -> None:
    async with place() as one:
        got = await one.npm("chat", thread="mine")
        is_a_tool_turn([(part["event"], part["data"]) for part in got["parts"]])
        assert all(part["id"] for part in got["parts"])
        assert got["run"]["thread_id"] == got["thread"]["thread_id"] == "mine"
        again = await one.npm("reload", thread="mine")
        assert said(again["history"][0]) == said(got["state"]) == said(again["state"])
        assert again["threads"][0]["thread_id"] == "mine"
        assert [run["run_id"] for run in again["runs"]] == [got["run"]["run_id"]]


async def test_python_comes_back_by_itself_when_the_line_breaks(place: NewPlace) -> None:
    async with place(ScriptedModel(steps=[AIMessage(LONG)])) as one:
        line = BreakingLine(one.port, b"event: messages")
        async with line.up() as port, one.python(port) as client:
            await client.threads.create(thread_id="mine")
            parts = await streamed(client, "mine", input=human("Count to ten"))
    assert line.broken == 1
    assert text_of(parts) == LONG
    assert [event for event, _ in parts].count("metadata") == 1
    assert parts[-1][0] == "end"


async def test_npm_comes_back_by_itself_when_the_line_breaks(place: NewPlace) -> None:
    async with place(ScriptedModel(steps=[AIMessage(LONG)])) as one:
        line = BreakingLine(one.port, b"event: messages")
        async with line.up() as port:
            got = await one.npm("chat", port=port, thread="mine", message="Count to ten")
    assert line.broken == 1
    parts = [(part["event"], part["data"]) for part in got["parts"]]
    assert text_of(parts) == LONG
    assert [event for event, _ in parts].count("metadata") == 1
    assert parts[-1][0] == "end"


async def test_python_cancels_a_run_and_the_thread_stays_usable(place: NewPlace) -> None:
    model = ScriptedModel(steps=[AIMessage("never"), AIMessage("Here.")], gates={0: asyncio.Event()})
    async with place(model) as one, one.python() as client:
        await client.threads.create(thread_id="mine")
        run = await client.runs.create("mine", GRAPH, input=human("Wait"))
        while not model.asked:
            await asyncio.sleep(0.01)
        await client.runs.cancel("mine", run["run_id"], wait=True)
        assert (await client.runs.get("mine", run["run_id"]))["status"] == "interrupted"
        with pytest.raises(ConflictError):
            await client.runs.cancel("mine", run["run_id"])
        values: Any = await client.runs.wait("mine", GRAPH, input=human("And now?"))
        assert values["messages"][-1]["content"] == "Here."


async def test_python_interrupts_what_it_asked_before(place: NewPlace) -> None:
    model = ScriptedModel(steps=[AIMessage("never"), AIMessage("Here.")], gates={0: asyncio.Event()})
    async with place(model) as one, one.python() as client:
        await client.threads.create(thread_id="mine")
        run = await client.runs.create("mine", GRAPH, input=human("Wait"))
        while not model.asked:
            await asyncio.sleep(0.01)
        parts = await streamed(client, "mine", input=human("Rather this"), multitask_strategy="interrupt")
        assert text_of(parts) == "Here."
        assert (await client.runs.get("mine", run["run_id"]))["status"] == "interrupted"


async def test_npm_cancels_a_run_that_it_reads(place: NewPlace) -> None:
    async with place(ScriptedModel(steps=[AIMessage("never")], gates={0: asyncio.Event()})) as one:
        got = await one.npm("cancel", thread="mine", message="Wait")
    assert got["status"] == "interrupted"
    assert got["parts"][-1]["event"] == "end"


async def test_npm_joins_a_run_from_its_start(place: NewPlace) -> None:
    async with place() as one:
        got = await one.npm("join", thread="mine")
    parts = [(part["event"], part["data"]) for part in got["parts"]]
    is_a_tool_turn(parts)
    assert got["values"]["messages"][-1]["content"] == text_of(parts)


async def ready_to_launch(one: System, owner: Actor) -> None:
    wanted = {
        "name": "Spring",
        "objective": "awareness",
        "budget": {"amount": "250000", "currency": "USD"},
        "start": "2027-03-01",
        "end": "2027-05-31",
    }
    made = await one.application.campaigns.create(owner, CreateCampaign.model_validate(wanted))
    async with one.application.begin(owner) as work:
        campaign = await work.campaigns.get(made.id)
        campaign.move(Move.PLAN)
        campaign.move(Move.APPROVE)
        await work.commit(Amount.of(campaign.budget))


LAUNCH = [calls("move_campaign", campaign="Spring", move="launch", reason="now"), AIMessage("It waits for approval.")]


async def test_python_resumes_with_a_verdict(place: NewPlace, tenant: NewActor, engine: AsyncEngine) -> None:
    owner = await tenant()
    admin = await colleague(engine, owner, Role.ADMIN)
    async with place(ScriptedModel(steps=LAUNCH), by=admin) as one, one.python() as client:
        await ready_to_launch(one.system, owner)
        await client.threads.create(thread_id="mine")
        asked: Any = await client.runs.wait("mine", GRAPH, input=human("Launch Spring"))
        (waits,) = asked["__interrupt__"]
        assert waits["value"]["approval"]["title"] == "Launch “Spring” for 250,000.00 USD"
        state = await client.threads.get_state("mine")
        assert state["tasks"][0]["interrupts"] == [waits]
        assert (await client.threads.get("mine"))["status"] == "interrupted"
        application = one.system.application
        full = GiveDelegation(kind=DelegationKind.FULL)
        await application.delegations.give(owner, admin.user_id, full)
        limit = Amount.model_validate({"amount": "300000", "currency": "USD"})
        await application.tenants.change_settings(owner, ChangeSettings(self_approval_limit=limit))
        parts = await streamed(client, "mine", command={"resume": {waits["id"]: {"verdict": "approved"}}})
        assert "it is done: Launch “Spring”" in text_of(parts)
        assert parts[-1][0] == "end"
        assert (await client.threads.get_state("mine"))["tasks"] == []
        with pytest.raises(ConflictError):
            await streamed(client, "mine", command={"resume": {waits["id"]: "approved"}})


async def test_npm_resumes_with_a_verdict(place: NewPlace, tenant: NewActor, engine: AsyncEngine) -> None:
    owner = await tenant()
    admin = await colleague(engine, owner, Role.ADMIN)
    async with place(ScriptedModel(steps=LAUNCH), by=admin) as one:
        await ready_to_launch(one.system, owner)
        got = await one.npm("approval", thread="mine", message="Launch Spring")
    (waits,) = got["waiting"]["tasks"][0]["interrupts"]
    values = [part["data"] for part in got["asked"]["parts"] if part["event"] == "values"]
    assert values[-1]["__interrupt__"] == [waits]
    answered = [(part["event"], part["data"]) for part in got["answered"]["parts"]]
    assert "denied it: Launch “Spring”" in text_of(answered)
    assert got["answered"]["run"]["run_id"] != got["asked"]["run"]["run_id"]
    assert got["state"]["tasks"] == []


async def test_a_refusal_reads_as_a_sentence(place: NewPlace) -> None:
    async with place() as one, one.python() as client:
        await client.threads.create(thread_id="mine")
        with pytest.raises(UnprocessableEntityError, match="Streams have the modes") as refused:
            await client.runs.create("mine", GRAPH, input=human("hi"), stream_mode="debug")
        assert refused.value.code == "unsupported_stream_mode"
        got = await one.npm("refused", thread="other")
        assert got["status"] == 422
        assert "unsupported_command" in got["message"]
