"""Advertisers: who campaigns belong to, and the terms that new lines of their plans take."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import AdvertiserPath, PageWanted
from server.api.versions import Expected, tag
from services.advertisers import CreateAdvertiser, UpdateAdvertiser
from services.read_models import Page
from services.term_views import AdvertiserView

router = APIRouter(prefix="/advertisers", tags=["advertisers"])

_FEES = [
    {"kind": "ad_serving", "basis": "percent_of_net_media", "value": "2"},
    {"kind": "commission", "basis": "percent_of_net_media", "value": "10"},
]
_NEW = {
    "terms": {
        "summary": "An advertiser with fees, a naming pattern and a UTM source",
        "value": {
            "name": "Northwind",
            "currency": "EUR",
            "fees": _FEES,
            "agency_discount_percent": "15",
            "naming": "{advertiser}_{campaign}_{channel}_{start:%Y%m}",
            "utm": {"utm_source": "northwind"},
        },
    }
}
_CHANGE = {
    "fees": {"summary": "Fees of new lines", "value": {"fees": _FEES}},
    "name": {"summary": "Another name", "value": {"name": "Northwind Traders"}},
}


@router.get("")
async def list_advertisers(
    actor: Acting,
    application: TheApplication,
    page: PageWanted,
    search: Annotated[str | None, Query(max_length=200, description="Words of the name.")] = None,
    include_archived: bool = False,
) -> Page[AdvertiserView]:
    """By name."""
    return await application.queries.advertisers(actor, page, search=search, include_archived=include_archived)


@router.post("", status_code=201)
async def create_advertiser(
    actor: Acting,
    application: TheApplication,
    response: Response,
    command: Annotated[CreateAdvertiser, Body(openapi_examples=_NEW)],
) -> AdvertiserView:
    advertiser = await application.advertisers.create(actor, command)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/advertisers/{advertiser.id}"
    return _tagged(response, advertiser)


@router.get("/{advertiser_id}")
async def get_advertiser(
    actor: Acting, application: TheApplication, response: Response, advertiser_id: AdvertiserPath
) -> AdvertiserView:
    return _tagged(response, await application.queries.advertiser(actor, advertiser_id))


@router.patch("/{advertiser_id}")
async def update_advertiser(
    actor: Acting,
    application: TheApplication,
    response: Response,
    advertiser_id: AdvertiserPath,
    command: Annotated[UpdateAdvertiser, Body(openapi_examples=_CHANGE)],
    expected: Expected,
) -> AdvertiserView:
    """New lines take the new fees; what is planned keeps the fees it was planned with."""
    return _tagged(response, await application.advertisers.update(actor, advertiser_id, command, expected=expected))


@router.post("/{advertiser_id}/archive")
async def archive_advertiser(
    actor: Acting, application: TheApplication, response: Response, advertiser_id: AdvertiserPath, expected: Expected
) -> AdvertiserView:
    """Its campaigns keep its terms; new ones are not made for it."""
    return _tagged(response, await application.advertisers.archive(actor, advertiser_id, expected=expected))


@router.post("/{advertiser_id}/restore")
async def restore_advertiser(
    actor: Acting, application: TheApplication, response: Response, advertiser_id: AdvertiserPath, expected: Expected
) -> AdvertiserView:
    return _tagged(response, await application.advertisers.restore(actor, advertiser_id, expected=expected))


def _tagged(response: Response, advertiser: AdvertiserView) -> AdvertiserView:
    tag(response, advertiser.version)
    return advertiser
