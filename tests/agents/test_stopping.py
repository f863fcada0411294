"""Turns that are stopped: by their person wherever they run, by the next message, with the process they run in."""

import asyncio

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from domain.ids import TurnId
from domain.sessions import OnBusy, TurnStatus
from services.events import EventType
from services.turns import PostTurn
from tests.agents.conftest import Conversation, Talk
from tests.agents.scripted import ScriptedModel, calls


def stuck() -> ScriptedModel:
    """Calls a tool, then says nothing for ever; whatever it is asked after that it answers."""
    steps = [calls("show_settings"), AIMessage("never said"), AIMessage("The time zone is UTC.")]
    return ScriptedModel(steps=steps, gates={1: asyncio.Event()})


async def until_asked(model: ScriptedModel, times: int) -> None:
    async with asyncio.timeout(30):
        while len(model.asked) < times:
            await asyncio.sleep(0.02)


async def attempts(one: Conversation, turn_id: TurnId) -> list[object]:
    events = await one.events()
    return [e.data["attempt"] for e in events if e.type is EventType.TURN_STARTED and e.turn_id == turn_id]


def calls_are_closed(model: ScriptedModel) -> bool:
    """In what it was asked last every call has its answer."""
    window = model.asked[-1]
    answered = {message.tool_call_id for message in window if isinstance(message, ToolMessage)}
    return answered == {
        call["id"] for message in window if isinstance(message, AIMessage) for call in message.tool_calls
    }


async def test_a_turn_is_stopped_wherever_it_runs(talk_patiently: Talk) -> None:
    """Whoever asks for it is no part of the process that runs the turn."""
    await stopped_from_elsewhere(talk_patiently)


async def test_where_nobody_is_told_its_heartbeat_finds_out(talk_unheard: Talk) -> None:
    await stopped_from_elsewhere(talk_unheard)


async def stopped_from_elsewhere(talk: Talk) -> None:
    model = stuck()
    one = await talk(model)
    turn_id = await one.post("show our settings")
    await until_asked(model, 2)
    await one.app.turns.cancel(one.actor, turn_id)
    assert (await one.ended(turn_id)).status is TurnStatus.CANCELLED
    assert (await one.say("and the time zone?")).status is TurnStatus.COMPLETED
    assert calls_are_closed(model)
    assert [str(m.content) for m in model.asked[2] if isinstance(m, HumanMessage)] == [
        "show our settings",
        "and the time zone?",
    ]


async def test_a_message_that_interrupts_is_answered_next_and_knows_what_was_done(talk_patiently: Talk) -> None:
    model = stuck()
    one = await talk_patiently(model)
    first = await one.post("show our settings")
    queued = await one.post("and our members")
    await until_asked(model, 2)
    last = await one.post("only the time zone", OnBusy.INTERRUPT)
    assert (await one.ended(last)).status is TurnStatus.COMPLETED
    for stopped in (first, queued):
        assert (await one.ended(stopped)).status is TurnStatus.CANCELLED
    assert calls_are_closed(model)
    assert [type(message) for message in model.asked[2][1:]] == [HumanMessage, AIMessage, ToolMessage, HumanMessage]
    assert await one.answer(last) == "The time zone is UTC."


async def test_a_turn_that_was_to_end_is_not_begun_again_by_whoever_takes_it_over(talk: Talk) -> None:
    dying = stuck()
    one = await talk(dying)
    turn_id = await one.post("show our settings")
    await until_asked(dying, 2)
    await one.runner.drain(0)
    successor = ScriptedModel(steps=[AIMessage("Hello again.")])
    async with one.app.begin(one.actor) as work:
        assert await work.turns.ask_cancel(turn_id)
        await work.commit(await one.app.queries.session(one.actor, one.session_id))
    other = one.another_process(successor)
    other.poke(one.actor.tenant_id, one.session_id)
    assert (await one.ended(turn_id)).status is TurnStatus.CANCELLED
    assert successor.asked == []
    next_id = (await one.app.turns.accept(one.actor, one.session_id, PostTurn(message="hello?"))).id
    other.poke(one.actor.tenant_id, one.session_id)
    assert (await one.ended(next_id)).status is TurnStatus.COMPLETED
    assert calls_are_closed(successor)


async def test_a_process_that_is_stopped_hands_its_turns_over_at_once(talk_patiently: Talk) -> None:
    leaving, successor = stuck(), ScriptedModel(steps=[AIMessage("UTC.")])
    one = await talk_patiently(leaving)
    running = await one.post("show our settings")
    queued = await one.post("thanks")
    await until_asked(leaving, 2)
    one.another_process(successor)
    await one.runner.drain(0)
    late = await one.post("are you there?")  # it had been accepted, but is not begun here
    await one.runner.drain(0)
    for turn_id in (running, queued, late):
        assert (await one.ended(turn_id)).status is TurnStatus.COMPLETED
    assert await attempts(one, running) == [1, 2]
    assert len(leaving.asked) == 2
    assert isinstance(successor.asked[0][-1], ToolMessage)


async def test_where_nobody_hears_of_it_the_next_look_finds_it(talk_unheard: Talk) -> None:
    leaving = stuck()
    one = await talk_unheard(leaving)
    turn_id = await one.post("show our settings")
    await until_asked(leaving, 2)
    await one.runner.drain(0)
    successor = one.another_process(ScriptedModel(steps=[AIMessage("UTC.")]))
    await successor.recover()
    assert (await one.ended(turn_id)).status is TurnStatus.COMPLETED


async def test_a_turn_that_ends_within_the_grace_is_not_handed_over(talk_patiently: Talk) -> None:
    release = asyncio.Event()
    slow = ScriptedModel(steps=[AIMessage("Hello.")], gates={0: release})
    one = await talk_patiently(slow)
    turn_id = await one.post("hello")
    await until_asked(slow, 1)
    one.runner.begin_drain(grace=30)
    assert one.runner.draining
    release.set()
    await one.runner.drain(grace=30)
    assert (await one.ended(turn_id)).status is TurnStatus.COMPLETED
    assert await attempts(one, turn_id) == [1]
