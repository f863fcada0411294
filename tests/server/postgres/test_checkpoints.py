"""Checkpoints of many tenants through one saver: conformant, apart from each other, never without one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint, empty_checkpoint
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.report import CapabilityReport
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Conflict, Unavailable
from domain.ids import SessionId, TenantId, new_id
from domain.sessions import TurnStatus
from server.postgres.checkpoint_tables import setup
from server.postgres.checkpoints import CheckpointPool, TenantPostgresSaver, open_pool
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor
from services.ports import Lease
from services.unit_of_work import Begin
from tests.conftest import NewActor
from tests.contracts.leases import end_of
from tests.contracts.samples import DONE, accept_turn, open_session
from tests.fakes.clock import FakeClock
from tests.fakes.unit_of_work import unpublished

TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")


@pytest.fixture(scope="session")
async def pool(app_url: str) -> AsyncIterator[CheckpointPool]:
    async with open_pool(app_url, size=3) as pool:
        yield pool


@pytest.fixture
async def saver(pool: CheckpointPool) -> TenantPostgresSaver:
    return TenantPostgresSaver(pool)


def any_tenant() -> TenantId:
    return TenantId(new_id())


def config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}


def checkpoint(text: str) -> tuple[Checkpoint, dict[str, str | int | float]]:
    """One channel whose value is large enough for a row in the blobs table."""
    versions: dict[str, str | int | float] = {"messages": "1"}
    made = empty_checkpoint()
    made["channel_values"] = {"messages": [HumanMessage(text)]}
    made["channel_versions"] = versions
    return made, versions


async def save(saver: TenantPostgresSaver, thread: str, text: str) -> RunnableConfig:
    made, versions = checkpoint(text)
    saved = await saver.aput(config(thread), made, {"source": "loop", "step": 0}, versions)
    await saver.aput_writes(saved, [("messages", [AIMessage(text)])], task_id="task")
    return saved


async def test_a_database_that_is_away_is_unavailable_for_now() -> None:
    async with open_pool("postgresql://app_rw@/none?host=/nonexistent", size=1, wait_seconds=0.2) as pool:
        saver = TenantPostgresSaver(pool)
        with saver.tenant(any_tenant()), pytest.raises(Unavailable) as refused:
            await saver.aget_tuple(config("thread"))
    assert refused.value.code == "database_unavailable"


async def test_the_saver_conforms_as_the_application_role(saver: TenantPostgresSaver) -> None:
    async def factory() -> Any:
        yield saver

    with saver.tenant(any_tenant()):
        report: CapabilityReport = await validate(checkpointer_test(name="tenant")(factory))
    results = {name: result for name, result in report.results.items() if result.detected}
    assert {"put", "put_writes", "get_tuple", "list", "delete_thread", "prune"} <= set(results)
    assert {name: result.failures for name, result in results.items() if not result.passed} == {}


async def test_a_thread_is_read_back_by_its_own_tenant(saver: TenantPostgresSaver) -> None:
    thread = str(new_id())
    with saver.tenant(any_tenant()):
        await save(saver, thread, "hello")
        found = await saver.aget_tuple(config(thread))
    assert found is not None
    assert found.checkpoint["channel_values"]["messages"][0].content == "hello"
    assert found.pending_writes is not None
    assert len(found.pending_writes) == 1


async def test_another_tenant_sees_and_deletes_nothing(saver: TenantPostgresSaver) -> None:
    thread, ours, theirs = str(new_id()), any_tenant(), any_tenant()
    with saver.tenant(ours):
        await save(saver, thread, "ours")
    with saver.tenant(theirs):
        assert await saver.aget_tuple(config(thread)) is None
        assert [found async for found in saver.alist(None)] == []
        await saver.adelete_thread(thread)
        await saver.aprune([thread], strategy="delete")
        await saver.aprune([thread])
    with saver.tenant(ours):
        found = await saver.aget_tuple(config(thread))
    assert found is not None
    assert found.checkpoint["channel_values"]["messages"][0].content == "ours"


async def test_another_tenant_cannot_write_into_a_thread(saver: TenantPostgresSaver) -> None:
    thread, ours, theirs = str(new_id()), any_tenant(), any_tenant()
    with saver.tenant(ours):
        saved = await save(saver, thread, "ours")
        original = await saver.aget_tuple(saved)
    assert original is not None
    forged = original.checkpoint.copy()
    forged["channel_values"] = {"messages": [HumanMessage("theirs")]}
    with saver.tenant(theirs), pytest.raises(InsufficientPrivilege):
        await saver.aput(config(thread), forged, {"source": "loop", "step": 0}, {"messages": "2"})
    with saver.tenant(ours):
        assert await saver.aget_tuple(saved) == original


async def test_without_a_tenant_every_call_is_refused(saver: TenantPostgresSaver) -> None:
    thread = str(new_id())
    with saver.tenant(any_tenant()):
        saved = await save(saver, thread, "hello")
    made, versions = checkpoint("again")
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: saver.aget_tuple(config(thread)),
        lambda: anext(saver.alist(None)),
        lambda: saver.aput(config(thread), made, {}, versions),
        lambda: saver.aput_writes(saved, [("messages", [])], task_id="task"),
        lambda: saver.adelete_thread(thread),
        lambda: saver.aprune([thread]),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match="belong to a tenant"):
            await call()


async def test_a_graph_compiled_once_serves_tenants_side_by_side(saver: TenantPostgresSaver) -> None:
    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]

    async def answer(state: State) -> State:
        await asyncio.sleep(0)
        return {"messages": [AIMessage(f"{len(state['messages'])}")]}

    built = StateGraph(State)
    built.add_node("answer", answer)
    built.add_edge(START, "answer")
    built.add_edge("answer", END)
    graph = built.compile(checkpointer=saver)

    async def converse(tenant_id: TenantId, thread: str, text: str) -> list[str]:
        with saver.tenant(tenant_id):
            for _ in range(3):
                turn: State = {"messages": [HumanMessage(text)]}
                state = await graph.ainvoke(turn, config(thread), durability="exit")
        return [str(message.content) for message in state["messages"]]

    tenants = [any_tenant() for _ in range(6)]
    threads = [str(new_id()) for _ in tenants]
    said = await asyncio.gather(
        *(converse(who, thread, f"t{i}") for i, (who, thread) in enumerate(zip(tenants, threads, strict=True)))
    )
    assert said == [[f"t{i}", "1", f"t{i}", "3", f"t{i}", "5"] for i in range(6)]
    for who, thread in zip(tenants, threads, strict=True):
        with saver.tenant(who):
            assert {found.config["configurable"]["thread_id"] async for found in saver.alist(None)} == {thread}


async def test_a_failed_write_leaves_nothing_and_the_connection_usable(saver: TenantPostgresSaver) -> None:
    thread = str(new_id())
    made, versions = checkpoint("half")
    with saver.tenant(any_tenant()):
        with pytest.raises(TypeError):
            await saver.aput(config(thread), made, {"source": object()}, versions)  # type: ignore[typeddict-item]
        assert await saver.aget_tuple(config(thread)) is None
        await save(saver, thread, "whole")
        assert await saver.aget_tuple(config(thread)) is not None


async def test_setup_can_run_again_and_secures_every_table(pool: CheckpointPool, admin_url: str) -> None:
    await setup(admin_url)
    async with await AsyncConnection.connect(admin_url) as connection:
        rows = await connection.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner), "
            "  has_table_privilege('app_rw', oid, 'DELETE'), has_table_privilege('app_ro', oid, 'SELECT'), "
            "  has_table_privilege('app_ro', oid, 'INSERT') "
            "FROM pg_class WHERE relname = ANY(%s) ORDER BY relname",
            [list(TABLES)],
        )
        assert await rows.fetchall() == [(t, True, True, "app_owner", True, True, False) for t in sorted(TABLES)]
        rows = await connection.execute(
            "SELECT has_table_privilege('app_rw', 'checkpoint_migrations', 'SELECT'), "
            "  has_table_privilege('app_rw', 'checkpoint_migrations', 'INSERT, UPDATE, DELETE')"
        )
        assert await rows.fetchone() == (True, False)


@pytest.fixture
def begin(engine: AsyncEngine) -> Begin:
    return PostgresWork(engine, FakeClock(), unpublished)


async def claimed(begin: Begin, actor: Actor, session_id: SessionId, seconds: float) -> Lease:
    async with begin(actor) as work:
        lease = await work.turns.claim_next(session_id, "one", seconds)
        await work.commit(DONE)
    assert lease
    return lease


async def end(begin: Begin, actor: Actor, lease: Lease) -> None:
    async with begin(actor) as work:
        session = await work.turns.hold(lease)
        await work.turns.finish(lease, session, TurnStatus.COMPLETED, end_of(lease), None)
        await work.commit(DONE)


async def test_what_a_turn_saves_is_written_with_its_end(
    saver: TenantPostgresSaver, begin: Begin, tenant: NewActor
) -> None:
    actor = await tenant()
    session_id = await open_session(begin, actor)
    await accept_turn(begin, actor, session_id)
    place = config(str(session_id))
    lease = await claimed(begin, actor, session_id, 60.0)
    with saver.tenant(actor.tenant_id, lease):
        saved = await save(saver, str(session_id), "hello")
        await saver.aput_writes(saved, [], task_id="idle")
        unwritten = await saver.aget_tuple(place)
        assert await saver.aget_tuple(config(str(new_id()))) is None
        with saver.tenant(actor.tenant_id):
            assert await saver.aget_tuple(place) is None
        await end(begin, actor, lease)
    with saver.tenant(actor.tenant_id):
        written = await saver.aget_tuple(place)
    for found in (unwritten, written):
        assert found
        assert (found.config, found.checkpoint["channel_values"]["messages"][0].text) == (saved, "hello")
        assert found.pending_writes == [("task", "messages", [AIMessage("hello")])]


async def test_what_is_saved_in_a_turn_that_somebody_else_took_over_is_not_written(
    saver: TenantPostgresSaver, begin: Begin, tenant: NewActor
) -> None:
    actor = await tenant()
    session_id = await open_session(begin, actor)
    await accept_turn(begin, actor, session_id)
    old = await claimed(begin, actor, session_id, 0.0)
    with saver.tenant(actor.tenant_id, old):
        await save(saver, str(session_id), "too late")
        await claimed(begin, actor, session_id, 60.0)
        with pytest.raises(Conflict) as refused:
            await end(begin, actor, old)
    assert refused.value.code == "lease_lost"
    with saver.tenant(actor.tenant_id):
        assert await saver.aget_tuple(config(str(session_id))) is None


async def test_a_connection_that_died_while_it_waited_is_replaced_unseen(app_url: str, admin_url: str) -> None:
    thread = str(new_id())
    async with open_pool(app_url, size=1) as pool, await AsyncConnection.connect(admin_url, autocommit=True) as admin:
        saver = TenantPostgresSaver(pool)
        async with pool.connection() as connection:
            backend = connection.info.backend_pid
        await admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        with saver.tenant(any_tenant()):
            await save(saver, thread, "hello")
            assert await saver.aget_tuple(config(thread)) is not None
