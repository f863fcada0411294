import asyncio
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import Busy, Conflict, DomainError, InvalidInput, KeyReused, NotFound
from domain.ids import SessionId, TurnId, new_id
from domain.sessions import AgentName, OnBusy, TurnStatus
from services.actor import Actor, system_actor
from services.events import EventType, NewEvent
from services.ports import Lease, Signal, SignalKind, WakeupKind
from services.session_views import TurnView
from services.sessions import RenameSession
from services.turns import Ending, PostTurn
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.conftest import LEASE_SECONDS, MESSAGE_LIMIT, InMemory, Product

DONE = Ending(status=TurnStatus.COMPLETED)


async def said(product: Product, actor: Actor, session_id: SessionId) -> list[str]:
    return [
        str(event.data["text"])
        for event in await product.log(actor, session_id)
        if event.type is EventType.USER_MESSAGE
    ]


async def claimed(product: Product, actor: Actor, session_id: SessionId, owner: str = "one") -> Lease:
    lease = await product.turns.claim(system_actor(actor.tenant_id), session_id, owner)
    assert lease is not None
    return lease


async def test_a_message_its_turn_and_its_wakeup_are_one_transaction(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    turn = await memory.turns.accept(actor, session_id, PostTurn(message="  Plan Northwind \x00 "))
    (event,) = await memory.log(actor, session_id)
    assert (turn.status, turn.accepted_seq, event.turn_id) == (TurnStatus.QUEUED, event.seq, turn.id)
    assert event.data == {"message_id": f"{turn.id}:0", "text": "Plan Northwind"}
    async with memory.begin(actor) as work:
        (row,) = await work.transcript.of_turn(turn.id)
        assert (await work.sessions.get(session_id)).title == "Plan Northwind"
    assert (row.role, row.content) == ("user", {"type": "human", "data": {"content": "Plan Northwind"}})
    wakeups = InMemoryWakeups(memory.database, memory.clock)
    assert await wakeups.claim(WakeupKind.TURN, limit=5, retry_after=1) == []
    memory.clock.advance(seconds=LEASE_SECONDS)
    assert [wakeup.id for wakeup in await wakeups.claim(WakeupKind.TURN, limit=5, retry_after=1)] == [session_id]


async def test_the_same_key_with_the_same_body_is_the_same_turn(product: Product) -> None:
    actor = await product.new_actor()
    session_id, other_id = await product.session(actor), await product.session(actor)
    first = await product.turns.accept(actor, session_id, PostTurn(message="hello"), key="k")
    assert await product.turns.accept(actor, session_id, PostTurn(message=" hello "), key="k") == first
    with pytest.raises(KeyReused) as reused:
        await product.turns.accept(actor, session_id, PostTurn(message="good bye"), key="k")
    assert reused.value.code == "key_reused"
    assert (await product.turns.accept(actor, other_id, PostTurn(message="hello"), key="k")).id != first.id
    assert await said(product, actor, session_id) == ["hello"]


async def test_one_key_at_once_is_one_turn(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    accepts = [product.turns.accept(actor, session_id, PostTurn(message="hello"), key="k") for _ in range(6)]
    turns = await asyncio.gather(*accepts)
    assert len({turn.id for turn in turns}) == 1
    assert await said(product, actor, session_id) == ["hello"]


async def test_a_key_that_comes_again_while_its_first_is_written_is_the_same_turn(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    async with memory.begin(actor) as work:  # whoever writes into the session waits for this one
        await work.transcript.log(NewEvent(session_id=session_id, type=EventType.JOB))
        accept = partial(memory.turns.accept, actor, session_id, PostTurn(message="hello"), key="k")
        accepts = [asyncio.create_task(accept()) for _ in range(2)]
        await asyncio.sleep(0)
    first, second = await asyncio.gather(*accepts)
    assert first == second
    assert await said(memory, actor, session_id) == ["hello"]


async def test_a_key_that_comes_twice_at_once_with_two_bodies_is_refused_once(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)

    async def accept(text: str) -> TurnView | str:
        try:
            return await product.turns.accept(actor, session_id, PostTurn(message=text), key="k")
        except DomainError as error:
            return error.code

    answers = await asyncio.gather(accept("one"), accept("two"))
    assert [answer for answer in answers if isinstance(answer, str)] == ["key_reused"]


async def test_messages_at_once_are_all_accepted_and_run_in_order(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    texts = [f"message {number}" for number in range(5)]
    turns = await asyncio.gather(*(product.turns.accept(actor, session_id, PostTurn(message=text)) for text in texts))
    in_order = sorted(turns, key=lambda turn: turn.accepted_seq)
    assert [turn.accepted_seq for turn in in_order] == [1, 2, 3, 4, 5]
    for turn in in_order:
        lease = await claimed(product, actor, session_id)
        assert (lease.turn.id, lease.turn.attempt) == (turn.id, 1)
        assert await product.turns.claim(system_actor(actor.tenant_id), session_id, "two") is None
        await product.turns.finish(system_actor(actor.tenant_id), lease, DONE)
    assert await product.turns.claim(system_actor(actor.tenant_id), session_id, "one") is None
    assert [event.seq for event in await product.log(actor, session_id)] == list(range(1, 16))


async def test_who_will_not_wait_is_told_that_the_session_is_busy(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    impatient = PostTurn(message="now!", on_busy=OnBusy.REJECT)
    first = await memory.turns.accept(actor, session_id, impatient, key="k")
    with pytest.raises(Busy):
        await memory.turns.accept(actor, session_id, impatient)
    assert await memory.turns.accept(actor, session_id, impatient, key="k") == first
    lease = await claimed(memory, actor, session_id)
    with pytest.raises(Busy):
        await memory.turns.accept(actor, session_id, impatient)
    await memory.turns.finish(actor, lease, DONE)
    assert (await memory.turns.accept(actor, session_id, impatient)).id != first.id


@pytest.mark.parametrize(
    ("message", "code"),
    [("   ", "empty"), ("\x00\x00", "empty"), ("x" * (MESSAGE_LIMIT + 1), "message_too_long")],
)
async def test_a_message_that_cannot_be_read_leaves_nothing(memory: InMemory, message: str, code: str) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    before = memory.written()
    with pytest.raises(InvalidInput) as refused:
        await memory.turns.accept(actor, session_id, PostTurn(message=message))
    assert (refused.value.code, memory.written()) == (code, before)


async def test_a_message_of_the_largest_size_is_taken_in_any_script(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    text = "🌷حملة\u200f" + "x" * (MESSAGE_LIMIT - 6)
    await product.turns.accept(actor, session_id, PostTurn(message=text))
    assert await said(product, actor, session_id) == [text]


@pytest.mark.parametrize("wrong", [{"message": ""}, {"message": "\ud800"}, {"message": "x", "role": "system"}])
def test_what_is_no_message_is_no_command(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PostTurn(**wrong)


async def test_a_turn_is_taken_over_when_its_lease_has_run_out(memory: InMemory) -> None:
    actor = memory.owner()
    system = system_actor(actor.tenant_id)
    session_id = await memory.session(actor)
    await memory.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await claimed(memory, actor, session_id)
    memory.clock.advance(seconds=LEASE_SECONDS - 1)
    assert await memory.turns.extend(system, lease)
    memory.clock.advance(seconds=LEASE_SECONDS - 1)
    assert await memory.turns.claim(system, session_id, "two") is None
    memory.clock.advance(seconds=1)
    taken = await claimed(memory, actor, session_id, "two")
    assert (taken.turn.id, taken.turn.attempt, taken.owner) == (lease.turn.id, 2, "two")
    assert not await memory.turns.extend(system, lease)
    before = memory.written()
    with pytest.raises(Conflict) as lost:
        await memory.turns.finish(system, lease, DONE)
    assert (lost.value.code, memory.written()) == ("lease_lost", before)
    await memory.turns.finish(system, taken, DONE)
    started = [event.data for event in await memory.log(actor, session_id) if event.type is EventType.TURN_STARTED]
    assert started == [{"attempt": 1}, {"attempt": 2}]
    assert (await memory.types(actor, session_id)).count(EventType.TURN_ENDED) == 1


async def test_ten_processes_claim_a_turn_once(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    await product.turns.accept(actor, session_id, PostTurn(message="hello"))
    claims = [product.turns.claim(system_actor(actor.tenant_id), session_id, str(number)) for number in range(10)]
    leases = [lease for lease in await asyncio.gather(*claims) if lease]
    assert len(leases) == 1
    assert await product.types(actor, session_id) == [EventType.USER_MESSAGE, EventType.TURN_STARTED]


async def test_the_end_of_a_turn_and_what_it_leaves_active_are_one_transaction(product: Product) -> None:
    actor = await product.new_actor()
    campaign, session_id = await product.campaign(actor), await product.session(actor)
    await product.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await claimed(product, actor, session_id)
    with pytest.raises(InvalidInput):
        await product.turns.finish(actor, lease, Ending(status=TurnStatus.COMPLETED, state={"is_admin": True}))
    state: dict[str, object] = {"active_agent": "planning", "active_campaign_id": str(campaign.id)}
    ending = Ending(status=TurnStatus.FAILED, error_code="budget_spent", error_message="Too much.", state=state)
    ended = await product.turns.finish(system_actor(actor.tenant_id), lease, ending)
    assert (ended.turn.status, ended.turn.error) == (TurnStatus.FAILED, "budget_spent")
    async with product.begin(actor) as work:
        session = await work.sessions.get(session_id)
        turn = await work.turns.get(lease.turn.id)
    assert (session.active_agent, session.active_campaign_id) == (AgentName.PLANNING, campaign.id)
    last = (await product.log(actor, session_id))[-1]
    assert (last.type, last.seq, turn.ended_seq) == (EventType.TURN_ENDED, 3, 3)
    assert last.data == {"status": "failed", "error": {"code": "budget_spent", "message": "Too much."}}


async def test_where_nothing_waits_a_turn_is_claimed_as_it_is_accepted(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    begun = await product.turns.begin(actor, session_id, PostTurn(message="one"), owner="me")
    turn, lease = begun.turn, begun.lease
    assert lease
    async with product.begin(actor) as work:
        assert await work.transcript.of_turn(turn.id) == [begun.said]
    assert (lease.owner, lease.turn.id, lease.turn.attempt) == ("me", turn.id, 1)
    assert turn.status is lease.turn.status is TurnStatus.RUNNING
    assert await product.types(actor, session_id) == [EventType.USER_MESSAGE, EventType.TURN_STARTED]
    assert await product.turns.claim(system_actor(actor.tenant_id), session_id, "another") is None
    second = await product.turns.begin(actor, session_id, PostTurn(message="two"), owner="me")
    assert (second.turn.status, second.lease) == (TurnStatus.QUEUED, None)
    assert (await product.turns.finish(system_actor(actor.tenant_id), lease, DONE)).another_waits
    following = await claimed(product, actor, session_id)
    assert following.turn.id == second.turn.id
    assert not (await product.turns.finish(system_actor(actor.tenant_id), following, DONE)).another_waits


async def test_of_messages_at_the_same_moment_one_is_claimed_at_once(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    begun = await asyncio.gather(
        *(product.turns.begin(actor, session_id, PostTurn(message=f"{n}"), owner=f"{n}") for n in range(8))
    )
    (lease,) = [one.lease for one in begun if one.lease]
    assert lease.turn.accepted_seq == min(one.turn.accepted_seq for one in begun)
    assert len(await product.types(actor, session_id)) == 9


async def test_a_queued_turn_is_cancelled_and_those_after_it_run(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    first, second = [await product.turns.accept(actor, session_id, PostTurn(message=text)) for text in "ab"]
    assert (await product.turns.cancel(actor, first.id)).status is TurnStatus.CANCELLED
    with pytest.raises(Conflict) as again:
        await product.turns.cancel(actor, first.id)
    assert again.value.code == "turn_cancelled"
    assert (await claimed(product, actor, session_id)).turn.id == second.id


async def test_a_turn_that_starts_while_it_is_cancelled_is_either_run_or_cancelled(product: Product) -> None:
    actor = await product.new_actor()

    async def cancel(turn_id: TurnId) -> bool:
        return (await product.turns.cancel(actor, turn_id)).status is TurnStatus.CANCELLED

    for _ in range(5):
        session_id = await product.session(actor)
        turn = await product.turns.accept(actor, session_id, PostTurn(message="hello"))
        lease, cancelled = await asyncio.gather(
            product.turns.claim(system_actor(actor.tenant_id), session_id, "one"), cancel(turn.id)
        )
        assert (lease is None) is cancelled
        expected = EventType.TURN_ENDED if cancelled else EventType.TURN_STARTED
        assert (await product.types(actor, session_id))[1:] == [expected]


async def test_a_turn_that_was_claimed_before_its_cancelling_is_told_to_its_holder(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    turn = await memory.turns.accept(actor, session_id, PostTurn(message="hello"))
    async with memory.begin(system_actor(actor.tenant_id)) as work:
        assert await work.turns.claim_next(session_id, "one", LEASE_SECONDS)
        cancelling = asyncio.create_task(memory.turns.cancel(actor, turn.id))
        await asyncio.sleep(0)
        await work.commit(turn)
    assert (await cancelling).status is TurnStatus.RUNNING
    assert memory.signals.told == [Signal(SignalKind.CANCEL, actor.tenant_id, turn.id)]
    assert await memory.types(actor, session_id) == [EventType.USER_MESSAGE]


async def test_a_colleagues_turn_is_not_cancelled(memory: InMemory) -> None:
    ada = memory.owner()
    bob = memory.colleague(ada)
    session_id = await memory.session(bob)
    turn = await memory.turns.accept(bob, session_id, PostTurn(message="hello"))
    for id in (turn.id, TurnId(new_id())):
        with pytest.raises(NotFound):
            await memory.turns.cancel(ada, id)


async def test_a_turn_ends_in_a_conversation_that_was_renamed_meanwhile(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    await product.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await claimed(product, actor, session_id)
    await product.sessions.rename(actor, session_id, RenameSession(title="Mine"))
    await product.turns.finish(system_actor(actor.tenant_id), lease, DONE)
    async with product.begin(actor) as work:
        assert (await work.sessions.get(session_id)).title == "Mine"


async def test_a_conversation_deleted_meanwhile_ends_its_turn(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    await product.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await claimed(product, actor, session_id)
    await product.sessions.delete(actor, session_id)
    with pytest.raises(Conflict) as lost:
        await product.turns.finish(system_actor(actor.tenant_id), lease, DONE)
    assert lost.value.code == "lease_lost"
    assert not await product.turns.extend(system_actor(actor.tenant_id), lease)
