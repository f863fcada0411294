"""Migrations: every step up, down and up again; the same schema as the tables say; on any Postgres we may meet."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import AsyncConnection
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import InvalidInput, Unavailable
from domain.sessions import TurnStatus
from domain.tenants import TenantStatus
from server.embedded.parts import Parts, start_parts
from server.postgres import mapping as mapping  # registers every table
from server.postgres import tables
from server.postgres.engine import open_engine
from server.postgres.metadata import metadata
from server.postgres.migrate import downgrade, migrate, schema_is_current, scripts, upgrade
from services.events import EventType
from services.ports import WakeupKind
from tests.server.embedded.homes import temporary_home
from tests.server.postgres.databases import as_tenant, empty_database, in_database, picture
from tests.server.postgres.rows import NOW, Rows


@pytest.fixture
async def urls(admin_url: str, app_url: str) -> AsyncIterator[tuple[str, str]]:
    """For migrations and for the product, of a database of its own."""
    async with empty_database(admin_url) as name:
        yield in_database(admin_url, name), in_database(app_url, name)


async def test_every_revision_goes_up_down_and_up_again(urls: tuple[str, str]) -> None:
    admin_url, app_url = urls
    await migrate(admin_url, app_url)
    await downgrade(admin_url, "base")
    for below, revision in _steps(scripts()):
        before = await picture(admin_url)
        await upgrade(admin_url, revision)
        after = await picture(admin_url)
        assert after - before
        await downgrade(admin_url, below)
        assert await picture(admin_url) == before
        await upgrade(admin_url, revision)
        assert await picture(admin_url) == after


def _steps(found: ScriptDirectory) -> list[tuple[str, str]]:
    revisions = [script.revision for script in reversed(list(found.walk_revisions()))]
    return list(zip(["base", *revisions], revisions, strict=False))


async def test_a_release_is_taken_back_with_rows_that_only_it_has_a_place_for(
    urls: tuple[str, str],
) -> None:
    admin_url, app_url = urls
    await migrate(admin_url, app_url)
    engine = open_engine(app_url, pool_size=1, statement_timeout_ms=20_000)
    rows = await Rows.of_new_tenant(engine)
    session_id = await rows.session()
    turn_id = await rows.turn(session_id)
    await rows.change(tables.turns, turn_id, status=TurnStatus.AWAITING_APPROVAL)
    await rows.change(tables.users, rows.user_id, password_hash=None)
    await rows.change(tables.tenants, rows.tenant_id, status=TenantStatus.ERASED)
    await rows.event(session_id, 1, EventType.USER_MESSAGE, {})
    await rows.event(session_id, 2, EventType.APPROVAL, {})
    await rows.insert(tables.wakeups, kind=WakeupKind.APPROVAL, tenant_id=rows.tenant_id, id=turn_id, due_at=NOW)
    await downgrade(admin_url, "0003")
    queries = {
        "SELECT status, accepted_seq FROM turns": ("completed", 1),
        "SELECT password_hash, name FROM users": ("!", "Ada"),
        "SELECT status, name FROM tenants": ("suspended", "Acme"),
        "SELECT type, seq FROM events": ("user_message", 1),
        "SELECT count(*), 0 FROM wakeups": (0, 0),
    }
    async with as_tenant(engine, rows.tenant_id) as connection:
        assert [tuple((await connection.execute(text(one))).one()) for one in queries] == [*queries.values()]
    await engine.dispose()
    await upgrade(admin_url, "head")
    assert await schema_is_current(app_url)


async def test_a_second_migration_changes_nothing(urls: tuple[str, str]) -> None:
    admin_url, app_url = urls
    await migrate(admin_url, app_url)
    first = await picture(admin_url)
    await migrate(admin_url, app_url)
    assert await picture(admin_url) == first


async def test_the_migrated_schema_is_the_one_that_the_code_maps(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[Any]:
        known = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
        context = MigrationContext.configure(
            connection, opts={**known, "compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_schema_is_current_only_when_it_is_at_the_last_revision(urls: tuple[str, str]) -> None:
    admin_url, app_url = urls
    assert not await schema_is_current(app_url)
    await migrate(admin_url, app_url)
    assert await schema_is_current(app_url)
    await downgrade(admin_url, "-1")
    assert not await schema_is_current(app_url)
    await downgrade(admin_url, "base")
    assert not await schema_is_current(app_url)


async def test_a_schema_newer_than_the_code_is_current(urls: tuple[str, str]) -> None:
    admin_url, app_url = urls
    await migrate(admin_url, app_url)
    async with await AsyncConnection.connect(admin_url) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = 'of a later release'")
    assert await schema_is_current(app_url)


@pytest.fixture(scope="module")
async def cluster() -> AsyncIterator[Parts]:
    """Without our roles yet, which belong to a whole cluster."""
    with temporary_home() as home:
        async with start_parts(home, redis=False, temporal="off", announce=lambda _: None) as parts:
            yield parts


async def test_a_managed_cluster_without_superuser_and_two_databases_in_it(cluster: Parts) -> None:
    async with await AsyncConnection.connect(cluster.database_admin_url) as connection:
        await connection.execute("CREATE ROLE manager LOGIN CREATEROLE PASSWORD 'managed'")
    for _ in range(2):
        async with empty_database(cluster.database_admin_url, owner="manager") as name:
            manager_url = in_database(_as(cluster.database_admin_url, "manager", "managed"), name)
            app_url = in_database(cluster.database_url, name)
            await migrate(manager_url, app_url)
            await migrate(manager_url, app_url)
            assert await schema_is_current(app_url)


async def test_a_new_password_in_the_url_becomes_the_roles(cluster: Parts) -> None:
    await migrate(cluster.database_admin_url, cluster.database_url)
    changed = _as(cluster.database_url, "app_rw", "it's: a/new @password")
    with pytest.raises(Unavailable):
        await schema_is_current(changed)
    await migrate(cluster.database_admin_url, changed)
    assert await schema_is_current(changed)


def _as(url: str, user: str, password: str) -> str:
    return f"postgresql://{user}:{quote(password, safe='')}@{url.partition('@')[2]}"


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [("postgres", "x", "wrong_database_role"), ("app_rw", "", "no_database_password")],
)
async def test_a_url_that_cannot_be_the_products_is_refused(
    admin_url: str, user: str, password: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await migrate(admin_url, _as(admin_url, user, password))
    assert refused.value.code == code


async def test_without_a_database_there_is_one_clear_error() -> None:
    nowhere = "postgresql://app_rw:x@/mediaplanner?host=/nowhere"
    for attempt in (migrate(nowhere, nowhere), schema_is_current(nowhere)):
        with pytest.raises(Unavailable) as refused:
            await attempt
        assert refused.value.code == "database_unavailable"


async def test_the_engine_speaks_for_itself(app_url: str) -> None:
    engine = open_engine(app_url, pool_size=1, statement_timeout_ms=1234)
    async with engine.connect() as connection:
        settings = await connection.exec_driver_sql(
            "SELECT current_setting('application_name'), current_setting('statement_timeout'), current_user"
        )
        assert settings.one() == ("media-planner", "1234ms", "app_rw")
    await engine.dispose()
