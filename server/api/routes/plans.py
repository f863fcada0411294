"""Media plans: the versions of a campaign's plan, what makes a new one, and what only asks."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from domain.ids import CampaignId, PlanId
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import CampaignPath, PageWanted, PlanPath
from server.api.versions import Expected, tag
from services.actor import Actor
from services.application import Application
from services.plan_commands import DraftPlan, OptimizePlan, RevisePlan, WhatIf
from services.plan_views import PlanComparison, WhatIfView
from services.queries import PlanVersionSummary, PlanView
from services.read_models import Page

router = APIRouter(tags=["plans"])

Number = Annotated[int | None, Query(ge=1, le=1_000_000, description="Of a version; left out: the current one.")]

_DRAFT = {"three": {"value": {"channels": ["search", "social", "ctv"], "flighting": "front_loaded"}}}
_REVISION = {
    "shift": {
        "summary": "20,000 from search to social",
        "value": {
            "changes": [
                {"channel": "search", "action": "decrease", "amount": {"amount": "20000.00", "currency": "USD"}},
                {"channel": "social", "action": "increase", "amount": {"amount": "20000.00", "currency": "USD"}},
            ]
        },
    }
}
_REVISION |= {
    "share": {
        "summary": "A tenth of CTV to display",
        "value": {"changes": [{"channel": "ctv", "action": "move", "percent": "10", "to_channel": "display"}]},
    },
    "weeks": {
        "summary": "CTV pulses; nothing in the last week of April; 10,000 in the week of 2 March",
        "value": {
            "flights": [
                {"channels": ["ctv"], "pulse": {"on": 2, "off": 1}},
                {
                    "pause": [{"start": "2027-04-24", "end": "2027-04-30"}],
                    "pins": [{"week": "2027-03-02", "amount": {"amount": "10000.00", "currency": "USD"}}],
                },
            ]
        },
    },
}
_OPTIMIZATION = {
    "keep": {"summary": "CTV stays, the rest is optimised", "value": {"keep": ["ctv"]}},
    "limits": {
        "summary": "At least 20 % on search, video 60 % at most, social nothing or 20,000",
        "value": {
            "minimums": [{"channel": "search", "percent": "20"}],
            "groups": [{"family": "video", "maximum_percent": "60"}],
            "minimum_buys": [{"channel": "social", "amount": {"amount": "20000.00", "currency": "USD"}}],
        },
    },
    "near": {"summary": "No line moves by more than 30 %", "value": {"within_percent": "30"}},
    "goal": {
        "summary": "As much as a conversion costs 140 on average",
        "value": {"target_cpa": {"amount": "140.00", "currency": "USD"}},
    },
}
_WHAT_IF = {"less": {"value": {"budget_percent": "-10"}}}


@router.get("/campaigns/{campaign_id}/plans")
async def list_plan_versions(
    actor: Acting, application: TheApplication, campaign_id: CampaignPath, page: PageWanted
) -> Page[PlanVersionSummary]:
    return await application.queries.plan_versions(actor, campaign_id, page)


@router.post("/campaigns/{campaign_id}/plans", status_code=201)
async def draft_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    campaign_id: CampaignPath,
    command: Annotated[DraftPlan, Body(openapi_examples=_DRAFT)],
) -> PlanView:
    return made(actor, response, await application.plans.draft(actor, campaign_id, command))


@router.get("/plans/{plan_id}")
async def get_plan(
    actor: Acting, application: TheApplication, response: Response, plan_id: PlanPath, number: Number = None
) -> PlanView:
    plan = await application.queries.plan_by_id(actor, plan_id, number)
    tag(response, plan.version)
    return plan


@router.post("/plans/{plan_id}/revisions", status_code=201)
async def revise_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    command: Annotated[RevisePlan, Body(openapi_examples=_REVISION)],
    expected: Expected,
) -> PlanView:
    campaign_id = await campaign_of(application, actor, plan_id)
    return made(actor, response, await application.plans.revise(actor, campaign_id, command, expected=expected))


@router.post("/plans/{plan_id}/optimizations", status_code=201)
async def optimize_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    command: Annotated[OptimizePlan, Body(openapi_examples=_OPTIMIZATION)],
    expected: Expected,
) -> PlanView:
    campaign_id = await campaign_of(application, actor, plan_id)
    return made(actor, response, await application.plans.optimize(actor, campaign_id, command, expected=expected))


@router.post("/plans/{plan_id}/what-ifs")
async def try_what_if(
    actor: Acting,
    application: TheApplication,
    plan_id: PlanPath,
    command: Annotated[WhatIf, Body(openapi_examples=_WHAT_IF)],
) -> WhatIfView:
    """Changes nothing."""
    return await application.plans.what_if(actor, await campaign_of(application, actor, plan_id), command)


@router.get("/plans/{plan_id}/comparison")
async def compare_plan_versions(
    actor: Acting, application: TheApplication, plan_id: PlanPath, first: Number = None, second: Number = None
) -> PlanComparison:
    """Left out: the current version against the one before it."""
    campaign_id = await campaign_of(application, actor, plan_id)
    return await application.plans.compare(actor, campaign_id, first, second)


async def campaign_of(application: Application, actor: Actor, plan_id: PlanId) -> CampaignId:
    return (await application.queries.plan_by_id(actor, plan_id)).campaign_id


def made(actor: Actor, response: Response, plan: PlanView) -> PlanView:
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/plans/{plan.id}?number={plan.number}"
    tag(response, plan.version)
    return plan
