"""The tenant itself as read models: its members, its settings, and what an agent is told about its surroundings."""

from dataclasses import fields
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, and_, bindparam, func, select

from domain.channels import Channel
from domain.errors import InvalidInput, NotFound
from domain.ids import CampaignId, SessionId, UserId
from domain.tenants import Permission, TenantSettings
from server.postgres.campaign_queries import ADVERTISER_NAME, campaign_view
from server.postgres.plan_tables import media_plans, plan_lines
from server.postgres.statements import Row, Statement
from server.postgres.tables import campaigns, memberships, sessions, tenant_profiles, tenants, users
from server.postgres.tenant_reader import AnySelect, TenantReader
from server.postgres.transaction import begun
from server.postgres.turn_statements import USED
from services.access_views import MemberView, SettingsView
from services.actor import Actor, authorize
from services.budgets import Usage
from services.queries import Opening, SessionContext

_TENANT, _CAMPAIGN = bindparam("tenant", type_=Uuid), bindparam("campaign", type_=Uuid)
_ACTIVE = (
    select(sessions.c.active_campaign_id)
    .where(sessions.c.tenant_id == _TENANT, sessions.c.id == bindparam("session", type_=Uuid))
    .scalar_subquery()
)


def _channels(campaign: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of the campaign's current plan version, in the plan's order."""
    of_current = and_(
        media_plans.c.tenant_id == plan_lines.c.tenant_id,
        media_plans.c.current_version_id == plan_lines.c.version_id,
    )
    found = (
        select(plan_lines.c.channel)
        .join(media_plans, of_current)
        .where(media_plans.c.tenant_id == _TENANT, media_plans.c.campaign_id == campaign)
        .order_by(plan_lines.c.position)
    )
    return func.array(found.scalar_subquery(), type_=ARRAY(Text)).label("channels")


_OF_TENANT = tenant_profiles.c
_PROFILE = (
    select(
        tenants.c.name.label("tenant_name"),
        _OF_TENANT.locale,
        _OF_TENANT.timezone,
        _OF_TENANT.default_currency,
        _OF_TENANT.week_start,
        _OF_TENANT.fiscal_year_start,
        _OF_TENANT.self_approval_limit_minor,
        _OF_TENANT.version.label("profile_version"),
    )
    .select_from(tenants)
    .join(tenant_profiles, _OF_TENANT.tenant_id == tenants.c.id)
    .where(tenants.c.id == _TENANT)
)
_SETTINGS = Statement(_PROFILE)


def _surroundings(campaign: ColumnElement[Any]) -> Statement:
    return Statement(
        _PROFILE.add_columns(users.c.name.label("user_name"), _channels(campaign), campaigns, ADVERTISER_NAME)
        .join(users, users.c.id == bindparam("user", type_=Uuid))
        .outerjoin(campaigns, and_(campaigns.c.tenant_id == tenants.c.id, campaigns.c.id == campaign))
    )


_SURROUNDINGS, _OF_SESSION = _surroundings(_CAMPAIGN), _surroundings(_ACTIVE)


class TenantQueries(TenantReader):
    async def members(self, actor: Actor) -> list[MemberView]:
        """By name."""
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = _members(actor).order_by(users.c.name, users.c.id)
        return [MemberView.model_validate(row) for row in await self._rows(actor.tenant_id, statement)]

    async def member(self, actor: Actor, user_id: UserId) -> MemberView:
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = _members(actor).where(memberships.c.user_id == user_id)
        return MemberView.model_validate(await self._row(actor.tenant_id, statement, _no_member()))

    async def member_named(self, actor: Actor, text: str) -> MemberView:
        said = " ".join(text.casefold().split())
        members = await self.members(actor)
        for meant in (_exactly, _in_part):
            found = [member for member in members if said and meant(member, said)]
            if len(found) == 1:
                return found[0]
            if found:
                named = ", ".join(f"{member.name} ({member.email})" for member in found[:5])
                raise InvalidInput(f"Several members match “{text}”: {named}. Which one?", code="ambiguous")
        raise _no_member()

    async def settings(self, actor: Actor) -> SettingsView:
        authorize(actor, Permission.CAMPAIGN_READ)
        row = await self._made_row(actor.tenant_id, _SETTINGS, _no_tenant(), {"tenant": actor.tenant_id})
        return SettingsView(tenant_name=row.tenant_name, settings=_settings(row), version=row.profile_version)

    async def session_context(self, actor: Actor, campaign_id: CampaignId | None) -> SessionContext:
        """A campaign that is gone is no campaign: the conversation goes on without it."""
        authorize(actor, Permission.SESSION_USE)
        values = {"tenant": actor.tenant_id, "user": actor.user_id, "campaign": campaign_id}
        return _context(await self._made_row(actor.tenant_id, _SURROUNDINGS, _no_tenant(), values))

    async def opening(self, actor: Actor, session_id: SessionId, now: datetime) -> Opening:
        authorize(actor, Permission.SESSION_USE)
        values = {"tenant": actor.tenant_id, "user": actor.user_id, "session": session_id}
        async with begun(self._engine, actor.tenant_id, reading=True) as transaction:
            row = await transaction.row(_OF_SESSION, values)
            if row is None:
                raise _no_tenant()
            around = _context(SimpleNamespace(**row))
            today = now.astimezone(around.settings.zone).replace(hour=0, minute=0, second=0, microsecond=0)
            used = await transaction.row(USED, {**values, "midnight": today})
        assert used, "a sum always has a row"
        return Opening(around=around, used_in_session=_usage(used, "session"), used_today=_usage(used, "day"))


def _members(actor: Actor) -> AnySelect:
    return (
        select(memberships.c.user_id, users.c.name, users.c.email, memberships.c.role, memberships.c.version)
        .join(users, users.c.id == memberships.c.user_id)
        .where(memberships.c.tenant_id == actor.tenant_id)
    )


def _exactly(member: MemberView, said: str) -> bool:
    return said in (str(member.user_id), member.email, member.name.casefold())


def _in_part(member: MemberView, said: str) -> bool:
    """Some of the words of the name, from their beginning: “bob”, “bob mc”."""
    words = member.name.casefold().split()
    return all(any(word.startswith(one) for word in words) for one in said.split())


def _context(row: SimpleNamespace) -> SessionContext:
    return SessionContext(
        tenant_name=row.tenant_name,
        user_name=row.user_name,
        settings=_settings(row),
        campaign=campaign_view(row) if row.id else None,
        channels_of_plan=[Channel(channel) for channel in row.channels],
    )


def _usage(row: Row, of: str) -> Usage:
    return Usage(**{one.name: int(row[f"{of}_{one.name}"]) for one in fields(Usage)})


def _settings(row: SimpleNamespace) -> TenantSettings:
    return TenantSettings(
        locale=row.locale,
        timezone=row.timezone,
        default_currency=row.default_currency,
        week_start=row.week_start,
        fiscal_year_start=row.fiscal_year_start,
        self_approval_limit_minor=row.self_approval_limit_minor,
    )


def _no_member() -> NotFound:
    return NotFound("There is no such member.", code="member_not_found")


def _no_tenant() -> NotFound:
    return NotFound("There is no such tenant.", code="tenant_not_found")
