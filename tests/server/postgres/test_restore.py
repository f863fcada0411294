"""A backup, taken by a role of its own and restored elsewhere: the same rows behind the same locks."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from psycopg import AsyncConnection, sql
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from domain.tenants import Tenant, TenantSettings
from domain.users import Email, User
from server.embedded.postgres import wheel_binaries
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from server.postgres.engine import open_engine
from server.postgres.founding import found_tenant
from server.postgres.metadata import metadata
from server.postgres.migrate import migrate, schema_is_current
from services.actor import Actor
from services.audit import Audit
from tests.contracts.samples import NOW
from tests.drivers import AUDIT_KEY
from tests.fakes.clock import FakeClock
from tests.server.postgres.databases import as_tenant, empty_database, in_database, picture
from tests.server.postgres.filled import fill

PASSWORD = "only for tests"


@dataclass(frozen=True)
class Database:
    admin_url: str
    app_url: str


def audit_of(engine: AsyncEngine) -> Audit:
    clock = FakeClock(NOW)
    return Audit(PostgresAudit(engine), PostgresAccounts(engine, clock), AUDIT_KEY, clock)


@pytest.fixture
async def kept(admin_url: str, app_url: str) -> AsyncIterator[Database]:
    """With two tenants that have a row in every table."""
    async with empty_database(admin_url) as name:
        database = Database(in_database(admin_url, name), in_database(app_url, name))
        await migrate(database.admin_url, database.app_url)
        engine = open_engine(database.app_url, pool_size=2, statement_timeout_ms=20_000)
        for company in ("Acme", "Hooli"):
            tenant = Tenant.found(company, NOW)
            owner = User.register(Email.of(f"{new_id()}@example.com"), "Ada", None, NOW)
            await found_tenant(engine, tenant, owner, TenantSettings())
            await fill(engine, Actor(tenant.id, owner.id, frozenset()), sealed=False)
        await audit_of(engine).seal_due()
        await engine.dispose()
        yield database


@pytest.fixture
async def restored(admin_url: str, app_url: str) -> AsyncIterator[Database]:
    """Still empty."""
    async with empty_database(admin_url) as name:
        yield Database(in_database(admin_url, name), in_database(app_url, name))


@asynccontextmanager
async def backup_role(admin_url: str) -> AsyncIterator[str]:
    """As docs/backups.md makes it; its name."""
    name = f"backup_{new_id().hex}"
    role = sql.Identifier(name)
    async with await AsyncConnection.connect(admin_url, autocommit=True) as admin:
        login = sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {}").format(role, sql.Literal(PASSWORD))
        await admin.execute(login)
        await admin.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))
        try:
            yield name
        finally:
            await admin.execute(sql.SQL("DROP ROLE {}").format(role))


def as_role(url: str, role: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(PASSWORD)}@{place}"))


async def postgres_tool(name: str, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        str(wheel_binaries() / name),
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def counts(admin_url: str) -> dict[str, int]:
    async with await AsyncConnection.connect(admin_url) as admin:
        found = {}
        for table in metadata.tables:
            rows = await admin.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            found[table] = int((await rows.fetchone() or (0,))[0])
        return found


async def schema(admin_url: str) -> set[str]:
    """Without the casts of a check, which Postgres writes differently once it has read them back."""
    return {re.sub(r"::(character varying|text)(\[\])?|[()]", "", line) for line in await picture(admin_url)}


async def test_a_restored_backup_has_every_row_behind_the_same_locks(
    kept: Database, restored: Database, tmp_path: Path
) -> None:
    file = str(tmp_path / "media-planner.dump")
    async with backup_role(kept.admin_url) as role:
        dumped = await postgres_tool("pg_dump", "--format=custom", "--file", file, as_role(kept.admin_url, role))
    assert dumped == (0, "")
    loaded = await postgres_tool("pg_restore", "--exit-on-error", "--dbname", restored.admin_url, file)
    assert loaded == (0, "")

    rows = await counts(kept.admin_url)
    assert await counts(restored.admin_url) == rows
    assert sum(map(bool, rows.values())) > 20, rows
    assert await schema(restored.admin_url) == await schema(kept.admin_url)
    assert await schema_is_current(restored.app_url)
    await _serves(restored)


async def _serves(database: Database) -> None:
    """The product's role sees nothing without a tenant and one tenant with it, and the audit's chains are whole."""
    engine = open_engine(database.app_url, pool_size=2, statement_timeout_ms=20_000)
    audit, campaigns = audit_of(engine), metadata.tables["campaigns"]
    counted = select(func.count()).select_from(campaigns)
    async with engine.connect() as connection:
        assert await connection.scalar(counted) == 0
    tenants = await audit.all_tenants()
    assert len(tenants) == 2
    for tenant_id in tenants:
        async with as_tenant(engine, tenant_id) as connection:
            assert await connection.scalar(counted) == 1
        found = await audit.verify(tenant_id)
        assert (found.intact, found.sealed, found.unsealed) == (True, found.rows, 0)
        assert found.rows > 5
    await engine.dispose()


async def test_the_products_own_role_takes_no_backup(kept: Database, tmp_path: Path) -> None:
    """It would have nothing in it: Postgres refuses, rather than leave rows out."""
    status, said = await postgres_tool("pg_dump", "--file", str(tmp_path / "dump"), kept.app_url)
    assert status != 0
    assert "row-level security" in said
