"""TurnLedger: in order, one process at a time, and whoever was overtaken can do nothing any more."""

import asyncio

import pytest

from domain.errors import Conflict, Duplicate, NotFound
from domain.ids import SessionId, TurnId, new_id
from domain.sessions import TurnStatus
from services.actor import Actor
from services.ports import Turn
from tests.contracts.conftest import World
from tests.contracts.leases import LONG, NONE, claim, claimed, end_of, finish
from tests.contracts.samples import DONE, accept_turn, open_session


@pytest.fixture
async def actor(world: World) -> Actor:
    return await world.new_actor()


@pytest.fixture
async def session_id(world: World, actor: Actor) -> SessionId:
    return await open_session(world.begin, actor)


async def get(world: World, actor: Actor, turn_id: TurnId) -> Turn:
    async with world.begin(actor) as work:
        return await work.turns.get(turn_id)


async def test_a_turn_comes_back_by_id_and_by_key(world: World, actor: Actor, session_id: SessionId) -> None:
    turn = await accept_turn(world.begin, actor, session_id, key="mine")
    async with world.begin(actor) as work:
        assert await work.turns.get(turn.id) == turn
        assert await work.turns.by_key(session_id, "mine") == turn
        assert await work.turns.by_key(session_id, "another") is None
        with pytest.raises(NotFound) as refused:
            await work.turns.get(TurnId(new_id()))
    assert refused.value.code == "turn_not_found"


async def test_a_key_is_used_once_in_a_session(world: World, actor: Actor, session_id: SessionId) -> None:
    await accept_turn(world.begin, actor, session_id, key="same")
    with pytest.raises(Duplicate):
        await accept_turn(world.begin, actor, session_id, key="same")
    await accept_turn(world.begin, actor, await open_session(world.begin, actor), key="same")


