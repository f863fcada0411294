"""A tool that needs an approval, from the turn that asks to the one that hears the verdict."""

import asyncio

import pytest
from langchain_core.messages import AIMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.approvals import ApprovalStatus, Verdict
from domain.campaigns import CampaignStatus, Move
from domain.delegations import DelegationKind
from domain.sessions import TurnStatus
from domain.tenants import Role
from services.access_views import ApprovalFilter, ApprovalView
from services.actor import Actor
from services.amounts import Amount
from services.approvals import Decide
from services.campaigns import CreateCampaign
from services.delegations import GiveDelegation
from services.events import EventType
from services.queries import CampaignView
from services.read_models import PageRequest
from tests.agents.conftest import LEASE_SECONDS, Conversation, Talk
from tests.agents.people import colleague
from tests.agents.scripted import ScriptedModel, calls
from tests.conftest import NewActor

APPROVE, DENY = Decide(verdict=Verdict.APPROVED), Decide(verdict=Verdict.DENIED, reason="Not this quarter.")
LAUNCH = calls("move_campaign", campaign="Spring", move="launch", reason="The CFO has approved this, just click.")


async def ready(one: Conversation, owner: Actor) -> CampaignView:
    """Only to be launched."""
    wanted = {
        "name": "Spring",
        "objective": "awareness",
        "budget": {"amount": "250000", "currency": "USD"},
        "start": "2027-03-01",
        "end": "2027-05-31",
    }
    made = await one.app.campaigns.create(owner, CreateCampaign.model_validate(wanted))
    async with one.app.begin(owner) as work:
        campaign = await work.campaigns.get(made.id)
        campaign.move(Move.PLAN)
        campaign.move(Move.APPROVE)
        await work.commit(Amount.of(campaign.budget))
    return made


async def only_approval(one: Conversation) -> ApprovalView:
    (approval,) = (await one.app.queries.approvals(one.actor, ApprovalFilter(), PageRequest())).items
    return approval


async def status(one: Conversation, campaign: CampaignView) -> CampaignStatus:
    return (await one.app.queries.campaign(one.actor, campaign.id)).status


@pytest.fixture
async def owner(tenant: NewActor) -> Actor:
    return await tenant()


@pytest.fixture
async def planner(engine: AsyncEngine, owner: Actor) -> Actor:
    return await colleague(engine, owner, Role.PLANNER)


async def test_a_turn_that_asks_ends_waiting_and_shows_for_what(talk: Talk, owner: Actor, planner: Actor) -> None:
    one = await talk(ScriptedModel(steps=[LAUNCH, AIMessage("It waits for approval.")]), by=planner)
    campaign = await ready(one, owner)
    turn = await one.say("launch Spring")
    assert turn.status is TurnStatus.AWAITING_APPROVAL
    approval = await only_approval(one)
    assert (approval.status, approval.title) == (ApprovalStatus.PENDING, "Launch “Spring” for 250,000.00 USD")
    events = await one.events()
    (told,) = [event for event in events if event.type is EventType.APPROVAL]
    (result,) = [event for event in events if event.type is EventType.TOOL_RESULT]
    assert (told.turn_id, told.agent, told.data["approval_id"]) == (turn.id, "workspace", str(approval.id))
    assert str(result.data["text"]).startswith("Waiting for approval: Launch “Spring” for 250,000.00 USD.")
    block = result.data["block"]
    assert isinstance(block, dict)
    assert (block["kind"], block["approval"]["id"]) == ("approval", str(approval.id))
    assert events[-1].data["approvals"] == [
        {"approval_id": str(approval.id), "title": approval.title, "expires_at": approval.expires_at.isoformat()}
    ]
    shown = "".join(str(event.data) for event in (told, events[-1])) + str(block)
    assert "CFO" not in shown
    assert await status(one, campaign) is CampaignStatus.APPROVED


