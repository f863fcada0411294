"""A process that was frozen, and wakes up when another has taken its turn over, leaves no trace."""

import asyncio
from collections.abc import Callable

import pytest
from langchain_core.messages import AIMessage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.sessions import TurnStatus
from services.events import EventType
from tests.agents.conftest import Conversation, Talk
from tests.agents.leases import lease_runs_out
from tests.agents.scripted import ScriptedModel, calls
from tests.server.postgres.databases import as_tenant

Written = dict[str, list[tuple[object, ...]]]


async def checkpoints(engine: AsyncEngine, one: Conversation) -> Written:
    """Every row of the conversation, with the transaction that wrote it."""
    async with as_tenant(engine, one.actor.tenant_id) as connection:
        return {
            table: [
                tuple(row)
                for row in await connection.execute(
                    text(f"SELECT xmin::text, {table}::text FROM {table} WHERE thread_id = :thread ORDER BY 2"),
                    {"thread": str(one.session_id)},
                )
            ]
            for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
        }


def frozen_before_its_answer(gate: asyncio.Event) -> ScriptedModel:
    return ScriptedModel(steps=[AIMessage("too late")], gates={0: gate})


def frozen_after_a_tool(gate: asyncio.Event) -> ScriptedModel:
    return ScriptedModel(steps=[calls("show_settings"), AIMessage("too late")], gates={1: gate})


@pytest.mark.parametrize("freeze", [frozen_before_its_answer, frozen_after_a_tool], ids=["first_call", "second_call"])
async def test_who_wakes_up_too_late_writes_no_checkpoint(
    talk_patiently: Talk, engine: AsyncEngine, freeze: Callable[[asyncio.Event], ScriptedModel]
) -> None:
    gate = asyncio.Event()
    frozen = freeze(gate)
    one = await talk_patiently(frozen)
    turn_id = await one.post("show our settings")
    async with asyncio.timeout(30):
        while len(frozen.asked) <= max(frozen.gates):
            await asyncio.sleep(0.02)
    await lease_runs_out(engine, one, turn_id)
    other = one.another_process(ScriptedModel(steps=[AIMessage("in time")]))
    other.poke(one.actor.tenant_id, one.session_id)
    assert (await one.ended(turn_id)).status is TurnStatus.COMPLETED
    await other.drain(grace=30)
    before, events = await checkpoints(engine, one), await one.events()
    assert before["checkpoints"]
    gate.set()
    await one.runner.drain(grace=30)  # it wakes up, and comes to its end
    assert await checkpoints(engine, one) == before
    assert await one.events() == events
    assert [event.data["status"] for event in events if event.type is EventType.TURN_ENDED] == ["completed"]


async def test_who_is_frozen_in_the_middle_leaves_the_other_its_state(
    talk_patiently: Talk, engine: AsyncEngine
) -> None:
    """The other has not ended the turn either: what the frozen one saves now, it would read."""
    gate, never = asyncio.Event(), asyncio.Event()
    frozen, busy = frozen_after_a_tool(gate), ScriptedModel(steps=[AIMessage("not yet")], gates={0: never})
    one = await talk_patiently(frozen)
    turn_id = await one.post("show our settings")
    async with asyncio.timeout(30):
        while len(frozen.asked) < 2:
            await asyncio.sleep(0.02)
    await lease_runs_out(engine, one, turn_id)
    one.another_process(busy).poke(one.actor.tenant_id, one.session_id)
    async with asyncio.timeout(30):
        while not busy.asked:
            await asyncio.sleep(0.02)
    gate.set()
    await one.runner.drain(grace=30)
    assert await checkpoints(engine, one) == {"checkpoints": [], "checkpoint_blobs": [], "checkpoint_writes": []}
    assert (await one.app.queries.turn(one.actor, turn_id)).status is TurnStatus.RUNNING
