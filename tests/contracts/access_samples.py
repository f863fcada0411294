"""People, invitations, tokens, grants and approvals to be stored, with what a test doesn't care about filled in."""

from datetime import datetime, timedelta

from domain.approvals import Approval, Request
from domain.changes import Change
from domain.delegations import Delegation, DelegationKind
from domain.grants import CampaignGrant
from domain.ids import CampaignId, ServiceTokenId, SessionId, TurnId, UserId, new_id
from domain.invitations import Invitation, new_invitation_id
from domain.money import Money
from domain.service_tokens import ServiceToken
from domain.tenants import Membership, Permission, Role
from domain.users import Email, User
from services.actor import Actor
from services.unit_of_work import Begin
from tests.contracts.samples import DONE, NOW

LATER = NOW + timedelta(days=30)


def person(name: str = "Ben") -> User:
    return User.register(Email.of(f"{new_id()}@example.com"), name, "hash", NOW)


async def new_member(begin: Begin, actor: Actor, role: Role = Role.VIEWER) -> User:
    """Somebody without an account before, in the actor's tenant."""
    user = person()
    membership, joined = Membership.join(actor.tenant_id, user.id, role, NOW)
    async with begin(actor) as work:
        await work.people.add(user)
        work.members.add(membership)
        await work.commit(DONE, joined)
    return user


def invitation(actor: Actor, address: str | None = None, now: datetime = NOW) -> tuple[Invitation, Change]:
    email = Email.of(address or f"{new_id()}@example.com")
    digest = f"digest of {new_id()}"
    return Invitation.write(
        new_invitation_id(), actor.tenant_id, email, Role.PLANNER, digest, by=actor.user_id, by_role=Role.OWNER, now=now
    )


def service_token(actor: Actor, user_id: UserId | None = None) -> tuple[ServiceToken, Change]:
    return ServiceToken.write(
        ServiceTokenId(new_id()),
        actor.tenant_id,
        "Nightly import",
        [Permission.PERFORMANCE_IMPORT, Permission.CAMPAIGN_READ],
        f"digest of {new_id()}",
        by=user_id or actor.user_id,
        rights=Role.OWNER.permissions,
        expires_at=LATER,
        now=NOW,
    )


def grant(actor: Actor, user_id: UserId, campaign_id: CampaignId) -> tuple[CampaignGrant, Change]:
    return CampaignGrant.give(
        actor.tenant_id, user_id, campaign_id, Role.PLANNER, by=actor.user_id, now=NOW, expires_at=LATER
    )


def delegation(actor: Actor, user_id: UserId, cap: Money | None) -> tuple[Delegation, Change]:
    return Delegation.give(
        actor.tenant_id,
        user_id,
        DelegationKind.FULL,
        cap,
        ["DE", "日本"],
        by=actor.user_id,
        now=NOW,
        expires_at=LATER,
    )


def approval(
    actor: Actor,
    *,
    amount: Money | None = None,
    session_id: SessionId | None = None,
    turn_id: TurnId | None = None,
    now: datetime = NOW,
) -> tuple[Approval, Change]:
    request = Request("campaign.move", {"move": "launch", "note": "Größe 🌷"}, amount, ["DE", "日本"], {"campaign": 3})
    return Approval.ask(actor.tenant_id, request, by=actor.user_id, now=now, session_id=session_id, turn_id=turn_id)
