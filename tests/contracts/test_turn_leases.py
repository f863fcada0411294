"""TurnLedger: wishes to end a turn, leases let go before their time, keys that are free again."""

import asyncio
from datetime import UTC, datetime

import pytest

from domain.ids import SessionId, TurnId, new_id
from domain.sessions import TurnStatus
from services.actor import Actor
from services.events import EventType, NewEvent, Position, SessionEvent
from services.ports import Kept, Lease, Turn, WakeupKind
from tests.contracts.conftest import World
from tests.contracts.leases import LONG, NONE, claim, claimed, end_of, finish
from tests.contracts.samples import DONE, NOW, accept_turn, message, open_session, queued, said

FAR_AWAY = datetime(2222, 1, 1, tzinfo=UTC)  # no process of another test takes up what is not due


@pytest.fixture
async def actor(world: World) -> Actor:
    return await world.new_actor()


@pytest.fixture
async def session_id(world: World, actor: Actor) -> SessionId:
    return await open_session(world.begin, actor)


async def test_a_running_turn_keeps_the_wish_to_end_it_for_its_holder_and_for_who_takes_it_over(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    turn = await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id, NONE)
    async with world.begin(actor) as work:
        assert await work.turns.extend(lease, NONE) == Kept(cancel_asked=False)
        assert await work.turns.ask_cancel(turn.id)
        assert await work.turns.ask_cancel(turn.id)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        assert await work.turns.extend(lease, NONE) == Kept(cancel_asked=True)
        await work.commit(DONE)
    taken = await claimed(world, actor, session_id)
    assert (taken.turn.attempt, taken.turn.cancel_asked) == (2, True)
    await finish(world, actor, taken)
    async with world.begin(actor) as work:
        assert not await work.turns.ask_cancel(turn.id)
        assert not await work.turns.ask_cancel(TurnId(new_id()))


async def test_a_released_lease_is_anybodys_at_once(world: World, actor: Actor, session_id: SessionId) -> None:
    await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id)
    async with world.begin(actor) as work:
        await work.turns.release(lease)
        await work.commit(DONE)
    taken = await claim(world, actor, session_id, "two")
    assert taken is not None
    assert (taken.turn.id, taken.turn.attempt) == (lease.turn.id, 2)
    async with world.begin(actor) as work:
        await work.turns.release(lease)
        await work.commit(DONE)
    assert await claim(world, actor, session_id, "three") is None


async def test_the_unfinished_turns_come_in_order_and_locked(world: World, actor: Actor, session_id: SessionId) -> None:
    ended, running, queued = [await accept_turn(world.begin, actor, session_id) for _ in range(3)]
    await finish(world, actor, await claimed(world, actor, session_id))
    lease = await claimed(world, actor, session_id, NONE)
    async with world.begin(actor) as work:
        found = await work.turns.unfinished(session_id)
        assert [(turn.id, turn.status) for turn in found] == [
            (running.id, TurnStatus.RUNNING),
            (queued.id, TurnStatus.QUEUED),
        ]
        other = asyncio.create_task(claim(world, actor, session_id, "two"))
        await asyncio.sleep(0.05)
        assert not other.done()
        await work.commit(DONE)
    assert await other is not None
    assert ended.id != lease.turn.id


async def test_a_forgotten_key_is_free(world: World, actor: Actor, session_id: SessionId) -> None:
    old = await accept_turn(world.begin, actor, session_id, key="mine")
    async with world.begin(actor) as work:
        await work.turns.forget_key(old.id)
        await work.commit(DONE)
    new = await accept_turn(world.begin, actor, session_id, key="mine")
    async with world.begin(actor) as work:
        assert await work.turns.by_key(session_id, "mine") == new
        assert (await work.turns.get(old.id)).idempotency_key == str(old.id)


async def test_the_last_turns_end_takes_the_note_along(world: World, actor: Actor, session_id: SessionId) -> None:
    for _ in range(2):
        await accept_turn(world.begin, actor, session_id)
    async with world.begin(actor) as work:
        await work.wake(WakeupKind.TURN, session_id, FAR_AWAY)
        await work.commit(DONE)
    await finish(world, actor, await claimed(world, actor, session_id))
    assert session_id in await world.noted(WakeupKind.TURN)
    await finish(world, actor, await claimed(world, actor, session_id))
    assert session_id not in await world.noted(WakeupKind.TURN)


