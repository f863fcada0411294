from collections.abc import Awaitable, Callable

import pytest

from domain.errors import Conflict, Duplicate
from domain.ids import SessionId
from domain.sessions import TurnStatus
from services.actor import Actor, system_actor
from services.events import EventType, NewEvent
from services.journal import TurnJournal
from services.ports import Lease
from services.turns import Ending, PostTurn
from tests.services.conftest import LEASE_SECONDS, InMemory, Product, in_memory

AGENT = "planning"
Lost = tuple[InMemory, Actor, Lease]


async def leased(product: Product, actor: Actor, session_id: SessionId) -> Lease:
    await product.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await product.turns.claim(system_actor(actor.tenant_id), session_id, "one")
    assert lease is not None
    return lease


async def journal_of(product: Product, actor: Actor, lease: Lease) -> TurnJournal:
    async with product.begin(actor) as work:
        rows = await work.transcript.of_turn(lease.turn.id)
    return TurnJournal(product.begin, product.clock, actor, lease, rows)


def said(journal: TurnJournal, text: str) -> list[NewEvent]:
    return [journal.event(EventType.MESSAGE, AGENT, {"message_id": journal.next_message_id(), "text": text})]


async def play(journal: TurnJournal) -> None:
    """A model call that asks for a tool, the tool, and the model call that answers."""
    await journal.record_answer(AGENT, journal.next_call(AGENT), {"calls": ["t1"]}, said(journal, "looking"))
    await journal.record_result(AGENT, "t1", {"content": "42"}, said(journal, "42"))
    await journal.record_answer(AGENT, journal.next_call(AGENT), {"content": "done"}, said(journal, "done"))


async def test_what_happens_is_written_in_order_with_its_events(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    lease = await leased(product, actor, session_id)
    journal = await journal_of(product, actor, lease)
    await play(journal)
    async with product.begin(actor) as work:
        rows = await work.transcript.of_turn(lease.turn.id)
    turn = lease.turn.id
    assert [(row.id, row.role, row.call, row.tool_call_id) for row in rows] == [
        (f"{turn}:0", "user", None, None),
        (f"{turn}:1", "assistant", 0, None),
        (f"{turn}:2", "tool", None, "t1"),
        (f"{turn}:3", "assistant", 1, None),
    ]
    events = await product.log(actor, session_id)
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert [event.data["message_id"] for event in events[2:]] == [row.id for row in rows[1:]]
    assert [row.seq for row in rows] == [1, 3, 4, 5]
    assert journal.last_seq == (await journal_of(product, actor, lease)).last_seq == 5


async def test_a_second_run_finds_what_the_first_one_did(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    lease = await leased(memory, actor, session_id)
    await play(await journal_of(memory, actor, lease))
    memory.clock.advance(seconds=LEASE_SECONDS)
    taken = await memory.turns.claim(system_actor(actor.tenant_id), session_id, "two")
    assert taken is not None
    again = await journal_of(memory, actor, taken)
    first, result = again.answer(AGENT, again.next_call(AGENT)), again.result("t1")
    second, third = (again.answer(AGENT, again.next_call(AGENT)) for _ in range(2))
    assert first is not None
    assert result is not None
    assert second is not None
    assert (first.content, result.content, second.content) == (
        {"calls": ["t1"]},
        {"content": "42"},
        {"content": "done"},
    )
    assert (third, again.result("t2"), again.answer("insights", 0)) == (None, None, None)
    assert (again.attempt, again.next_message_id()) == (2, f"{taken.turn.id}:4")


async def test_agents_count_their_calls_apart(memory: InMemory) -> None:
    actor = memory.owner()
    journal = await journal_of(memory, actor, await leased(memory, actor, await memory.session(actor)))
    assert [journal.next_call(agent) for agent in ("planning", "insights", "planning")] == [0, 0, 1]


async def test_the_id_that_a_stream_announces_is_the_one_its_message_gets(memory: InMemory) -> None:
    actor = memory.owner()
    journal = await journal_of(memory, actor, await leased(memory, actor, await memory.session(actor)))
    announced = journal.next_message_id()
    row = await journal.record_answer(AGENT, 0, {}, said(journal, "x"))
    assert (row.id, journal.next_message_id() != announced) == (announced, True)


async def test_a_stream_is_over_once_its_message_is_written(memory: InMemory) -> None:
    actor = memory.owner()
    journal = await journal_of(memory, actor, await leased(memory, actor, await memory.session(actor)))
    journal.written(None)
    assert not journal.is_written("run-1")
    journal.written("run-1")
    assert journal.is_written("run-1")
    assert not journal.is_written("run-2")


async def lease_taken_over() -> Lost:
    memory = in_memory()
    actor = memory.owner()
    session_id = await memory.session(actor)
    lease = await leased(memory, actor, session_id)
    memory.clock.advance(seconds=LEASE_SECONDS)
    await memory.turns.claim(system_actor(actor.tenant_id), session_id, "two")
    return memory, actor, lease


async def turn_finished() -> Lost:
    memory = in_memory()
    actor = memory.owner()
    session_id = await memory.session(actor)
    lease = await leased(memory, actor, session_id)
    await memory.turns.finish(actor, lease, Ending(status=TurnStatus.COMPLETED))
    return memory, actor, lease


@pytest.mark.parametrize("happened", [lease_taken_over, turn_finished])
async def test_without_the_lease_nothing_is_written(happened: Callable[[], Awaitable[Lost]]) -> None:
    memory, actor, lease = await happened()
    journal = await journal_of(memory, actor, lease)
    before = memory.written()
    for write in (
        journal.record_answer(AGENT, 0, {}, said(journal, "late")),
        journal.record_result(AGENT, "t1", {}, said(journal, "late")),
    ):
        with pytest.raises(Conflict) as lost:
            await write
        assert lost.value.code == "lease_lost"
    assert memory.written() == before


async def test_one_call_is_recorded_once(product: Product) -> None:
    actor = await product.new_actor()
    lease = await leased(product, actor, await product.session(actor))
    one = await journal_of(product, actor, lease)
    await one.record_answer(AGENT, 0, {"content": "one"}, said(one, "one"))
    await one.record_result(AGENT, "t1", {}, said(one, "42"))
    for write in (
        one.record_answer(AGENT, 0, {"content": "two"}, said(one, "two")),
        one.record_result(AGENT, "t1", {}, said(one, "43")),
    ):
        with pytest.raises(Duplicate):
            await write
