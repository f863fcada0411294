"""Grants: a role in one campaign, beside what a member is in the tenant."""

from pydantic import AwareDatetime

from domain.approvals import Request
from domain.campaigns import Campaign
from domain.grants import OF_A_CAMPAIGN, CampaignGrant
from domain.ids import CampaignId, GrantId, UserId
from domain.tenants import Permission, Role
from domain.users import User
from services.access_views import GrantView
from services.actor import Actor, authorize, must_hold
from services.clearance import clear
from services.commands import Command
from services.ports import Clock
from services.unit_of_work import Begin


class GiveGrant(Command):
    user_id: UserId
    campaign_id: CampaignId
    role: Role
    expires_at: AwareDatetime | None = None


class Grants:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def give(self, actor: Actor, command: GiveGrant) -> GrantView:
        """In place of the one that the member had for the campaign. Raises Forbidden `beyond_own`, NotFound
        `member_not_found`, `campaign_not_found`, InvalidInput `bad_role`, `bad_expiry`.
        """
        authorize(actor, Permission.GRANT_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(GrantView):
                return done
            member = await work.members.get(command.user_id)
            campaign, now = await work.campaigns.get(command.campaign_id), self._clock.now()
            grant, given = CampaignGrant.give(
                actor.tenant_id,
                member.user_id,
                campaign.id,
                command.role,
                by=actor.user_id,
                now=now,
                expires_at=command.expires_at,
            )
            must_hold(actor, grant.role.permissions & OF_A_CAMPAIGN, campaign.id)
            asked = Request("grant.give", command.model_dump(mode="json"), None, [], {})
            cleared = await clear(work, actor, asked, now)
            withdrawn = None
            if earlier := await work.grants.find(member.user_id, campaign.id):
                await work.grants.remove(earlier)
                withdrawn = earlier.withdrawn()
            work.grants.add(grant)
            view = _view(grant, campaign, await work.people.get(member.user_id))
            return await work.commit(view, withdrawn, given, cleared)

    async def withdraw(self, actor: Actor, grant_id: GrantId) -> GrantView:
        authorize(actor, Permission.GRANT_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(GrantView):
                return done
            grant = await work.grants.get(grant_id)
            campaign, person = await work.campaigns.get(grant.campaign_id), await work.people.get(grant.user_id)
            await work.grants.remove(grant)
            return await work.commit(_view(grant, campaign, person), grant.withdrawn())


def _view(grant: CampaignGrant, campaign: Campaign, person: User) -> GrantView:
    return GrantView(
        id=grant.id,
        user_id=person.id,
        user_name=person.name,
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        role=grant.role,
        granted_by=grant.granted_by,
        created_at=grant.created_at,
        expires_at=grant.expires_at,
    )
