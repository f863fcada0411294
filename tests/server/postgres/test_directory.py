"""Who may enter, asked before there is a tenant."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import UserId, new_id
from domain.tenants import Role, TenantStatus
from server.postgres import tables
from server.postgres.directory import PostgresDirectory
from server.postgres.unit_of_work import PostgresWork
from services.access_views import GrantStanding
from tests.conftest import NewActor
from tests.contracts.access_samples import LATER, invitation, service_token
from tests.contracts.samples import DONE
from tests.fakes.clock import FakeClock
from tests.fakes.unit_of_work import unpublished
from tests.server.postgres.filled import fill
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


async def role_in(directory: PostgresDirectory, person: Rows, place: UUID) -> Role | None:
    standing = await directory.standing(person.user_id, place)
    return standing.role if standing else None


async def test_the_role_is_the_one_in_that_tenant(directory: PostgresDirectory, engine: AsyncEngine) -> None:
    ours = await Rows.of_new_tenant(engine)
    theirs = await Rows.of_new_tenant(engine, role=Role.PLANNER)
    assert await role_in(directory, ours, ours.tenant_id) is Role.OWNER
    assert await role_in(directory, theirs, theirs.tenant_id) is Role.PLANNER
    assert await role_in(directory, ours, theirs.tenant_id) is None
    assert await role_in(directory, ours, uuid4()) is None


async def test_a_tenants_state_is_its_members_to_know_alone(directory: PostgresDirectory, engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    stranger = await Rows.of_new_tenant(engine)
    await rows.change(tables.tenants, rows.tenant_id, status=TenantStatus.SUSPENDED)
    standing = await directory.standing(rows.user_id, rows.tenant_id)
    assert standing
    assert (standing.status, standing.tenant_name, standing.grants) == (TenantStatus.SUSPENDED, "Acme", [])
    assert [one.status for one in await directory.tenants_of(rows.user_id)] == [TenantStatus.SUSPENDED]
    assert await directory.standing(stranger.user_id, rows.tenant_id) is None


async def test_grants_are_those_of_this_person_in_this_tenant(
    directory: PostgresDirectory, engine: AsyncEngine, tenant: NewActor
) -> None:
    actors = [await tenant(), await tenant()]
    campaigns = [(await fill(engine, actor)).id for actor in actors]
    for actor, campaign_id in zip(actors, campaigns, strict=True):
        standing = await directory.standing(actor.user_id, actor.tenant_id)
        assert standing
        assert standing.grants == [GrantStanding(campaign_id=campaign_id, role=Role.PLANNER, expires_at=LATER)]
    colleague = await Rows(engine, actors[0].tenant_id, actors[0].user_id).user(UserId(new_id()), "Ben")
    await Rows(engine, actors[0].tenant_id, colleague).member(colleague, Role.VIEWER)
    standing = await directory.standing(colleague, actors[0].tenant_id)
    assert standing
    assert standing.grants == []


async def test_what_a_digest_opens(directory: PostgresDirectory, engine: AsyncEngine, tenant: NewActor) -> None:
    actor = await tenant()
    invited, token = invitation(actor)[0], service_token(actor)[0]
    async with PostgresWork(engine, FakeClock(), unpublished)(actor) as work:
        work.invitations.add(invited)
        work.service_tokens.add(token)
        await work.commit(DONE)
    found = await directory.invitation(invited.token_digest)
    assert found
    assert (found.tenant_id, found.tenant_name, found.id, found.email, found.role, found.has_account) == (
        *(actor.tenant_id, "Acme", invited.id),
        *(invited.email.address, Role.PLANNER, False),
    )
    standing = await directory.service_token(token.token_digest)
    assert standing
    assert (standing.tenant_id, standing.id, standing.user_id) == (actor.tenant_id, token.id, actor.user_id)
    for unknown in ("", "of nothing", token.token_digest):
        assert await directory.invitation(unknown) is None
    for unknown in ("", "of nothing", invited.token_digest):
        assert await directory.service_token(unknown) is None


async def test_an_invitation_says_whether_its_address_has_an_account(
    directory: PostgresDirectory, engine: AsyncEngine, tenant: NewActor
) -> None:
    actor, rows = await tenant(), await Rows.of_new_tenant(engine)
    invited, _ = invitation(actor, f"{rows.user_id}@example.com")
    async with PostgresWork(engine, FakeClock(), unpublished)(actor) as work:
        work.invitations.add(invited)
        await work.commit(DONE)
    found = await directory.invitation(invited.token_digest)
    assert found
    assert found.has_account


async def test_every_tenant_that_is_not_erased(directory: PostgresDirectory, engine: AsyncEngine) -> None:
    kept, suspended, erased = [await Rows.of_new_tenant(engine) for _ in range(3)]
    await suspended.change(tables.tenants, suspended.tenant_id, status=TenantStatus.SUSPENDED)
    await erased.change(tables.tenants, erased.tenant_id, status=TenantStatus.ERASED)
    found = set(await directory.all_tenants())
    assert {kept.tenant_id, suspended.tenant_id} <= found
    assert erased.tenant_id not in found
    gone = set(await directory.erased_tenants())
    assert erased.tenant_id in gone
    assert not gone & found
