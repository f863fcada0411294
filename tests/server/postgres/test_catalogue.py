"""What the catalogue says of every table, whoever made it: a new table that forgets a lock fails here."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from psycopg import AsyncConnection
from sqlalchemy import Enum

from server.postgres import mapping as mapping  # registers every table
from server.postgres.metadata import metadata
from tests.server.postgres.databases import GLOBAL

pytestmark = pytest.mark.security

LOOKED_UP = {"invitations", "service_tokens"}  # by the token's digest, before the tenant is known
# Stock keys: a thread is named by a session's id, which only the server makes.
CHECKPOINTS = {"checkpoints", "checkpoint_blobs", "checkpoint_writes"}
APPEND_ONLY = {
    *("audit_log", "audit_seals", "security_log", "effects", "events", "messages", "plan_lines", "plan_versions"),
    *("identities", "checkpoint_migrations", "alembic_version"),
}
AUDIT = {"audit_log", "audit_seals", "security_log"}
ROLES = {"app_eraser", "app_ro", "app_rw"}
SETTING = "nullif(current_setting('app.tenant_id'::text, true), ''::text))::uuid"


@pytest.fixture
async def catalogue(admin_url: str, app_url: str) -> AsyncConnection:
    return await AsyncConnection.connect(admin_url)


@pytest.fixture(autouse=True)
async def _closed(catalogue: AsyncConnection) -> Any:
    yield
    await catalogue.close()


async def select(catalogue: AsyncConnection, query: str) -> Sequence[tuple[Any, ...]]:
    rows = await catalogue.execute(query.encode())
    return await rows.fetchall()


async def tenant_tables(catalogue: AsyncConnection) -> set[str]:
    query = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    found = {name for (name,) in await select(catalogue, query)}
    assert found >= GLOBAL | CHECKPOINTS | set(metadata.tables)
    return found - GLOBAL


async def test_every_tenant_table_names_its_tenant(catalogue: AsyncConnection) -> None:
    query = """
        SELECT table_name FROM information_schema.columns
        WHERE column_name = 'tenant_id' AND data_type = 'uuid' AND is_nullable = 'NO'
    """
    named = {name for (name,) in await select(catalogue, query)}
    assert await tenant_tables(catalogue) <= named


async def test_row_level_security_holds_for_every_tenant_table_and_for_its_owner(
    catalogue: AsyncConnection,
) -> None:
    query = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    assert {name for (name,) in await select(catalogue, query)} == await tenant_tables(catalogue)


async def test_every_tenant_table_has_one_policy_for_reading_and_writing(catalogue: AsyncConnection) -> None:
    query = """
        SELECT tablename, lower(qual), lower(with_check) FROM pg_policies
        WHERE cmd = 'ALL' AND permissive = 'PERMISSIVE'
    """
    policies = await select(catalogue, query)
    assert sorted(name for name, _, _ in policies) == sorted(await tenant_tables(catalogue))
    for name, reads, writes in policies:
        assert reads == writes, name
        assert re.sub(r"\s+", " ", reads).startswith("(tenant_id = ( select ("), name
        assert SETTING in re.sub(r"\s+", " ", reads), name


async def test_the_only_other_policies_show_a_person_their_memberships_and_a_token_its_row(
    catalogue: AsyncConnection,
) -> None:
    query = r"""
        SELECT tablename::text, cmd, substring(qual from 'app\.[a-z_]+') FROM pg_policies WHERE cmd <> 'ALL' ORDER BY 1
    """
    assert await select(catalogue, query) == [
        ("invitations", "SELECT", "app.token_digest"),
        ("memberships", "SELECT", "app.user_id"),
        ("service_tokens", "SELECT", "app.token_digest"),
    ]


async def test_every_index_leads_with_the_tenant(catalogue: AsyncConnection) -> None:
    query = """
        SELECT i.indrelid::regclass::text, a.attname FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
    """
    indexes = await select(catalogue, query)
    tenants = await tenant_tables(catalogue)
    assert {name for name, leads in indexes if leads == "tenant_id"} == tenants
    assert {name for name, leads in indexes if leads not in ("tenant_id", "token_digest")} <= GLOBAL | CHECKPOINTS
    assert {name for name, leads in indexes if leads == "token_digest"} - GLOBAL == LOOKED_UP


async def test_no_foreign_key_leaves_the_tenant(catalogue: AsyncConnection) -> None:
    query = """
        SELECT conname, confrelid::regclass::text, (
            SELECT array_agg(attname::text) FROM pg_attribute
            WHERE attrelid = conrelid AND attnum = ANY (conkey)
        ) FROM pg_constraint WHERE contype = 'f'
    """
    for name, target, columns in await select(catalogue, query):
        assert target in GLOBAL or "tenant_id" in columns, name


async def test_the_products_roles_own_nothing_and_pass_no_policy(catalogue: AsyncConnection) -> None:
    roles = """
        SELECT rolname::text, rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
        FROM pg_roles WHERE rolname LIKE 'app%' ORDER BY 1
    """
    assert await select(catalogue, roles) == [
        ("app_eraser", False, False),
        ("app_owner", False, False),
        ("app_ro", False, False),
        ("app_rw", True, False),
    ]
    owners = "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert await select(catalogue, owners) == [("app_owner",)]
    assert await select(catalogue, "SELECT pg_has_role('app_rw', 'app_owner', 'MEMBER')") == [(False,)]
    for other in ("app_ro", "app_eraser"):
        assert await select(catalogue, f"SELECT pg_has_role('app_rw', '{other}', 'SET')") == [(True,)]
    assert await select(catalogue, "SELECT pg_has_role('app_rw', 'app_eraser', 'USAGE')") == [(False,)]


async def test_each_role_has_the_rights_it_needs(catalogue: AsyncConnection) -> None:
    query = """
        SELECT grantee::regrole::text, relname::text, array_agg(privilege_type::text)
        FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace GROUP BY 1, 2
    """
    granted = {(role, table): set(rights) for role, table, rights in await select(catalogue, query)}
    assert {role for role, _ in granted} == ROLES | {"app_owner"}
    for (role, table), rights in granted.items():
        if role == "app_ro":
            assert rights == {"SELECT"}, table
        elif role == "app_eraser":
            assert rights <= {"SELECT", "DELETE"}, table
            assert table not in AUDIT
        elif role == "app_rw":
            allowed = {"INSERT"} if table in APPEND_ONLY else {"INSERT", "UPDATE", "DELETE"}
            assert rights <= {"SELECT"} | allowed, table
    assert {table for role, table in granted if role == "app_rw"} >= await tenant_tables(catalogue)


async def test_the_rights_on_single_columns(catalogue: AsyncConnection) -> None:
    """What a reader may know of a person, and what of a person and a tenant is blotted out when they go."""
    query = """
        SELECT grantee::regrole::text, privilege_type || ' ' || attrelid::regclass,
            array_agg(attname::text ORDER BY attname)
        FROM pg_attribute, aclexplode(attacl) WHERE attrelid IN (
            SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace
        ) GROUP BY 1, 2 ORDER BY 1, 2
    """
    assert await select(catalogue, query) == [
        ("app_eraser", "UPDATE tenants", ["name", "status", "version"]),
        ("app_eraser", "UPDATE users", ["email", "name", "password_hash", "version"]),
        ("app_ro", "SELECT users", ["email", "id", "name"]),
    ]


async def test_nothing_reads_or_acts_with_its_owners_rights(catalogue: AsyncConnection) -> None:
    """A view, and a function that says so, would look past the policies of whoever asks."""
    views = "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm', 'f') AND relnamespace = 'public'::regnamespace"
    assert await select(catalogue, views) == []
    definers = "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    assert await select(catalogue, definers) == []


async def test_a_check_of_every_choice_knows_the_values_of_the_code(catalogue: AsyncConnection) -> None:
    query = "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"
    checks = {name: set(re.findall(r"'([^']*)'", text)) for name, text in await select(catalogue, query)}
    choices = [
        (f"ck_{table.name}_{column.name}", set(column.type.enums))
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    ]
    assert len(choices) > 15
    for name, values in choices:
        assert checks[name] == values, name
