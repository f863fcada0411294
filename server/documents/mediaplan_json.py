"""A plan as mediaplanschema 3.0 JSON, the open standard that other planning tools read.

What an imported document said comes back out: `extension["mediaplanschema"]` of a line holds the fields of its item
that have no place in a plan, that of the plan the same of `meta`, `campaign`, `dictionary` and whatever else there was,
and line items that only add up others as `aggregates`. What has no place in the standard goes to
`custom_properties.media_planner`.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain.errors import InvalidInput
from server.documents.mediaplan_costs import CustomCosts, costs_of, kept_in
from server.documents.mediaplan_schema import VERSION, problems_of
from services.line_views import LineView
from services.plan_document import DocumentLine, PlanDocument

OWN = "media_planner"
# What a plan always knows better than a document it came from.
_OF_LINES = ("start_date", "end_date", "cost_total", "cost_currency", "cost_currency_exchange_rate")
_OF_CAMPAIGNS = ("name", "start_date", "end_date", "budget_currency", "budget_total", "workflow_status_name")


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
    customs, kept = CustomCosts.of(document), kept_in(document.extension)
    dictionary = dict(kept_in(kept, "dictionary"))
    if customs.captions:
        dictionary["custom_costs"] = {**kept_in(dictionary, "custom_costs"), **customs.dictionary}
    aggregates = kept.get("aggregates")
    made = {
        **{name: part for name, part in kept.items() if name != "aggregates"},
        "meta": {**_meta(document), **kept_in(kept, "meta")},
        "campaign": _merged(_campaign(document), kept_in(kept, "campaign"), _OF_CAMPAIGNS),
        "lineitems": [
            *(_line_item(document, line, customs) for line in document.lines),
            *(aggregates if isinstance(aggregates, list) else []),
        ],
        "dictionary": dictionary,
    }
    return made if dictionary else {name: part for name, part in made.items() if name != "dictionary"}


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
    view = line.view
    costs = {name: number(amount) for name, amount in costs_of(document, line, customs).items()}
    own = {
        "id": view.code,
        "name": view.label,
        "start_date": line.start.isoformat(),
        "end_date": line.end.isoformat(),
        "channel": view.channel.label,
        "vehicle": view.vehicle,
        "location_name": view.market,
        "target_audience": view.audience,
        "adformat": view.format,
        **costs,
        "cost_currency": view.foreign.amount.currency if view.foreign else document.currency,
        "cost_currency_exchange_rate": number(view.foreign.rate) if view.foreign else None,
        **_delivery(view),
        "custom_properties": {OWN: _own(document, line)},
    }
    kept = _still_true(line, costs["cost_total"])
    return _merged(_of_one_source(_said(own), kept), kept, _OF_LINES)


def _of_one_source(own: dict[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of delivery are the document's or ours, never some of each."""
    if not any(name.startswith("metric_") for name in kept):
        return own
    return {name: value for name, value in own.items() if not name.startswith("metric_")}


def _still_true(line: DocumentLine, total: float) -> dict[str, Any]:
    """What the line kept. Once it costs something else than it did there, the figures of then are not kept on."""
    words = {name: line.extension[name] for name in ("id", "channel") if isinstance(line.extension.get(name), str)}
    kept = {**words, **kept_in(line.extension)}
    if kept.get("cost_total", total) == total:
        return kept
    return {name: value for name, value in kept.items() if not name.startswith(("cost_", "metric_"))}


def _merged(own: Mapping[str, Any], kept: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """What was kept, before what we would say in its place; except for what is `known` better here.

    A field that was kept as None is one that the document didn't have.
    """
    both = {**kept_in(kept, "custom_properties"), **own["custom_properties"]}
    merged = {**own, **kept, **{name: own[name] for name in known if name in own}, "custom_properties": both}
    return {name: value for name, value in merged.items() if value is not None}


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
