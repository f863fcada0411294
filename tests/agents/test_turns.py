"""Whole turns: the graph, the journal, the services and Postgres together."""

import asyncio

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import UserId, new_id
from domain.sessions import TurnStatus
from domain.tenants import Role
from server.postgres.tables import turns
from services.actor import Actor
from services.events import EventType, NewEvent
from services.ports import Recorded
from services.queries import CampaignFilter
from services.read_models import PageRequest
from tests.agents.conftest import LEASE_SECONDS, Conversation, Talk
from tests.agents.people import colleague
from tests.agents.scripted import ScriptedModel, calls
from tests.server.postgres.databases import as_tenant

NAMES = ["Alpha", "Bravo", "Charlie", "Delta"]
SPRING = "Create a spring campaign for Northwind, $250k, March to April, conversions"


async def campaigns_of(talk: Conversation) -> list[str]:
    page = await talk.app.queries.campaigns(talk.actor, CampaignFilter(), PageRequest())
    return [campaign.name for campaign in page.items]


async def test_a_message_becomes_a_campaign_and_a_plan(talk: Talk) -> None:
    one = await talk()
    turn = await one.say(SPRING + ", then draft a plan on search, social and CTV")
    assert turn.status is TurnStatus.COMPLETED
    (campaign,) = (await one.app.queries.campaigns(one.actor, CampaignFilter(), PageRequest())).items
    plan = await one.app.queries.plan(one.actor, campaign.id)
    assert (str(campaign.budget), campaign.status.value) == ("250,000.00 USD", "planned")
    assert [line.channel for line in plan.lines] == ["search", "social", "ctv"]
    assert sum(line.budget.amount for line in plan.lines) == plan.total.amount == 250_000
    session = await one.app.queries.session(one.actor, one.session_id)
    assert (session.active_agent, session.active_campaign_id) == ("planning", campaign.id)


async def test_a_tool_turn_takes_two_model_calls(talk: Talk) -> None:
    one = await talk()
    for message in (SPRING, "draft a plan on search and social", "what if we only had 200k", "summarise the plan"):
        turn = await one.say(message)
        rows = await one.rows(turn.id)
        assert [row.role for row in rows] == ["user", "assistant", "tool", "assistant"], message


async def test_every_event_is_numbered_and_the_last_one_ends_the_turn(talk: Talk) -> None:
    one = await talk()
    await one.say(SPRING)
    events = await one.events()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.type for event in events] == [
        EventType.USER_MESSAGE,
        EventType.TURN_STARTED,
        EventType.AGENT_STARTED,
        EventType.TOOL_CALL,
        EventType.TOOL_RESULT,
        EventType.MESSAGE,
        EventType.TURN_ENDED,
    ]
    assert isinstance(events[4].data["block"], dict)


async def test_messages_posted_at_once_are_answered_in_order(talk: Talk) -> None:
    one = await talk()
    turns = await asyncio.gather(*(one.post(f"Create a campaign called {name}, $1k, March, traffic") for name in NAMES))
    for turn in turns:
        assert (await one.ended(turn)).status is TurnStatus.COMPLETED
    log = [(e.type, e.turn_id) for e in await one.events() if e.type in (EventType.TURN_STARTED, EventType.TURN_ENDED)]
    accepted = [e.turn_id for e in await one.events() if e.type is EventType.USER_MESSAGE]
    assert log == [(kind, turn) for turn in accepted for kind in (EventType.TURN_STARTED, EventType.TURN_ENDED)]
    assert sorted(await campaigns_of(one)) == sorted(NAMES)


