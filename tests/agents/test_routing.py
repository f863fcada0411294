"""Who answers: clear words, then whoever is talking, then a model."""

from langchain_core.messages import AIMessage

from domain.sessions import TurnStatus
from services.events import EventType
from services.read_models import PageRequest
from tests.agents.conftest import Conversation, Talk
from tests.agents.scripted import ScriptedModel


async def answering(one: Conversation, message: str) -> str | None:
    """Which agent answered."""
    turn = await one.say(message)
    assert turn.status is TurnStatus.COMPLETED
    events = [event for event in await one.events() if event.turn_id == turn.id]
    return next(event.agent for event in events if event.type is EventType.AGENT_STARTED)


async def test_clear_words_decide_without_asking(talk: Talk) -> None:
    router = ScriptedModel(steps=[AIMessage("insights")])
    one = await talk(ScriptedModel(steps=[AIMessage("Fine.")]), router=router)
    assert await answering(one, "list my campaigns") == "workspace"
    assert await answering(one, "draft a plan on search and social") == "planning"
    assert await answering(one, "summarise the plan") == "insights"
    assert router.asked == []


async def test_unclear_words_stay_with_whoever_is_talking(talk: Talk) -> None:
    router = ScriptedModel(steps=[AIMessage("workspace")])
    one = await talk(ScriptedModel(steps=[AIMessage("Fine.")]), router=router)
    await answering(one, "summarise the plan")
    assert await answering(one, "hm, interesting") == "insights"
    assert router.asked == []


async def test_unclear_words_at_the_beginning_are_asked_about_once_and_recorded(talk: Talk) -> None:
    router = ScriptedModel(steps=[AIMessage("The insights agent.")])
    one = await talk(ScriptedModel(steps=[AIMessage("Fine.")]), router=router)
    assert await answering(one, "hm, interesting") == "insights"
    assert len(router.asked) == 1
    assert [e.data for e in await one.events() if e.type is EventType.ROUTED] == [{"agent": "insights"}]
    page = await one.app.queries.messages(one.actor, one.session_id, PageRequest())
    assert [message.text for message in page.items] == ["hm, interesting", "Fine."]


async def test_a_router_that_talks_nonsense_decides_nothing(talk: Talk) -> None:
    router = ScriptedModel(steps=[AIMessage("I am a teapot")])
    one = await talk(ScriptedModel(steps=[AIMessage("Fine.")]), router=router)
    assert await answering(one, "hm, interesting") == "workspace"
