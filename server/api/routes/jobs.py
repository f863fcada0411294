"""Jobs: work that outlives a request, followed from its start to its result."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from domain.ids import CampaignId, PlanId, SessionId
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import CampaignPath, JobPath, PageWanted, PlanPath
from server.api.routes.plans import campaign_of
from server.api.versions import tag
from services.actor import Actor
from services.application import Application
from services.exports import ExportPlan
from services.jobs import StartPlanning
from services.queries import JobView
from services.read_models import Page
from services.sweep_job import SweepBudgets
from services.year_job import PlanYear

router = APIRouter(tags=["jobs"])

Told = Annotated[SessionId | None, Query(description="A conversation of yours that hears of it.")]

_CHANNELS_OF_PLAN = StartPlanning()
_START = {"channels": {"value": {"channels": ["search", "social", "ctv"]}}}
_SWEEP = {
    "five": {
        "summary": "Five budgets from 200,000 to 400,000",
        "value": {
            "lowest": {"amount": "200000.00", "currency": "USD"},
            "highest": {"amount": "400000.00", "currency": "USD"},
            "steps": 5,
        },
    }
}
_YEAR = {
    "christmas": {
        "summary": "By months, with a season in December and a pause in August",
        "value": {"by": "months", "seasonality": [{"month": 12, "index": "1.5"}], "pauses": [{"month": 8}]},
    }
}
_EXPORT = {"workbook": {"value": {"format": "xlsx"}}}


@router.get("/jobs")
async def list_jobs(
    actor: Acting, application: TheApplication, page: PageWanted, campaign_id: CampaignId | None = None
) -> Page[JobView]:
    return await application.queries.jobs(actor, campaign_id, page)


@router.get("/jobs/{job_id}")
async def get_job(actor: Acting, application: TheApplication, response: Response, job_id: JobPath) -> JobView:
    return _tagged(response, await application.queries.job(actor, job_id))


@router.post("/campaigns/{campaign_id}/jobs", status_code=202)
async def start_planning_job(
    actor: Acting,
    application: TheApplication,
    response: Response,
    campaign_id: CampaignPath,
    command: Annotated[StartPlanning, Body(openapi_examples=_START)] = _CHANNELS_OF_PLAN,
    session_id: Told = None,
) -> JobView:
    if session_id is not None:
        await application.queries.session(actor, session_id)
    job = await application.jobs.start_planning(actor, campaign_id, command, session_id=session_id)
    return _started(actor, response, job)


@router.post("/plans/{plan_id}/budget-sweeps", status_code=202)
async def start_budget_sweep(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    command: Annotated[SweepBudgets, Body(openapi_examples=_SWEEP)],
    session_id: Told = None,
) -> JobView:
    """Budgets side by side, each with its best plan. The job's result has the figures; the plan stays as it is."""
    campaign_id = await _heard(application, actor, plan_id, session_id)
    job = await application.sweep_job.start(actor, campaign_id, command, session_id=session_id)
    return _started(actor, response, job)


@router.post("/plans/{plan_id}/year-plans", status_code=202)
async def start_year_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    command: Annotated[PlanYear, Body(openapi_examples=_YEAR)],
    session_id: Told = None,
) -> JobView:
    """The best plan by months or weeks, with seasons and prices. Kept as a scenario."""
    campaign_id = await _heard(application, actor, plan_id, session_id)
    job = await application.year_job.start(actor, campaign_id, command, session_id=session_id)
    return _started(actor, response, job)


@router.post("/plans/{plan_id}/export-jobs", status_code=202)
async def start_export(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    command: Annotated[ExportPlan, Body(openapi_examples=_EXPORT)],
    session_id: Told = None,
) -> JobView:
    """A big plan as a file, written in the background: the job's result names it."""
    campaign_id = await _heard(application, actor, plan_id, session_id)
    job = await application.export_job.start(actor, campaign_id, command, session_id=session_id)
    return _started(actor, response, job)


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(actor: Acting, application: TheApplication, response: Response, job_id: JobPath) -> JobView:
    return _tagged(response, await application.jobs.cancel(actor, job_id))


async def _heard(application: Application, actor: Actor, plan_id: PlanId, session_id: SessionId | None) -> CampaignId:
    """The plan's campaign. NotFound for a conversation that is not the actor's own."""
    if session_id is not None:
        await application.queries.session(actor, session_id)
    return await campaign_of(application, actor, plan_id)


def _started(actor: Actor, response: Response, job: JobView) -> JobView:
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/jobs/{job.id}"
    return _tagged(response, job)


def _tagged(response: Response, job: JobView) -> JobView:
    tag(response, job.version)
    return job
