"""Jobs: work that outlives a request, followed from its start to its result."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from domain.ids import CampaignId, SessionId
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import CampaignPath, JobPath, PageWanted
from server.api.versions import tag
from services.jobs import StartPlanning
from services.queries import JobView
from services.read_models import Page

router = APIRouter(tags=["jobs"])

_CHANNELS_OF_PLAN = StartPlanning()
_START = {"channels": {"value": {"channels": ["search", "social", "ctv"]}}}


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
    session_id: Annotated[SessionId | None, Query(description="A conversation of yours that hears of it.")] = None,
) -> JobView:
    if session_id is not None:
        await application.queries.session(actor, session_id)
    job = await application.jobs.start_planning(actor, campaign_id, command, session_id=session_id)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/jobs/{job.id}"
    return _tagged(response, job)


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(actor: Acting, application: TheApplication, response: Response, job_id: JobPath) -> JobView:
    return _tagged(response, await application.jobs.cancel(actor, job_id))


def _tagged(response: Response, job: JobView) -> JobView:
    tag(response, job.version)
    return job
