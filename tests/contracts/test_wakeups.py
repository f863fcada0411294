"""Wakeups: what is due is handed to one claimer, and to another when that one doesn't come back."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.ids import new_id
from services.actor import Actor
from services.ports import Wakeup, WakeupKind
from tests.contracts.conftest import World
from tests.contracts.samples import DONE

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
KIND = WakeupKind.JOB_CANCEL


async def wake(world: World, actor: Actor, id: UUID, due_at: datetime = LONG_AGO, kind: WakeupKind = KIND) -> None:
    async with world.begin(actor) as work:
        await work.wake(kind, id, due_at)
        await work.commit(DONE)


async def claim(world: World, *actors: Actor, retry_after: float = 60, limit: int = 1000) -> list[Wakeup]:
    """The database is shared with other tests: what is theirs is left out."""
    found = await world.wakeups.claim(KIND, limit=limit, retry_after=retry_after)
    tenants = {actor.tenant_id for actor in actors}
    return [wakeup for wakeup in found if wakeup.tenant_id in tenants]


async def test_what_is_due_is_claimed_across_tenants(world: World) -> None:
    one, other = await world.new_actor(), await world.new_actor()
    ids = {one.tenant_id: new_id(), other.tenant_id: new_id()}
    for actor in (one, other):
        await wake(world, actor, ids[actor.tenant_id])
        await wake(world, actor, new_id(), datetime.now(UTC) + timedelta(hours=1))
        await wake(world, actor, new_id(), kind=WakeupKind.JOB_START)
    found = await claim(world, one, other)
    assert {wakeup.tenant_id: wakeup.id for wakeup in found} == ids
    assert {wakeup.kind for wakeup in found} == {KIND}


async def test_a_note_in_a_unit_that_is_undone_was_never_left(world: World) -> None:
    actor = await world.new_actor()
    async with world.begin(actor) as work:
        await work.wake(KIND, new_id(), LONG_AGO)
    assert await claim(world, actor) == []


async def test_a_claimed_note_comes_again_only_after_its_time(world: World) -> None:
    actor = await world.new_actor()
    await wake(world, actor, new_id())
    first = await claim(world, actor, retry_after=0)
    again = await claim(world, actor, retry_after=60)
    assert [wakeup.id for wakeup in first] == [wakeup.id for wakeup in again]
    assert await claim(world, actor) == []


async def test_of_many_claimers_one_gets_each_note(world: World) -> None:
    actor = await world.new_actor()
    ids = [new_id() for _ in range(30)]
    for id in ids:
        await wake(world, actor, id)
    rounds = await asyncio.gather(*(claim(world, actor, limit=50) for _ in range(5)))
    found = [wakeup.id for batch in rounds for wakeup in batch]
    found += [wakeup.id for wakeup in await claim(world, actor)]
    assert sorted(found) == sorted(ids)


async def test_no_more_than_the_limit_and_the_oldest_first(world: World) -> None:
    actor = await world.new_actor()
    ids = [new_id() for _ in range(4)]
    for years, id in enumerate(ids):
        await wake(world, actor, id, LONG_AGO - timedelta(days=365 * (100 - years)))
    found = await claim(world, actor, limit=3)
    assert {wakeup.id for wakeup in found} == set(ids[:3])


async def test_what_is_done_does_not_come_again(world: World) -> None:
    actor = await world.new_actor()
    await wake(world, actor, new_id())
    (wakeup,) = await claim(world, actor, retry_after=0)
    await world.wakeups.done(wakeup)
    assert await claim(world, actor) == []
    await world.wakeups.done(wakeup)


async def test_what_was_asked_again_since_the_claim_stays(world: World) -> None:
    actor = await world.new_actor()
    id = new_id()
    await wake(world, actor, id)
    (wakeup,) = await claim(world, actor, retry_after=0)
    await wake(world, actor, id, wakeup.due_at + timedelta(hours=1))
    await world.wakeups.done(wakeup)
    (again,) = await claim(world, actor)
    assert again.id == id


async def test_a_later_note_does_not_put_an_earlier_one_off(world: World) -> None:
    actor = await world.new_actor()
    id = new_id()
    await wake(world, actor, id)
    await wake(world, actor, id, datetime.now(UTC) + timedelta(hours=1))
    (wakeup,) = await claim(world, actor)
    assert wakeup.id == id


async def test_what_is_put_off_comes_again_when_it_is_time(world: World) -> None:
    actor = await world.new_actor()
    await wake(world, actor, new_id())
    (wakeup,) = await claim(world, actor)
    await world.wakeups.put_off(wakeup, 0)
    (again,) = await claim(world, actor)
    await world.wakeups.put_off(again, 60)
    assert await claim(world, actor) == []


async def test_what_was_asked_again_since_the_claim_is_not_put_off(world: World) -> None:
    actor = await world.new_actor()
    id = new_id()
    await wake(world, actor, id)
    (wakeup,) = await claim(world, actor)
    await wake(world, actor, id)
    await world.wakeups.put_off(wakeup, 60)
    (again,) = await claim(world, actor)
    assert again.id == id
