"""Approving a plan: what is approved is one version of it, with its total. A later version needs approval again."""

from domain.approvals import Request
from domain.campaigns import Campaign
from domain.ids import CampaignId
from domain.plans.media_plans import MediaPlan
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.campaigns import view_in
from services.clearance import clear
from services.ports import Clock
from services.queries import CampaignView
from services.unit_of_work import Begin


class PlanApproval:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def submit(self, actor: Actor, campaign_id: CampaignId) -> CampaignView:
        """Approved at once where the delegation covers the plan's total; else raises ApprovalNeeded."""
        authorize(actor, Permission.PLAN_SUBMIT, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(CampaignView):
                return done
            campaign = await work.campaigns.get(campaign_id)
            plan = await work.plans.of_campaign(campaign_id)
            request = _request(campaign, plan)
            change = campaign.plan_approved(known=plan.is_approved)
            cleared = await clear(work, actor, request, self._clock.now())
            return await work.commit(await view_in(work, campaign), change, plan.approve(), cleared)


def _request(campaign: Campaign, plan: MediaPlan) -> Request:
    return Request(
        action="plan.approve",
        arguments={"campaign_id": str(campaign.id)},
        amount=plan.current.total,
        markets=campaign.markets,
        versions={"campaign": campaign.version, "plan": plan.current.number},
    )
