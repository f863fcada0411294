"""What only Postgres can do to a unit of work: fail in a driver's words, time out, go away and come back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from typing import Any

import pytest
from psycopg import AsyncConnection
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Mapper, class_mapper

from domain.campaigns import Campaign
from domain.errors import Duplicate, InvalidInput, NotFound, Unavailable
from domain.ids import UserId, new_id
from domain.jobs import Job
from domain.plans.lines import PlanLine
from domain.plans.media_plans import MediaPlan, PlanVersion
from domain.tenants import Membership, Role, Tenant, TenantProfile
from domain.users import Email, User
from server.postgres.engine import open_engine
from server.postgres.errors import domain_errors
from server.postgres.founding import enrol, found_tenant
from server.postgres.tables import campaigns
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor, Origin
from tests.conftest import NewActor
from tests.contracts.samples import DONE, NOW, Answer, campaign, message, open_session, said
from tests.fakes.clock import FakeClock
from tests.fakes.unit_of_work import unpublished
from tests.server.postgres.databases import as_tenant

ENTITIES = [
    Campaign,
    Job,
    MediaPlan,
    Membership,
    PlanLine,
    PlanVersion,
    Tenant,
    TenantProfile,
    User,
]


def work_on(engine: AsyncEngine) -> PostgresWork:
    return PostgresWork(engine, FakeClock(), unpublished)


@pytest.fixture
def begin(engine: AsyncEngine) -> PostgresWork:
    return work_on(engine)


@pytest.fixture
async def actor(tenant: NewActor) -> Actor:
    return await tenant()


@pytest.fixture
async def small(app_url: str) -> AsyncIterator[AsyncEngine]:
    """One connection, so that a test knows which one it gets."""
    engine = open_engine(app_url, pool_size=1, statement_timeout_ms=200)
    yield engine
    await engine.dispose()


async def sleep(engine: AsyncEngine, seconds: float) -> None:
    async with engine.connect() as connection:
        await connection.execute(select(func.pg_sleep(seconds)))


async def pid(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.pg_backend_pid())) or 0)


async def terminate(admin_url: str, backend: int) -> None:
    async with await AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.__name__))
def test_every_field_of_an_entity_is_stored(entity: Any) -> None:
    mapper: Mapper[Any] = class_mapper(entity)
    unmapped = {field.name for field in fields(entity)} - set(mapper.all_orm_descriptors.keys())
    assert unmapped == set()


async def test_a_statement_that_takes_too_long(small: AsyncEngine) -> None:
    with pytest.raises(Unavailable) as refused:
        await sleep(small, 10)
    assert refused.value.code == "database_slow"
    await sleep(small, 0)


async def test_a_database_that_is_not_there(actor: Actor) -> None:
    for where in ("host=/nowhere", "host=127.0.0.1&port=1"):
        engine = open_engine(f"postgresql://app_rw:x@/db?{where}", pool_size=1, statement_timeout_ms=200)
        with pytest.raises(Unavailable) as refused:
            async with work_on(engine)(actor):
                pytest.fail("began without a database")
        assert refused.value.code == "database_unavailable"
        await engine.dispose()


async def test_a_wrong_password(app_url: str, actor: Actor) -> None:
    engine = open_engine(app_url.replace("app_rw:", "app_rw:not"), pool_size=1, statement_timeout_ms=200)
    with pytest.raises(Unavailable):
        await pid_in_domain_errors(engine)
    await engine.dispose()


async def pid_in_domain_errors(engine: AsyncEngine) -> None:
    with domain_errors():
        await pid(engine)


async def test_a_connection_that_died_in_the_pool_is_replaced_unseen(
    small: AsyncEngine, admin_url: str, actor: Actor
) -> None:
    before = await pid(small)
    await terminate(admin_url, before)
    await open_session(work_on(small), actor)
    assert await pid(small) != before


async def test_a_connection_that_dies_in_the_middle_undoes_the_unit(
    small: AsyncEngine, begin: PostgresWork, admin_url: str, actor: Actor
) -> None:
    made, change = campaign(actor)
    backend = await pid(small)
    async with work_on(small)(actor) as work:
        work.campaigns.add(made)
        await work.members.profile()
        await terminate(admin_url, backend)
        with pytest.raises(Unavailable) as refused:
            await work.commit(DONE, change)
    assert refused.value.code == "database_unavailable"
    async with begin(actor) as work:
        with pytest.raises(NotFound):
            await work.campaigns.get(made.id)


async def test_what_refers_to_nobody_is_not_found(begin: PostgresWork, actor: Actor) -> None:
    made, change = campaign(actor)
    made.created_by = UserId(new_id())
    async with begin(actor) as work:
        work.campaigns.add(made)
        with pytest.raises(NotFound):
            await work.commit(DONE, change)


async def test_what_is_checked_at_the_end_of_the_transaction_is_refused_too(begin: PostgresWork, actor: Actor) -> None:
    session_id = await open_session(begin, actor)
    async with begin(actor) as work:
        stray = message(session_id, None).model_copy(update={"turn_id": new_id()})
        await work.transcript.record(stray, [said(session_id)])
        with pytest.raises(NotFound):
            await work.commit(DONE)


async def test_text_that_postgres_cannot_store(begin: PostgresWork, actor: Actor) -> None:
    session_id = await open_session(begin, actor)
    for text_ in ("nul \x00", {"nested": "nul \x00"}):
        async with begin(actor) as work:
            with pytest.raises(InvalidInput):
                await work.transcript.log(said(session_id).model_copy(update={"data": {"text": text_}}))


async def test_our_own_mistake_is_not_dressed_up(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(ProgrammingError, match="no_such_table"):
            await connection.execute(text("SELECT 1 FROM no_such_table"))


async def test_a_value_that_no_column_holds_is_our_own_mistake_too(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="value out of"):
            await connection.execute(select(campaigns.c.id).where(campaigns.c.budget_minor == 2**70))


async def test_a_cancelled_statement_stays_cancelled_and_its_connection_is_not_lent_again(
    engine: AsyncEngine,
) -> None:
    waiting = asyncio.create_task(sleep(engine, 10))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.gather(*(pid(engine) for _ in range(30)))


async def test_an_effect_committed_without_asking_is_refused_the_second_time(begin: PostgresWork, actor: Actor) -> None:
    keyed = actor.through(Origin(effect_key="key"))
    async with begin(keyed) as work:
        await work.commit(DONE)
    async with begin(keyed) as work:
        with pytest.raises(Unavailable) as refused:
            await work.commit(Answer(text="again"))
    assert refused.value.code == "effect_in_progress"


async def test_a_session_takes_its_checkpoints_along(begin: PostgresWork, engine: AsyncEngine, actor: Actor) -> None:
    gone, kept = await open_session(begin, actor), await open_session(begin, actor)
    row = "INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES (:thread, '1', '{}')"
    blob = "INSERT INTO checkpoint_blobs (thread_id, channel, version, type) VALUES (:thread, 'a', '1', 'empty')"
    write = (
        "INSERT INTO checkpoint_writes (thread_id, checkpoint_id, task_id, idx, channel, blob) "
        "VALUES (:thread, '1', 't', 0, 'a', '')"
    )
    for statement in (row, blob, write):
        async with as_tenant(engine, actor.tenant_id) as connection:
            await connection.execute(text(statement), [{"thread": str(gone)}, {"thread": str(kept)}])
    async with begin(actor) as work:
        await work.sessions.remove(await work.sessions.get(gone))
        await work.commit(DONE)
    for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        async with as_tenant(engine, actor.tenant_id) as connection:
            left = (await connection.scalars(text(f"SELECT thread_id FROM {table}"))).all()
            assert left == [str(kept)]


async def test_a_tenants_second_member_and_an_address_that_is_taken(engine: AsyncEngine) -> None:
    address = Email.of(f"{new_id()}@example.com")
    tenant = Tenant.found("Acme", NOW)
    owner = User.register(address, "Ada", "hash", NOW)
    await found_tenant(engine, tenant, owner, TenantProfile(tenant.id).settings)
    second = User.register(Email.of(f"{new_id()}@example.com"), "Ben", "hash", NOW)
    await enrol(engine, tenant, second, Role.VIEWER, NOW)
    async with work_on(engine)(Actor(tenant.id, owner.id, frozenset())) as work:
        assert (await work.members.get(second.id)).role is Role.VIEWER
    with pytest.raises(Duplicate) as refused:
        await enrol(engine, tenant, User.register(address, "Eve", "hash", NOW), Role.VIEWER, NOW)
    assert refused.value.code == "duplicate_email"
