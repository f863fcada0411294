"""Plans that come in: a preview that changes nothing, and saving what it showed."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import CampaignPath
from server.api.routes.plans import made
from services.plan_import_commands import CommitImport, ImportSource
from services.plan_import_views import ImportPreview
from services.queries import PlanView

router = APIRouter(tags=["plans"])

_FILE = "0198c0de-0000-7000-8000-000000000001"
_PREVIEW = {
    "as_it_is": {"summary": "As the file reads by itself", "value": {"file_id": _FILE}},
    "told": {
        "summary": "With what a person says of it",
        "value": {
            "file_id": _FILE,
            "columns": [{"column": "C", "field": "market"}, {"column": "H"}],
            "channels": [{"word": "Digital", "channel": "display"}],
            "exchange": [{"currency": "EUR", "rate": "1.08", "source": "ECB reference rate", "on": "2027-03-01"}],
            "day_order": "day_first",
            "skip_rows": [14],
        },
    },
}
_COMMIT = {
    "as_shown": {"value": {"file_id": _FILE, "digest": "2f1c9a70b4d85e36"}},
    "raised": {
        "summary": "And the campaign's budget becomes what the lines cost",
        "value": {"file_id": _FILE, "digest": "2f1c9a70b4d85e36", "budget": "as_imported"},
    },
}
Preview = Annotated[ImportSource, Body(openapi_examples=_PREVIEW)]
Commit = Annotated[CommitImport, Body(openapi_examples=_COMMIT)]


@router.post("/campaigns/{campaign_id}/plan-imports/preview")
async def preview_plan_import(
    actor: Acting, application: TheApplication, campaign_id: CampaignPath, command: Preview
) -> ImportPreview:
    """What a file becomes in this campaign. Changes nothing."""
    return await application.plan_imports.preview(actor, campaign_id, command)


@router.post("/campaigns/{campaign_id}/plan-imports", status_code=201)
async def import_plan(
    actor: Acting, application: TheApplication, response: Response, campaign_id: CampaignPath, command: Commit
) -> PlanView:
    """With the preview's body and its digest: what it showed becomes the plan's next version."""
    return made(actor, response, await application.plan_imports.commit(actor, campaign_id, command))


@router.post("/plan-imports/preview")
async def preview_campaign_import(actor: Acting, application: TheApplication, command: Preview) -> ImportPreview:
    """A document that says what its campaign is. Changes nothing."""
    return await application.plan_imports.preview(actor, None, command)


@router.post("/plan-imports", status_code=201)
async def import_campaign(actor: Acting, application: TheApplication, response: Response, command: Commit) -> PlanView:
    """A new campaign with its plan."""
    return made(actor, response, await application.plan_imports.commit(actor, None, command))