async def test_a_turn_whose_process_died_is_finished_by_another_and_nothing_is_done_twice(talk: Talk) -> None:
    never = asyncio.Event()
    budget = {"amount": "1000.00", "currency": "USD"}
    create = calls(
        "create_campaign", name="Once", objective="traffic", budget=budget, start="2027-03-01", end="2027-03-31"
    )
    dying = ScriptedModel(steps=[create, AIMessage("never said")], gates={1: never})
    one = await talk(dying)
    turn_id = await one.post("Create a campaign called Once, $1k, March 2027, traffic")
    async with asyncio.timeout(30):
        while len(dying.asked) < 2:
            await asyncio.sleep(0.02)
    await one.runner.drain(0)

    successor = ScriptedModel(steps=[AIMessage("Created Once.")])
    other = one.another_process(successor)
    async with asyncio.timeout(30):
        while not (await one.app.queries.turn(one.actor, turn_id)).status.ended:
            await asyncio.sleep(LEASE_SECONDS / 2)
            await other.recover()
    assert (await one.ended(turn_id)).status is TurnStatus.COMPLETED
    assert await campaigns_of(one) == ["Once"]
    # It finds the turns that other tests left, too.
    asked = [messages for messages in successor.asked if "called Once" in str(messages)]
    assert (len(dying.asked), len(asked)) == (2, 1)
    assert [type(message) for message in asked[0][-1:]] == [ToolMessage]
    starts = [event.data["attempt"] for event in await one.events() if event.type is EventType.TURN_STARTED]
    assert starts == [1, 2]


async def test_a_turn_that_was_handed_over_before_its_process_died_stays_where_it_was(talk: Talk) -> None:
    never = asyncio.Event()
    dying = ScriptedModel(steps=[calls("transfer_to_planning"), AIMessage("never said")], gates={1: never})
    one = await talk(dying)
    turn_id = await one.post("show our settings")
    async with asyncio.timeout(30):
        while len(dying.asked) < 2:
            await asyncio.sleep(0.02)
    await one.runner.drain(0)

    other = one.another_process(ScriptedModel(steps=[AIMessage("Planned.")]))
    async with asyncio.timeout(30):
        while not (await one.app.queries.turn(one.actor, turn_id)).status.ended:
            await asyncio.sleep(LEASE_SECONDS / 2)
            await other.recover()
    rows = await one.rows(turn_id)
    assert [(row.role, row.agent) for row in rows[1:]] == [
        ("assistant", "workspace"),
        ("tool", "workspace"),
        ("assistant", "planning"),
    ]
    assert await one.answer(turn_id) == "Planned."
    assert (await one.app.queries.session(one.actor, one.session_id)).active_agent == "planning"


async def test_a_process_that_lost_its_lease_leaves_the_turn_to_the_other(talk: Talk, engine: AsyncEngine) -> None:
    never = asyncio.Event()
    frozen = ScriptedModel(steps=[AIMessage("too late")], gates={0: never})
    one = await talk(frozen)
    turn_id = await one.post("hello")
    async with asyncio.timeout(30):
        while not frozen.asked:
            await asyncio.sleep(0.02)
    async with as_tenant(engine, one.actor.tenant_id) as connection:
        await connection.execute(update(turns).where(turns.c.id == turn_id).values(attempt=2, lease_owner="another"))
    await one.runner.drain(grace=30)  # its heartbeat hears of it
    assert (await one.app.queries.turn(one.actor, turn_id)).status is TurnStatus.RUNNING
    assert EventType.TURN_ENDED not in [event.type for event in await one.events()]
    async with as_tenant(engine, one.actor.tenant_id) as connection:
        written = await connection.scalar(
            text("SELECT count(*) FROM checkpoints WHERE thread_id = :thread"), {"thread": str(one.session_id)}
        )
    assert written == 0


async def test_a_cancelled_turn_leaves_a_session_that_knows_what_was_done(talk: Talk) -> None:
    never = asyncio.Event()
    model = ScriptedModel(
        steps=[calls("show_settings"), AIMessage("never said"), AIMessage("The time zone is UTC.")], gates={1: never}
    )
    one = await talk(model)
    turn_id = await one.post("show our settings")
    async with asyncio.timeout(30):
        while len(model.asked) < 2:
            await asyncio.sleep(0.02)
    assert await one.runner.cancel(turn_id)
    assert (await one.ended(turn_id)).status is TurnStatus.CANCELLED
    assert (await one.say("and the time zone?")).status is TurnStatus.COMPLETED
    window = model.asked[2]
    answered = {message.tool_call_id for message in window if isinstance(message, ToolMessage)}
    asked = {call["id"] for message in window if isinstance(message, AIMessage) for call in message.tool_calls}
    assert answered == asked == {"call_1"}


