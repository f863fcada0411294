"""Runs: a turn is begun, followed, waited for and cancelled. Only on a thread: every conversation is kept."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Body, Header, Query, Request, Response
from sse_starlette import EventSourceResponse
from starlette.responses import StreamingResponse

from domain.errors import Unsupported
from server.api.auth import Acting, TheSystem
from server.api.cursor import Cursor
from server.api.draining import while_staying
from server.api.langgraph.accepting import accepted
from server.api.langgraph.payloads import MODES, RunWanted, modes_of
from server.api.langgraph.streaming import RunReading
from server.api.langgraph.threads import TheThread, TheTurn, Thread, run_of
from server.api.langgraph.views import chosen
from server.api.limits import per_address, per_user
from server.api.routes.turns import cancel_turn
from services.quotas import TURN_ADDRESS, TURN_USER
from services.session_views import TurnView

Json = dict[str, Any]
Wanted = Annotated[RunWanted, Body()]
FROM_THE_START = "-1"  # what the JavaScript SDK says when it has nothing yet
LastEventId = Annotated[str | None, Header(description="Of the event after which to go on; -1: from the start.")]
Modes = Annotated[list[str] | None, Query(description=f"Of {', '.join(MODES)}; all of them without it.")]

router = APIRouter(prefix="/threads/{thread_id}/runs", tags=["langgraph"])

_LIMITS = [while_staying, per_address(TURN_ADDRESS), per_user(TURN_USER)]
_EVENTS: Mapping[int | str, dict[str, Any]] = {
    200: {"description": "The run to its end.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


@router.post("", dependencies=_LIMITS)
async def create_run(
    actor: Acting, system: TheSystem, request: Request, response: Response, thread_id: str, wanted: Wanted
) -> Json:
    thread, turn = await accepted(system, actor, request, thread_id, wanted)
    response.headers.update(_places(thread, turn))
    views = await thread.views()
    return views.run(run_of(turn, views.conversation))


@router.post("/stream", dependencies=_LIMITS, response_class=EventSourceResponse, responses=dict(_EVENTS))
async def stream_run(
    actor: Acting, system: TheSystem, request: Request, thread_id: str, wanted: Wanted
) -> EventSourceResponse:
    modes = modes_of(wanted.stream_mode)
    thread, turn = await accepted(system, actor, request, thread_id, wanted)
    return _streamed(RunReading(system.application, thread, turn, modes))


@router.post("/wait", dependencies=_LIMITS)
async def wait_run(
    actor: Acting, system: TheSystem, request: Request, thread_id: str, wanted: Wanted
) -> StreamingResponse:
    """The thread's values at the run's end, with `__interrupt__` or `__error__` where there is one."""
    thread, turn = await accepted(system, actor, request, thread_id, wanted)
    return _outcome(RunReading(system.application, thread, turn, frozenset({"values"})))


@router.get("")
async def list_runs(
    thread: TheThread,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 10,
    offset: Annotated[int, Query(ge=0)] = 0,
    status: str | None = None,
    select: Annotated[list[str] | None, Query(description="Only these fields.")] = None,
) -> list[Json]:
    """Latest first."""
    runs = [run for run in (await thread.views()).runs() if status in (None, run["status"])]
    return [chosen(run, select) for run in runs[offset : offset + limit]]


@router.get("/{run_id}")
async def get_run(thread: TheThread, turn: TheTurn) -> Json:
    views = await thread.views()
    return views.run(run_of(turn, views.conversation))


@router.get("/{run_id}/join")
async def join_run(thread: TheThread, turn: TheTurn, cancel_on_disconnect: bool = False) -> StreamingResponse:
    """As `wait`, for a run that was begun before."""
    _refuse_cancelling(cancel_on_disconnect)
    return _outcome(RunReading(thread.application, thread, turn, frozenset({"values"})))


@router.get("/{run_id}/stream", response_class=EventSourceResponse, responses=dict(_EVENTS))
async def join_run_stream(
    thread: TheThread,
    turn: TheTurn,
    stream_mode: Modes = None,
    cancel_on_disconnect: bool = False,
    last_event_id: LastEventId = None,
) -> EventSourceResponse:
    """From the run's start, or after `Last-Event-ID`: nothing is missing and nothing comes twice."""
    _refuse_cancelling(cancel_on_disconnect)
    after = None if last_event_id == FROM_THE_START else Cursor.parse(last_event_id)
    return _streamed(RunReading(thread.application, thread, turn, modes_of(stream_mode), after))


@router.post("/{run_id}/cancel", status_code=202)
async def cancel_run(
    actor: Acting,
    system: TheSystem,
    thread: TheThread,
    turn: TheTurn,
    wait: bool = False,
    action: Literal["interrupt", "rollback"] = "interrupt",
) -> Response:
    """What is done stays done: `rollback` is refused. With `wait` the answer comes when the run has ended."""
    if action == "rollback":
        raise Unsupported("What a run has done is not undone.", code="unsupported_cancel_action", field="action")
    await cancel_turn(actor, system, thread.session.id, turn.id)
    if wait:
        await RunReading(system.application, thread, turn, frozenset({"values"})).to_the_end()
    return Response(status_code=204 if wait else 202)


def _refuse_cancelling(wanted: bool) -> None:
    if wanted:
        raise Unsupported(
            "A run belongs to no connection: cancel it.", code="unsupported_option", field="cancel_on_disconnect"
        )


def _streamed(reading: RunReading) -> EventSourceResponse:
    response = reading.events()
    modes = urlencode([("stream_mode", mode) for mode in MODES if mode in reading.modes])
    response.headers.update(_places(reading.thread, reading.turn, f"/stream?{modes}"))
    return response


def _outcome(reading: RunReading) -> StreamingResponse:
    response = reading.outcome()
    response.headers.update(_places(reading.thread, reading.turn, "/join"))
    return response


def _places(thread: Thread, turn: TurnView, again: str = "") -> dict[str, str]:
    """Below the address that the SDKs are given, which is how they read them."""
    run = f"/threads/{quote(thread.id, safe='')}/runs/{turn.id}"
    return {"Location": run + again, "Content-Location": run}
