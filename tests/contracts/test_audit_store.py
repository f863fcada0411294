"""AuditStore: rows come with what they are about, each gets one seal, and nobody seals beside somebody else."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.audit import Decision
from domain.changes import Change
from domain.errors import Unavailable
from domain.ids import ApprovalId, ServiceTokenId, TurnId, new_id
from domain.tenants import Role
from server.postgres.audit import PostgresAudit
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor, Origin
from services.audit_store import AuditRow, AuditStore, Link, Seal, Tally, row_of
from services.unit_of_work import Begin
from tests.conftest import NewActor
from tests.contracts.samples import DONE
from tests.fakes.audit import InMemoryAudit
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.fakes.founding import new_owner
from tests.fakes.unit_of_work import InMemoryWork, unpublished

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Audited:
    store: AuditStore
    begin: Begin
    new_actor: NewActor


@pytest.fixture(params=["memory", "postgres"])
def audited(request: pytest.FixtureRequest, engine: AsyncEngine, tenant: NewActor) -> Audited:
    clock = FakeClock(NOW)
    if request.param == "postgres":
        return Audited(PostgresAudit(engine), PostgresWork(engine, clock, unpublished), tenant)
    database = InMemoryDatabase()

    async def new_actor() -> Actor:
        return new_owner(database)

    return Audited(InMemoryAudit(database), InMemoryWork(database, clock), new_actor)


def seal_of(seq: int, row: AuditRow) -> Seal:
    return Seal(seq, row.id, row.digest(), f"seal {seq}", NOW)


def change(number: int = 1) -> Change:
    return Change(f"test.{number}", new_id(), number)


async def unsealed(audited: Audited, actor: Actor, limit: int = 100) -> list[AuditRow]:
    async with audited.store.sealing(actor.tenant_id) as sealing:
        return await sealing.unsealed(limit)


async def append(audited: Audited, actor: Actor, *, minutes: int = 0) -> AuditRow:
    row = row_of(actor, change(minutes), NOW + timedelta(minutes=minutes))
    await audited.store.append(row)
    return row


async def links(audited: Audited, actor: Actor, after: int | None = None, limit: int = 100) -> list[Link]:
    async with audited.store.chain(actor.tenant_id) as chain:
        return await chain.links(after, limit)


async def tally(audited: Audited, actor: Actor) -> Tally:
    async with audited.store.chain(actor.tenant_id) as chain:
        return await chain.tally()


async def test_every_change_leaves_a_row_that_says_who_and_through_what(audited: Audited) -> None:
    actor = await audited.new_actor()
    origin = Origin(
        agent="planning",
        turn_id=TurnId(new_id()),
        request_id="request 1",
        trace_id="0af7651916cd43dd8448eb211c80319c",
        model="offline",
        prompt="a digest",
        service_token_id=ServiceTokenId(new_id()),
        approval_id=ApprovalId(new_id()),
    )
    first, second = Change("test.first", new_id(), 1), Change("test.second", new_id(), 7, {"a": 1}, {"a": 2})
    async with audited.begin(actor.through(origin)) as work:
        await work.commit(DONE, first, None, second)
    rows = await unsealed(audited, actor)
    assert {(row.action, row.object_id, row.version) for row in rows} == {
        (one.action, one.object_id, one.version) for one in (first, second)
    }
    row = next(row for row in rows if row.action == "test.second")
    assert row == replace(row_of(actor.through(origin), second, NOW), id=row.id)
    assert (row.decision, row.code, row.before, row.after) == (Decision.ALLOWED, None, {"a": 1}, {"a": 2})


async def test_what_is_undone_leaves_neither_a_row_nor_a_note(audited: Audited) -> None:
    actor = (await audited.new_actor()).through(Origin(effect_key="key"))
    async with audited.begin(actor) as work:
        await work.commit(DONE)
    assert actor.tenant_id not in await audited.store.tenants_to_seal()
    with pytest.raises(Unavailable):
        async with audited.begin(actor) as work:
            await work.commit(DONE, change())  # under a key that was used up
    assert await unsealed(audited, actor) == []
    assert actor.tenant_id not in await audited.store.tenants_to_seal()


async def test_a_row_that_is_there_stays_as_it_is(audited: Audited) -> None:
    actor = await audited.new_actor()
    row = await append(audited, actor)
    await audited.store.append(replace(row, action="test.other"))
    assert await unsealed(audited, actor) == [row]


async def test_a_row_reads_back_with_the_same_digest_every_time(audited: Audited) -> None:
    actor = await audited.new_actor()
    facts = {
        "role": Role.ADMIN,
        "id": UUID(int=7),
        "at": NOW,
        "share": 12.5,
        "none": None,
        "names": ["Ångström 🌍", 'quoted "\\'],
        "many": 2**53,
    }
    async with audited.begin(actor) as work:
        await work.commit(DONE, Change("test.facts", new_id(), 1, facts, {"nested": {"b": 1, "a": [facts]}}))
    (row,) = await unsealed(audited, actor)
    async with audited.store.sealing(actor.tenant_id) as sealing:
        await sealing.commit([seal_of(1, row)])
    (link,) = await links(audited, actor)
    assert link.row == row
    assert link.row.digest() == link.seal.row_digest == row.digest()
    assert replace(row, before={**row.before, "share": 12.6}).digest() != row.digest()


async def test_a_seal_takes_the_row_off_the_list(audited: Audited) -> None:
    actor, other = await audited.new_actor(), await audited.new_actor()
    mine, theirs = await append(audited, actor), await append(audited, other)
    assert {actor.tenant_id, other.tenant_id} <= set(await audited.store.tenants_to_seal())
    async with audited.store.sealing(actor.tenant_id) as sealing:
        assert await sealing.head() is None
        assert await sealing.unsealed(10) == [mine]
        await sealing.commit([seal_of(1, mine)])
    async with audited.store.sealing(actor.tenant_id) as sealing:
        assert await sealing.head() == seal_of(1, mine)
        assert await sealing.unsealed(10) == []
    assert actor.tenant_id not in await audited.store.tenants_to_seal()
    assert await links(audited, actor) == [Link(seal_of(1, mine), mine)]
    assert await links(audited, other) == []
    assert await unsealed(audited, other) == [theirs]


async def test_seals_of_a_unit_that_is_left_were_never_made(audited: Audited) -> None:
    actor = await audited.new_actor()
    row = await append(audited, actor)
    async with audited.store.sealing(actor.tenant_id) as sealing:
        await sealing.unsealed(10)
    assert await links(audited, actor) == []
    assert await unsealed(audited, actor) == [row]


async def test_the_oldest_come_first_and_no_more_than_asked_for(audited: Audited) -> None:
    actor = await audited.new_actor()
    rows = [await append(audited, actor, minutes=minutes) for minutes in (3, 1, 2, 0)]
    oldest = sorted(rows, key=lambda row: row.at)
    assert await unsealed(audited, actor, 3) == oldest[:3]


async def test_who_seals_waits_for_who_seals(audited: Audited) -> None:
    actor = await audited.new_actor()
    first, second = await append(audited, actor), await append(audited, actor, minutes=1)

    async def next_one() -> Seal | None:
        async with audited.store.sealing(actor.tenant_id) as sealing:
            return await sealing.head()

    async with audited.store.sealing(actor.tenant_id) as sealing:
        waiting = asyncio.create_task(next_one())
        await append(audited, actor, minutes=2)  # who writes does not wait
        await sealing.commit([seal_of(1, first), seal_of(2, second)])
    assert await waiting == seal_of(2, second)


async def test_the_chain_is_read_in_pages(audited: Audited) -> None:
    actor = await audited.new_actor()
    rows = [await append(audited, actor, minutes=minutes) for minutes in range(5)]
    async with audited.store.sealing(actor.tenant_id) as sealing:
        await sealing.commit([seal_of(place, row) for place, row in enumerate(rows, 1)])
    pages = [await links(audited, actor, after, 2) for after in (None, 2, 4, 5)]
    assert [[link.seal.seq for link in page] for page in pages] == [[1, 2], [3, 4], [5], []]


async def test_the_tally_counts_what_is_sealed_waiting_and_late(audited: Audited) -> None:
    actor = await audited.new_actor()
    empty = Tally(rows=0, sealed=0, waiting=0, waiting_since=None, late=0, unannounced=None, lost=None)
    assert await tally(audited, actor) == empty
    rows = [await append(audited, actor, minutes=minutes) for minutes in (-2, 0, 1, 2)]
    async with audited.store.sealing(actor.tenant_id) as sealing:
        await sealing.commit([seal_of(1, rows[0]), seal_of(2, rows[1])])
    found = await tally(audited, actor)
    assert found == replace(empty, rows=4, sealed=2, waiting=2, waiting_since=rows[2].at, late=1)


async def test_all_tenants_have_an_audit(audited: Audited) -> None:
    actors = [await audited.new_actor() for _ in range(2)]
    assert {actor.tenant_id for actor in actors} <= set(await audited.store.all_tenants())
