"""Transcript: messages and events in one order without gaps, whoever writes."""

import asyncio

import pytest

from domain.errors import Conflict, Duplicate, NotFound
from domain.ids import SessionId, TenantId, TurnId, new_id
from domain.sessions import TurnStatus
from services.actor import Actor
from services.events import EventType, NewEvent, Position
from tests.contracts.conftest import World
from tests.contracts.leases import NONE, claimed, end_of
from tests.contracts.samples import DONE, accept_turn, message, open_session, said


@pytest.fixture
async def actor(world: World) -> Actor:
    return await world.new_actor()


@pytest.fixture
async def session_id(world: World, actor: Actor) -> SessionId:
    return await open_session(world.begin, actor)


async def test_events_are_numbered_from_one_and_read_back(world: World, actor: Actor, session_id: SessionId) -> None:
    event = NewEvent(
        session_id=session_id,
        type=EventType.TOOL_RESULT,
        agent="planning",
        data={"id": "call", "block": {"rows": [1, None, "ü"]}, "refused": False},
    )
    async with world.begin(actor) as work:
        written = await work.transcript.log(said(session_id), event)
        await work.commit(DONE)
    assert [entry.seq for entry in written] == [1, 2]
    assert await world.events.events_after(actor.tenant_id, session_id, Position(), 10) == written
    assert await world.events.events_after(actor.tenant_id, session_id, Position(seq=1), 10) == written[1:]
    assert await world.events.events_after(actor.tenant_id, session_id, Position(), 1) == written[:1]


async def test_a_message_has_the_number_of_its_first_event(world: World, actor: Actor, session_id: SessionId) -> None:
    turn = await accept_turn(world.begin, actor, session_id)
    answer = message(session_id, turn.id, 1, role="assistant", agent="planning", call=0)
    async with world.begin(actor) as work:
        events = await work.transcript.record(answer, [said(session_id, "one"), said(session_id, "two")])
        await work.commit(DONE)
    assert [event.seq for event in events] == [2, 3]
    async with world.begin(actor) as work:
        first, second = await work.transcript.of_turn(turn.id)
    assert (first.id, first.seq) == (f"{turn.id}:0", 1)
    assert second == answer.model_copy(update={"seq": 2})
    ids = [first.id, second.id, "never:1"]
    assert await world.events.recorded(actor.tenant_id, session_id, ids) == {first.id, second.id}


async def test_an_answer_and_the_results_of_its_calls_are_rows_of_their_own(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    turn = await accept_turn(world.begin, actor, session_id)
    rows = [
        message(session_id, turn.id, 1, role="assistant", agent="planning", call=0),
        message(session_id, turn.id, 2, role="tool", agent="planning", tool_call_id="a"),
        message(session_id, turn.id, 3, role="tool", agent="planning", tool_call_id="b"),
        message(session_id, turn.id, 4, role="assistant", agent="planning", call=1),
    ]
    async with world.begin(actor) as work:
        for row in rows:
            await work.transcript.record(row, [said(session_id)])
        await work.commit(DONE)
    async with world.begin(actor) as work:
        found = await work.transcript.of_turn(turn.id)
    assert [row.ordinal for row in found] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "again",
    [
        {"id": "twice", "ordinal": 7},
        {"ordinal": 1},
        {"ordinal": 7, "agent": "planning", "call": 0},
        {"ordinal": 7, "tool_call_id": "call"},
    ],
    ids=["id", "place", "model call", "tool call"],
)
async def test_nothing_is_recorded_twice(
    world: World, actor: Actor, session_id: SessionId, again: dict[str, object]
) -> None:
    turn = await accept_turn(world.begin, actor, session_id)

    async def record(**values: object) -> None:
        row = message(session_id, turn.id).model_copy(update=values)
        async with world.begin(actor) as work:
            await work.transcript.record(row, [said(session_id)])
            await work.commit(DONE)

    await record(id="twice", ordinal=1, agent="planning", call=0, tool_call_id="call")
    with pytest.raises(Duplicate):
        await record(**{"id": "another", **again})


