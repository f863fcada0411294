"""A plan through its versions: undone, in step with its campaign again, copied, and compared with what was approved."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import CampaignPath, PlanPath
from server.api.routes.plans import campaign_of, made
from server.api.versions import Expected
from services.campaign_copies import CopiedCampaign, CopyCampaign
from services.plan_history import CopyPlan, ResyncPlan, UndoPlan
from services.plan_views import PlanComparison
from services.queries import PlanView

router = APIRouter(tags=["plans"])

_LAST = UndoPlan()
_AS_IT_IS = CopyPlan()
_UNDO = {"to": {"summary": "To the lines of version 2", "value": {"version": 2}}}
_RESYNC = {"scale": {"summary": "Every line in proportion to the new budget", "value": {"how": "scale"}}}
_COPY = {"scaled": {"summary": "In proportion to the other campaign's budget", "value": {"scale": True}}}
_COPY_CAMPAIGN = {
    "september": {
        "summary": "The same campaign from September on, as long as before",
        "value": {"start": "2027-09-01"},
    }
}


@router.post("/plans/{plan_id}/undo", status_code=201)
async def undo_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    expected: Expected,
    command: Annotated[UndoPlan, Body(openapi_examples=_UNDO)] = _LAST,
) -> PlanView:
    """A new version with the lines of an earlier one."""
    campaign_id = await campaign_of(application, actor, plan_id)
    return made(actor, response, await application.plan_history.undo(actor, campaign_id, command, expected=expected))


@router.post("/plans/{plan_id}/resync", status_code=201)
async def resync_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    expected: Expected,
    command: Annotated[ResyncPlan, Body(openapi_examples=_RESYNC)],
) -> PlanView:
    """For a plan that is out of sync with its campaign's budget or dates."""
    campaign_id = await campaign_of(application, actor, plan_id)
    return made(actor, response, await application.plan_history.resync(actor, campaign_id, command, expected=expected))


@router.post("/plans/{plan_id}/copies/{campaign_id}", status_code=201)
async def copy_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    campaign_id: CampaignPath,
    command: Annotated[CopyPlan, Body(openapi_examples=_COPY)] = _AS_IT_IS,
) -> PlanView:
    """Into that campaign, over its dates: its first version, or the next."""
    source = await campaign_of(application, actor, plan_id)
    return made(actor, response, await application.plan_history.copy(actor, source, campaign_id, command))


@router.get("/plans/{plan_id}/changes-since-approval")
async def changes_since_approval(actor: Acting, application: TheApplication, plan_id: PlanPath) -> PlanComparison:
    campaign_id = await campaign_of(application, actor, plan_id)
    return await application.plan_history.changes_since_approval(actor, campaign_id)


@router.post("/campaigns/{campaign_id}/copies", status_code=201)
async def copy_campaign(
    actor: Acting,
    application: TheApplication,
    response: Response,
    campaign_id: CampaignPath,
    command: Annotated[CopyCampaign, Body(openapi_examples=_COPY_CAMPAIGN)],
) -> CopiedCampaign:
    """A new campaign with the facts and the plan of this one, on other dates."""
    copy = await application.campaign_copies.copy(actor, campaign_id, command)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/campaigns/{copy.campaign.id}"
    return copy
