"""Databases of their own for tests that change the schema, and a picture of a schema to compare."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from psycopg import AsyncConnection, sql
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection as Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from server.postgres.engine import open_engine
from server.postgres.migrate import migrate

# Tables of no tenant. Whatever is not named here has to be locked for its tenant.
GLOBAL = {
    *("tenants", "users", "wakeups", "alembic_version", "checkpoint_migrations"),
    *("identities", "sign_ins", "password_resets", "security_log"),
}


@asynccontextmanager
async def empty_database(admin_url: str, owner: str | None = None) -> AsyncIterator[str]:
    """Its name. Dropped at the end, with whoever is still connected to it."""
    name = f"test_{new_id().hex}"
    identifier = sql.Identifier(name)
    async with await AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        if owner:
            owned = sql.SQL("ALTER DATABASE {} OWNER TO {}").format(identifier, sql.Identifier(owner))
            await admin.execute(owned)
        try:
            yield name
        finally:
            await admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def in_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@asynccontextmanager
async def migrated_database(admin_url: str, app_url: str) -> AsyncIterator[str]:
    """Its URL for the application's role. Both URLs given are of another database in the same cluster."""
    async with empty_database(admin_url) as name:
        url = in_database(app_url, name)
        await migrate(in_database(admin_url, name), url)
        yield url


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url, pool_size=20, statement_timeout_ms=20_000)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def as_tenant(engine: AsyncEngine, tenant_id: object, name: str = "app.tenant_id") -> AsyncIterator[Connection]:
    async with engine.begin() as connection:
        await connection.execute(select(func.set_config(name, str(tenant_id), True)))
        yield connection


_PICTURE = """
    SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
        || coalesce(' ' || column_default, '') FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'policy ' || tablename || '.' || policyname || ' ' || cmd || coalesce(qual, '')
        || coalesce(with_check, '') FROM pg_policies WHERE schemaname = 'public'
    UNION ALL SELECT 'table ' || relname || ' ' || relrowsecurity || relforcerowsecurity || relacl::text
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL SELECT 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal
    UNION ALL SELECT 'column rights ' || attrelid::regclass || '.' || attname || ' ' || attacl::text FROM pg_attribute
        WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


async def picture(admin_url: str) -> set[str]:
    """Every column, constraint, index, policy, right, trigger and function, one line each."""
    async with await AsyncConnection.connect(admin_url) as connection:
        rows = await connection.execute(_PICTURE)
        return {str(row[0]) for row in await rows.fetchall()}
