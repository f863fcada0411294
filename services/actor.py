"""Who asks, and the one check of what they may."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.errors import Forbidden
from domain.ids import ApprovalId, CampaignId, ServiceTokenId, SessionId, TenantId, TurnId, UserId
from domain.tenants import Permission


@dataclass(frozen=True, slots=True)
class Origin:
    """Through which agent's tool call, request, token or approval a command came."""

    effect_key: str | None = None  # the same key never has its effect twice
    agent: str | None = None
    turn_id: TurnId | None = None
    request_id: str | None = None
    trace_id: str | None = None
    session_id: SessionId | None = None
    model: str | None = None
    prompt: str | None = None  # digest of the agent's prompt
    service_token_id: ServiceTokenId | None = None
    approval_id: ApprovalId | None = None
    reading: bool = False  # the database itself then refuses every write
    proposing: bool = False  # what needs clearance is then asked for, never done


NO_ORIGIN = Origin()


@dataclass(frozen=True, slots=True)
class Actor:
    tenant_id: TenantId
    user_id: UserId
    permissions: frozenset[Permission]
    origin: Origin = NO_ORIGIN
    grants: Mapping[CampaignId, frozenset[Permission]] = field(default_factory=dict, hash=False)  # beside those

    def through(self, origin: Origin) -> "Actor":
        return replace(self, origin=origin)

    def only_reading(self) -> "Actor":
        return self.through(replace(self.origin, reading=True))

    def only(self, permissions: Collection[Permission]) -> "Actor":
        """With none but these of the rights."""
        grants = {campaign: rights.intersection(permissions) for campaign, rights in self.grants.items()}
        return replace(self, permissions=self.permissions.intersection(permissions), grants=grants)

    def may(self, permission: Permission, campaign_id: CampaignId | None = None) -> bool:
        if permission in self.permissions:
            return True
        return campaign_id is not None and permission in self.grants.get(campaign_id, ())

    @property
    def somewhere(self) -> frozenset[Permission]:
        """What the actor may do in the tenant or in at least one campaign."""
        return self.permissions.union(*self.grants.values())


def authorize(actor: Actor, permission: Permission, campaign_id: CampaignId | None = None) -> None:
    """The one check. Deny by default; a right in the campaign counts as well as one in the whole tenant.

    Raises Forbidden `not_permitted`, naming the permission that is missing.
    """
    if not actor.may(permission, campaign_id):
        about = {"campaign_id": str(campaign_id)} if campaign_id else {}
        raise Forbidden(f"This needs the right {permission}.", code="not_permitted", permission=permission, **about)


def must_hold(actor: Actor, rights: frozenset[Permission], campaign_id: CampaignId | None = None) -> None:
    """Nobody hands on rights they lack. Raises Forbidden `beyond_own`, naming those that are missing."""
    if beyond := sorted(right for right in rights if not actor.may(right, campaign_id)):
        raise Forbidden("You can't give rights that you lack.", code="beyond_own", permissions=beyond)


def must_be_in_person(actor: Actor) -> None:
    """Raises Forbidden `person_required` for an agent and for a service token, whatever rights their person has."""
    if actor.origin.agent is not None or actor.origin.service_token_id is not None:
        raise Forbidden("Only a person does this, with their own hands.", code="person_required")


def system_actor(tenant_id: TenantId) -> Actor:
    """The product's own bookkeeping in a tenant (leases, job progress). It has no rights that a person would need."""
    return Actor(tenant_id, UserId(UUID(int=0)), frozenset())
