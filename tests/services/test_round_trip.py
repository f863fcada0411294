"""A mediaplanschema document that comes in and goes out again says everything that it said before."""

import json
from pathlib import Path
from typing import Any

from domain.channels import Channel
from domain.ids import CampaignId
from server.documents.mediaplan_schema import problems_of
from server.documents.writers import PLAN_WRITERS
from services.actor import Actor
from services.exports import Exports
from services.plan_commands import DraftPlan, RevisePlan
from services.plan_document import ExportFormat
from tests.services.importing import Counter
from tests.services.importing import counter as counter
from tests.services.samples import create, usd
from tests.services.test_exports import Entities

PLANS = Path(__file__).parents[1] / "fixtures" / "plans"
OWN = "media_planner"  # what we say beside the standard

Json = dict[str, Any]


def _differences(before: Any, after: Any, place: str = "") -> dict[str, tuple[Any, Any]]:
    """By place, whatever is another thing now, is gone, or is new; our own properties aside."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = {*before, *after} - {OWN} - ({"custom_properties"} - before.keys())
        return {
            at: pair
            for name in names
            for at, pair in _differences(before.get(name), after.get(name), f"{place}/{name}").items()
        }
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        each = enumerate(zip(before, after, strict=True))
        return {at: pair for n, pair in each for at, pair in _differences(*pair, f"{place}/{n}").items()}
    return {} if before == after else {place: (before, after)}


async def _out(counter: Counter, actor: Actor, campaign_id: CampaignId) -> Json:
    memory = counter.memory
    exports = Exports(memory.begin, counter.files, PLAN_WRITERS, Entities(memory), memory.clock)
    document = await exports.document(actor, campaign_id)
    read: Json = json.loads(exports.render(document, ExportFormat.MEDIAPLAN_JSON))
    assert problems_of(read) == []
    return read


async def _in(counter: Counter, actor: Actor, document: Json, **said: Any) -> CampaignId:
    shown = await counter.preview(actor, None, json.dumps(document), "plan.json", **said)
    return (await counter.commit(actor, shown, budget="as_imported", **said)).campaign_id


async def test_a_document_with_everything_in_it_loses_nothing(counter: Counter) -> None:
    """But the status, which is this product's to say; its budget was too small and was raised as it was asked for."""
    owner = counter.memory.owner()
    before = json.loads((PLANS / "example_mediaplan_v3.0.json").read_text("utf-8"))
    after = await _out(counter, owner, await _in(counter, owner, before))
    assert _differences(before, after) == {
        "/campaign/budget_total": (950_000, 962_800),
        "/campaign/workflow_status_name": ("Approved - Live", "planned"),
    }


async def test_a_document_without_an_objective_has_the_one_that_was_said(counter: Counter) -> None:
    owner = counter.memory.owner()
    before = json.loads((PLANS / "mediaplan_v3_full.json").read_text("utf-8"))
    after = await _out(counter, owner, await _in(counter, owner, before, objective="leads"))
    differing = _differences(before, after)
    assert differing.pop("/campaign/workflow_status_name", ("", "planned"))[1] == "planned"
    added = {
        "/campaign/objective": "leads",
        "/lineitems/0/cost_media": 50_000,
        "/meta/comments": "Imported from plan.json.",
    }
    assert differing == {place: (None, value) for place, value in added.items()}


async def test_a_plan_of_ours_comes_back_as_it_went(counter: Counter) -> None:
    owner, client = counter.memory.owner(), counter.memory.owner()
    campaign = await counter.memory.campaigns.create(owner, create(budget=usd("99999.97"), advertiser="Northwind"))
    await counter.memory.plans.draft(
        owner, campaign.id, DraftPlan(channels=[Channel.SEARCH, Channel.CTV, Channel.SOCIAL])
    )
    await counter.memory.plans.revise(owner, campaign.id, RevisePlan.model_validate({"flighting": "front_loaded"}))
    sent = await _out(counter, owner, campaign.id)
    again = await _out(counter, client, await _in(counter, client, sent))
    assert _differences(sent["lineitems"], again["lineitems"]) == {}
    ours = [[item["custom_properties"][OWN] for item in read["lineitems"]] for read in (sent, again)]
    assert [line["weeks"] for line in ours[0]] == [line["weeks"] for line in ours[1]]
    assert _differences(sent["campaign"], again["campaign"]) == {}


async def test_a_line_that_costs_something_else_loses_the_figures_of_then(counter: Counter) -> None:
    owner = counter.memory.owner()
    before = json.loads((PLANS / "example_mediaplan_v3.0.json").read_text("utf-8"))
    campaign_id = await _in(counter, owner, before)
    less = {
        "line": "li_linkedin_sponsored_001",
        "action": "decrease",
        "amount": {"amount": "100000", "currency": "USD"},
    }
    await counter.memory.plans.revise(owner, campaign_id, RevisePlan.model_validate({"changes": [less]}))
    item, *others = (await _out(counter, owner, campaign_id))["lineitems"]
    parts = ("cost_media", "cost_buying", "cost_platform", "cost_data", "cost_creative")
    assert item["cost_total"] == sum(item[name] for name in parts) == 300_000
    assert item["partner"] == "LinkedIn Marketing Solutions"
    assert "metric_leads" not in item
    assert item["metric_impressions"] != before["lineitems"][0]["metric_impressions"]
    assert _differences(before["lineitems"][1:], others) == {}
