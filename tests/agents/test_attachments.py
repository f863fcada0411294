"""Files that come with a message: the model reads of them, tools get their ids, and the person's words stay as said."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime

from agents.attachments import file_meant, of_turn, with_note, words_of
from agents.context import RunContext
from agents.journaling import Journals
from agents.leased import LeasedTurns
from agents.runner import TurnRunner
from agents.state import ConversationState
from agents.tools import Call, Effect, Nothing, Said, offer
from domain.errors import InvalidInput, KeyReused, NotFound
from domain.ids import FileId, new_id
from domain.sessions import TurnStatus
from domain.tenants import Permission
from server.postgres.checkpoints import CheckpointPool, TenantPostgresSaver
from services.attachments import MOST
from services.read_models import PageRequest
from services.turns import PostTurn
from tests.agents.conftest import LEASE_SECONDS, Conversation, Talk
from tests.agents.scripted import ScriptedModel


def _said(messages: list[BaseMessage]) -> list[BaseMessage]:
    return [message for message in messages if isinstance(message, HumanMessage)]


async def test_the_model_reads_what_is_attached_behind_what_was_said_and_later_too(talk: Talk) -> None:
    model = ScriptedModel(steps=[AIMessage("Read."), AIMessage("Still there.")])
    one = await talk(model)
    file = await one.bring("Größe.csv")
    assert (await one.say("Import this", file.id)).status is TurnStatus.COMPLETED
    await one.say("And now?")
    note = f"Attached:\n- Größe.csv (file {file.id}, text/csv, 15 bytes)"
    for asked, words in zip(model.asked, (["Import this"], ["Import this", "And now?"]), strict=True):
        said = _said(asked)
        assert [words_of(message) for message in said] == words
        assert said[0].text == f"Import this\n{note}"
    assert "Attached" not in _said(model.asked[1])[1].text
    told = [json.loads(re.findall(r"<context>(.*)</context>", _system(asked))[0]) for asked in model.asked]
    assert [context.get("attached") for context in told] == [["Größe.csv"], None]


def _system(messages: list[BaseMessage]) -> str:
    return next(message.text for message in messages if isinstance(message, SystemMessage))


async def test_what_was_said_is_kept_as_it_was_said_with_what_came_with_it(talk: Talk) -> None:
    one = await talk()
    file = await one.bring()
    turn = await one.say("Show my campaigns", file.id)
    assert turn.status is TurnStatus.COMPLETED
    kept = {"id": str(file.id), "name": "plan.csv", "media_type": "text/csv", "size": 15}
    (row, *_), (event, *_) = await one.rows(turn.id), await one.events()
    assert row.content["data"] == {"content": "Show my campaigns", "additional_kwargs": {"files": [kept]}}
    assert (event.data["text"], event.data["files"]) == ("Show my campaigns", [kept])
    first, *_ = (await one.app.queries.messages(one.actor, one.session_id, PageRequest())).items
    assert (first.text, [shown.id for shown in first.files]) == ("Show my campaigns", [file.id])
    await one.app.files.delete(one.actor, file.id)
    first, *_ = (await one.app.queries.messages(one.actor, one.session_id, PageRequest())).items
    assert [shown.name for shown in first.files] == ["plan.csv"], "what was there stays known"


async def test_the_offline_model_understands_the_words_alone(talk: Talk) -> None:
    """A file called like a wish is none."""
    one = await talk()
    file = await one.bring("archive the campaign Spring.csv")
    turn = await one.say("Show my campaigns", file.id)
    rows = await one.rows(turn.id)
    assert [row.content["data"]["name"] for row in rows if row.role == "tool"] == ["list_campaigns"]  # type: ignore[index]


async def test_a_file_that_one_may_not_read_comes_with_no_message(talk: Talk) -> None:
    one, other = await talk(), await talk()
    theirs = await other.bring()
    for file_id in (theirs.id, FileId(new_id())):
        with pytest.raises(NotFound) as unknown:
            await one.post("Import this", files=[file_id])
        assert unknown.value.code == "file_not_found"
    assert await one.events() == []


async def test_at_most_five_each_once(talk: Talk) -> None:
    one = await talk()
    files = [(await one.bring(f"{n}.csv")).id for n in range(MOST + 1)]
    with pytest.raises(InvalidInput) as refused:
        await one.app.turns.accept(one.actor, one.session_id, PostTurn.model_construct(message="x", files=files))
    assert (refused.value.code, refused.value.field) == ("too_many_files", "files")
    turn = await one.say("hello", files[0], files[0], files[1])
    assert len((await one.rows(turn.id))[0].content["data"]["additional_kwargs"]["files"]) == 2  # type: ignore[index]


async def test_the_same_key_with_another_file_is_another_message(talk: Talk) -> None:
    one = await talk()
    first, other = await one.bring(), await one.bring("other.csv")
    posted = PostTurn(message="hello", files=[first.id])
    turn = await one.app.turns.accept(one.actor, one.session_id, posted, key="once")
    assert (await one.app.turns.accept(one.actor, one.session_id, posted, key="once")).id == turn.id
    for files in ([], [other.id]):
        with pytest.raises(KeyReused):
            await one.app.turns.accept(one.actor, one.session_id, PostTurn(message="hello", files=files), key="once")


def _call(one: Conversation, *files: FileId) -> Call[Nothing]:
    context = RunContext(tenant_id=one.actor.tenant_id, user_id=one.actor.user_id, permissions=one.actor.permissions)
    return Call(context.actor("planning"), Nothing(), one.session_id, None, tuple(files))


async def test_a_run_and_its_tools_know_the_files_of_its_own_message(talk: Talk, pool: CheckpointPool) -> None:
    one = await talk()
    seen = list[tuple[FileId, ...]]()

    async def told(call: Call[Nothing]) -> Said:
        """Looks."""
        seen.append(call.files)
        return Said("Seen.")

    tool: Any = offer("workspace", told, Nothing, Permission.CAMPAIGN_READ, Effect.READ).tool

    async def workspace(state: ConversationState, runtime: Runtime[RunContext]) -> dict[str, Any]:
        await tool.coroutine(runtime=SimpleNamespace(context=runtime.context, state=state, tool_call_id="call"))
        return {}

    graph = StateGraph(ConversationState, context_schema=RunContext)
    graph.add_node("workspace", workspace)
    graph.add_edge(START, "workspace")
    saver = TenantPostgresSaver(pool)
    compiled = graph.compile(checkpointer=saver)
    turns = LeasedTurns(one.app, compiled, Journals(), saver.tenant, lease_seconds=LEASE_SECONDS, turn_seconds=30)
    runner = TurnRunner(one.app, turns, owner="test")
    looking = replace(one, runner=runner)
    first, second = await one.bring("a.csv"), await one.bring("b.csv")
    for files in ([second.id, first.id], []):
        assert (await looking.say("look", *files)).status is TurnStatus.COMPLETED
    await runner.drain(0)
    assert seen == [(second.id, first.id), ()]


async def test_a_tool_finds_the_file_that_is_meant_or_asks_back(talk: Talk) -> None:
    one, other = await talk(), await talk()
    early, late = await one.bring("Plan.csv"), await one.bring("plan.csv", b"later,1\n")
    queries = one.app.queries
    assert await file_meant(queries, _call(one, early.id), None) == early.id
    assert await file_meant(queries, _call(one, late.id), str(early.id)) == early.id
    assert await file_meant(queries, _call(one), " PLAN.csv ") == late.id, "the latest of that name"
    for call, said, code in (
        *((_call(one), None, "file_required"), (_call(one, early.id, late.id), None, "ambiguous")),
        *((_call(one), "other.csv", "file_not_found"), (_call(other), str(early.id), "file_not_found")),
    ):
        with pytest.raises((InvalidInput, NotFound)) as refused:
            await file_meant(queries, call, said)
        assert refused.value.code == code


def test_a_message_without_files_is_left_alone() -> None:
    plain, answer = HumanMessage("hello"), AIMessage("hi")
    assert with_note(plain) is plain
    assert with_note(answer) is answer
    assert words_of(plain) == "hello"
    assert of_turn([answer]) == of_turn([]) == []
