"""The chat endpoint for AG-UI clients: RunAgentInput in, a stream of AG-UI 1.0 events out."""

import hashlib
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body
from sse_starlette import EventSourceResponse

from domain.errors import NotFound
from domain.ids import SessionId
from server.api.agui_input import Answer, RunInput, Wishes
from server.api.agui_run import Wanted, joined, snapshot_of, streamed, told
from server.api.auth import TheSystem
from server.api.limits import per_address_and_user
from server.api.stream import LastEvent
from server.bootstrap import System
from server.telemetry import about
from services.access_views import ApprovalView
from services.actor import Actor
from services.application import Application
from services.quotas import TURN_ADDRESS, TURN_USER
from services.turns import PostTurn

router = APIRouter(prefix="/agui", tags=["turns"])

_RUN = {
    "message": {
        "value": {
            "threadId": "spring-planning",
            "runId": "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77",
            "messages": [{"id": "1", "role": "user", "content": "Show my campaigns."}],
            "tools": [],
            "context": [],
            "state": {},
            "forwardedProps": {},
        }
    }
}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The run as AG-UI 1.0 events, to its end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("", response_class=EventSourceResponse, responses=_EVENTS)
async def run_agent(
    actor: Annotated[Actor, per_address_and_user(TURN_ADDRESS, TURN_USER)],
    system: TheSystem,
    run: Annotated[RunInput, Body(openapi_examples=_RUN)],
    after: LastEvent,
) -> EventSourceResponse:
    """The run goes on whether or not somebody listens. The same `runId` finds it again, from its beginning.

    Without a new message of a person the conversation as it is, with the answer that is being written.
    """
    application, acting = system.application, actor.through(replace(actor.origin, effect_key=None))
    said = run.said
    session_id = await _session(application, acting, run)
    about(session_id=session_id)
    decided = [await _decided(application, acting, run, one) for one in run.resume or ()]
    if said is not None:
        return await _turn(system, acting, session_id, run, said, after)
    if not decided and (turn := await application.threads.run(acting, session_id, run.run_id)):
        return await streamed(application, acting, turn, _wanted(run), after)
    return await _as_it_is(application, acting, session_id, run, [one for one in decided if one])


async def _turn(
    system: System, actor: Actor, session_id: SessionId, run: RunInput, said: str, after: LastEvent
) -> EventSourceResponse:
    wishes = run.forwarded_props or Wishes()
    command = PostTurn.model_construct(message=said, on_busy=wishes.on_busy, files=run.files)
    turn = await system.runner.answer(actor, session_id, command, key=run.run_id)
    about(turn_id=turn.id)
    return await streamed(system.application, actor, turn, _wanted(run), after)


async def _as_it_is(
    application: Application, actor: Actor, session_id: SessionId, run: RunInput, decided: list[ApprovalView]
) -> EventSourceResponse:
    snapshot = await snapshot_of(application, actor, session_id)
    if snapshot.unfinished and not decided:
        turn = await application.queries.turn(actor, snapshot.unfinished[0])
        return await joined(application, actor, turn, _wanted(run), snapshot)
    return await told(application, actor, session_id, _wanted(run), decided)


async def _session(application: Application, actor: Actor, run: RunInput) -> SessionId:
    """A new one is opened only for what can be said in it."""
    try:
        return await application.threads.find(actor, run.thread_id)
    except NotFound:
        for file_id in run.files:
            await application.queries.file(actor, file_id)
        return (await application.threads.open(actor, run.thread_id)).id


async def _decided(application: Application, actor: Actor, run: RunInput, answer: Answer) -> ApprovalView | None:
    """Once for each run and request, however often the run is asked for."""
    if answer.status == "cancelled":
        return None
    body = orjson.dumps([run.run_id, answer.interrupt_id, answer.payload])
    key = f"agui:{actor.user_id}:{hashlib.sha256(body).hexdigest()}"
    deciding = actor.through(replace(actor.origin, effect_key=key))
    return await application.approvals.decide(deciding, answer.approval_id, answer.decision)


def _wanted(run: RunInput) -> Wanted:
    return Wanted(run.thread_id, run.run_id, run.seen, len(run.messages))
