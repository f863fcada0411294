"""Grants: a member's role in one campaign."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from domain.ids import UserId
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import GrantPath, PageWanted
from services.access_views import GrantView
from services.grants import GiveGrant
from services.read_models import Page

router = APIRouter(prefix="/grants", tags=["members"])

_ID = "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"
_GIVE = {"planner of one campaign": {"value": {"user_id": _ID, "campaign_id": _ID, "role": "planner"}}}


@router.get("")
async def list_grants(
    actor: Acting,
    application: TheApplication,
    page: PageWanted,
    user_id: Annotated[UserId | None, Query(description="One member's alone.")] = None,
) -> Page[GrantView]:
    return await application.queries.grants(actor, page, user_id)


@router.post("", status_code=201)
async def give_grant(
    actor: Acting, application: TheApplication, command: Annotated[GiveGrant, Body(openapi_examples=_GIVE)]
) -> GrantView:
    """In place of the one that the member had for the campaign."""
    return await application.grants.give(actor, command)


@router.delete("/{grant_id}", status_code=204)
async def withdraw_grant(actor: Acting, application: TheApplication, grant_id: GrantPath) -> None:
    await application.grants.withdraw(actor, grant_id)
