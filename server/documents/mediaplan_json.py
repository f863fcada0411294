"""A plan as mediaplanschema 3.0 JSON, the open standard that other planning tools read.

What a line kept of a document it was imported from comes back out: `extension["mediaplanschema"]` holds fields of the
line item that have no place in a plan. What has no place in the standard goes to `custom_properties.media_planner`.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.errors import InvalidInput
from server.documents.mediaplan_costs import CustomCosts, costs_of
from server.documents.mediaplan_schema import VERSION, problems_of
from services.line_views import LineView
from services.plan_document import DocumentLine, PlanDocument

STANDARD = "mediaplanschema"
OWN = "media_planner"
# What a plan always knows better than a document it came from.
_PLANNED = ("start_date", "end_date", "cost_total", "cost_currency", "cost_currency_exchange_rate")


class MediaplanWriter:
    def write(self, document: PlanDocument) -> bytes:
        """UTF-8. Raises InvalidInput `not_in_standard`, naming the place, for what the schema does not allow."""
        made = mediaplan(document)
        if problems := problems_of(made):
            first = problems[0]
            raise InvalidInput(
                f"The plan can't be said in mediaplanschema {VERSION}: {first.place}: {first.message}",
                code="not_in_standard",
                field=first.place or "lines",
            )
        return json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False).encode()


def mediaplan(document: PlanDocument) -> dict[str, Any]:
    customs = CustomCosts.of(document)
    made: dict[str, Any] = {
        "meta": _meta(document),
        "campaign": _campaign(document),
        "lineitems": [_line_item(document, line, customs) for line in document.lines],
    }
    if customs.captions:
        made["dictionary"] = {"custom_costs": customs.dictionary}
    return made


def kept_of(line: DocumentLine) -> dict[str, Any]:
    kept = line.extension.get(STANDARD)
    return dict(kept) if isinstance(kept, Mapping) else {}


def number(value: Decimal | int | float) -> int | float:
    """As JSON writes it: whole where it is."""
    return int(value) if value == int(value) else float(value)


def _meta(document: PlanDocument) -> dict[str, Any]:
    plan = document.plan
    comments = " ".join(part for part in (plan.reason.capitalize() + ".", plan.explanation) if part)
    meta: dict[str, Any] = {
        "id": f"{plan.id}-v{plan.number}",
        "schema_version": VERSION,
        "name": document.file_stem,
        "created_by_name": document.made_by,
        "created_at": plan.created_at.isoformat(),
        "comments": comments,
        "is_current": plan.number == plan.current_number,
        "is_archived": document.campaign.archived,
    }
    if plan.parent_number is not None:
        meta["parent_id"] = f"{plan.id}-v{plan.parent_number}"
    return meta


def _campaign(document: PlanDocument) -> dict[str, Any]:
    campaign = document.campaign
    said: dict[str, Any] = {
        "id": str(campaign.id),
        "name": campaign.name,
        "objective": campaign.objective.value,
        "start_date": document.start.isoformat(),
        "end_date": document.end.isoformat(),
        "budget_currency": document.budget.currency,
        "budget_total": number(document.budget.amount),
        "advertiser_name": campaign.advertiser,
        "product_name": campaign.product,
        "target_audiences": [{"name": name} for name in campaign.audiences],
        "target_locations": [{"name": name} for name in campaign.markets],
        "workflow_status_name": campaign.status.value,
        "kpi_name1": campaign.kpi,
        "kpi_value1": number(campaign.kpi_target) if campaign.kpi and campaign.kpi_target is not None else None,
        "custom_properties": {OWN: {"budget_basis": document.basis.value}},
    }
    return _said(said)


def _line_item(document: PlanDocument, line: DocumentLine, customs: CustomCosts) -> dict[str, Any]:
    view, kept = line.view, kept_of(line)
    planned = {
        "id": view.code,
        "name": view.label,
        "start_date": line.start.isoformat(),
        "end_date": line.end.isoformat(),
        "channel": view.channel.label,
        "vehicle": view.vehicle,
        "location_name": view.market,
        "target_audience": view.audience,
        "adformat": view.format,
        **{name: number(amount) for name, amount in costs_of(document, line, customs).items()},
        "cost_currency": view.foreign.amount.currency if view.foreign else document.currency,
        "cost_currency_exchange_rate": number(view.foreign.rate) if view.foreign else None,
        **_delivery(view),
    }
    own = _said(planned)
    item = own | kept | {name: own[name] for name in _PLANNED if name in own}
    properties = kept.get("custom_properties")
    item["custom_properties"] = {
        **(properties if isinstance(properties, Mapping) else {}),
        OWN: _own(document, line),
    }
    return item


def _delivery(view: LineView) -> dict[str, Any]:
    """Only what is expected at all: 0 would say that nothing is."""
    return {
        "metric_impressions": view.impressions or None,
        "metric_clicks": view.clicks or None,
        "metric_view_completions": view.completed_views or None,
        "metric_conversions": number(view.conversions) or None,
        "metric_reach": view.reach,
        "metric_audience_size": view.universe,
    }


def _own(document: PlanDocument, line: DocumentLine) -> dict[str, Any]:
    view = line.view
    return _said(
        {
            "code": view.code,
            "channel": view.channel.value,
            "pricing_model": view.pricing_model.value,
            "rate": str(view.rate) if view.rate is not None else None,
            "rate_currency": view.rate_currency,
            "fees": [
                {"kind": fee.kind.value, "name": fee.name, "basis": fee.basis.value, "value": str(fee.value)}
                for fee in view.costs.fees
            ],
            "weeks": {
                start.isoformat(): str(amount)
                for start, amount in zip(document.weeks, line.weekly, strict=True)
                if amount
            },
            "locked": view.locked,
            "figures_from": view.source,
            "name": line.name if line.utm else None,
            "utm": line.utm,
            "notes": view.notes,
        }
    )


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != []}