async def test_a_model_that_fails_ends_its_turn_and_nothing_else(talk: Talk) -> None:
    one = await talk(ScriptedModel(steps=[RuntimeError("provider down"), AIMessage("Hello again.")]))
    failed = await one.say("hello")
    assert (failed.status, failed.error) == (TurnStatus.FAILED, "internal")
    assert (await one.say("hello?")).status is TurnStatus.COMPLETED
    (told,) = [e.data["error"] for e in await one.events() if e.type is EventType.TURN_ENDED and e.data["error"]]
    assert "provider down" not in str(told)


async def test_a_model_that_never_stops_is_stopped(talk: Talk) -> None:
    endless = [calls("list_campaigns", search=f"number {n}", call_id=f"call_{n}") for n in range(60)]
    one = await talk(ScriptedModel(steps=endless))
    turn = await one.say("show our settings")
    assert (turn.status, turn.error) == (TurnStatus.FAILED, "steps_spent")


async def test_a_colleague_who_may_only_look_is_not_offered_more_and_is_refused_more(
    talk: Talk, engine: AsyncEngine
) -> None:
    owner = (await talk()).actor
    viewer = await colleague(engine, owner, Role.VIEWER)
    budget = {"amount": "1.00", "currency": "USD"}
    forbidden = calls(
        "create_campaign", name="X", objective="traffic", budget=budget, start="2027-03-01", end="2027-03-31"
    )
    model = ScriptedModel(steps=[forbidden, AIMessage("I may not.")])
    one = await talk(model, by=viewer)
    await one.say("Create a campaign called X, $1, March, traffic")
    assert "show_campaign" in model.offered[0]
    assert not {"create_campaign", "update_campaign", "archive_campaign", "change_settings"} & model.offered[0]
    (result,) = [e.data for e in await one.events() if e.type is EventType.TOOL_RESULT]
    assert (result["refused"], "not_permitted" in str(result["text"])) == (True, True)
    assert await campaigns_of(one) == []


async def test_somebody_who_left_the_tenant_gets_no_answer(talk: Talk) -> None:
    one = await talk()
    stranger = Actor(one.actor.tenant_id, UserId(new_id()), one.actor.permissions)
    with pytest.raises(Exception, match="conversation"):
        await one.app.queries.session(stranger, one.session_id)


async def test_handing_over_beside_another_call_is_refused(talk: Talk) -> None:
    both = AIMessage(
        "",
        tool_calls=[
            {"name": "show_settings", "args": {}, "id": "call_a"},
            {"name": "transfer_to_planning", "args": {}, "id": "call_b"},
        ],
    )
    model = ScriptedModel(steps=[both, AIMessage("Done.")])
    one = await talk(model)
    assert (await one.say("show our settings")).status is TurnStatus.COMPLETED
    results = {e.data["name"]: e.data["refused"] for e in await one.events() if e.type is EventType.TOOL_RESULT}
    assert results == {"show_settings": False, "transfer_to_planning": True}


async def test_what_a_job_posts_is_in_the_next_turns_window(talk: Talk) -> None:
    model = ScriptedModel(steps=[AIMessage("Hello.")])
    one = await talk(model)
    await one.say("hello")
    await posted(one, "The planning workflow finished.")
    await one.say("thanks")
    await one.say("bye")
    windows = [[str(message.content) for message in asked[1:]] for asked in model.asked]
    assert windows[1][-2:] == ["The planning workflow finished.", "thanks"]
    assert windows[2].count("The planning workflow finished.") == 1


async def posted(one: Conversation, text: str) -> None:
    row = Recorded(
        id=f"job:{new_id()}",
        session_id=one.session_id,
        turn_id=None,
        ordinal=0,
        role="assistant",
        agent="planning",
        content={"type": "ai", "data": {"content": text}},
        created_at=one.app.clock.now(),
    )
    said = NewEvent(session_id=one.session_id, type=EventType.MESSAGE, data={"message_id": row.id, "text": text})
    async with one.app.begin(one.actor) as work:
        await work.transcript.record(row, [said])
        await work.commit(await one.app.queries.session(one.actor, one.session_id))
