"""A session's events as Server-Sent Events: AG-UI on the wire, a `Last-Event-ID` to come back with."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import anyio
import orjson
from fastapi import Depends, Header
from sse_starlette import EventSourceResponse

from domain.errors import InvalidInput
from domain.ids import SessionId, TenantId
from server.api.agui import AguiEncoder, Placed, reconnect
from services.application import Application
from services.events import EventType, Gap, Position, SessionEvent, TextDelta
from services.queries import TurnView
from services.watching import Seen

Entries = AsyncGenerator[Seen | None, None]

HEARTBEAT_SECONDS = 15
RETRY_MS = 1_000
_LEAVE_SECONDS = 2.0  # a stream looks up once a second


async def last_event(last_event_id: Annotated[str | None, Header()] = None) -> Position | None:
    if not last_event_id:
        return None
    try:
        return Position.parse(last_event_id)
    except ValueError as error:
        raise InvalidInput(
            "Last-Event-ID is the id of an event of this stream.", code="bad_event_id", field="Last-Event-ID"
        ) from error


LastEvent = Annotated[Position | None, Depends(last_event)]


async def stream_of_session(
    application: Application, tenant_id: TenantId, session_id: SessionId, after: Position | None
) -> EventSourceResponse:
    """Everything after the position, then on until the client leaves."""
    had = await application.thread_log.under_way(tenant_id, session_id, after) if after else []
    encoder = AguiEncoder(session_id, resumed=after, had=had)
    stopping = anyio.Event()
    entries = application.watching.follow(tenant_id, session_id, after or Position(), claimed=True)
    return _response(_written(entries, encoder, stopping), stopping)


async def stream_of_turn(
    application: Application, tenant_id: TenantId, turn: TurnView, after: Position | None
) -> EventSourceResponse:
    """The turn from its acceptance to its end, with what jobs report meanwhile."""
    start = Position(seq=turn.accepted_seq)
    resumed = after if after and after.seq >= start.seq else None
    had = await application.thread_log.under_way(tenant_id, turn.session_id, resumed) if resumed else []
    own = [event for event in had if event.turn_id == turn.id]
    encoder = AguiEncoder(turn.session_id, resumed=resumed, had=own)
    stopping = anyio.Event()
    followed = application.watching.follow(tenant_id, turn.session_id, resumed or start, claimed=resumed is not None)
    entries = _until_end(followed, turn, resumed)
    opening = [] if resumed else [(start, encoder.begin(turn.id))]
    return _response(_written(entries, encoder, stopping, opening), stopping)


async def _until_end(entries: Entries, turn: TurnView, resumed: Position | None) -> Entries:
    """A reader that has seen the turn's end gets nothing more."""
    async with aclosing(entries):
        if resumed and turn.ended_seq is not None and resumed.seq >= turn.ended_seq > turn.accepted_seq:
            return
        async for seen in entries:
            if seen is None or isinstance(seen.entry, Gap) or seen.entry.turn_id in (None, turn.id):
                yield seen
                if seen and _ends(seen.entry, turn.id):
                    return


def _ends(entry: SessionEvent | TextDelta | Gap, turn_id: UUID) -> bool:
    if isinstance(entry, Gap):
        return turn_id not in entry.snapshot.unfinished
    return isinstance(entry, SessionEvent) and entry.type is EventType.TURN_ENDED and entry.turn_id == turn_id


async def _written(
    entries: Entries, encoder: AguiEncoder, stopping: anyio.Event, opening: Iterable[Placed] = ()
) -> AsyncIterator[bytes]:
    yield b"retry: %d\r\n\r\n" % RETRY_MS + _framed(opening)
    async with aclosing(entries):
        async for seen in entries:
            if seen and (placed := encoder.encode(seen)):
                yield _framed(placed)
            if stopping.is_set():
                yield _framed([(None, reconnect())])
                return


def _framed(placed: Iterable[Placed]) -> bytes:
    return b"".join(
        (b"id: %s\r\n" % str(position).encode() if position else b"") + b"data: " + orjson.dumps(event) + b"\r\n\r\n"
        for position, event in placed
    )


def _response(content: AsyncIterator[bytes], stopping: anyio.Event) -> EventSourceResponse:
    """`stopping` is set when the server is asked to end."""
    return EventSourceResponse(
        content,
        ping=HEARTBEAT_SECONDS,
        shutdown_event=stopping,
        shutdown_grace_period=_LEAVE_SECONDS,
    )