async def test_the_verdict_comes_as_a_turn_and_the_next_one_hears_it(talk: Talk, owner: Actor, planner: Actor) -> None:
    model = ScriptedModel(steps=[LAUNCH, AIMessage("It waits."), AIMessage("You're welcome.")])
    one = await talk(model, by=planner)
    campaign = await ready(one, owner)
    await one.say("launch Spring")
    decided = await one.app.approvals.decide(owner, (await only_approval(one)).id, APPROVE)
    assert decided.status is ApprovalStatus.EXECUTED
    assert await status(one, campaign) is CampaignStatus.LIVE
    started, told, said, ended = (await one.events())[-4:]
    assert [event.type for event in (started, told, said, ended)] == [
        EventType.TURN_STARTED,
        EventType.APPROVAL,
        EventType.MESSAGE,
        EventType.TURN_ENDED,
    ]
    words = "Ada approved it, and it is done: Launch “Spring” for 250,000.00 USD."
    assert said.data["text"] == words
    assert (await one.say("thanks")).status is TurnStatus.COMPLETED
    assert words in [message.text for message in model.asked[-1]]
    messages = (await one.app.queries.messages(planner, one.session_id, PageRequest())).items
    assert words in [message.text for message in messages]


async def test_a_denial_changes_nothing(talk: Talk, owner: Actor, planner: Actor) -> None:
    one = await talk(by=planner)
    campaign = await ready(one, owner)
    assert (await one.say("open the Spring campaign")).status is TurnStatus.COMPLETED
    assert (await one.say("launch it")).status is TurnStatus.AWAITING_APPROVAL
    await one.app.approvals.decide(owner, (await only_approval(one)).id, DENY)
    assert await status(one, campaign) is CampaignStatus.APPROVED
    (said,) = [event for event in (await one.events())[-4:] if event.type is EventType.MESSAGE]
    assert str(said.data["text"]).endswith("Reason: Not this quarter.")


async def test_what_is_covered_is_done_in_the_turn(talk: Talk, owner: Actor, planner: Actor) -> None:
    one = await talk(ScriptedModel(steps=[LAUNCH, AIMessage("Launched.")]), by=planner)
    campaign = await ready(one, owner)
    given = GiveDelegation.model_validate(
        {"kind": DelegationKind.EXECUTE_ONLY, "cap": {"amount": "250000", "currency": "USD"}}
    )
    await one.app.delegations.give(owner, planner.user_id, given)
    assert (await one.say("launch Spring")).status is TurnStatus.COMPLETED
    assert await status(one, campaign) is CampaignStatus.LIVE
    assert (await one.app.queries.approvals(planner, ApprovalFilter(), PageRequest())).items == []


async def test_a_turn_run_again_asks_no_second_time(talk: Talk, owner: Actor, planner: Actor) -> None:
    """Its process died after it had asked; the successor finds the recorded result."""
    dying = ScriptedModel(steps=[LAUNCH, AIMessage("never said")], gates={1: asyncio.Event()})
    one = await talk(dying, by=planner)
    await ready(one, owner)
    turn_id = await one.post("launch Spring")
    async with asyncio.timeout(30):
        while len(dying.asked) < 2:
            await asyncio.sleep(0.02)
    await one.runner.drain(0)
    other = one.another_process(ScriptedModel(steps=[AIMessage("It waits.")]))
    async with asyncio.timeout(30):
        while not (await one.app.queries.turn(planner, turn_id)).status.ended:
            await asyncio.sleep(LEASE_SECONDS / 2)
            await other.recover()
    assert (await one.ended(turn_id)).status is TurnStatus.AWAITING_APPROVAL
    assert (await only_approval(one)).status is ApprovalStatus.PENDING


async def test_two_calls_of_one_turn_are_two_requests(talk: Talk, owner: Actor, planner: Actor) -> None:
    again = calls("move_campaign", campaign="Spring", move="launch", call_id="call_2")
    one = await talk(ScriptedModel(steps=[LAUNCH, again, AIMessage("They wait.")]), by=planner)
    campaign = await ready(one, owner)
    await one.say("launch Spring")
    found = (await one.app.queries.approvals(planner, ApprovalFilter(), PageRequest())).items
    verdicts = [(await one.app.approvals.decide(owner, approval.id, APPROVE)).status for approval in reversed(found)]
    assert verdicts == [ApprovalStatus.EXECUTED, ApprovalStatus.FAILED]
    assert await status(one, campaign) is CampaignStatus.LIVE
