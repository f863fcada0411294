"""Who asks, and the one check of what they may."""

from dataclasses import dataclass, replace
from uuid import UUID

from domain.errors import Forbidden
from domain.ids import TenantId, TurnId, UserId
from domain.tenants import Permission


@dataclass(frozen=True, slots=True)
class Origin:
    """Through which agent's tool call, or which request, a command came."""

    effect_key: str | None = None  # the same key never has its effect twice
    agent: str | None = None
    turn_id: TurnId | None = None
    request_id: str | None = None


NO_ORIGIN = Origin()


@dataclass(frozen=True, slots=True)
class Actor:
    tenant_id: TenantId
    user_id: UserId
    permissions: frozenset[Permission]
    origin: Origin = NO_ORIGIN

    def through(self, origin: Origin) -> "Actor":
        return replace(self, origin=origin)


def authorize(actor: Actor, permission: Permission) -> None:
    """Deny by default. Raises Forbidden, naming the permission that is missing."""
    if permission not in actor.permissions:
        raise Forbidden(f"This needs the right {permission}.", code="not_permitted", permission=permission)


def system_actor(tenant_id: TenantId) -> Actor:
    """The product's own bookkeeping in a tenant (leases, job progress). It has no rights that a person would need."""
    return Actor(tenant_id, UserId(UUID(int=0)), frozenset())