async def test_turns_are_claimed_one_after_the_other_in_order(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    turns = [await accept_turn(world.begin, actor, session_id) for _ in range(3)]
    for turn in turns:
        lease = await claimed(world, actor, session_id)
        assert (lease.turn.id, lease.turn.status, lease.turn.attempt) == (turn.id, TurnStatus.RUNNING, 1)
        assert await claim(world, actor, session_id, "two") is None
        await finish(world, actor, lease)
    assert await claim(world, actor, session_id) is None


async def test_the_owner_itself_does_not_claim_a_turn_twice(world: World, actor: Actor, session_id: SessionId) -> None:
    await accept_turn(world.begin, actor, session_id)
    await claimed(world, actor, session_id)
    assert await claim(world, actor, session_id, "one") is None


async def test_of_twenty_claimers_one_gets_the_turn(world: World, actor: Actor, session_id: SessionId) -> None:
    turn = await accept_turn(world.begin, actor, session_id)
    await accept_turn(world.begin, actor, session_id)
    found = await asyncio.gather(*(claim(world, actor, session_id, f"owner {n}") for n in range(20)))
    (lease,) = [lease for lease in found if lease]
    assert (lease.turn.id, lease.turn.attempt) == (turn.id, 1)


async def test_a_claim_that_is_not_committed_leaves_the_turn_to_others(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    await accept_turn(world.begin, actor, session_id)
    async with world.begin(actor) as work:
        assert await work.turns.claim_next(session_id, "one", LONG)
    assert (await claimed(world, actor, session_id)).turn.attempt == 1


async def test_an_expired_lease_is_taken_over_and_its_holder_can_do_nothing_any_more(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    turn = await accept_turn(world.begin, actor, session_id)
    old = await claimed(world, actor, session_id, NONE)
    new = await claim(world, actor, session_id, "two")
    assert new is not None
    assert (new.turn.id, new.turn.attempt, new.owner) == (turn.id, 2, "two")
    async with world.begin(actor) as work:
        assert not await work.turns.extend(old, LONG)
        with pytest.raises(Conflict) as held:
            await work.turns.hold(old)
        with pytest.raises(Conflict) as finished:
            await work.turns.finish(old, await work.turns.hold(old), TurnStatus.COMPLETED, end_of(old), None)
        await work.turns.hold(new)
    assert (held.value.code, finished.value.code) == ("lease_lost", "lease_lost")
    assert (await get(world, actor, turn.id)).status is TurnStatus.RUNNING


async def test_an_extended_lease_is_not_taken_over(world: World, actor: Actor, session_id: SessionId) -> None:
    await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id, NONE)
    async with world.begin(actor) as work:
        assert await work.turns.extend(lease, LONG)
        await work.commit(DONE)
    assert await claim(world, actor, session_id, "two") is None
    await finish(world, actor, lease)


async def test_while_a_lease_is_held_nobody_takes_the_turn_over(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id, NONE)
    async with world.begin(actor) as work:
        await work.turns.hold(lease)
        other = asyncio.create_task(claim(world, actor, session_id, "two"))
        await work.turns.finish(lease, await work.turns.hold(lease), TurnStatus.COMPLETED, end_of(lease), None)
        await asyncio.sleep(0.05)
        assert not other.done()
        await work.commit(DONE)
    assert await other is None
    assert (await get(world, actor, lease.turn.id)).attempt == 1


async def test_a_finished_turn_says_how_it_ended(world: World, actor: Actor, session_id: SessionId) -> None:
    await accept_turn(world.begin, actor, session_id)
    lease = await claimed(world, actor, session_id)
    await finish(world, actor, lease, error="budget_spent")
    turn = await get(world, actor, lease.turn.id)
    ended_seq = lease.turn.accepted_seq + 1
    assert (turn.status, turn.error, turn.ended_seq) == (TurnStatus.FAILED, "budget_spent", ended_seq)
    with pytest.raises(Conflict):
        await finish(world, actor, lease)
    async with world.begin(actor) as work:
        assert not await work.turns.extend(lease, LONG)


async def test_waiting_means_queued_or_running(world: World, actor: Actor, session_id: SessionId) -> None:
    async def waiting() -> bool:
        async with world.begin(actor) as work:
            return await work.turns.waiting(session_id)

    assert not await waiting()
    await accept_turn(world.begin, actor, session_id)
    assert await waiting()
    lease = await claimed(world, actor, session_id)
    assert await waiting()
    await finish(world, actor, lease)
    assert not await waiting()


async def test_only_a_queued_turn_is_cancelled(world: World, actor: Actor, session_id: SessionId) -> None:
    first, second = [await accept_turn(world.begin, actor, session_id) for _ in range(2)]
    lease = await claimed(world, actor, session_id)
    async with world.begin(actor) as work:
        assert not await work.turns.cancel_queued(first.id, 8)
        assert await work.turns.cancel_queued(second.id, 9)
        assert not await work.turns.cancel_queued(second.id, 10)
        await work.commit(DONE)
    cancelled = await get(world, actor, second.id)
    assert (cancelled.status, cancelled.ended_seq, cancelled.attempt) == (TurnStatus.CANCELLED, 9, 0)
    await finish(world, actor, lease)
    assert await claim(world, actor, session_id) is None


async def test_what_was_heard_is_the_last_message_that_a_turn_ran_for(
    world: World, actor: Actor, session_id: SessionId
) -> None:
    first, cancelled, last = [await accept_turn(world.begin, actor, session_id) for _ in range(3)]
    lease = await claimed(world, actor, session_id)
    async with world.begin(actor) as work:
        await work.turns.cancel_queued(cancelled.id, 8)
        await work.commit(DONE)
    await finish(world, actor, lease)
    async with world.begin(actor) as work:
        assert await work.turns.heard_up_to(session_id, last.accepted_seq) == first.accepted_seq
        assert await work.turns.heard_up_to(session_id, first.accepted_seq) == 0


async def test_sessions_do_not_wait_for_each_other(world: World, actor: Actor, session_id: SessionId) -> None:
    other_id = await open_session(world.begin, actor)
    for where in (session_id, other_id):
        await accept_turn(world.begin, actor, where)
    await claimed(world, actor, session_id)
    await claimed(world, actor, other_id)
