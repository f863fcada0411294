"""Who belongs to a tenant, who was invited, what is granted, which tokens there are."""

from collections.abc import Awaitable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import DomainError, Forbidden, InvalidInput
from domain.ids import CampaignId, GrantId, InvitationId, ServiceTokenId, UserId, new_id
from domain.tenants import Permission, Role
from server.postgres import access_tables
from server.postgres.queries import PostgresQueries
from services.access_views import GrantView, InvitationView, ServiceTokenView
from services.actor import Actor
from services.read_models import PageRequest
from tests.server.postgres.rows import NOW, Rows

ALL = PageRequest()


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine)


@pytest.fixture
def owner(rows: Rows) -> Actor:
    return Actor(rows.tenant_id, rows.user_id, Role.OWNER.permissions)


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


async def test_a_member_by_id(queries: PostgresQueries, rows: Rows, engine: AsyncEngine) -> None:
    bob = await _member(rows, "Bob", Role.PLANNER)
    view = await queries.member(rows.actor, bob)
    assert (view.user_id, view.name, view.email, view.role, view.version) == (
        *(bob, "Bob", f"{bob}@example.com"),
        *(Role.PLANNER, 1),
    )
    stranger = await Rows.of_new_tenant(engine)
    for user_id in (stranger.user_id, UserId(new_id())):
        assert await _code(queries.member(rows.actor, user_id)) == "member_not_found"


async def test_a_member_by_what_they_are_called(queries: PostgresQueries, rows: Rows, engine: AsyncEngine) -> None:
    bob, jane = await _member(rows, "Bob Marley"), await _member(rows, "Jane  Ó Doe")
    await Rows.of_new_tenant(engine)
    for text, meant in (
        (str(bob), bob),
        (f" {bob}@Example.com ", bob),
        ("bob marley", bob),
        ("BOB", bob),
        ("marley bo", bob),
        ("jane", jane),
        ("ó doe", jane),
        ("Ada", rows.user_id),
    ):
        assert (await queries.member_named(rows.actor, text)).user_id == meant, text
    for text in ("", "  ", "ob", "bob jones", str(new_id()), "@example.com"):
        assert await _code(queries.member_named(rows.actor, text)) == "member_not_found", text


async def test_namesakes_are_asked_about(queries: PostgresQueries, rows: Rows) -> None:
    for name in ("Bob Marley", "Bob Dylan", "Eve", "Eve"):
        await _member(rows, name)
    for text in ("bob", "eve"):
        with pytest.raises(InvalidInput) as asked:
            await queries.member_named(rows.actor, text)
        assert asked.value.code == "ambiguous"
        assert "@example.com" in asked.value.message
    exact = await _member(rows, "Bob")
    assert (await queries.member_named(rows.actor, "bob")).user_id == exact


async def test_invitations_are_listed_latest_first_without_what_opens_them(
    queries: PostgresQueries, rows: Rows, owner: Actor, engine: AsyncEngine
) -> None:
    ids = [await _invitation(rows, hours) for hours in range(3)]
    await _invitation(await Rows.of_new_tenant(engine), 0)
    page = await queries.invitations(owner, PageRequest(limit=2))
    rest = await queries.invitations(owner, PageRequest(limit=2, cursor=page.next_cursor))
    assert [one.id for one in [*page.items, *rest.items]] == ids[::-1]
    assert rest.items == [
        InvitationView(
            id=ids[0],
            email="bob@example.com",
            role=Role.ANALYST,
            invited_by=rows.user_id,
            created_at=NOW,
            expires_at=NOW,
            accepted_at=None,
            revoked_at=NOW,
            version=2,
        )
    ]


