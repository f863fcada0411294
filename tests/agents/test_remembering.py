"""Long conversations: the window stays small, a summary tells what was, and the transcript is whole."""

import asyncio
import json
import re

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.state import KEPT, WINDOW
from domain.sessions import TurnStatus
from services.events import EventType
from services.journal import SUMMARY
from services.read_models import PageRequest
from services.session_views import RecordView
from tests.agents.conftest import Conversation, Talk
from tests.agents.leases import lease_runs_out
from tests.agents.scripted import ScriptedModel
from tests.server.postgres.databases import as_tenant

OVERFLOWING = WINDOW // 2  # turns of two messages; the next one is too many


async def chat(one: Conversation, turns: int) -> None:
    for number in range(turns):
        assert (await one.say(f"thanks {number}")).status is TurnStatus.COMPLETED


def memory(asked: list[BaseMessage]) -> str | None:
    """What the system message tells of earlier turns."""
    (block,) = re.findall(r"<context>(.*)</context>", str(asked[0].content))
    told = json.loads(block).get("memory")
    return str(told["of_earlier_turns"]) if told else None


async def transcript(one: Conversation) -> list[RecordView]:
    found, cursor = list[RecordView](), None
    while True:
        page = await one.app.queries.transcript(one.actor, one.session_id, PageRequest(limit=200, cursor=cursor))
        found, cursor = [*found, *page.items], page.next_cursor
        if cursor is None:
            return found


async def checkpoint_bytes(engine: AsyncEngine, one: Conversation) -> int:
    """Of the latest version of the messages."""
    query = (
        "SELECT octet_length(blob) FROM checkpoint_blobs WHERE thread_id = :thread AND channel = 'messages' "
        "ORDER BY version DESC LIMIT 1"
    )
    async with as_tenant(engine, one.actor.tenant_id) as connection:
        return int(await connection.scalar(text(query), {"thread": str(one.session_id)}) or 0)


async def test_without_a_second_model_a_long_conversation_is_extracted(talk: Talk, engine: AsyncEngine) -> None:
    model = ScriptedModel(steps=[AIMessage("You are welcome.")])
    one = await talk(model)
    await chat(one, OVERFLOWING)
    full = await checkpoint_bytes(engine, one)
    assert all(memory(asked) is None for asked in model.asked)
    await chat(one, 1)
    assert len(model.asked) == OVERFLOWING + 1
    last = model.asked[-1]
    assert len(last) - 1 <= KEPT
    assert isinstance(last[1], HumanMessage)
    summary = memory(last)
    assert summary is not None
    assert "asked “thanks 0”" in summary
    assert await checkpoint_bytes(engine, one) < full
    said = [one.text for one in await transcript(one) if one.role == "user"]
    assert said == [*(f"thanks {number}" for number in range(OVERFLOWING)), "thanks 0"]


async def test_a_model_is_asked_for_it_once_when_the_window_overflows_and_never_else(talk: Talk) -> None:
    model = ScriptedModel(steps=[AIMessage("You are welcome.")])
    router = ScriptedModel(steps=[AIMessage("They thanked twenty times for Northwind.")])
    one = await talk(model, router=router)
    await one.say("show our settings")  # whoever answers that answers the rest: the router is not asked
    await chat(one, OVERFLOWING)
    (asked,) = router.asked
    assert "person: show our settings" in str(asked[-1].content)
    assert memory(model.asked[-1]) == "They thanked twenty times for Northwind."
    (summarised,) = [event for event in await one.events() if event.type is EventType.SUMMARISED]
    assert summarised.turn_id
    rows = await one.rows(summarised.turn_id)
    assert [row.role for row in rows] == ["user", SUMMARY, "assistant"]
    assert isinstance(usage := rows[1].content["usage"], dict)
    assert usage["tokens"] > 0
    assert SUMMARY not in {record.role for record in await transcript(one)}
    await chat(one, KEPT // 2 - 2)
    assert len(router.asked) == 1
    assert memory(model.asked[-1]) == "They thanked twenty times for Northwind."


async def test_the_next_summary_is_made_of_the_one_before(talk: Talk) -> None:
    router = ScriptedModel(steps=[AIMessage("First part."), AIMessage("Both parts.")])
    one = await talk(ScriptedModel(steps=[AIMessage("You are welcome.")]), router=router)
    await one.say("show our settings")
    await chat(one, OVERFLOWING + KEPT // 2 + 1)
    assert len(router.asked) == 2
    assert "Summary so far: First part." in str(router.asked[1][-1].content)


@pytest.mark.parametrize("failure", [RuntimeError("provider down"), AIMessage("")], ids=["error", "empty"])
async def test_a_model_that_gives_no_summary_costs_the_summary_not_the_turn(
    talk: Talk, failure: AIMessage | Exception
) -> None:
    model, router = ScriptedModel(steps=[AIMessage("You are welcome.")]), ScriptedModel(steps=[failure])
    one = await talk(model, router=router)
    await one.say("show our settings")
    await chat(one, OVERFLOWING)
    summary = memory(model.asked[-1])
    assert summary is not None
    assert "asked “show our settings”" in summary


async def test_a_crash_behind_the_summary_asks_for_none_again(talk_patiently: Talk, engine: AsyncEngine) -> None:
    never = asyncio.Event()
    dying = ScriptedModel(steps=[AIMessage("You are welcome.")], gates={OVERFLOWING: never})
    router, later = ScriptedModel(steps=[AIMessage("What was.")]), ScriptedModel(steps=[AIMessage("Something else.")])
    one = await talk_patiently(dying, router=router)
    await one.say("show our settings")
    await chat(one, OVERFLOWING - 1)
    turn_id = await one.post("one too many")
    async with asyncio.timeout(30):
        while len(dying.asked) <= OVERFLOWING:
            await asyncio.sleep(0.02)
    successor = ScriptedModel(steps=[AIMessage("Here I am.")])
    await lease_runs_out(engine, one, turn_id)
    one.another_process(successor, later).poke(one.actor.tenant_id, one.session_id)
    assert (await one.ended(turn_id)).status is TurnStatus.COMPLETED
    assert (len(router.asked), len(later.asked)) == (1, 0)
    assert memory(successor.asked[0]) == "What was."
