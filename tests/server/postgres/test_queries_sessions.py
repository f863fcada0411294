"""Conversations as read models: one's own, and what was said in them."""

from collections.abc import Awaitable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound
from domain.ids import SessionId, TurnId, UserId, new_id
from domain.sessions import AgentName, TurnStatus
from domain.tenants import Role
from server.postgres.queries import PostgresQueries
from services.read_models import PageRequest
from services.session_views import MessageView
from tests.server.postgres.rows import Rows

ALL = PageRequest()


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine)


@pytest.fixture
async def colleague(rows: Rows) -> Rows:
    user_id = await rows.user(UserId(new_id()), "Grace")
    await rows.member(user_id, Role.ADMIN)
    return rows.as_user(user_id)


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


def said(text: object, type: str = "ai", **more: object) -> dict[str, object]:
    return {"type": type, "data": {"content": text, "type": type}, **more}


async def code_of(refused: Awaitable[object]) -> str:
    with pytest.raises(NotFound) as refusal:
        await refused
    return refusal.value.code


async def test_a_session_is_shown_with_what_is_active(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring")
    session_id = await rows.session("Plans", active_agent=AgentName.PLANNING, active_campaign_id=campaign_id)
    session = await queries.session(rows.actor, session_id)
    assert (session.id, session.title, session.version) == (session_id, "Plans", 1)
    assert (session.active_agent, session.active_campaign_id) == (AgentName.PLANNING, campaign_id)


async def test_sessions_are_ones_own_latest_first(queries: PostgresQueries, rows: Rows, colleague: Rows) -> None:
    for place, title in enumerate(("one", "two", "three")):
        await rows.session(title, hours=place)
    await colleague.session("hers", hours=9)
    first = await queries.sessions(rows.actor, None, PageRequest(limit=2))
    second = await queries.sessions(rows.actor, None, PageRequest(limit=2, cursor=first.next_cursor))
    assert [session.title for session in first.items] == ["three", "two"]
    assert [session.title for session in second.items] == ["one"]
    assert second.next_cursor is None


async def test_sessions_are_found_by_words_of_the_title(queries: PostgresQueries, rows: Rows) -> None:
    await rows.session("Spring budget 100%")
    await rows.session("Autumn budget")
    found = await queries.sessions(rows.actor, "BUDGET spring", ALL)
    assert [session.title for session in found.items] == ["Spring budget 100%"]
    assert [session.title for session in (await queries.sessions(rows.actor, "0%", ALL)).items] == [
        "Spring budget 100%"
    ]


async def test_a_colleagues_session_looks_like_none(
    queries: PostgresQueries, rows: Rows, colleague: Rows, engine: AsyncEngine
) -> None:
    hers = await colleague.session()
    her_turn = await colleague.turn(hers)
    stranger = await Rows.of_new_tenant(engine)
    for actor in (rows.actor, stranger.actor):
        assert await code_of(queries.session(actor, hers)) == "session_not_found"
        assert await code_of(queries.messages(actor, hers, ALL)) == "session_not_found"
        assert await code_of(queries.turn(actor, her_turn)) == "turn_not_found"
    assert await code_of(queries.session(rows.actor, SessionId(new_id()))) == "session_not_found"
    assert await code_of(queries.turn(rows.actor, TurnId(new_id()))) == "turn_not_found"


async def test_a_turn_is_shown(queries: PostgresQueries, rows: Rows) -> None:
    session_id = await rows.session()
    turn_id = await rows.turn(session_id)
    turn = await queries.turn(rows.actor, turn_id)
    assert (turn.id, turn.session_id, turn.status) == (turn_id, session_id, TurnStatus.COMPLETED)
    assert (turn.error, turn.accepted_seq) == (None, 1)


async def shown(queries: PostgresQueries, rows: Rows, session_id: SessionId, limit: int = 200) -> list[MessageView]:
    found: list[MessageView] = []
    cursor: str | None = None
    while True:
        page = await queries.messages(rows.actor, session_id, PageRequest(limit=limit, cursor=cursor))
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found


async def test_messages_are_what_was_said_and_shown(queries: PostgresQueries, rows: Rows) -> None:
    session_id = await rows.session()
    turn_id = await rows.turn(session_id)
    block = {"type": "table", "rows": [[1]]}
    calls = [{"type": "tool_call", "name": "draft_plan"}]
    await rows.message(session_id, 1, "user", said("Draft a plan", "human"), turn_id=turn_id)
    await rows.message(session_id, 2, "assistant", said(""), agent="planning")
    await rows.message(session_id, 3, "assistant", said(calls), agent="planning")
    await rows.message(session_id, 4, "tool", said("a result for the model", "tool", block=None), agent="planning")
    await rows.message(session_id, 5, "tool", said("another", "tool", block=block), agent="planning")
    spoken = [{"type": "text", "text": "Here "}, *calls, "it ", {"type": "text", "text": "is."}]
    await rows.message(session_id, 6, "assistant", said(spoken), agent="planning")
    await rows.message(session_id, 10, "assistant", said("The job is done.", block=block))
    messages = await shown(queries, rows, session_id)
    assert [(message.id, message.role, message.text) for message in messages] == [
        ("message:1", "user", "Draft a plan"),
        ("message:5", "tool", ""),
        ("message:6", "assistant", "Here it is."),
        ("message:10", "assistant", "The job is done."),
    ]
    assert [message.blocks for message in messages] == [[], [block], [], [block]]
    assert [message.agent for message in messages] == [None, "planning", "planning", None]
    assert messages[0].turn_id == turn_id
    assert await shown(queries, rows, session_id, limit=1) == messages
    assert await shown(queries, rows, session_id, limit=3) == messages


async def test_a_new_session_has_no_messages(queries: PostgresQueries, rows: Rows) -> None:
    assert await shown(queries, rows, await rows.session()) == []


async def test_a_search_finds_words_of_the_title_and_of_what_was_said(
    queries: PostgresQueries, rows: Rows, colleague: Rows
) -> None:
    titled = await rows.session("Spring with Northwind")
    spoken, answered, tool_only = [await rows.session("New conversation", hours=h) for h in (1, 2, 3)]
    await rows.message(spoken, 1, "user", said("Plan for NORTHWIND, 100%_sure", "human"))
    await rows.message(spoken, 2, "assistant", said("Gladly, for spring."), agent="planning")
    await rows.message(answered, 1, "assistant", said([{"type": "text", "text": "Northwind it is"}]), agent="planning")
    await rows.message(tool_only, 1, "tool", said("Northwind", "tool"), agent="planning")
    await colleague.message(await colleague.session("hers"), 1, "user", said("Northwind", "human"))

    async def found(search: str) -> set[SessionId]:
        return {one.id for one in (await queries.sessions(rows.actor, search, ALL)).items}

    assert await found("northwind") == {titled, spoken, answered}
    assert await found("spring northwind") == {titled, spoken}
    assert await found("100%_s") == {spoken}
    assert await found("100%xs") == set()
    assert await found("text") == set()
    assert await found("  ") == {titled, spoken, answered, tool_only}


async def test_the_transcript_has_calls_and_results_and_nothing_of_the_machinery(
    queries: PostgresQueries, rows: Rows, colleague: Rows
) -> None:
    session_id = await rows.session("Plans")
    calling = {"content": "", "tool_calls": [{"id": "c1", "name": "show_plan", "args": {"campaign": "Spring"}}]}
    refused = {"content": "Refused (no_plan): none.", "name": "show_plan", "status": "error", "tool_call_id": "c1"}
    await rows.message(session_id, 1, "user", said("show it", "human"))
    await rows.message(session_id, 2, "router", said("planning"), agent="router", call=0)
    await rows.message(session_id, 3, "summary", said("before that"), agent="summary", call=0)
    await rows.message(session_id, 4, "assistant", {"type": "ai", "data": calling}, agent="planning")
    await rows.message(session_id, 5, "tool", {"type": "tool", "data": refused}, agent="planning", tool_call_id="c1")
    first = await queries.transcript(rows.actor, session_id, PageRequest(limit=2))
    rest = await queries.transcript(rows.actor, session_id, PageRequest(limit=2, cursor=first.next_cursor))
    asked, calls, result = [*first.items, *rest.items]
    assert (asked.role, asked.text, rest.next_cursor) == ("user", "show it", None)
    assert [(call.id, call.name, call.arguments) for call in calls.calls] == [
        ("c1", "show_plan", {"campaign": "Spring"})
    ]
    assert (result.tool, result.call_id, result.refused, result.text) == (
        "show_plan",
        "c1",
        True,
        "Refused (no_plan): none.",
    )
    assert await code_of(queries.transcript(colleague.actor, session_id, ALL)) == "session_not_found"