async def test_a_message_accepted_beside_the_end_of_a_turn_keeps_its_note(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id)

    async def accept() -> None:
        turn_id = TurnId(new_id())
        async with world.begin(actor) as work:
            (first,) = await work.transcript.record(message(session_id, turn_id), [said(session_id, "hi", turn_id)])
            await work.turns.add(
                lease.turn.model_copy(
                    update={
                        "id": turn_id,
                        "idempotency_key": str(turn_id),
                        "accepted_seq": first.seq,
                        "status": TurnStatus.QUEUED,
                    }
                )
            )
            await work.wake(WakeupKind.TURN, session_id, FAR_AWAY)
            await asyncio.sleep(0.02)
            await work.commit(DONE)

    async def end() -> None:
        async with world.begin(actor) as work:
            await work.turns.hold(lease)
            await work.turns.finish(lease, await work.turns.hold(lease), TurnStatus.COMPLETED, end_of(lease), None)
            await work.commit(DONE)

    await asyncio.gather(accept(), end())
    assert session_id in await world.noted(WakeupKind.TURN)


async def test_a_turn_is_not_taken_over_while_it_is_ended(world: World, actor: Actor, session_id: SessionId) -> None:
    await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id, NONE)
    async with world.begin(actor) as work:
        session = await work.turns.hold(lease)
        taking_over = asyncio.create_task(claim(world, actor, session_id))
        await asyncio.sleep(0.1)
        assert not taking_over.done()
        await work.turns.finish(lease, session, TurnStatus.COMPLETED, end_of(lease), None)
        await work.commit(DONE)
    assert await taking_over is None


async def log(world: World, actor: Actor, session_id: SessionId) -> list[SessionEvent]:
    return await world.events.events_after(actor.tenant_id, session_id, Position(), 10)


async def accepted(world: World, actor: Actor, session_id: SessionId, owner: str | None) -> Lease | Turn:
    turn_id = TurnId(new_id())
    started = NewEvent(session_id=session_id, turn_id=turn_id, type=EventType.TURN_STARTED)
    async with world.begin(actor) as work:
        await work.sessions.get(session_id, locked=True)
        events = [said(session_id, "hi", turn_id), started]
        turn = queued(actor, session_id, turn_id, 0)
        found = await work.turns.accept(turn, message(session_id, turn_id), events, owner, LONG)
        await asyncio.sleep(0.02)
        await work.commit(DONE)
    return found


async def test_a_turn_that_is_claimed_as_it_is_accepted_is_looked_after_when_its_lease_ends(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    lease = await accepted(world, actor, session_id, "me")
    assert isinstance(lease, Lease)
    assert (lease.owner, lease.turn.attempt, lease.turn.status) == ("me", 1, TurnStatus.RUNNING)
    async with world.begin(actor) as work:
        assert await work.turns.get(lease.turn.id) == lease.turn
    assert [event.type for event in await log(world, actor, session_id)] == ["message", "turn_started"]
    assert session_id in await world.noted(WakeupKind.TURN)
    assert await claim(world, actor, session_id) is None
    await finish(world, actor, lease)
    assert session_id not in await world.noted(WakeupKind.TURN)


async def test_behind_another_turn_it_waits(world: World, actor: Actor, session_id: SessionId) -> None:
    await accept_turn(world.begin, actor, session_id)
    turn = await accepted(world, actor, session_id, "me")
    assert isinstance(turn, Turn)
    assert (turn.attempt, turn.status, turn.accepted_seq) == (0, TurnStatus.QUEUED, 2)
    async with world.begin(actor) as work:
        assert await work.turns.get(turn.id) == turn
    assert [event.type for event in await log(world, actor, session_id)] == ["message"] * 2
    assert session_id in await world.noted(WakeupKind.TURN)


async def test_without_an_owner_it_waits_for_one(world: World, actor: Actor, session_id: SessionId) -> None:
    turn = await accepted(world, actor, session_id, None)
    assert isinstance(turn, Turn)
    lease = await claimed(world, actor, session_id)
    assert (lease.turn.id, lease.turn.attempt) == (turn.id, 1)
    assert len(await log(world, actor, session_id)) == 1


async def test_of_two_accepted_at_once_one_begins(world: World, actor: Actor, session_id: SessionId) -> None:
    both = await asyncio.gather(*(accepted(world, actor, session_id, "me") for _ in range(2)))
    assert sorted(type(one).__name__ for one in both) == ["Lease", "Turn"]
    assert [event.seq for event in await log(world, actor, session_id)] == [1, 2, 3]


async def test_the_end_of_a_turn_writes_what_its_session_has_become(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id)
    async with world.begin(actor) as work:
        session = await work.turns.hold(lease)
        session.remember({"active_agent": "planning"}, NOW)
        await work.turns.finish(lease, session, TurnStatus.COMPLETED, end_of(lease), None)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        found = await work.sessions.get(session_id)
    assert (found.active_agent, found.updated_at, found.version) == ("planning", NOW, 2)
