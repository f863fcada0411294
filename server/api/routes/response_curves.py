"""Response curves that a tenant keeps: fitted or imported, used by new plans until they are retired."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from domain.channels import Channel
from domain.ids import CampaignId
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import CurvePath, PageWanted
from server.api.versions import Expected, tag
from services.curves import AddCurve
from services.read_models import Page
from services.term_views import CurveView

router = APIRouter(prefix="/response-curves", tags=["response curves"])

_FITTED = {
    "channel": "search",
    "market": "DE",
    "counts": "conversions",
    "currency": "EUR",
    "days": 84,
    "source": "Mix model, Q1 2026",
    "family": "hill",
    "parameters": {"ceiling": 4200, "half_saturation": 180000, "slope": 1.4},
    "valid_from": 20000,
    "valid_to": 400000,
}
_ADD = {
    "fitted": {"summary": "A fitted Hill curve, in euros of net media", "value": _FITTED},
    "points": {
        "summary": "Points of another tool",
        "value": {
            "channel": "ctv",
            "counts": "reach",
            "currency": "EUR",
            "days": 28,
            "origin": "imported",
            "source": "Reach planner export, 2026-11-03",
            "points": [
                {"spend": 0, "outcome": 0},
                {"spend": 50000, "outcome": 310000},
                {"spend": 200000, "outcome": 720000},
            ],
        },
    },
}


@router.get("")
async def list_response_curves(
    actor: Acting,
    application: TheApplication,
    page: PageWanted,
    channel: Channel | None = None,
    campaign_id: Annotated[CampaignId | None, Query(description="Its own, and those of every campaign.")] = None,
    include_retired: bool = False,
) -> Page[CurveView]:
    """The latest first."""
    return await application.queries.response_curves(
        actor, page, channel=channel, campaign_id=campaign_id, include_retired=include_retired
    )


@router.post("", status_code=201)
async def add_response_curve(
    actor: Acting,
    application: TheApplication,
    response: Response,
    command: Annotated[AddCurve, Body(openapi_examples=_ADD)],
) -> CurveView:
    """A family with its parameters, points, or a .csv file with the columns spend and outcome, of net media."""
    curve = await application.curves.add(actor, command)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/response-curves/{curve.id}"
    return _tagged(response, curve)


@router.get("/{curve_id}")
async def get_response_curve(
    actor: Acting, application: TheApplication, response: Response, curve_id: CurvePath
) -> CurveView:
    return _tagged(response, await application.queries.response_curve(actor, curve_id))


@router.post("/{curve_id}/retire")
async def retire_response_curve(
    actor: Acting, application: TheApplication, response: Response, curve_id: CurvePath, expected: Expected
) -> CurveView:
    """New plans no longer use it."""
    return _tagged(response, await application.curves.retire(actor, curve_id, expected=expected))


def _tagged(response: Response, curve: CurveView) -> CurveView:
    tag(response, curve.version)
    return curve
