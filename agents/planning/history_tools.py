"""The planning agent's tools for a plan's versions: undo, back in step, copy, what changed since the approval."""

from pydantic import Field

from agents.blocks import PlanBlock
from agents.planning.answers import optimized_text, saved_text
from agents.planning.history_answers import changes_block, changes_text
from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.tenants import Permission
from services.application import Application
from services.plan_history import CopyPlan, ResyncPlan, UndoPlan

AGENT = "planning"


class Undo(OfCampaign, UndoPlan):
    pass


class Resync(OfCampaign, ResyncPlan):
    pass


class Copy(OfCampaign, CopyPlan):
    to_campaign: str = Field(max_length=200, description="Name or id of the campaign that gets the plan.")


class HistoryTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def undo_plan(self, call: Call[Undo]) -> Said:
        """Go back to the lines of an earlier version, as a new version. Without a number: the one before."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        plan = await self._app.plan_history.undo(call.actor, campaign, UndoPlan.within(call.arguments))
        return Said(saved_text(plan), PlanBlock(plan=plan), campaign)

    async def resync_plan(self, call: Call[Resync]) -> Said:
        """Bring a plan that is out of sync in step with its campaign's budget and dates: scale, optimize or keep it."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        plan = await self._app.plan_history.resync(call.actor, campaign, ResyncPlan.within(call.arguments))
        return Said(optimized_text(plan), PlanBlock(plan=plan), campaign)

    async def copy_plan(self, call: Call[Copy]) -> Said:
        """Copy a plan's lines into another campaign that exists, over that one's dates."""
        asked = call.arguments
        source = await campaign_meant(self._app.queries, call, asked.campaign)
        target = await campaign_meant(self._app.queries, call, asked.to_campaign)
        plan = await self._app.plan_history.copy(call.actor, source, target, CopyPlan.within(asked))
        return Said(saved_text(plan), PlanBlock(plan=plan), target)

    async def changes_since_approval(self, call: Call[OfCampaign]) -> Said:
        """What changed in plan and campaign since the plan was last approved."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        view = await self._app.plan_history.changes_since_approval(call.actor, campaign)
        return Said(changes_text(view), changes_block(view), campaign)


def history_tools(application: Application) -> list[Offered]:
    do = HistoryTools(application)
    return [
        offer(AGENT, do.undo_plan, Undo, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.resync_plan, Resync, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.copy_plan, Copy, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.changes_since_approval, OfCampaign, Permission.PLAN_READ, Effect.READ),
    ]
