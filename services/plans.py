"""Media plans: draft, revise, optimise, and try without changing anything."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from pydantic import Field

from domain.campaigns import Campaign
from domain.channels import Channel
from domain.errors import Conflict, InvalidInput
from domain.ids import CampaignId
from domain.media_plans import Draft, MediaPlan
from domain.money import Money
from domain.plan_drafting import ChannelBounds, bounds_of, optimal_draft
from domain.plan_revision import LineChange, revised_draft
from domain.planning.flighting import Flighting
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.amounts import Amount
from services.commands import Command
from services.plan_views import PlanComparison, WhatIfView, compare_views, plan_view, what_if_view
from services.ports import Clock
from services.queries import PlanView
from services.unit_of_work import Begin, UnitOfWork


class ChannelAmount(Command):
    channel: Channel
    amount: Amount


class Constraints(Command):
    """What an allocation has to respect."""

    keep: list[Channel] = Field(default_factory=list, max_length=20, description="Lines that must not move.")
    minimums: list[ChannelAmount] = Field(default_factory=list, max_length=20)
    maximums: list[ChannelAmount] = Field(default_factory=list, max_length=20)

    def bounds(self, channels: list[Channel] | None = None) -> list[ChannelBounds]:
        """One per channel named (or per channel of `channels`)."""
        least = {wanted.channel: wanted.amount.money() for wanted in self.minimums}
        most = {wanted.channel: wanted.amount.money() for wanted in self.maximums}
        named = channels if channels is not None else list(dict.fromkeys([*least, *most]))
        for channel in (*least, *most):
            if channel not in named:
                raise InvalidInput(
                    f"{channel.label} has a limit but is not among the channels.",
                    code="channel_not_in_plan",
                    field="channels",
                )
        return [ChannelBounds(channel, least.get(channel), most.get(channel)) for channel in named]


class DraftPlan(Command):
    channels: list[Channel] = Field(min_length=1, max_length=20)
    flighting: Flighting = Flighting.EVEN
    minimums: list[ChannelAmount] = Field(default_factory=list, max_length=20)
    maximums: list[ChannelAmount] = Field(default_factory=list, max_length=20)


class Edit(StrEnum):
    SET = "set"
    INCREASE = "increase"
    DECREASE = "decrease"
    ADD = "add"
    REMOVE = "remove"


class LineEdit(Command):
    channel: Channel
    action: Edit
    amount: Amount | None = None
    percent: Decimal | None = Field(default=None, gt=0, le=1000, description="Of the line, instead of an amount.")


class RevisePlan(Command):
    changes: list[LineEdit] = Field(default_factory=list, max_length=40)
    flighting: Flighting | None = None


class OptimizePlan(Constraints):
    budget: Amount | None = Field(default=None, description="Left out: the campaign's budget.")


class WhatIf(Constraints):
    budget: Amount | None = None
    budget_percent: Decimal | None = Field(
        default=None, gt=-100, le=1000, description="Change of the budget, instead of a budget."
    )


class Plans:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def draft(self, actor: Actor, campaign_id: CampaignId, command: DraftPlan) -> PlanView:
        """The first version of a plan, or a new one beside the channels it had."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            campaign = await work.campaigns.get(campaign_id)
            campaign.must_accept_plans()
            limits = Constraints(minimums=command.minimums, maximums=command.maximums)
            bounds = limits.bounds(command.channels)
            draft = optimal_draft(
                campaign, bounds, campaign.budget, command.flighting, await _first_weekday(work), "drafted"
            )
            plan = await work.plans.find_of_campaign(campaign_id)
            return await self._save(work, actor, campaign, plan, draft)

    async def revise(
        self, actor: Actor, campaign_id: CampaignId, command: RevisePlan, *, expected: int | None = None
    ) -> PlanView:
        """Exactly the changes asked for; every other line keeps its amount. `expected` is the plan's version."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            campaign, plan = await self._planned(work, campaign_id, expected)
            draft = revised_draft(
                campaign,
                plan.current,
                [_line_change(edit) for edit in command.changes],
                command.flighting,
                await _first_weekday(work),
            )
            return await self._save(work, actor, campaign, plan, draft)

    async def optimize(
        self, actor: Actor, campaign_id: CampaignId, command: OptimizePlan, *, expected: int | None = None
    ) -> PlanView:
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            campaign, plan = await self._planned(work, campaign_id, expected)
            budget = command.budget.money() if command.budget else campaign.budget
            kept = ", ".join(channel.label for channel in command.keep)
            reason = f"optimised, {kept} kept" if kept else "optimised"
            draft = await self._optimum(work, campaign, plan, command, budget, reason)
            return await self._save(work, actor, campaign, plan, draft)

    async def what_if(self, actor: Actor, campaign_id: CampaignId, command: WhatIf) -> WhatIfView:
        """The best plan under other conditions, beside the current one. Changes nothing."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            campaign, plan = await self._planned(work, campaign_id, None)
            budget = _other_budget(campaign.budget, command)
            draft = await self._optimum(work, campaign, plan, command, budget, "what if")
            return what_if_view(campaign, plan.current, draft, budget)

    async def compare(
        self, actor: Actor, campaign_id: CampaignId, first: int | None = None, second: int | None = None
    ) -> PlanComparison:
        """Two versions line by line; left out: the current one against the one it came from."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            _, plan = await self._planned(work, campaign_id, None)
            later = await work.plans.version(plan, second) if second is not None else plan.current
            earlier = first if first is not None else later.parent_number
            if earlier is None:
                raise Conflict("There is only one version; nothing to compare it with.", code="single_version")
            return compare_views(await work.plans.version(plan, earlier), later)

    async def _planned(
        self, work: UnitOfWork, campaign_id: CampaignId, expected: int | None
    ) -> tuple[Campaign, MediaPlan]:
        campaign = await work.campaigns.get(campaign_id)
        plan = await work.plans.of_campaign(campaign_id)
        if expected is not None:
            plan.must_be_at_version(expected)
        return campaign, plan

    async def _optimum(
        self,
        work: UnitOfWork,
        campaign: Campaign,
        plan: MediaPlan,
        limits: Constraints,
        budget: Money,
        reason: str,
    ) -> Draft:
        bounds = bounds_of(plan.current, limits.bounds(), limits.keep)
        return optimal_draft(campaign, bounds, budget, plan.current.flighting, await _first_weekday(work), reason)

    async def _save(
        self, work: UnitOfWork, actor: Actor, campaign: Campaign, plan: MediaPlan | None, draft: Draft
    ) -> PlanView:
        now = self._clock.now()
        if plan is None:
            plan, saved = MediaPlan.start(campaign, draft, by=actor.user_id, now=now)
            work.plans.add(plan)
        else:
            saved = plan.save(campaign, draft, by=actor.user_id, now=now)
        moved = campaign.plan_saved()
        return await work.commit(plan_view(campaign, plan), saved, moved)


async def _first_weekday(work: UnitOfWork) -> int:
    return (await work.members.profile()).settings.week_start.number


def _line_change(edit: LineEdit) -> LineChange:
    return LineChange(edit.channel, edit.action.value, edit.amount.money() if edit.amount else None, edit.percent)


def _other_budget(budget: Money, command: WhatIf) -> Money:
    if command.budget and command.budget_percent is not None:
        raise InvalidInput("Give a budget or a percentage, not both.", code="two_budgets", field="budget")
    if command.budget:
        return command.budget.money()
    if command.budget_percent is not None:
        return budget.times((100 + Fraction(command.budget_percent)) / 100)
    return budget
