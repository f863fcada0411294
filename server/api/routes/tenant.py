"""The tenant itself: its settings, its budgets at a glance."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from server.api.auth import Acting, TheApplication
from server.api.versions import Expected, tag
from services.access_views import SettingsView
from services.queries import BudgetGrouping, BudgetRow
from services.tenants import ChangeSettings

router = APIRouter(tags=["tenant"])

_CHANGE = {
    "german": {"value": {"locale": "de-DE", "timezone": "Europe/Berlin", "default_currency": "EUR"}},
    "limit": {"value": {"self_approval_limit": {"amount": "1000.00", "currency": "USD"}}},
}


@router.get("/settings")
async def get_settings(actor: Acting, application: TheApplication, response: Response) -> SettingsView:
    return _tagged(response, await application.queries.settings(actor))


@router.patch("/settings")
async def change_settings(
    actor: Acting,
    application: TheApplication,
    response: Response,
    command: Annotated[ChangeSettings, Body(openapi_examples=_CHANGE)],
    expected: Expected,
) -> SettingsView:
    return _tagged(response, await application.tenants.change_settings(actor, command, expected=expected))


@router.get("/budget-overview")
async def budget_overview(
    actor: Acting, application: TheApplication, by: BudgetGrouping = BudgetGrouping.CAMPAIGN
) -> list[BudgetRow]:
    """What is budgeted and planned in campaigns that are not archived, each currency by itself."""
    return await application.queries.budget_overview(actor, by)


def _tagged(response: Response, settings: SettingsView) -> SettingsView:
    tag(response, settings.version)
    return settings
