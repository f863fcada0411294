"""Turns that are to end before their time: by their person, by the next message, by a process that is stopped."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import Conflict, KeyReused, NotFound
from domain.ids import SessionId, TurnId
from domain.sessions import OnBusy, TurnStatus
from services.actor import Actor, system_actor
from services.events import EventType
from services.ports import Kept, Lease, Signal, SignalKind, WakeupKind
from services.session_views import TurnView
from services.turns import Ending, PostTurn
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.conftest import LEASE_SECONDS, InMemory, Product

CANCELLED = Ending(status=TurnStatus.CANCELLED)


async def accepted(product: Product, actor: Actor, session_id: SessionId, *texts: str) -> list[TurnView]:
    return [await product.turns.accept(actor, session_id, PostTurn(message=text)) for text in texts]


async def interrupt(product: Product, actor: Actor, session_id: SessionId, key: str | None = None) -> TurnView:
    message = PostTurn(message="no, this!", on_busy=OnBusy.INTERRUPT)
    return await product.turns.accept(actor, session_id, message, key=key)


async def claimed(product: Product, actor: Actor, session_id: SessionId, owner: str = "one") -> Lease:
    lease = await product.turns.claim(system_actor(actor.tenant_id), session_id, owner)
    assert lease is not None
    return lease


async def ended(product: Product, actor: Actor, session_id: SessionId) -> list[tuple[TurnId | None, object]]:
    log = await product.log(actor, session_id)
    return [(event.turn_id, event.data["status"]) for event in log if event.type is EventType.TURN_ENDED]


def stop(actor: Actor, turn_id: TurnId) -> Signal:
    return Signal(SignalKind.CANCEL, actor.tenant_id, turn_id)


async def test_a_running_turn_is_told_to_its_holder_and_ended_by_them(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    (turn,) = await accepted(product, actor, session_id, "hello")
    lease = await claimed(product, actor, session_id)
    for _ in range(2):  # impatience does no harm
        assert (await product.turns.cancel(actor, turn.id)).status is TurnStatus.RUNNING
    assert product.signals.told == [stop(actor, turn.id)] * 2
    assert await product.turns.extend(system_actor(actor.tenant_id), lease) == Kept(cancel_asked=True)
    await product.turns.finish(system_actor(actor.tenant_id), lease, CANCELLED)
    assert await ended(product, actor, session_id) == [(turn.id, "cancelled")]
    with pytest.raises(Conflict) as over:
        await product.turns.cancel(actor, turn.id)
    assert over.value.code == "turn_cancelled"


async def test_who_takes_over_a_turn_that_was_to_end_is_told(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    (turn,) = await accepted(memory, actor, session_id, "hello")
    await claimed(memory, actor, session_id)
    await memory.turns.cancel(actor, turn.id)
    memory.clock.advance(seconds=LEASE_SECONDS)
    assert (await claimed(memory, actor, session_id, "two")).turn.cancel_asked


async def test_a_message_that_interrupts_is_answered_next(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    running, queued = await accepted(product, actor, session_id, "first", "second")
    lease = await claimed(product, actor, session_id)
    new = await interrupt(product, actor, session_id)
    assert product.signals.told == [stop(actor, running.id)]
    assert await ended(product, actor, session_id) == [(queued.id, "cancelled")]
    assert await product.turns.claim(system_actor(actor.tenant_id), session_id, "two") is None
    await product.turns.finish(system_actor(actor.tenant_id), lease, CANCELLED)
    assert (await claimed(product, actor, session_id)).turn.id == new.id
    seqs = [event.seq for event in await product.log(actor, session_id)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_with_nothing_to_interrupt_it_is_a_message_like_any_other(memory: InMemory) -> None:
    actor = memory.owner()
    session_id, other_id = await memory.session(actor), await memory.session(actor)
    await accepted(memory, actor, other_id, "elsewhere")
    await claimed(memory, actor, other_id)
    turn = await interrupt(memory, actor, session_id)
    assert memory.signals.told == []
    assert (await claimed(memory, actor, session_id)).turn.id == turn.id


async def test_an_interruption_that_is_posted_twice_interrupts_once(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    await accepted(memory, actor, session_id, "first")
    lease = await claimed(memory, actor, session_id)
    new = await interrupt(memory, actor, session_id, "k")
    await memory.turns.finish(system_actor(actor.tenant_id), lease, CANCELLED)
    await claimed(memory, actor, session_id)
    assert (await interrupt(memory, actor, session_id, "k")).id == new.id
    assert memory.signals.told == [stop(actor, lease.turn.id)]


async def test_interruptions_at_once_leave_one_message_to_answer(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    await accepted(product, actor, session_id, "first", "second")
    lease = await claimed(product, actor, session_id)
    turns = await asyncio.gather(*(interrupt(product, actor, session_id) for _ in range(4)))
    await product.turns.finish(system_actor(actor.tenant_id), lease, CANCELLED)
    last = await claimed(product, actor, session_id)
    assert last.turn.id == max(turns, key=lambda turn: turn.accepted_seq).id
    await product.turns.finish(system_actor(actor.tenant_id), last, Ending(status=TurnStatus.COMPLETED))
    assert await product.turns.claim(system_actor(actor.tenant_id), session_id, "one") is None
    assert len(await ended(product, actor, session_id)) == 6


async def test_nobody_interrupts_a_colleague(memory: InMemory) -> None:
    ada = memory.owner()
    session_id = await memory.session(memory.colleague(ada))
    with pytest.raises(NotFound):
        await interrupt(memory, ada, session_id)


async def test_what_is_handed_over_is_found_at_once(memory: InMemory) -> None:
    actor = memory.owner()
    system = system_actor(actor.tenant_id)
    session_id = await memory.session(actor)
    await accepted(memory, actor, session_id, "hello")
    lease = await claimed(memory, actor, session_id)
    await memory.turns.release(system, lease)
    await memory.turns.hand_over(system, session_id)
    assert memory.signals.told == [Signal(SignalKind.WAITING, actor.tenant_id, session_id)]
    wakeups = InMemoryWakeups(memory.database, memory.clock)
    assert [one.id for one in await wakeups.claim(WakeupKind.TURN, limit=5, retry_after=1)] == [session_id]
    assert (await claimed(memory, actor, session_id, "two")).turn.attempt == 2


async def test_a_key_lives_a_day(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    first = await product.turns.accept(actor, session_id, PostTurn(message="hello"), key="k")
    product.clock.advance(seconds=timedelta(hours=23, minutes=59).total_seconds())
    assert await product.turns.accept(actor, session_id, PostTurn(message="hello"), key="k") == first
    with pytest.raises(KeyReused):
        await product.turns.accept(actor, session_id, PostTurn(message="good bye"), key="k")
    product.clock.advance(seconds=60)
    second = await product.turns.accept(actor, session_id, PostTurn(message="good bye"), key="k")
    assert second.id != first.id
    assert await product.turns.accept(actor, session_id, PostTurn(message="good bye"), key="k") == second
