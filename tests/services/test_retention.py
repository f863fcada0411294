"""Conversations that nobody has touched for a long time are deleted, and those alone."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from domain.errors import NotFound, Unavailable
from domain.ids import SessionId, TenantId
from domain.sessions import AgentSession, TurnStatus
from services.actor import Actor, system_actor
from services.events import EventType, NewEvent
from services.retention import BATCH, Retention
from services.turns import Ending, PostTurn
from services.unit_of_work import UnitOfWork
from tests.services.conftest import InMemory, Product

DAY = timedelta(days=1)


def retention(product: Product, *actors: Actor, keep: timedelta | None = 30 * DAY) -> Retention:
    """Of these tenants: the database is shared with other tests."""

    async def tenants() -> list[TenantId]:
        return [actor.tenant_id for actor in actors]

    return Retention(product.begin, tenants, product.traces, product.clock, keep=keep)


def days_later(product: Product, days: float) -> None:
    product.clock.advance(seconds=days * DAY.total_seconds())


async def exists(product: Product, actor: Actor, session_id: SessionId) -> bool:
    async with product.begin(actor) as work:
        try:
            await work.sessions.get(session_id)
        except NotFound:
            return False
    return True


async def test_what_is_older_than_the_policy_goes_and_what_is_younger_stays(product: Product) -> None:
    ada, bob = await product.new_actor(), await product.new_actor()
    old = {actor.tenant_id: await product.session(actor) for actor in (ada, bob)}
    days_later(product, 1)
    young = await product.session(ada)
    days_later(product, 29.5)
    await retention(product, ada, bob).clear_due()
    for actor in (ada, bob):
        assert not await exists(product, actor, old[actor.tenant_id])
    assert await exists(product, ada, young)
    assert set(product.traces.forgotten) >= set(old.values())
    assert young not in product.traces.forgotten


async def test_without_a_policy_everything_stays(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    days_later(memory, 10_000)
    await retention(memory, actor, keep=None).clear_due()
    assert await exists(memory, actor, session_id)


async def test_the_audit_says_that_the_product_itself_deleted_it(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    days_later(memory, 31)
    await retention(memory, actor).clear_due()
    by, change = memory.work.audit[-1]
    assert (by, change.action, change.object_id) == (system_actor(actor.tenant_id), "session.deleted", session_id)


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "waiting"])
async def test_a_conversation_is_touched_by_a_turn_and_kept_while_one_waits(product: Product, ends: bool) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    days_later(product, 20)
    await product.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await product.turns.claim(system_actor(actor.tenant_id), session_id, "one")
    assert lease
    if ends:
        await product.turns.finish(system_actor(actor.tenant_id), lease, Ending(status=TurnStatus.COMPLETED))
    days_later(product, 20)
    await retention(product, actor).clear_due()
    assert await exists(product, actor, session_id)
    days_later(product, 20)
    await retention(product, actor).clear_due()
    assert await exists(product, actor, session_id) is not ends


async def test_what_a_job_has_posted_lately_touches_its_conversation(product: Product) -> None:
    actor = await product.new_actor()
    session_id = await product.session(actor)
    days_later(product, 20)
    async with product.begin(actor) as work:
        await work.transcript.log(NewEvent(session_id=session_id, type=EventType.JOB))
        await work.commit(await product.turns.accept(actor, await product.session(actor), PostTurn(message="x")))
    days_later(product, 20)
    await retention(product, actor).clear_due()
    assert await exists(product, actor, session_id)


async def test_more_than_a_batch_goes_in_one_round(memory: InMemory) -> None:
    actor = memory.owner()
    for _ in range(BATCH + 1):
        await memory.session(actor)
    days_later(memory, 31)
    await retention(memory, actor).clear_due()
    assert memory.database.rows["sessions"] == {}


async def test_a_tenant_where_it_fails_does_not_keep_the_others(memory: InMemory) -> None:
    ada, bob = sorted((memory.owner(), memory.owner()), key=lambda actor: actor.tenant_id)
    broken, other = [await memory.session(actor) for actor in (ada, bob)]
    days_later(memory, 31)

    def begin(actor: Actor) -> AbstractAsyncContextManager[UnitOfWork]:
        if actor.tenant_id == ada.tenant_id:
            raise Unavailable("The database is away.")
        return memory.begin(actor)

    await Retention(begin, memory.directory.all_tenants, memory.traces, memory.clock, keep=DAY).clear_due()
    left: list[AgentSession] = list(memory.database.rows["sessions"].values())
    assert [session.id for session in left] == [broken]
    assert other in memory.traces.forgotten


async def test_a_deleted_conversation_leaves_no_stream(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    await memory.sessions.delete(actor, session_id)
    assert memory.traces.forgotten == [session_id]
