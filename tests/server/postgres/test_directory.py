"""Who may enter, asked before there is a tenant."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Forbidden
from domain.ids import UserId, new_id
from domain.tenants import Role, TenantStatus
from server.postgres import tables
from server.postgres.directory import PostgresDirectory
from tests.server.postgres.rows import Rows


@pytest.fixture
def directory(engine: AsyncEngine) -> PostgresDirectory:
    return PostgresDirectory(engine)


async def test_credentials_are_found_whatever_the_case(directory: PostgresDirectory, engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    user_id = await rows.user(UserId(new_id()), "Bob", f"bob.{rows.user_id}@example.com")
    assert await directory.credentials(f" BOB.{rows.user_id}@Example.com ") == (user_id, "hash of Bob")
    assert await directory.credentials("nobody@example.com") is None
    assert await directory.credentials("") is None


async def test_a_user_sees_every_tenant_of_theirs_and_no_other(
    directory: PostgresDirectory, engine: AsyncEngine
) -> None:
    zebra = await Rows.of_new_tenant(engine, "Zebra")
    acme = await Rows.of_new_tenant(engine, "Acme")
    await Rows.of_new_tenant(engine, "Other")
    await acme.member(zebra.user_id, Role.VIEWER)
    found = await directory.tenants_of(zebra.user_id)
    assert [(tenant.tenant_id, tenant.name, tenant.role) for tenant in found] == [
        (acme.tenant_id, "Acme", Role.VIEWER),
        (zebra.tenant_id, "Zebra", Role.OWNER),
    ]
    assert await directory.tenants_of(UserId(new_id())) == []


async def test_the_role_is_the_one_in_that_tenant(directory: PostgresDirectory, engine: AsyncEngine) -> None:
    ours = await Rows.of_new_tenant(engine)
    theirs = await Rows.of_new_tenant(engine, role=Role.PLANNER)
    assert await directory.role_in(ours.user_id, ours.tenant_id) is Role.OWNER
    assert await directory.role_in(theirs.user_id, theirs.tenant_id) is Role.PLANNER
    assert await directory.role_in(ours.user_id, theirs.tenant_id) is None
    assert await directory.role_in(ours.user_id, uuid4()) is None


async def test_a_suspended_tenant_refuses_its_members_and_stays_unknown_to_others(
    directory: PostgresDirectory, engine: AsyncEngine
) -> None:
    rows = await Rows.of_new_tenant(engine)
    stranger = await Rows.of_new_tenant(engine)
    await rows.change(tables.tenants, rows.tenant_id, status=TenantStatus.SUSPENDED)
    with pytest.raises(Forbidden) as refused:
        await directory.role_in(rows.user_id, rows.tenant_id)
    assert refused.value.code == "tenant_suspended"
    assert await directory.role_in(stranger.user_id, rows.tenant_id) is None
