"""Events of a session after a position, and which messages are recorded."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from server.postgres.event_reader import PostgresEventReader
from services.events import EventType, Position
from tests.server.postgres.rows import NOW, Rows


@pytest.fixture
def reader(engine: AsyncEngine) -> PostgresEventReader:
    return PostgresEventReader(engine)


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine)


async def test_events_come_in_order_after_the_position(reader: PostgresEventReader, rows: Rows) -> None:
    session_id, other = await rows.session(), await rows.session()
    for seq in (3, 1, 2, 4):
        await rows.event(session_id, seq, EventType.MESSAGE, {"text": f"m{seq}"})
    await rows.event(other, 5, EventType.MESSAGE, {"text": "elsewhere"})
    found = await reader.events_after(rows.tenant_id, session_id, Position(seq=1, offset=7), 2)
    assert [(event.seq, event.data) for event in found] == [(2, {"text": "m2"}), (3, {"text": "m3"})]
    assert (found[0].tenant_id, found[0].session_id, found[0].ts) == (rows.tenant_id, session_id, NOW)
    assert found[0].type is EventType.MESSAGE
    assert await reader.events_after(rows.tenant_id, session_id, Position(seq=4), 10) == []
    assert await reader.events_after(rows.tenant_id, session_id, Position(seq=10**30), 10) == []


async def test_another_tenant_reads_nothing(reader: PostgresEventReader, rows: Rows, engine: AsyncEngine) -> None:
    session_id = await rows.session()
    await rows.event(session_id, 1, EventType.MESSAGE, {})
    await rows.message(session_id, 1, "user", {})
    stranger = await Rows.of_new_tenant(engine)
    assert await reader.events_after(stranger.tenant_id, session_id, Position(), 10) == []
    assert await reader.recorded(stranger.tenant_id, session_id, ["message:1"]) == set()


async def test_recorded_names_the_messages_there_are(reader: PostgresEventReader, rows: Rows) -> None:
    session_id, other = await rows.session(), await rows.session()
    await rows.message(session_id, 1, "user", {})
    await rows.message(session_id, 2, "assistant", {})
    await rows.message(other, 3, "assistant", {})
    asked = {"message:2", "message:3", "message:4"}
    assert await reader.recorded(rows.tenant_id, session_id, asked) == {"message:2"}
    assert await reader.recorded(rows.tenant_id, session_id, []) == set()
