"""A plan as mediaplanschema 3.0: what the schema accepts, with costs that add up and nothing of the original lost."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.fees import Fee, FeeBasis, FeeKind
from domain.money import Money
from domain.plans.lines import LineSpec
from server.documents.mediaplan_json import MediaplanWriter
from server.documents.mediaplan_schema import problems_of
from services.plan_document import PlanDocument
from tests.services.planned_samples import campaign, document, everything, planned

PLANS = Path(__file__).parents[2] / "fixtures" / "plans"
PARTS = ("cost_media", "cost_buying", "cost_platform", "cost_data", "cost_creative", "cost_custom1", "cost_custom2")


def _read(of: PlanDocument) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(MediaplanWriter().write(of))
    return read


def test_it_is_what_the_schema_allows_and_costs_add_up() -> None:
    of = document(everything())
    read = _read(of)
    assert problems_of(read) == []
    assert read["meta"]["schema_version"] == "3.0"
    assert (read["campaign"]["budget_total"], read["campaign"]["budget_currency"]) == (250_000, "USD")
    assert [item["id"] for item in read["lineitems"]] == ["search", "social", "social-2", "ctv", "print"]
    for item, line in zip(read["lineitems"], of.lines, strict=True):
        parts = sum(Decimal(str(item.get(name, 0))) for name in PARTS)
        assert parts == Decimal(str(item["cost_total"])), item["id"]
        if item["cost_currency"] == "USD":
            assert Decimal(str(item["cost_total"])) == line.view.costs.client_cost.amount
        weeks = item["custom_properties"]["media_planner"]["weeks"]
        assert sum(Decimal(amount) for amount in weeks.values()) == line.view.budget.amount


def test_what_is_paid_abroad_is_said_in_that_currency() -> None:
    abroad = _read(document(everything()))["lineitems"][4]
    assert (abroad["cost_currency"], abroad["cost_currency_exchange_rate"], abroad["cost_total"]) == ("EUR", 1.08, 9000)
    assert (abroad["cost_media"], abroad["cost_buying"]) == (8571.43, 428.57)


def test_what_an_imported_line_kept_comes_back_out() -> None:
    kept = _read(document(everything()))["lineitems"][4]
    assert (kept["channel"], kept["dim_custom1"]) == ("Press", "B2B")
    assert kept["custom_properties"]["media_planner"]["channel"] == "print"


def test_a_fee_of_no_kind_of_the_standard_gets_a_free_field_and_its_name() -> None:
    read = _read(document(everything()))
    assert read["dictionary"]["custom_costs"] == {"cost_custom2": {"status": "enabled", "caption": "Studio"}}
    assert read["lineitems"][0]["cost_custom2"] == 100


def test_more_fees_than_fields_still_add_up() -> None:
    fees = tuple(Fee(FeeKind.OTHER, FeeBasis.FLAT, Decimal(number), f"Fee {number}") for number in range(1, 15))
    lines = [(LineSpec("search", Channel.SEARCH, fees=fees), Money(10**6, "USD"))]
    item = _read(document(planned(campaign(Money(10**7, "USD")), lines)))["lineitems"][0]
    costs = {name: value for name, value in item.items() if name.startswith("cost_") and isinstance(value, int | float)}
    total = costs.pop("cost_total")
    assert sum(Decimal(str(value)) for value in costs.values()) == total == 10_000
    assert costs["cost_custom10"] == 10 + 11 + 12 + 13 + 14


def test_what_an_imported_plan_said_beside_its_lines_comes_back_out() -> None:
    example = json.loads((PLANS / "example_mediaplan_v3.0.json").read_text("utf-8"))
    kept = {"meta": example["meta"], "campaign": example["campaign"], "dictionary": example["dictionary"], "x": 1}
    of = document(everything()).model_copy(update={"extension": {"mediaplanschema": kept}})
    read = _read(of)
    assert (read["meta"], read["x"]) == (example["meta"], 1)
    ours = ("name", "start_date", "end_date", "budget_total", "workflow_status_name")
    assert [read["campaign"][name] for name in ours] == ["Spring", "2027-03-01", "2027-04-30", 250_000, "planned"]
    for name in set(example["campaign"]) - {*ours, "custom_properties"}:
        assert read["campaign"][name] == example["campaign"][name], name
    assert read["campaign"]["custom_properties"].items() >= example["campaign"]["custom_properties"].items()
    custom = {"cost_custom2": {"status": "enabled", "caption": "Studio"}}
    assert read["dictionary"] == {
        **example["dictionary"],
        "custom_costs": {**example["dictionary"]["custom_costs"], **custom},
    }


def test_what_the_document_did_not_have_stays_out_and_what_added_up_its_lines_comes_last() -> None:
    of = document(everything())
    sums = {"id": "all", "name": "All", "start_date": "2027-03-01", "end_date": "2027-04-30", "cost_total": 1}
    line = of.lines[0].model_copy(update={"extension": {"mediaplanschema": {"vehicle": None, "vehicle_custom": "G"}}})
    kept = {"mediaplanschema": {"aggregates": [{**sums, "is_aggregate": True}]}}
    read = _read(of.model_copy(update={"lines": [line, *of.lines[1:]], "extension": kept}))
    assert ("vehicle" in read["lineitems"][0], read["lineitems"][0]["vehicle_custom"]) == (False, "G")
    assert ([item["id"] for item in read["lineitems"]][-1], "aggregates" in read) == ("all", False)


@pytest.mark.parametrize(("before", "leads"), [(9000, 700), (8000, None)])
def test_figures_of_a_line_are_kept_as_long_as_its_cost_is(before: int, leads: int | None) -> None:
    of = document(everything())
    kept = {"metric_leads": 700, "cost_total": before, "cost_maximum": 9500, "partner": "Régie"}
    line = of.lines[4].model_copy(update={"extension": {"mediaplanschema": kept, "channel": "Press"}})
    item = _read(of.model_copy(update={"lines": [*of.lines[:4], line]}))["lineitems"][4]
    assert (item.get("metric_leads"), item["cost_total"], item["partner"], item["channel"]) == (
        *(leads, 9000, "Régie", "Press"),
    )


def test_kept_fields_that_are_no_longer_what_the_standard_allows_are_refused() -> None:
    of = document(everything())
    line = of.lines[0].model_copy(update={"extension": {"mediaplanschema": {"metric_leads": "many"}}})
    with pytest.raises(InvalidInput) as refused:
        MediaplanWriter().write(of.model_copy(update={"lines": [line, *of.lines[1:]]}))
    assert (refused.value.code, refused.value.field) == ("not_in_standard", "lineitems/0/metric_leads")


def test_an_earlier_version_names_its_parent() -> None:
    of = everything()
    view = of.view.model_copy(update={"number": 2, "parent_number": 1, "current_number": 3})
    meta = _read(document(replace(of, view=view)))["meta"]
    assert (meta["is_current"], meta["id"], meta["parent_id"]) == (False, f"{view.id}-v2", f"{view.id}-v1")
