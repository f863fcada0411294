"""A campaign again: its facts on other dates, under a name of its own, and its plan flighted over them."""

from datetime import date, timedelta

from pydantic import Field

from domain.campaigns import Campaign, Flight
from domain.changes import Change
from domain.ids import CampaignId
from domain.plans.carrying import copied
from domain.plans.media_plans import MediaPlan
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.amounts import Amount
from services.campaigns import Name, view_in
from services.commands import Command
from services.plan_briefs import planning_brief
from services.plan_views import plan_view
from services.ports import Clock
from services.queries import CampaignView, PlanView
from services.read_models import ReadModel
from services.unit_of_work import Begin, UnitOfWork

_LONGEST_NAME = 200


class CopyCampaign(Command):
    """What is left out is as in the campaign that is copied."""

    name: Name | None = Field(default=None, description="Left out: its name and “(copy)”.")
    start: date | None = Field(default=None, description="Without an end the copy runs as many days.")
    end: date | None = None
    budget: Amount | None = Field(default=None, description="The plan's amounts follow in proportion.")
    with_plan: bool = True


class CopiedCampaign(ReadModel):
    campaign: CampaignView
    plan: PlanView | None


class CampaignCopies:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def copy(self, actor: Actor, campaign_id: CampaignId, command: CopyCampaign) -> CopiedCampaign:
        authorize(actor, Permission.CAMPAIGN_WRITE)
        authorize(actor, Permission.CAMPAIGN_READ, campaign_id)
        if command.with_plan:
            authorize(actor, Permission.PLAN_READ, campaign_id)
            authorize(actor, Permission.PLAN_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(CopiedCampaign):
                return done
            original = await work.campaigns.get(campaign_id)
            name = command.name or await _free_name(work, original.name)
            campaign, created = self._again(actor, original, command, name)
            work.campaigns.add(campaign)
            plan, saved = await self._plan_again(work, actor, original, campaign) if command.with_plan else (None, None)
            moved = campaign.plan_saved() if plan else None
            view = plan_view(campaign, plan) if plan else None
            seen = await view_in(work, campaign)
            return await work.commit(CopiedCampaign(campaign=seen, plan=view), created, saved, moved)

    def _again(self, actor: Actor, original: Campaign, command: CopyCampaign, name: str) -> tuple[Campaign, Change]:
        return Campaign.create(
            actor.tenant_id,
            name,
            original.objective,
            command.budget.money() if command.budget else original.budget,
            _flight(original.flight, command),
            by=actor.user_id,
            now=self._clock.now(),
            advertiser=original.advertiser,
            product=original.product,
            kpi=original.kpi,
            kpi_target=original.kpi_target,
            value_per_conversion=original.value_per_conversion,
            audiences=list(original.audiences),
            markets=list(original.markets),
            budget_basis=original.budget_basis,
            advertiser_id=original.advertiser_id,
        )

    async def _plan_again(
        self, work: UnitOfWork, actor: Actor, original: Campaign, campaign: Campaign
    ) -> tuple[MediaPlan | None, Change | None]:
        plan = await work.plans.find_of_campaign(original.id)
        if plan is None:
            return None, None
        brief = await planning_brief(work, campaign)
        reason = f"copied from “{original.name}”, version {plan.current.number}"
        draft = copied(brief, plan.current, reason, scale=campaign.budget != plan.current.budget)
        made, saved = MediaPlan.start(campaign, draft, by=actor.user_id, now=self._clock.now())
        work.plans.add(made)
        return made, saved


def _flight(before: Flight, command: CopyCampaign) -> Flight:
    """The same length where only one end is said."""
    length = timedelta(days=before.days - 1)
    if command.start and command.end:
        return Flight(command.start, command.end)
    if command.start:
        return Flight(command.start, command.start + length)
    if command.end:
        return Flight(command.end - length, command.end)
    return before


async def _free_name(work: UnitOfWork, name: str) -> str:
    """The name with "(copy)", or with the next number that is free: "Spring (copy 2)"."""
    number = 1
    while True:
        tail = " (copy)" if number == 1 else f" (copy {number})"
        free = name[: _LONGEST_NAME - len(tail)] + tail
        if not await work.campaigns.is_called(free):
            return free
        number += 1
