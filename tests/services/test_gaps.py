"""A reader whose place is not in the log is told so, and what there is instead."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from domain.ids import SessionId
from domain.sessions import TurnStatus
from services.actor import Actor, system_actor
from services.events import EventType, Gap, Position, SessionEvent
from services.session_views import TurnView
from services.sessions import OpenSession
from services.turns import Ending, PostTurn
from services.watching import Seen, Watching
from tests.fakes.feed import InMemoryFeed
from tests.services.conftest import InMemory, Product


async def seen_of(
    product: Product, actor: Actor, session_id: SessionId, after: int, *, claimed: bool = True
) -> list[Seen]:
    """Until there is no more."""
    return [seen async for seen in _until_quiet(product, actor, session_id, Position(seq=after), claimed)]


async def _until_quiet(
    product: Product, actor: Actor, session_id: SessionId, after: Position, claimed: bool
) -> AsyncIterator[Seen]:
    watching = Watching(product.events, InMemoryFeed())
    async with aclosing(watching.follow(actor.tenant_id, session_id, after, claimed=claimed)) as entries:
        async for seen in entries:
            if seen is None:
                return
            yield seen


async def talked(product: Product, actor: Actor) -> SessionId:
    """A turn that has ended and one that waits: the log has four events."""
    session_id = (await product.sessions.open(actor, OpenSession(title="Northwind"))).id
    await product.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await product.turns.claim(system_actor(actor.tenant_id), session_id, "one")
    assert lease
    await product.turns.finish(system_actor(actor.tenant_id), lease, Ending(status=TurnStatus.COMPLETED))
    await product.turns.accept(actor, session_id, PostTurn(message="and then?"))
    return session_id


async def waiting(product: Product, actor: Actor, session_id: SessionId) -> list[TurnView]:
    async with product.begin(actor) as work:
        return [TurnView.model_validate(turn, from_attributes=True) for turn in await work.turns.unfinished(session_id)]


@pytest.mark.parametrize("after", [1, 3, 4])
async def test_a_place_in_the_log_is_gone_on_from(product: Product, after: int) -> None:
    actor = await product.new_actor()
    session_id = await talked(product, actor)
    found = await seen_of(product, actor, session_id, after)
    assert [seen.position.seq for seen in found] == list(range(after + 1, 5))
    assert all(isinstance(seen.entry, SessionEvent) for seen in found)


async def test_a_place_beyond_the_log_is_a_gap_with_what_there_is(product: Product) -> None:
    """A log that was set back, as by a backup; or a number that was made up."""
    actor = await product.new_actor()
    session_id = await talked(product, actor)
    (seen,) = await seen_of(product, actor, session_id, after=99)
    assert isinstance(seen.entry, Gap)
    snapshot = seen.entry.snapshot
    assert (seen.position, seen.entry.after, snapshot.seq) == (Position(seq=4), 99, 4)
    assert (snapshot.session.id, snapshot.session.title) == (session_id, "Northwind")
    assert [(one.role, one.text) for one in snapshot.messages] == [("user", "hello"), ("user", "and then?")]
    assert snapshot.unfinished == [turn.id for turn in await waiting(product, actor, session_id)]
    assert len(snapshot.unfinished) == 1
    assert not snapshot.earlier


async def test_a_trimmed_log_is_a_gap_for_whoever_was_in_what_is_gone(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await talked(memory, actor)
    for seq in (1, 2):
        del memory.database.rows["events"][actor.tenant_id, session_id, seq]
    for after in (0, 1, 2):
        (seen,) = await seen_of(memory, actor, session_id, after)
        assert isinstance(seen.entry, Gap), after
        assert seen.position.seq == 4
    (seen,) = await seen_of(memory, actor, session_id, 3)
    assert isinstance(seen.entry, SessionEvent)


async def test_what_comes_after_a_gap_comes_as_ever(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await talked(memory, actor)
    watching = Watching(memory.events, InMemoryFeed())
    async with aclosing(watching.follow(actor.tenant_id, session_id, Position(seq=7), claimed=True)) as entries:
        gap = await anext(entries)
        assert gap
        assert isinstance(gap.entry, Gap)
        assert await memory.turns.claim(system_actor(actor.tenant_id), session_id, "one")
        while (seen := await anext(entries)) is None:
            pass
    assert isinstance(seen.entry, SessionEvent)
    assert (seen.entry.type, seen.position.seq) == (EventType.TURN_STARTED, 5)


async def test_the_servers_own_places_are_not_doubted(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await talked(memory, actor)
    assert await seen_of(memory, actor, session_id, after=99, claimed=False) == []


async def test_of_a_conversation_that_was_deleted_nothing_is_told(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await talked(memory, actor)
    await memory.sessions.delete(actor, session_id)
    assert await seen_of(memory, actor, session_id, after=2) == []
