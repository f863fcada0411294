"""Media plans: draft, revise, optimise, and try without changing anything."""

import asyncio
from dataclasses import replace
from fractions import Fraction

from domain.errors import Conflict, InvalidInput
from domain.ids import CampaignId
from domain.money import Money
from domain.planning.flighting.weeks import FlightPattern
from domain.plans.bounds import Limits, LineBounds
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import Optimum, new_specs, optimum
from domain.plans.flighting import Reflighting
from domain.plans.media_plans import MediaPlan
from domain.plans.revision import revised_draft
from domain.plans.splitting import split_budget
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.optimization_views import optimization_view
from services.plan_briefs import planning_brief
from services.plan_commands import DraftPlan, OptimizePlan, RevisePlan, WhatIf
from services.plan_saving import planned, save_version
from services.plan_views import PlanComparison, WhatIfView, compare_views, what_if_view
from services.ports import Clock
from services.queries import PlanView
from services.unit_of_work import Begin


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
            brief = await planning_brief(work, await work.campaigns.get(campaign_id))
            brief.campaign.must_accept_plans()
            limits, pattern = command.limits(new_specs(brief, command.channels)), FlightPattern(command.flighting)
            draft = optimum(brief, limits, brief.campaign.budget, pattern, "drafted").draft
            plan = await work.plans.find_of_campaign(campaign_id)
            return await save_version(work, actor, brief, plan, draft, self._clock.now())

    async def revise(
        self, actor: Actor, campaign_id: CampaignId, command: RevisePlan, *, expected: int | None = None
    ) -> PlanView:
        """Exactly the changes asked for; every other line keeps its amount. `expected` is the plan's version."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            brief, plan = await planned(work, campaign_id, expected)
            changes = [edit.change(brief.currency) for edit in command.changes]
            draft = revised_draft(brief, plan.current, changes, command.wishes)
            return await save_version(work, actor, brief, plan, draft, self._clock.now())

    async def optimize(
        self, actor: Actor, campaign_id: CampaignId, command: OptimizePlan, *, expected: int | None = None
    ) -> PlanView:
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            brief, plan = await planned(work, campaign_id, expected)
            budget = command.budget.money() if command.budget else brief.campaign.budget
            kept = ", ".join(plan.current.line(code).label for code in command.kept_in(plan.current))
            reason = f"optimised, {kept} kept" if kept else "optimised"
            found = await asyncio.to_thread(best_within, brief, plan, command, budget, reason)
            told = optimization_view(brief, plan.current, found)
            return await save_version(work, actor, brief, plan, found.draft, self._clock.now(), told)

    async def what_if(self, actor: Actor, campaign_id: CampaignId, command: WhatIf) -> WhatIfView:
        """The best plan under other conditions, beside the current one. Changes nothing."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            brief, plan = await planned(work, campaign_id)
            budget = other_budget(brief.campaign.budget, command)
            found = await asyncio.to_thread(best_within, brief, plan, command, budget, "what if")
            told = optimization_view(brief, plan.current, found)
            return what_if_view(plan.current, found.draft, budget, told, reflighted=bool(command.wishes))

    async def compare(
        self, actor: Actor, campaign_id: CampaignId, first: int | None = None, second: int | None = None
    ) -> PlanComparison:
        """Two versions line by line; left out: the current one against the one it came from."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            _, plan = await planned(work, campaign_id)
            later = await work.plans.version(plan, second) if second is not None else plan.current
            earlier = first if first is not None else later.parent_number
            if earlier is None:
                raise Conflict("There is only one version; nothing to compare it with.", code="single_version")
            return compare_views(await work.plans.version(plan, earlier), later)


def best_within(
    brief: PlanningBrief, plan: MediaPlan, wanted: OptimizePlan | WhatIf, budget: Money, reason: str
) -> Optimum:
    current = plan.current
    present = {line.code: line.budget for line in current.lines}
    wishes = wanted.wishes if isinstance(wanted, WhatIf) else []
    if isinstance(wanted, WhatIf) and wanted.of_weeks_alone:
        kept = Limits(tuple(LineBounds(line.spec, kept=line.budget) for line in current.lines))
        draft = replace(revised_draft(brief, current, [], wishes), reason=reason)
        return Optimum(draft, split_budget(brief, kept, current.total))
    limits, goal = wanted.limits_in(current), wanted.goal(brief.currency)
    weeks = Reflighting.of(brief, current)
    for wish in wishes:
        weeks.apply(wish)
    lines = tuple(replace(bounds, spec=weeks.lines[bounds.spec.code][0]) for bounds in limits.lines)
    return optimum(brief, replace(limits, lines=lines), budget, weeks.pattern, reason, present, goal)


def other_budget(budget: Money, command: WhatIf) -> Money:
    if command.budget and command.budget_percent is not None:
        raise InvalidInput("Give a budget or a percentage, not both.", code="two_budgets", field="budget")
    if command.budget:
        return command.budget.money()
    if command.budget_percent is not None:
        return budget.times((100 + Fraction(command.budget_percent)) / 100)
    return budget
