"""A plan as a file to send, and as charts."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import PlanPath
from server.api.routes.plans import Number, campaign_of
from services.exports import ExportPlan
from services.file_views import FileView
from services.plan_charts import ChartKind, ChartView

router = APIRouter(tags=["plans"])

_EXPORT = {
    "workbook": {"value": {"format": "xlsx"}},
    "standard": {"summary": "An earlier version", "value": {"format": "mediaplan_json", "version": 1}},
}


@router.post("/plans/{plan_id}/exports", status_code=201)
async def export_plan(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    command: Annotated[ExportPlan, Body(openapi_examples=_EXPORT)],
) -> FileView:
    """A file of the campaign, kept for thirty days, with a link that opens it without a token for ten minutes."""
    file = await application.exports.export(actor, await campaign_of(application, actor, plan_id), command)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/files/{file.id}"
    return file


@router.get("/plans/{plan_id}/charts/{kind}")
async def get_plan_chart(
    actor: Acting, application: TheApplication, plan_id: PlanPath, kind: ChartKind, number: Number = None
) -> ChartView:
    """A Vega-Lite specification with its data."""
    return await application.exports.chart(actor, await campaign_of(application, actor, plan_id), kind, number)
