"""The planning agent's tools: draft, revise, optimise, what-if, show, compare, and the planning workflow."""

from pydantic import Field

from agents.approval_outcomes import said_of
from agents.blocks import PlanBlock
from agents.planning.answers import (
    comparison_block,
    comparison_text,
    job_text,
    optimized_text,
    plan_text,
    saved_text,
    what_if_block,
    what_if_text,
)
from agents.planning.benchmark_tools import benchmark_tools
from agents.planning.documents import document_tools
from agents.planning.history_tools import history_tools
from agents.planning.import_tools import import_tools
from agents.planning.job_tools import job_tools
from agents.planning.question_tools import question_tools
from agents.planning.scenario_tools import scenario_tools
from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.tenants import Permission
from services.actions import ApprovePlanAction
from services.application import Application
from services.jobs import StartPlanning
from services.plan_commands import DraftPlan, OptimizePlan, RevisePlan, WhatIf

AGENT = "planning"


class Draft(OfCampaign, DraftPlan):
    pass


class Revise(OfCampaign, RevisePlan):
    pass


class Optimize(OfCampaign, OptimizePlan):
    pass


class TryOut(OfCampaign, WhatIf):
    pass


class Show(OfCampaign):
    version: int | None = Field(default=None, ge=1, description="Left out: the current version.")


class Compare(OfCampaign):
    first: int | None = Field(default=None, ge=1, description="Left out: the version before.")
    second: int | None = Field(default=None, ge=1, description="Left out: the current version.")


class RunWorkflow(OfCampaign, StartPlanning):
    pass


class PlanningTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def draft_plan(self, call: Call[Draft]) -> Said:
        """Draft a media plan: the campaign's budget over the channels, optimal for its objective, week by week."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        plan = await self._app.plans.draft(call.actor, campaign, DraftPlan.within(asked))
        return Said(saved_text(plan), PlanBlock(plan=plan), campaign)

    async def revise_plan(self, call: Call[Revise]) -> Said:
        """Change lines of the current plan exactly as asked, or its flighting. Other lines keep their amounts."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        plan = await self._app.plans.revise(call.actor, campaign, RevisePlan.within(asked))
        return Said(saved_text(plan), PlanBlock(plan=plan), campaign)

    async def optimize_plan(self, call: Call[Optimize]) -> Said:
        """Optimise the current plan over its channels within keeps, minimums and maximums. Saves a new version."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        plan = await self._app.plans.optimize(call.actor, campaign, OptimizePlan.within(asked))
        return Said(optimized_text(plan), PlanBlock(plan=plan), campaign)

    async def what_if(self, call: Call[TryOut]) -> Said:
        """Try another budget or other constraints beside the current plan. Changes nothing."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        view = await self._app.plans.what_if(call.actor, campaign, WhatIf.within(asked))
        return Said(what_if_text(view), what_if_block(view), campaign)

    async def show_plan(self, call: Call[Show]) -> Said:
        """Show a plan: lines, shares, weeks and what is expected of them."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        plan = await self._app.queries.plan(call.actor, campaign, asked.version)
        return Said(f"This is {plan_text(plan)}", PlanBlock(plan=plan), campaign)

    async def compare_plans(self, call: Call[Compare]) -> Said:
        """Compare two versions of a plan line by line."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        view = await self._app.plans.compare(call.actor, campaign, asked.first, asked.second)
        return Said(comparison_text(view), comparison_block(view), campaign)

    async def submit_plan(self, call: Call[OfCampaign]) -> Said:
        """Submit the current plan for approval. Approved at once where the person's delegation covers its total."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        return said_of(await self._app.approvals.perform(call.actor, ApprovePlanAction(campaign_id=campaign)))

    async def run_planning_workflow(self, call: Call[RunWorkflow]) -> Said:
        """Start the planning workflow in the background; its result arrives in this conversation as a plan version."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        job = await self._app.jobs.start_planning(
            call.actor, campaign, StartPlanning.within(asked), session_id=call.session_id
        )
        text = f"The planning workflow is {job.status}; its result will be posted here."
        return Said(text, about=campaign)

    async def job_status(self, call: Call[OfCampaign]) -> Said:
        """How the campaign's latest background job is doing."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        job = await self._app.queries.latest_job(call.actor, campaign)
        return Said(job_text(job), about=campaign)

    async def cancel_job(self, call: Call[OfCampaign]) -> Said:
        """Stop the campaign's latest background job."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        latest = await self._app.queries.latest_job(call.actor, campaign)
        job = await self._app.jobs.cancel(call.actor, latest.id)
        return Said(job_text(job), about=campaign)


def planning_tools(application: Application) -> list[Offered]:
    do = PlanningTools(application)
    return [
        offer(AGENT, do.draft_plan, Draft, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.revise_plan, Revise, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.optimize_plan, Optimize, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.what_if, TryOut, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.show_plan, Show, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.compare_plans, Compare, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.submit_plan, OfCampaign, Permission.PLAN_SUBMIT, Effect.COMMIT),
        offer(AGENT, do.run_planning_workflow, RunWorkflow, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.job_status, OfCampaign, Permission.JOB_READ, Effect.READ),
        offer(AGENT, do.cancel_job, OfCampaign, Permission.JOB_RUN, Effect.DRAFT),
        *history_tools(application),
        *benchmark_tools(application),
        *document_tools(application),
        *import_tools(application),
        *scenario_tools(application),
        *job_tools(application),
        *question_tools(AGENT, application),
    ]
