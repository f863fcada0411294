"""Tenants: found another one, change its settings, suspend it and let it go on."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from domain.delegations import Delegation, DelegationKind
from domain.errors import Forbidden, InvalidInput, StaleVersion
from domain.ids import TenantId, UserId
from domain.tenants import Membership, Permission, Role, Tenant, TenantProfile, TenantSettings, Weekday
from services.access_views import SettingsView, TenantView
from services.actor import NO_ORIGIN, Actor, Origin, authorize, must_be_in_person
from services.amounts import Amount
from services.commands import Command
from services.ports import Clock
from services.queries import Directory
from services.sign_in import standing_in
from services.unit_of_work import Begin

Short = Annotated[str, Field(min_length=2, max_length=64)]


class FoundTenant(Command):
    name: Annotated[str, Field(min_length=1, max_length=200)]


class ChangeSettings(Command):
    """Fields left out stay as they are."""

    locale: Short | None = None
    timezone: Short | None = None
    default_currency: Short | None = None
    week_start: Weekday | None = None
    fiscal_year_start: int | None = Field(default=None, ge=1, le=12)
    self_approval_limit: Amount | None = Field(
        default=None,
        description="Up to this, in the default currency, people approve what they asked for themselves. "
        "Another default currency without a limit of its own: none.",
    )


class Tenants:
    def __init__(self, begin: Begin, directory: Directory, clock: Clock) -> None:
        self._begin = begin
        self._directory = directory
        self._clock = clock

    async def create(self, user_id: UserId, command: FoundTenant, origin: Origin = NO_ORIGIN) -> TenantView:
        """Its first owner is who founds it: somebody who owns another one already, else Forbidden `owner_only`."""
        if not any(one.role is Role.OWNER for one in await self._directory.tenants_of(user_id)):
            raise Forbidden("Only somebody who owns a workspace founds another one.", code="owner_only")
        now = self._clock.now()
        tenant = Tenant.found(command.name, now)
        owner, joined = Membership.join(tenant.id, user_id, Role.OWNER, now)
        delegation, given = Delegation.give(tenant.id, user_id, DelegationKind.FULL, None, [], by=user_id, now=now)
        async with self._begin(Actor(tenant.id, user_id, owner.role.permissions, origin)) as work:
            await work.members.found(tenant, TenantProfile(tenant.id), owner)
            work.delegations.add(delegation)
            return await work.commit(_view(tenant), tenant.founded(), joined, given)

    async def change_settings(
        self, actor: Actor, command: ChangeSettings, *, expected: int | None = None
    ) -> SettingsView:
        """Who may approve their own requests is for a person to say: else Forbidden `person_required`."""
        authorize(actor, Permission.SETTINGS_WRITE)
        if command.self_approval_limit is not None:
            must_be_in_person(actor)
        async with self._begin(actor) as work:
            if done := await work.earlier(SettingsView):
                return done
            profile = await work.members.profile()
            if expected is not None and expected != profile.version:
                raise StaleVersion(
                    f"The settings are at version {profile.version} by now, not {expected}.",
                    current=profile.version,
                )
            change = profile.adopt(_changed(profile.settings, command))
            view = SettingsView(
                tenant_name=await work.members.tenant_name(),
                settings=profile.settings,
                version=profile.version,
            )
            return await work.commit(view, change)

    async def suspend(self, actor: Actor) -> TenantView:
        """Nobody enters any more, from the next request on; everything is kept."""
        authorize(actor, Permission.TENANT_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(TenantView):
                return done
            tenant = await work.members.tenant()
            change = tenant.suspend()
            return await work.commit(_view(tenant), change)

    async def resume(self, user_id: UserId, tenant_id: TenantId, origin: Origin = NO_ORIGIN) -> TenantView:
        """For an owner, who can't enter meanwhile: so this asks for a user and not for an actor."""
        standing = await standing_in(self._directory, user_id, tenant_id)
        actor = Actor(tenant_id, user_id, standing.role.permissions, origin)
        authorize(actor, Permission.TENANT_MANAGE)
        async with self._begin(actor) as work:
            tenant = await work.members.tenant()
            change = tenant.resume()
            return await work.commit(_view(tenant), change)


def _changed(before: TenantSettings, command: ChangeSettings) -> TenantSettings:
    changes = command.model_dump(exclude_none=True, exclude={"self_approval_limit"})
    after = replace(before, **changes)
    same_currency = after.default_currency == before.default_currency
    limit = before.self_approval_limit_minor if same_currency else 0
    if command.self_approval_limit is not None:
        money = command.self_approval_limit.money()
        if money.currency != after.default_currency:
            raise InvalidInput(
                f"The limit is in the default currency, {after.default_currency}.",
                code="currency_mismatch",
                field="self_approval_limit",
            )
        limit = money.minor
    return replace(after, self_approval_limit_minor=limit)


def _view(tenant: Tenant) -> TenantView:
    return TenantView.model_validate(tenant)
