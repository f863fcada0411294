"""Turns: a message is accepted, answered detached from any connection, and can be watched, looked up and cancelled."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request, Response
from sse_starlette import EventSourceResponse

from domain.errors import NotFound
from server.api.auth import Acting, TheApplication, TheSystem, idempotency_key, system_of
from server.api.draining import while_staying
from server.api.limits import per_address_and_user
from server.api.routes.parameters import SessionPath, TurnPath
from server.api.stream import LastEvent, stream_of_turn
from server.telemetry import about
from services.actor import Actor
from services.application import Application
from services.quotas import TURN_ADDRESS, TURN_USER
from services.session_views import TurnView
from services.turns import PostTurn

router = APIRouter(prefix="/sessions/{session_id}/turns", tags=["turns"])

_MESSAGE = {
    "campaign": {
        "value": {
            "message": "Create a campaign Spring launch for 250k USD from March to May, with search and ctv.",
            "on_busy": "enqueue",
        }
    },
    "with a file": {
        "value": {"message": "Import the attached plan.", "files": ["0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"]}
    },
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The turn as AG-UI 1.0 events, to its end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("", status_code=202, response_model=TurnView, responses=_ANSWERS, dependencies=[while_staying])
async def post_turn(
    actor: Annotated[Actor, per_address_and_user(TURN_ADDRESS, TURN_USER)],
    request: Request,
    response: Response,
    session_id: SessionPath,
    command: Annotated[PostTurn, Body(openapi_examples=_MESSAGE)],
    after: LastEvent,
    accept: Annotated[str, Header(description="`text/event-stream` for the answer as it is given.")] = "",
) -> TurnView | EventSourceResponse:
    """The turn goes on whether or not somebody listens. The same `Idempotency-Key` finds it again."""
    system = system_of(request)
    application = system.application
    turn = await system.runner.answer(_without_effect(actor), session_id, command, key=idempotency_key(request))
    about(session_id=session_id, turn_id=turn.id)
    if "text/event-stream" in accept:
        stream = await stream_of_turn(application, actor.tenant_id, turn, after)
        stream.headers["Location"] = _place(actor, turn)
        return stream
    response.headers["Location"] = _place(actor, turn)
    return turn


@router.get("/{turn_id}")
async def get_turn(actor: Acting, application: TheApplication, session_id: SessionPath, turn_id: TurnPath) -> TurnView:
    return await _turn(application, actor, session_id, turn_id)


@router.post("/{turn_id}/cancel", status_code=202)
async def cancel_turn(actor: Acting, system: TheSystem, session_id: SessionPath, turn_id: TurnPath) -> TurnView:
    """A queued turn ends at once, a running one as soon as it hears of it. An ended one is a Conflict."""
    await _turn(system.application, actor, session_id, turn_id)
    about(turn_id=turn_id)
    turn = await system.application.turns.cancel(_without_effect(actor), turn_id)
    system.runner.poke(actor.tenant_id, session_id)  # whoever claimed the queued one meanwhile went away empty-handed
    return turn


async def _turn(application: Application, actor: Actor, session_id: SessionPath, turn_id: TurnPath) -> TurnView:
    await application.queries.session(actor, session_id)
    turn = await application.queries.turn(actor, turn_id)
    if turn.session_id != session_id:
        raise NotFound("There is no such turn.", code="turn_not_found")
    return turn


def _without_effect(actor: Actor) -> Actor:
    """A turn keeps its own account of the keys it was accepted under."""
    return actor.through(replace(actor.origin, effect_key=None))


def _place(actor: Actor, turn: TurnView) -> str:
    return f"/api/v1/tenants/{actor.tenant_id}/sessions/{turn.session_id}/turns/{turn.id}"
