"""What every command on a plan begins and ends with, inside its transaction."""

from datetime import datetime

from domain.ids import CampaignId
from domain.plans.brief import PlanningBrief
from domain.plans.media_plans import Draft, MediaPlan
from services.actor import Actor
from services.optimization_views import OptimizationView
from services.plan_briefs import planning_brief
from services.plan_views import plan_view
from services.queries import PlanView
from services.unit_of_work import UnitOfWork


async def planned(
    work: UnitOfWork, campaign_id: CampaignId, expected: int | None = None
) -> tuple[PlanningBrief, MediaPlan]:
    """Raises NotFound `no_plan`, StaleVersion where the plan is not at the version that the caller saw."""
    brief = await planning_brief(work, await work.campaigns.get(campaign_id))
    plan = await work.plans.of_campaign(campaign_id)
    if expected is not None:
        plan.must_be_at_version(expected)
    return brief, plan


async def save_version(
    work: UnitOfWork,
    actor: Actor,
    brief: PlanningBrief,
    plan: MediaPlan | None,
    draft: Draft,
    now: datetime,
    optimization: OptimizationView | None = None,
) -> PlanView:
    """The plan's next current version, or its first; commits."""
    campaign = brief.campaign
    if plan is None:
        plan, saved = MediaPlan.start(campaign, draft, by=actor.user_id, now=now)
        work.plans.add(plan)
    else:
        saved = plan.save(campaign, draft, by=actor.user_id, now=now)
    moved = campaign.plan_saved()
    view = plan_view(campaign, plan).model_copy(update={"optimization": optimization})
    return await work.commit(view, saved, moved)
