"""A tool that only reads can't do anything else, whatever it is made to do."""

from types import SimpleNamespace
from typing import Any

import pytest

from agents.context import RunContext
from agents.tools import Call, Effect, Nothing, Said, offer
from domain.errors import Forbidden
from domain.tenants import Permission
from services.actor import Actor
from services.campaigns import Campaigns
from services.queries import CampaignFilter
from services.read_models import PageRequest
from tests.agents.conftest import Talk
from tests.services.samples import create


async def through_a_tool(campaigns: Campaigns, actor: Actor, effect: Effect) -> None:
    """Creates a campaign, in a tool of that effect."""

    async def makes(call: Call[Nothing]) -> Said:
        """Makes one."""
        await campaigns.create(call.actor, create(name=f"By {effect}"))
        return Said("Made.")

    context = RunContext(tenant_id=actor.tenant_id, user_id=actor.user_id, permissions=actor.permissions)
    runtime: Any = SimpleNamespace(context=context, state={}, tool_call_id="call_1")
    tool: Any = offer("workspace", makes, Nothing, Permission.CAMPAIGN_READ, effect).tool
    await tool.coroutine(runtime=runtime)


async def test_the_database_refuses_a_write_of_a_tool_that_reads(talk: Talk) -> None:
    one = await talk()
    await through_a_tool(one.app.campaigns, one.actor, Effect.DRAFT)
    with pytest.raises(Forbidden) as refused:
        await through_a_tool(one.app.campaigns, one.actor, Effect.READ)
    assert refused.value.code == "read_only"
    found = (await one.app.queries.campaigns(one.actor, CampaignFilter(), PageRequest())).items
    assert [campaign.name for campaign in found] == ["By draft"]


async def test_the_tools_that_read_can_do_their_work(talk: Talk) -> None:
    one = await talk()
    for message in (
        "Create a spring campaign for Northwind, $250k, March to April, conversions",
        "draft a plan on search, social and CTV",
        "take 10k from search",
        "what if we only had 200k?",
        "compare the plans",
        "summarise the plan",
        "forecast the results",
        "give me the budget overview",
        "list my campaigns",
        "who is in this workspace?",
        "show my chats",
        "show the settings",
        "show the plan",
    ):
        turn = await one.say(message)
        answer = await one.answer(turn.id)
        assert "could not" not in answer, (message, answer)
        assert [row.role for row in await one.rows(turn.id)].count("tool") >= 1, (message, answer)


async def test_what_a_plan_is_expected_to_cost_for_each_conversion(talk: Talk) -> None:
    one = await talk()
    await one.say("Create a spring campaign for Northwind, $250k, March to April, conversions")
    drafted = await one.say("draft a plan with 50% on search and 50% on social")
    shown = await one.say("what's the expected CPA?")
    plan = await one.app.queries.plan(one.actor, (await one.app.queries.campaigns_named(one.actor, "Northwind"))[0].id)
    assert f"for 250,000.00 USD, {plan.cpa} for each conversion" in await one.answer(shown.id)
    split = "Search 125,000.00 USD (50.0 %); Social 125,000.00 USD (50.0 %)"
    assert f"version 1 of the plan for “Northwind Spring Campaign”: {split}" in await one.answer(drafted.id)
