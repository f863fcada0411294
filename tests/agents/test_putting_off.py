"""What is not the turn's fault: it is put off and tried again, within reason."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from langchain_core.messages import AIMessage
from langgraph.prebuilt.tool_node import ToolCallRequest

from agents.journaling import Journaling, Journals, ToolOutcome
from agents.pricing import FREE
from agents.turn import CompiledGraph
from agents.turn_run import MOST_ATTEMPTS, Taken, TurnRun
from domain.errors import DomainError, InvalidInput, Unavailable
from domain.sessions import TurnStatus
from services.actor import system_actor
from services.audit import Audit
from services.events import EventType
from services.ports import Lease
from services.turns import PostTurn
from tests.agents.conftest import Talk
from tests.agents.scripted import ScriptedModel


async def outcome_of(error: DomainError) -> ToolOutcome:
    async def failing(_: ToolCallRequest) -> ToolOutcome:
        raise error

    outside_the_runtime = SimpleNamespace(context=SimpleNamespace(turn_id=None))
    call = {"name": "show_plan", "id": "call_1"}
    request = cast(Any, SimpleNamespace(runtime=outside_the_runtime, tool=object(), tool_call=call))
    nobody_notes = cast(Audit, None)
    return await Journaling("planning", Journals(), nobody_notes, FREE).awrap_tool_call(request, failing)


async def test_a_dependency_that_is_away_is_no_answer_for_a_model() -> None:
    with pytest.raises(Unavailable):
        await outcome_of(Unavailable("The database is away."))
    refused = cast(Any, await outcome_of(InvalidInput("There is no plan.", code="no_plan")))
    assert (refused.status, refused.content) == ("error", "Refused (no_plan): There is no plan.")


async def test_a_turn_that_never_gets_to_its_end_is_given_up(talk: Talk) -> None:
    one = await talk()
    tenant_id = one.actor.tenant_id
    await one.app.turns.accept(one.actor, one.session_id, PostTurn(message="hello"))
    lease = await one.app.turns.claim(system_actor(tenant_id), one.session_id, "a process")
    assert lease
    tired = Lease(lease.turn.model_copy(update={"attempt": MOST_ATTEMPTS + 1}), "a process")
    run = TurnRun(one.app, cast(CompiledGraph, None), Journals(), tenant_id, Taken(tired), seconds=1, model=None)
    ending = await run.to_its_end()
    assert (ending.status, ending.error_code) == (TurnStatus.FAILED, "attempts_spent")


async def test_a_turn_waits_for_what_is_away_and_not_for_its_lease(talk_patiently: Talk) -> None:
    away = Unavailable("The database can't be reached.")
    one = await talk_patiently(ScriptedModel(steps=[away, away, AIMessage("Hello.")]))
    assert (await one.say("hello")).status is TurnStatus.COMPLETED
    starts = [event.data["attempt"] for event in await one.events() if event.type is EventType.TURN_STARTED]
    assert starts == [1, 2, 3]
