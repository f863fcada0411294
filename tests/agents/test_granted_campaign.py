"""A viewer with a grant on one campaign, in a conversation."""

import pytest
from langchain_core.messages import AIMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound
from domain.ids import CampaignId
from domain.tenants import Role
from services.actor import Actor
from services.events import EventType
from services.grants import GiveGrant
from tests.agents.conftest import Conversation, Talk
from tests.agents.people import colleague
from tests.agents.scripted import ScriptedModel, calls
from tests.conftest import NewActor
from tests.services.samples import create

WRITING = {"draft_plan", "revise_plan", "optimize_plan", "run_planning_workflow"}


async def _with_grant(one: Conversation, viewer: Actor, owner: Actor) -> tuple[CampaignId, CampaignId]:
    """One campaign that is granted, and one that is not."""
    spring = await one.app.campaigns.create(owner, create(name="Spring"))
    autumn = await one.app.campaigns.create(owner, create(name="Autumn"))
    given = GiveGrant(user_id=viewer.user_id, campaign_id=spring.id, role=Role.PLANNER)
    await one.app.grants.give(owner, given)
    return spring.id, autumn.id


async def test_she_plans_the_granted_campaign_and_no_other(talk: Talk, engine: AsyncEngine, tenant: NewActor) -> None:
    owner = await tenant()
    viewer = await colleague(engine, owner, Role.VIEWER)
    script = [
        calls("draft_plan", campaign="Spring", channels=["search"]),
        AIMessage("Done."),
        calls("draft_plan", campaign="Autumn", channels=["search"], call_id="call_2"),
        AIMessage("Refused."),
    ]
    model = ScriptedModel(steps=script)
    one = await talk(model, by=viewer)
    spring, autumn = await _with_grant(one, viewer, owner)
    for name in ("Spring", "Autumn"):
        await one.say(f"Draft a plan for {name} on search")
    results = [e.data for e in await one.events() if e.type is EventType.TOOL_RESULT]
    assert [result["refused"] for result in results] == [False, True]
    assert "not_permitted" in str(results[1]["text"])
    assert (await one.app.queries.plan(owner, spring)).number == 1
    with pytest.raises(NotFound):
        await one.app.queries.plan(owner, autumn)
    assert model.offered[0] >= WRITING


async def test_without_a_grant_she_is_not_even_offered_it(talk: Talk, engine: AsyncEngine, tenant: NewActor) -> None:
    viewer = await colleague(engine, await tenant(), Role.VIEWER)
    model = ScriptedModel(steps=[AIMessage("Hello.")])
    one = await talk(model, by=viewer)
    await one.say("Draft a plan on search")
    assert model.offered[0]
    assert not model.offered[0] & WRITING
