"""The workspace agent's tools for people: invitations, roles, membership, and roles in one campaign."""

from collections.abc import AsyncIterator
from datetime import date

from pydantic import Field

from agents.approval_outcomes import said_of
from agents.tools import Call, Effect, Nothing, OfCampaign, Offered, Said, campaign_meant, offer
from agents.workspace.people import end_of, member_meant
from agents.workspace.people_answers import grants_block, grants_text, invitations_block, invitations_text
from domain.errors import NotFound
from domain.ids import UserId
from domain.tenants import Permission, Role
from services.access_views import GrantView, InvitationView
from services.actions import ChangeRoleAction, GiveGrantAction, InviteAction, RemoveMemberAction
from services.actor import Actor
from services.application import Application
from services.commands import Command
from services.read_models import PageRequest

AGENT = "workspace"
_PAGE = 200


class Inviting(Command):
    email: str = Field(min_length=3, max_length=254, description="Whom to invite; a letter with a link goes there.")
    as_role: Role


class Invited(Command):
    email: str = Field(min_length=3, max_length=254)


class OfMember(Command):
    member: str = Field(min_length=1, max_length=200, description="A member's name or e-mail address.")


class Becoming(OfMember):
    as_role: Role


class Granting(OfMember, OfCampaign):
    as_role: Role = Field(description="What the member becomes in this one campaign, beside the role in the workspace.")
    last_day: date | None = Field(default=None, description="The last day it holds; left out: no end.")


class InCampaign(OfMember, OfCampaign):
    pass


class PeopleTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def invite_member(self, call: Call[Inviting]) -> Said:
        """Invite somebody into this workspace by e-mail, in a role. They join with the link in the letter."""
        action = InviteAction(email=call.arguments.email, role=call.arguments.as_role)
        return said_of(await self._app.approvals.perform(call.actor, action))

    async def list_invitations(self, call: Call[Nothing]) -> Said:
        """Invitations that were sent and that nobody has accepted yet."""
        found = [one async for one in self._open(call.actor)]
        return Said(invitations_text(found), invitations_block(found))

    async def revoke_invitation(self, call: Call[Invited]) -> Said:
        """Withdraw an open invitation: its link no longer lets anybody in."""
        email = call.arguments.email.strip().lower()
        async for invitation in self._open(call.actor):
            if invitation.email == email:
                await self._app.members.revoke_invitation(call.actor, invitation.id)
                return Said(f"The invitation of {email} is withdrawn.")
        raise NotFound(f"No open invitation is for {email}.", code="invitation_not_found", field="email")

    async def change_member_role(self, call: Call[Becoming]) -> Said:
        """Give a member another role in the workspace: viewer, analyst, planner, admin or owner."""
        member = await member_meant(self._app.queries, call.actor, call.arguments.member)
        action = ChangeRoleAction(user_id=member.user_id, role=call.arguments.as_role)
        return said_of(await self._app.approvals.perform(call.actor, action))

    async def remove_member(self, call: Call[OfMember]) -> Said:
        """Take a member out of the workspace, with their delegation, roles in campaigns and service tokens."""
        member = await member_meant(self._app.queries, call.actor, call.arguments.member)
        return said_of(await self._app.approvals.perform(call.actor, RemoveMemberAction(user_id=member.user_id)))

    async def grant_campaign_role(self, call: Call[Granting]) -> Said:
        """Give a member a role in one campaign: somebody who may only look can plan this one."""
        asked, queries = call.arguments, self._app.queries
        campaign = await campaign_meant(queries, call, asked.campaign)
        action = GiveGrantAction(
            user_id=(await member_meant(queries, call.actor, asked.member)).user_id,
            campaign_id=campaign,
            role=asked.as_role,
            expires_at=await end_of(queries, call.actor, asked.last_day),
        )
        return said_of(await self._app.approvals.perform(call.actor, action))

    async def withdraw_campaign_role(self, call: Call[InCampaign]) -> Said:
        """Take a member's role in one campaign back; the role in the workspace stays."""
        asked, queries = call.arguments, self._app.queries
        campaign = await campaign_meant(queries, call, asked.campaign)
        member = await member_meant(queries, call.actor, asked.member)
        async for grant in self._grants(call.actor, member.user_id):
            if grant.campaign_id == campaign:
                await self._app.grants.withdraw(call.actor, grant.id)
                text = f"{grant.user_name} is no longer {grant.role} of “{grant.campaign_name}”."
                return Said(text, about=campaign)
        raise NotFound(
            f"{member.name} has no role of their own in this campaign.", code="grant_not_found", field="member"
        )

    async def list_grants(self, call: Call[OfCampaign]) -> Said:
        """Which members have a role of their own in which campaign."""
        only = (
            await campaign_meant(self._app.queries, call, call.arguments.campaign) if call.arguments.campaign else None
        )
        found = [one async for one in self._grants(call.actor) if only in (None, one.campaign_id)]
        return Said(grants_text(found), grants_block(found), only)

    async def _open(self, actor: Actor) -> AsyncIterator[InvitationView]:
        now = self._app.clock.now()
        page = await self._app.queries.invitations(actor, PageRequest(limit=_PAGE))
        while True:
            for one in page.items:
                if one.accepted_at is None and one.revoked_at is None and now < one.expires_at:
                    yield one
            if page.next_cursor is None:
                return
            page = await self._app.queries.invitations(actor, PageRequest(limit=_PAGE, cursor=page.next_cursor))

    async def _grants(self, actor: Actor, user_id: UserId | None = None) -> AsyncIterator[GrantView]:
        page = await self._app.queries.grants(actor, PageRequest(limit=_PAGE), user_id)
        while True:
            for one in page.items:
                yield one
            if page.next_cursor is None:
                return
            page = await self._app.queries.grants(actor, PageRequest(limit=_PAGE, cursor=page.next_cursor), user_id)


def people_tools(application: Application) -> list[Offered]:
    do = PeopleTools(application)
    return [
        offer(AGENT, do.invite_member, Inviting, Permission.MEMBER_MANAGE, Effect.EGRESS),
        offer(AGENT, do.list_invitations, Nothing, Permission.MEMBER_MANAGE, Effect.READ),
        offer(AGENT, do.revoke_invitation, Invited, Permission.MEMBER_MANAGE, Effect.COMMIT),
        offer(AGENT, do.change_member_role, Becoming, Permission.MEMBER_MANAGE, Effect.COMMIT),
        offer(AGENT, do.remove_member, OfMember, Permission.MEMBER_MANAGE, Effect.DELETE),
        offer(AGENT, do.grant_campaign_role, Granting, Permission.GRANT_MANAGE, Effect.COMMIT),
        offer(AGENT, do.withdraw_campaign_role, InCampaign, Permission.GRANT_MANAGE, Effect.COMMIT),
        offer(AGENT, do.list_grants, OfCampaign, Permission.GRANT_MANAGE, Effect.READ),
    ]