async def test_what_jobs_posted_since(world: World, actor: Actor, session_id: SessionId) -> None:
    turn = await accept_turn(world.begin, actor, session_id)
    async with world.begin(actor) as work:
        for name in ("job:1", "job:2"):
            await work.transcript.record(message(session_id, None, id=name), [said(session_id)])
        await work.commit(DONE)
    async with world.begin(actor) as work:
        posted = await work.transcript.outside_turns(session_id, turn.accepted_seq)
        later = await work.transcript.outside_turns(session_id, posted[0].seq)
        assert await work.transcript.of_turn(turn.id) == [message(session_id, turn.id).model_copy(update={"seq": 1})]
    assert [row.id for row in posted] == ["job:1", "job:2"]
    assert [row.id for row in later] == ["job:2"]


async def test_there_is_no_gap_and_no_double_under_twenty_writers(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    async def write(number: int) -> None:
        async with world.begin(actor) as work:
            await work.transcript.log(said(session_id, f"{number}a"), said(session_id, f"{number}b"))
            await asyncio.sleep(0)
            if number % 4:  # every fourth changes its mind: its numbers are given to the next
                await work.commit(DONE)

    await asyncio.gather(*(write(number) for number in range(20)))
    events = await world.events.events_after(actor.tenant_id, session_id, Position(), 100)
    assert [event.seq for event in events] == list(range(1, 31))
    texts = [str(event.data["text"]) for event in events]
    assert all(first[:-1] == second[:-1] for first, second in zip(texts[::2], texts[1::2], strict=True))


async def test_there_is_no_writing_in_a_session_that_is_not_there(world: World, actor: Actor) -> None:
    nowhere = SessionId(new_id())
    async with world.begin(actor) as work:
        with pytest.raises(NotFound) as refused:
            await work.transcript.record(message(nowhere, None, id="job:1"), [said(nowhere)])
        assert await work.transcript.log() == []
        assert await work.transcript.of_turn(TurnId(new_id())) == []
    assert refused.value.code == "session_not_found"


async def test_what_a_reader_is_in_the_middle_of(world: World, actor: Actor, session_id: SessionId) -> None:
    """Two turns were accepted and the first has ended, then something outside of any turn was said."""
    first = await accept_turn(world.begin, actor, session_id)
    second = await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id)
    async with world.begin(actor) as work:
        await work.turns.finish(lease, await work.turns.hold(lease), TurnStatus.COMPLETED, end_of(lease), None)
        await work.transcript.log(said(session_id))
        await work.commit(DONE)

    async def under_way(seq: int, tenant: TenantId = actor.tenant_id) -> list[tuple[int, TurnId | None]]:
        return [(one.seq, one.turn_id) for one in await world.events.under_way(tenant, session_id, seq)]

    assert await under_way(1) == [(1, first.id)]
    assert await under_way(2) == [(1, first.id), (2, second.id)]
    assert await under_way(3) == await under_way(4) == [(2, second.id)]
    assert await under_way(5) == await under_way(10**30) == await under_way(0) == []
    assert await under_way(2, (await world.new_actor()).tenant_id) == []


async def test_who_has_lost_a_turn_writes_nothing_in_it(world: World, actor: Actor, session_id: SessionId) -> None:
    turn = await accept_turn(world.begin, actor, session_id)
    old = await claimed(world, actor, session_id, NONE)
    new = await claimed(world, actor, session_id)
    answer = message(session_id, turn.id, 1)
    with pytest.raises(Conflict) as refused:
        async with world.begin(actor) as work:
            await work.transcript.record(answer, [said(session_id, "mine", turn.id)], old)
    assert refused.value.code == "lease_lost"
    async with world.begin(actor) as work:
        await work.transcript.record(answer, [said(session_id, "yours", turn.id)], new)
        await work.commit(DONE)
    events = await world.events.events_after(actor.tenant_id, session_id, Position(), 10)
    assert [(one.seq, one.data.get("text")) for one in events][1:] == [(2, "yours")]