async def test_grants_name_the_member_and_the_campaign(
    queries: PostgresQueries, rows: Rows, owner: Actor, engine: AsyncEngine
) -> None:
    spring, bob = await rows.campaign("Spring"), await _member(rows, "Bob")
    bobs = await _grant(rows, bob, spring, hours=0)
    adas = await _grant(rows, rows.user_id, spring, hours=1)
    stranger = await Rows.of_new_tenant(engine)
    await _grant(stranger, stranger.user_id, await stranger.campaign("Theirs"), hours=2)
    assert [one.id for one in (await queries.grants(owner, ALL)).items] == [adas, bobs]
    assert (await queries.grants(owner, ALL, bob)).items == [
        GrantView(
            id=bobs,
            user_id=bob,
            user_name="Bob",
            campaign_id=spring,
            campaign_name="Spring",
            role=Role.PLANNER,
            granted_by=rows.user_id,
            created_at=NOW,
            expires_at=None,
        )
    ]
    assert (await queries.grants(owner, ALL, stranger.user_id)).items == []


async def test_tokens_are_listed_without_themselves(
    queries: PostgresQueries, rows: Rows, owner: Actor, engine: AsyncEngine
) -> None:
    token = await _token(rows)
    await _token(await Rows.of_new_tenant(engine))
    assert (await queries.service_tokens(owner, ALL)).items == [
        ServiceTokenView(
            id=token,
            name="Report",
            scopes=[Permission.PLAN_READ],
            user_id=rows.user_id,
            created_at=NOW,
            expires_at=NOW,
            revoked_at=None,
            version=1,
        )
    ]


async def test_every_list_needs_its_right(queries: PostgresQueries, owner: Actor) -> None:
    for permission, question in (
        (Permission.MEMBER_MANAGE, queries.invitations),
        (Permission.GRANT_MANAGE, queries.grants),
        (Permission.TOKEN_MANAGE, queries.service_tokens),
    ):
        with pytest.raises(Forbidden) as refused:
            await question(owner.only(set(Permission) - {permission}), ALL)
        assert refused.value.details["permission"] == permission
    for asked in (queries.member(owner.only([]), owner.user_id), queries.member_named(owner.only([]), "Ada")):
        with pytest.raises(Forbidden):
            await asked


async def _member(rows: Rows, name: str, role: Role = Role.VIEWER) -> UserId:
    user_id = await rows.user(UserId(new_id()), name)
    await rows.member(user_id, role)
    return user_id


async def _invitation(rows: Rows, hours: int) -> InvitationId:
    invitation_id = InvitationId(new_id())
    await rows.insert(
        access_tables.invitations,
        tenant_id=rows.tenant_id,
        id=invitation_id,
        email="bob@example.com",
        role=Role.ANALYST,
        token_digest=f"digest of {invitation_id}",
        invited_by=rows.user_id,
        created_at=NOW + timedelta(hours=hours),
        expires_at=NOW,
        revoked_at=NOW,
        version=2,
    )
    return invitation_id


async def _grant(rows: Rows, user_id: UserId, campaign_id: CampaignId, *, hours: int) -> GrantId:
    grant_id = GrantId(new_id())
    await rows.insert(
        access_tables.campaign_grants,
        tenant_id=rows.tenant_id,
        id=grant_id,
        user_id=user_id,
        campaign_id=campaign_id,
        role=Role.PLANNER,
        granted_by=rows.user_id,
        created_at=NOW + timedelta(hours=hours),
        version=1,
    )
    return grant_id


async def _token(rows: Rows) -> ServiceTokenId:
    token_id = ServiceTokenId(new_id())
    await rows.insert(
        access_tables.service_tokens,
        tenant_id=rows.tenant_id,
        id=token_id,
        name="Report",
        scopes=[Permission.PLAN_READ],
        token_digest=f"digest of {token_id}",
        user_id=rows.user_id,
        created_at=NOW,
        expires_at=NOW,
        version=1,
    )
    return token_id


async def _code(tried: Awaitable[object]) -> str:
    try:
        await tried
    except DomainError as error:
        return error.code
    return "found"
