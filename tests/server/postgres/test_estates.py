"""A tenant that is erased: everything is gone but its audit, and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.campaigns import Campaign
from domain.changes import Change
from domain.errors import Conflict, DomainError, NotFound
from domain.ids import TenantId, UserId, new_id
from domain.tenants import Role, Tenant, TenantStatus
from server.postgres import access_tables as access
from server.postgres import tables as t
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from server.postgres.directory import PostgresDirectory
from server.postgres.estates import KEPT, PostgresEstates, tables_of_tenants
from server.postgres.forgetting import CHECKPOINTS
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor, Origin
from services.audit import Audit
from tests.conftest import NewActor
from tests.contracts.samples import DONE, campaign
from tests.fakes.clock import FakeClock
from tests.fakes.files import InMemoryFileStore
from tests.fakes.unit_of_work import unpublished
from tests.server.postgres.filled import fill
from tests.server.postgres.rows import NOW, Rows


@pytest.fixture
def estates(engine: AsyncEngine) -> PostgresEstates:
    clock = FakeClock(datetime.now(UTC))
    return PostgresEstates(engine, clock, InMemoryFileStore(clock))


async def test_nothing_is_left_but_the_audit_and_nobody_else_loses_anything(
    estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor
) -> None:
    actor, neighbour = await tenant(), await tenant()
    for one in (actor, neighbour):
        await fill(engine, one)
        await _checkpoint(engine, one.tenant_id)
    before, theirs = await _counts(engine, actor.tenant_id), await _counts(engine, neighbour.tenant_id)
    assert all(before.values()), "a table without a row proves nothing"
    erased = await estates.erase(actor.through(Origin(effect_key="erase")), _erase)
    assert erased == {name: count for name, count in before.items() if name not in KEPT}
    after = await _counts(engine, actor.tenant_id)
    assert {name for name, count in after.items() if count} == KEPT
    assert after["audit_log"] == before["audit_log"] + 1
    assert await _counts(engine, neighbour.tenant_id) == theirs


async def test_what_stays_says_that_it_is_erased(
    estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor
) -> None:
    actor = await tenant()
    await estates.erase(actor.through(Origin(request_id="r1")), _erase)
    async with _inside(engine, actor.tenant_id) as connection:
        row = (await connection.execute(select(t.tenants).where(t.tenants.c.id == actor.tenant_id))).one()
        last = (await connection.execute(text("SELECT * FROM audit_log ORDER BY id DESC LIMIT 1"))).one()
        kinds = set(await connection.scalars(select(t.wakeups.c.kind).where(t.wakeups.c.tenant_id == actor.tenant_id)))
    assert (row.name, row.status, row.version) == ("Erased", TenantStatus.ERASED, 2)
    assert (last.action, last.user_id, last.object_id) == ("tenant.erased", actor.user_id, actor.tenant_id)
    assert last.request_id == "r1"
    assert last.after["rows"]["memberships"] == 1
    assert kinds == {"audit_seal"}
    directory = PostgresDirectory(engine)
    assert await directory.standing(actor.user_id, actor.tenant_id) is None
    assert await directory.tenants_of(actor.user_id) == []
    with pytest.raises(Conflict):
        await estates.erase(actor, _erase)


async def test_the_audit_is_sealed_and_verified_afterwards(
    estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor
) -> None:
    actor, clock = await tenant(), FakeClock(datetime.now(UTC))
    await _new_campaign(engine, actor)
    await estates.erase(actor, _erase)
    audit = Audit(PostgresAudit(engine), PostgresAccounts(engine, clock), b"a key of the server's own, 32 by", clock)
    await audit.seal_due()
    verification = await audit.verify(actor.tenant_id)
    assert (verification.intact, verification.rows) == (True, 2)


async def test_whoever_is_in_no_other_tenant_loses_name_and_ways_in(
    estates: PostgresEstates, engine: AsyncEngine
) -> None:
    home, other = await Rows.of_new_tenant(engine), await Rows.of_new_tenant(engine)
    ben, eve = [await home.user(UserId(new_id()), name) for name in ("Ben", "Eve")]
    for user_id in (ben, eve):
        await home.member(user_id, Role.VIEWER)
        await _ways_in(engine, user_id)
    await other.member(eve, Role.VIEWER)
    await estates.erase(Actor(home.tenant_id, home.user_id, Role.OWNER.permissions), _erase)
    assert await _person(engine, ben) == (f"erased-{ben}@erased.invalid", "Erased", None)
    assert await _person(engine, home.user_id) == (f"erased-{home.user_id}@erased.invalid", "Erased", None)
    assert await _person(engine, eve) == (f"{eve}@example.com", "Eve", "hash of Eve")
    assert await _ways_left(engine, ben) == [0, 0, 0]
    assert await _ways_left(engine, eve) == [1, 1, 1]
    await estates.erase(Actor(other.tenant_id, other.user_id, Role.OWNER.permissions), _erase)
    assert (await _person(engine, eve))[1] == "Erased"


async def test_of_two_tenants_erased_at_once_the_later_forgets_whom_they_shared(
    estates: PostgresEstates, engine: AsyncEngine
) -> None:
    for _ in range(5):
        one, other = await Rows.of_new_tenant(engine), await Rows.of_new_tenant(engine)
        shared = await one.user(UserId(new_id()), "Ben")
        for rows in (one, other):
            await rows.member(shared, Role.VIEWER)
        await asyncio.gather(
            *(estates.erase(Actor(rows.tenant_id, rows.user_id, frozenset()), _erase) for rows in (one, other))
        )
        assert (await _person(engine, shared))[1] == "Erased"


async def test_who_writes_first_is_waited_for_and_erased_with_the_rest(
    estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor
) -> None:
    actor = await tenant()
    async with PostgresWork(engine, FakeClock(), unpublished)(actor) as work:
        made, created = campaign(actor)
        work.campaigns.add(made)
        await work.campaigns.get(made.id)
        await work.plans.find_of_campaign(made.id)  # a query: what was added is written now
        erasing = asyncio.create_task(estates.erase(actor, _erase))
        await _until_somebody_waits(engine, 1)
        await work.commit(DONE, created)
    assert (await erasing)["campaigns"] == 1
    assert (await _counts(engine, actor.tenant_id))["campaigns"] == 0


async def test_who_writes_later_writes_nothing(estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor) -> None:
    """A request that came in when the tenant was still there: the erasure is held up in its middle until it waits."""
    actor = await tenant()
    made = await _new_campaign(engine, actor)
    async with _inside(engine, actor.tenant_id) as held:
        await held.execute(select(t.campaigns.c.id).where(t.campaigns.c.id == made.id).with_for_update())
        erasing = asyncio.create_task(estates.erase(actor, _erase))
        await _until_somebody_waits(engine, 1)
        writing = asyncio.create_task(_new_campaign(engine, actor, "Autumn"))
        await _until_somebody_waits(engine, 2)
    await erasing
    with pytest.raises(NotFound):
        await writing
    assert {name for name, count in (await _counts(engine, actor.tenant_id)).items() if count} == {"audit_log"}


async def test_a_refusal_leaves_everything_as_it_was(
    estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor
) -> None:
    actor = await tenant()
    await _new_campaign(engine, actor)
    before = await _counts(engine, actor.tenant_id)

    def refuse(_: Tenant) -> Change:
        raise DomainError("No.", code="refused")

    with pytest.raises(DomainError) as refused:
        await estates.erase(actor, refuse)
    assert (refused.value.code, await _counts(engine, actor.tenant_id)) == ("refused", before)


def _erase(tenant: Tenant) -> Change:
    return tenant.erase()


async def _new_campaign(engine: AsyncEngine, actor: Actor, name: str = "Spring") -> Campaign:
    async with PostgresWork(engine, FakeClock(), unpublished)(actor) as work:
        made, created = campaign(actor, name)
        work.campaigns.add(made)
        await work.commit(DONE, created)
    return made


@asynccontextmanager
async def _inside(engine: AsyncEngine, tenant_id: TenantId) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees one tenant; undone when the block ends."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(tenant_id)})
        yield connection


async def _counts(engine: AsyncEngine, tenant_id: TenantId) -> dict[str, int]:
    async with _inside(engine, tenant_id) as connection:
        return {
            one.name: await connection.scalar(select(func.count()).select_from(one).where(one.c.tenant_id == tenant_id))
            or 0
            for one in [*tables_of_tenants(), *CHECKPOINTS]
        }


async def _checkpoint(engine: AsyncEngine, tenant_id: TenantId) -> None:
    thread = str(new_id())
    async with _inside(engine, tenant_id) as connection:
        for name, columns, values in (
            ("checkpoints", "checkpoint_id, checkpoint", "'c', '{}'"),
            ("checkpoint_blobs", "channel, version, type", "'c', '1', 'empty'"),
            ("checkpoint_writes", "checkpoint_id, task_id, idx, channel, blob", "'c', 't', 0, 'c', ''"),
        ):
            await connection.execute(
                text(f"INSERT INTO {name} (thread_id, {columns}) VALUES (:thread, {values})"), {"thread": thread}
            )
        await connection.commit()


async def _ways_in(engine: AsyncEngine, user_id: UserId) -> None:
    sign_in = {"device": "curl", "created_at": NOW, "refreshed_at": NOW, "expires_at": NOW, "generation": 1}
    reset = {"token_digest": f"digest of {user_id}", "created_at": NOW, "expires_at": NOW}
    async with engine.begin() as connection:
        for statement in (
            insert(access.identities).values(provider="google", subject=str(user_id), user_id=user_id, created_at=NOW),
            insert(access.sign_ins).values(id=new_id(), user_id=user_id, version=1, **sign_in),
            insert(access.password_resets).values(id=new_id(), user_id=user_id, version=1, **reset),
        ):
            await connection.execute(statement)


async def _ways_left(engine: AsyncEngine, user_id: UserId) -> list[int]:
    ways = (access.identities, access.sign_ins, access.password_resets)
    async with engine.connect() as connection:
        return [
            await connection.scalar(select(func.count()).select_from(one).where(one.c.user_id == user_id)) or 0
            for one in ways
        ]


async def _person(engine: AsyncEngine, user_id: UserId) -> tuple[str, str, str | None]:
    u = t.users.c
    async with engine.connect() as connection:
        row = (await connection.execute(select(u.email, u.name, u.password_hash).where(u.id == user_id))).one()
    return row.email, row.name, row.password_hash


async def _until_somebody_waits(engine: AsyncEngine, count: int) -> None:
    """For a lock that another one has."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while True:
        async with engine.connect() as connection:
            if (await connection.scalar(waiting) or 0) >= count:
                return
        await asyncio.sleep(0.01)
