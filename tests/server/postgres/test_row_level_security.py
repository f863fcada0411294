"""The second lock: what the database itself refuses, whatever the code above it asks for."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import AsyncConnection, errors
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection as Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from domain.tenants import Role
from server.postgres.access_tables import campaign_grants, invitations, service_tokens
from server.postgres.audit_tables import audit_log, audit_seals
from server.postgres.engine import open_engine
from server.postgres.metadata import metadata
from server.postgres.tables import campaigns, memberships
from services.actor import Actor
from tests.conftest import NewActor
from tests.server.postgres.databases import GLOBAL, as_tenant
from tests.server.postgres.filled import ACTIONS, fill

pytestmark = pytest.mark.security

TENANT_TABLES = [table for table in metadata.tables.values() if table.name not in GLOBAL]


@pytest.fixture
async def two(engine: AsyncEngine, tenant: NewActor) -> list[Actor]:
    actors = [await tenant(), await tenant()]
    for actor in actors:
        await fill(engine, actor)
    return actors


async def tenants_seen(connection: Connection, table: Any) -> set[object]:
    return set((await connection.scalars(select(table.c.tenant_id))).all())


async def test_without_a_tenant_there_is_nothing(engine: AsyncEngine, two: Sequence[Actor]) -> None:
    async with engine.connect() as connection:
        for table in TENANT_TABLES:
            assert await tenants_seen(connection, table) == set(), table.name


async def test_a_tenant_sees_its_own_rows_alone(engine: AsyncEngine, two: Sequence[Actor]) -> None:
    for actor in two:
        async with as_tenant(engine, actor.tenant_id) as connection:
            for table in TENANT_TABLES:
                assert await tenants_seen(connection, table) == {actor.tenant_id}, table.name


async def test_who_asks_who_may_enter_elsewhere_stays_where_they_are(engine: AsyncEngine, two: Sequence[Actor]) -> None:
    ours, theirs = two
    asked = select(text("*")).select_from(func.standing(theirs.user_id, theirs.tenant_id))
    async with as_tenant(engine, ours.tenant_id) as connection:
        assert (await connection.execute(asked)).all()
        for table in TENANT_TABLES:
            assert await tenants_seen(connection, table) == {ours.tenant_id}, table.name
    async with engine.connect() as connection:
        assert (await connection.execute(asked)).all()
        for table in TENANT_TABLES:
            assert await tenants_seen(connection, table) == set(), table.name


async def test_an_empty_setting_shows_nothing_and_one_that_is_no_tenant_is_an_error(
    engine: AsyncEngine, two: Sequence[Actor]
) -> None:
    async with as_tenant(engine, "") as connection:
        assert await tenants_seen(connection, campaigns) == set()
    async with as_tenant(engine, "not a tenant") as connection:
        with pytest.raises(DBAPIError, match="invalid input syntax for type uuid"):
            await tenants_seen(connection, campaigns)


async def test_rows_of_another_tenant_are_neither_written_nor_changed(
    engine: AsyncEngine, two: Sequence[Actor]
) -> None:
    ours, theirs = two
    async with as_tenant(engine, ours.tenant_id) as connection:
        row = (await connection.execute(select(campaigns))).mappings().one()
        foreign = {**row, "tenant_id": theirs.tenant_id, "id": new_id(), "name": "Foreign"}
    for forbidden in (insert(campaigns).values(foreign), update(campaigns).values(tenant_id=theirs.tenant_id)):
        async with as_tenant(engine, ours.tenant_id) as connection:
            with pytest.raises(ProgrammingError, match="row-level security"):
                await connection.execute(forbidden)
    async with as_tenant(engine, ours.tenant_id) as connection:
        everything = update(campaigns).where(campaigns.c.tenant_id == theirs.tenant_id).values(name="Stolen")
        assert (await connection.execute(everything)).rowcount == 0


async def test_without_a_tenant_nothing_is_written(engine: AsyncEngine, two: Sequence[Actor]) -> None:
    async with as_tenant(engine, two[0].tenant_id) as connection:
        row = (await connection.execute(select(campaigns))).mappings().one()
    async with engine.begin() as connection:
        with pytest.raises(ProgrammingError, match="row-level security"):
            await connection.execute(insert(campaigns).values({**row, "id": new_id(), "name": "Nobody's"}))


async def test_the_owner_of_the_tables_sees_nothing_either(admin_url: str, two: Sequence[Actor]) -> None:
    async with await AsyncConnection.connect(admin_url) as connection:
        await connection.execute("SET ROLE app_owner")
        for table in TENANT_TABLES:
            rows = await connection.execute(f"SELECT count(*) FROM {table.name}".encode())
            assert await rows.fetchone() == (0,), table.name


async def test_the_reading_role_reads_and_writes_nothing(engine: AsyncEngine, two: Sequence[Actor]) -> None:
    async with as_tenant(engine, two[0].tenant_id) as connection:
        await connection.execute(text("SET LOCAL ROLE app_ro"))
        for table in TENANT_TABLES:
            assert await tenants_seen(connection, table) == {two[0].tenant_id}, table.name
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(update(campaigns).values(name="Changed"))


async def test_the_erasing_role_has_its_tenant_alone_and_never_the_audit(
    engine: AsyncEngine, two: Sequence[Actor]
) -> None:
    ours, theirs = two
    async with engine.connect() as connection:
        await connection.execute(select(func.set_config("app.tenant_id", str(ours.tenant_id), True)))
        await connection.execute(text("SET LOCAL ROLE app_eraser"))
        foreign = delete(campaign_grants).where(campaign_grants.c.tenant_id == theirs.tenant_id)
        assert (await connection.execute(foreign)).rowcount == 0
        assert (await connection.execute(delete(campaign_grants))).rowcount == 1
        await connection.rollback()
    for forbidden in (
        *(f"DELETE FROM {table}" for table in ("audit_log", "audit_seals", "security_log")),
        *("SELECT * FROM audit_log", "UPDATE campaigns SET name = 'x'", "INSERT INTO effects SELECT * FROM effects"),
    ):
        async with as_tenant(engine, ours.tenant_id) as connection:
            await connection.execute(text("SET LOCAL ROLE app_eraser"))
            with pytest.raises(ProgrammingError, match="permission denied"):
                await connection.execute(text(forbidden))


async def test_a_token_shows_its_row_before_there_is_a_tenant_and_no_other(
    engine: AsyncEngine, two: Sequence[Actor]
) -> None:
    for table in (invitations, service_tokens):
        async with as_tenant(engine, two[0].tenant_id) as connection:
            digest = await connection.scalar(select(table.c.token_digest))
        async with as_tenant(engine, digest, "app.token_digest") as connection:
            assert (await connection.scalars(select(table.c.token_digest))).all() == [digest]
            assert (await connection.execute(update(table).values(version=9))).rowcount == 0
        async with as_tenant(engine, "", "app.token_digest") as connection:
            assert await tenants_seen(connection, table) == set()


async def test_a_person_sees_their_memberships_before_there_is_a_tenant(
    engine: AsyncEngine, two: Sequence[Actor]
) -> None:
    person, elsewhere = two
    async with as_tenant(engine, elsewhere.tenant_id) as connection:
        joined = {"tenant_id": elsewhere.tenant_id, "user_id": person.user_id, "role": Role.VIEWER}
        await connection.execute(insert(memberships).values(**joined, created_at=datetime.now(UTC), version=1))
    async with as_tenant(engine, person.user_id, "app.user_id") as connection:
        rows = (await connection.execute(select(memberships.c.tenant_id, memberships.c.user_id))).all()
        assert set(rows) == {(actor.tenant_id, person.user_id) for actor in two}
        promoted = await connection.execute(update(memberships).values(role=Role.OWNER))
        assert promoted.rowcount == 0
        assert await tenants_seen(connection, campaigns) == set()


async def test_a_pool_shared_by_tenants_never_shows_the_wrong_one(app_url: str, two: Sequence[Actor]) -> None:
    engine = open_engine(app_url, pool_size=2, statement_timeout_ms=20_000)

    async def read(actor: Actor | None) -> bool:
        if actor is None:
            async with engine.connect() as connection:
                return await tenants_seen(connection, campaigns) == set()
        async with as_tenant(engine, actor.tenant_id) as connection:
            await asyncio.sleep(0)
            return await tenants_seen(connection, campaigns) == {actor.tenant_id}

    asked: list[Actor | None] = [two[0], None, two[1]] * 70
    assert all(await asyncio.gather(*(read(actor) for actor in asked)))
    await engine.dispose()


async def test_a_setting_of_the_connection_would_leak(app_url: str, two: Sequence[Actor]) -> None:
    """The control of the test above: set for the session, the next borrower reads with it."""
    engine = open_engine(app_url, pool_size=1, statement_timeout_ms=20_000)
    async with engine.begin() as connection:
        await connection.execute(select(func.set_config("app.tenant_id", str(two[0].tenant_id), False)))
    async with engine.connect() as connection:
        assert await tenants_seen(connection, campaigns) == {two[0].tenant_id}
    await engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        *("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log, audit_seals"),
        *("UPDATE audit_seals SET seal = 'x'", "DELETE FROM audit_seals", "TRUNCATE audit_seals"),
    ],
)
async def test_the_audit_log_only_grows(engine: AsyncEngine, admin_url: str, two: Sequence[Actor], change: str) -> None:
    async with as_tenant(engine, two[0].tenant_id) as connection:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(text(change))
    async with await AsyncConnection.connect(admin_url) as owner:
        await owner.execute("SET ROLE app_owner")
        await owner.execute("SELECT set_config('app.tenant_id', %s, false)", [str(two[0].tenant_id)])
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            await owner.execute(change.encode())
    async with as_tenant(engine, two[0].tenant_id) as connection:
        actions = set((await connection.scalars(select(audit_log.c.action))).all())
        assert (await connection.scalars(select(audit_seals.c.seal))).all() == ["seal"]
    assert actions == ACTIONS
