"""Campaigns: a filtered and sorted list, one, its changes and its moves."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from domain.campaigns import CampaignStatus
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import CampaignPath, PageWanted
from server.api.versions import Expected, tag
from services.campaigns import CreateCampaign, MoveCampaign, UpdateCampaign
from services.queries import CampaignFilter, CampaignSort, CampaignView
from services.read_models import Page

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

_NEW = {
    "launch": {
        "summary": "A launch with a budget in dollars",
        "value": {
            "name": "Spring launch",
            "objective": "awareness",
            "budget": {"amount": "250000.00", "currency": "USD"},
            "start": "2026-03-01",
            "end": "2026-05-31",
            "advertiser": "Acme",
            "markets": ["US"],
        },
    }
}
_CHANGE = {"budget": {"value": {"budget": {"amount": "300000.00", "currency": "USD"}}}}
_MOVE = {"cancel": {"value": {"move": "cancel", "reason": "The client withdrew."}}}


async def campaign_filter(
    search: Annotated[str | None, Query(max_length=200, description="Words of the name or the advertiser.")] = None,
    status: CampaignStatus | None = None,
    include_archived: bool = False,
    sort: CampaignSort = CampaignSort.NEWEST,
) -> CampaignFilter:
    return CampaignFilter(search=search, status=status, include_archived=include_archived, sort=sort)


@router.get("")
async def list_campaigns(
    actor: Acting,
    application: TheApplication,
    wanted: Annotated[CampaignFilter, Depends(campaign_filter)],
    page: PageWanted,
) -> Page[CampaignView]:
    return await application.queries.campaigns(actor, wanted, page)


@router.post("", status_code=201)
async def create_campaign(
    actor: Acting,
    application: TheApplication,
    response: Response,
    command: Annotated[CreateCampaign, Body(openapi_examples=_NEW)],
) -> CampaignView:
    campaign = await application.campaigns.create(actor, command)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/campaigns/{campaign.id}"
    return _tagged(response, campaign)


@router.get("/{campaign_id}")
async def get_campaign(
    actor: Acting, application: TheApplication, response: Response, campaign_id: CampaignPath
) -> CampaignView:
    return _tagged(response, await application.queries.campaign(actor, campaign_id))


@router.patch("/{campaign_id}")
async def update_campaign(
    actor: Acting,
    application: TheApplication,
    response: Response,
    campaign_id: CampaignPath,
    command: Annotated[UpdateCampaign, Body(openapi_examples=_CHANGE)],
    expected: Expected,
) -> CampaignView:
    return _tagged(response, await application.campaigns.update(actor, campaign_id, command, expected=expected))


@router.post("/{campaign_id}/moves")
async def move_campaign(
    actor: Acting,
    application: TheApplication,
    response: Response,
    campaign_id: CampaignPath,
    command: Annotated[MoveCampaign, Body(openapi_examples=_MOVE)],
    expected: Expected,
) -> CampaignView:
    return _tagged(response, await application.campaigns.move(actor, campaign_id, command, expected=expected))


@router.post("/{campaign_id}/plan-approval")
async def approve_plan(
    actor: Acting, application: TheApplication, response: Response, campaign_id: CampaignPath
) -> CampaignView:
    """The current version of its plan. Beyond one's delegation 403 `approval_needed`: ask with POST /approvals."""
    return _tagged(response, await application.plan_approval.submit(actor, campaign_id))


@router.post("/{campaign_id}/archive")
async def archive_campaign(
    actor: Acting, application: TheApplication, response: Response, campaign_id: CampaignPath, expected: Expected
) -> CampaignView:
    return _tagged(response, await application.campaigns.archive(actor, campaign_id, expected=expected))


@router.post("/{campaign_id}/restore")
async def restore_campaign(
    actor: Acting, application: TheApplication, response: Response, campaign_id: CampaignPath, expected: Expected
) -> CampaignView:
    return _tagged(response, await application.campaigns.restore(actor, campaign_id, expected=expected))


def _tagged(response: Response, campaign: CampaignView) -> CampaignView:
    tag(response, campaign.version)
    return campaign
