"""Questions about a plan. They are answered from its lines and the campaign of today, and change nothing."""

import asyncio
from decimal import Decimal
from fractions import Fraction

from pydantic import Field

from domain.errors import InvalidInput
from domain.ids import CampaignId
from domain.money import Money
from domain.plans.brief import PlanningBrief
from domain.plans.explanation import assumptions, explained
from domain.plans.goals import Goal, GoalKind, split_for_goal
from domain.plans.media_plans import MediaPlan
from domain.plans.questions import returns_of, with_more
from domain.plans.split import Split
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.amounts import Amount
from services.commands import Command
from services.optimization_views import figure, line_moves
from services.plan_briefs import planning_brief
from services.plan_constraints import Constraints
from services.question_views import CheapestView, MoreView, ReturnsView, cost_of_one
from services.reach_views import AskReach, ReachView, reach_view
from services.unit_of_work import Begin, UnitOfWork


class AskMore(Command):
    """More money for the plan as it is, or less of it where negative."""

    percent: Decimal | None = Field(default=None, gt=-100, le=1000, description="Of the plan's total.")
    amount: Amount | None = Field(default=None, description="Instead of a percentage.")

    def change(self, total: Money) -> Money:
        if (self.amount is None) == (self.percent is None):
            raise InvalidInput("How much more: a percentage, or an amount?", code="amount_required", field="percent")
        if self.amount is not None:
            return Money.zero(total.currency) + self.amount.money()
        assert self.percent is not None
        return total.times(Fraction(self.percent) / 100)


class AskCheapest(Constraints):
    """The smallest budget for an outcome, over the plan's lines, all of them free but for the limits."""

    outcome: Decimal = Field(gt=0, description="In the unit the objective counts; value in major units.")


class PlanQuestions:
    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    async def more(self, actor: Actor, campaign_id: CampaignId, asked: AskMore) -> MoreView:
        """What more money would buy, and where it would go."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            brief, plan = await _planned(work, campaign_id)
            split = with_more(brief, plan.current, asked.change(plan.current.total))
            return MoreView.of(brief, plan.current, split)

    async def cheapest(self, actor: Actor, campaign_id: CampaignId, asked: AskCheapest) -> CheapestView:
        """The cheapest budget for an outcome; it may be above the campaign's."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            brief, plan = await _planned(work, campaign_id)
            limits = asked.limits_in(plan.current)
            goal = Goal(GoalKind.CHEAPEST_FOR, asked.outcome)
            split = await asyncio.to_thread(split_for_goal, brief, limits, goal)
            return _cheapest_view(brief, plan, asked.outcome, split)

    async def returns(self, actor: Actor, campaign_id: CampaignId) -> ReturnsView:
        """What each line brings, and which one is worth more money."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            brief, plan = await _planned(work, campaign_id)
            return ReturnsView.of(brief, plan.current, returns_of(brief, plan.current))

    async def reach(self, actor: Actor, campaign_id: CampaignId, asked: AskReach) -> ReachView:
        """Reach and frequency of a version, per line and across lines."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            _, plan = await _planned(work, campaign_id)
            version = plan.current if asked.number is None else await work.plans.version(plan, asked.number)
            return await asyncio.to_thread(reach_view, version, asked)


async def _planned(work: UnitOfWork, campaign_id: CampaignId) -> tuple[PlanningBrief, MediaPlan]:
    brief = await planning_brief(work, await work.campaigns.get(campaign_id))
    return brief, await work.plans.of_campaign(campaign_id)


def _cheapest_view(brief: PlanningBrief, plan: MediaPlan, goal: Decimal, split: Split) -> CheapestView:
    present = {line.code: line.budget for line in plan.current.lines}
    economics = brief.economics([line.spec for line in plan.current.lines])
    return CheapestView(
        number=plan.current.number,
        counts=split.counts,
        goal=goal,
        budget=Amount.of(split.spent),
        campaign_budget=Amount.of(brief.campaign.budget),
        outcome=figure(split.outcome, split.counts, brief.currency),
        cost_per_outcome=cost_of_one(split.spent, split.outcome, split.counts),
        lines=line_moves(split, economics, economics, present),
        explanation=explained(split),
        assumptions=list(assumptions(brief, economics)),
    )
