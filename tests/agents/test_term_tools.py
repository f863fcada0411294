"""Whole turns of the offline model about advertisers and benchmarks, on the real services."""

from typing import Any

from agents.offline.model import OfflineChatModel
from domain.channels import Channel
from services.plan_commands import DraftPlan
from services.read_models import PageRequest
from tests.agents.conftest import Conversation, Talk
from tests.conftest import NewActor
from tests.services.samples import create


async def answered(talk: Conversation, said: str) -> str:
    """The results of the tools that the turn called."""
    turn = await talk.say(said)
    data: list[Any] = [row.content["data"] for row in await talk.rows(turn.id) if row.role == "tool"]
    return " ".join(one["content"] for one in data)


async def test_what_a_client_pays_is_in_the_plan(talk: Talk, tenant: NewActor) -> None:
    owner = await tenant()
    one = await talk(OfflineChatModel(), by=owner)
    made = await answered(one, "Create an advertiser called Northwind")
    assert made == "Created “Northwind”: no fees, agency discount 15 %."
    told = await answered(one, "Northwind pays 2 % ad serving and 10 % commission")
    assert told == (
        "Updated “Northwind”: Ad serving 2 % of net media, Commission 10 % of net media, agency discount 15 %. "
        "Lines that are planned already keep the fees they have."
    )
    campaign = await one.app.campaigns.create(owner, create(advertiser="northwind"))
    plan = await one.app.plans.draft(owner, campaign.id, DraftPlan(channels=[Channel.SEARCH]))
    assert [fee.name for fee in plan.lines[0].costs.fees] == ["Ad serving", "Commission"]
    assert "“Northwind”" in await answered(one, "Show our advertisers")
    assert "10 % of net media" in await answered(one, "Which fees does Northwind pay?")


async def test_a_figure_of_ones_own_is_set_listed_and_removed(talk: Talk, tenant: NewActor) -> None:
    owner = await tenant()
    one = await talk(OfflineChatModel(), by=owner)
    told = await answered(one, "Set our search CPM in Germany to 85 EUR, source: 2026 actuals")
    assert told == "Set: Search in DE (EUR): CPM 85 EUR, source 2026 actuals. The rest is inherited."
    listed = await answered(one, "Show our benchmarks")
    assert "Own figures: Search in DE (EUR): CPM 85 EUR, source 2026 actuals." in listed
    assert "CTV CPM 30.00 USD, CTR 1.2 % (illustrative default)" in listed
    removed = await answered(one, "Remove our search benchmark in Germany in EUR")
    assert removed.startswith("Removed: Search in DE (EUR): CPM 85 EUR")
    assert (await one.app.queries.benchmarks(owner, PageRequest())).items == []
