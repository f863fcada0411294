"""Entering a tenant: what may somebody who is signed in do there?"""

from datetime import datetime

from domain.errors import Forbidden, NotFound
from domain.grants import OF_A_CAMPAIGN
from domain.ids import TenantId, UserId
from domain.tenants import TenantStatus
from services.access_views import Standing
from services.actor import NO_ORIGIN, Actor, Origin
from services.ports import Clock
from services.queries import Directory


class SignIn:
    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    async def enter(self, user_id: UserId, tenant_id: TenantId, origin: Origin = NO_ORIGIN) -> Actor:
        """The actor this user is in the tenant. NotFound without a membership, Forbidden while it is suspended."""
        return actor_of(await self.standing(user_id, tenant_id), user_id, tenant_id, self._clock.now(), origin)

    async def standing(self, user_id: UserId, tenant_id: TenantId) -> Standing:
        """Raises NotFound without a membership, or once the tenant is erased."""
        return await standing_in(self._directory, user_id, tenant_id)


async def standing_in(directory: Directory, user_id: UserId, tenant_id: TenantId) -> Standing:
    """Raises NotFound without a membership, or once the tenant is erased."""
    standing = await directory.standing(user_id, tenant_id)
    if standing is None or standing.status is TenantStatus.ERASED:
        raise NotFound("There is no such tenant.", code="tenant_not_found")
    return standing


def actor_of(standing: Standing, user_id: UserId, tenant_id: TenantId, now: datetime, origin: Origin) -> Actor:
    """Raises Forbidden `tenant_suspended`."""
    if standing.status is TenantStatus.SUSPENDED:
        raise Forbidden(f"{standing.tenant_name} is suspended; its data is kept.", code="tenant_suspended")
    grants = {
        grant.campaign_id: grant.role.permissions & OF_A_CAMPAIGN
        for grant in standing.grants
        if grant.expires_at is None or now < grant.expires_at
    }
    return Actor(tenant_id, user_id, standing.role.permissions, origin, grants)
