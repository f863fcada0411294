"""A session's events as Server-Sent Events: AG-UI on the wire, a `Last-Event-ID` to come back with."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, Header

from domain.ids import SessionId, TenantId, TurnId
from server.api.agui import AguiEncoder, Placed, reconnect
from server.api.cursor import BEGINNING, Cursor
from server.api.event_stream import RETRY_MS, EventStream, Last, is_leaving
from services.application import Application
from services.events import EventType, Gap, Position, SessionEvent, TextDelta
from services.session_views import TurnView
from services.watching import Seen

Entries = AsyncGenerator[Seen | None, None]


async def last_event(last_event_id: Annotated[str | None, Header()] = None) -> Cursor | None:
    return Cursor.parse(last_event_id)


LastEvent = Annotated[Cursor | None, Depends(last_event)]


async def stream_of_session(
    application: Application, tenant_id: TenantId, session_id: SessionId, after: Cursor | None
) -> EventStream:
    """Everything after the place, then on until the client leaves."""
    at = after or BEGINNING
    encoder = AguiEncoder(session_id, at=at, had=await _had(application, tenant_id, session_id, at))
    entries = application.watching.follow(tenant_id, session_id, at.position, claimed=True)
    return EventStream(_written(entries, encoder))


async def stream_of_turn(
    application: Application, tenant_id: TenantId, turn: TurnView, after: Cursor | None
) -> EventStream:
    """The turn from its acceptance to its end, with what jobs report meanwhile."""
    start = Cursor(Position(seq=turn.accepted_seq))
    resumed = after if after and after.seq >= start.seq else None
    at = resumed or start
    had = await _had(application, tenant_id, turn.session_id, at, turn.id) if resumed else []
    encoder = AguiEncoder(turn.session_id, at=at, had=had)
    followed = application.watching.follow(
        tenant_id, turn.session_id, at.position, claimed=resumed is not None, near=resumed is None and begins_here(turn)
    )
    entries = _of_turn(followed, turn, resumed)
    opening = [] if resumed else [(start, encoder.begin(turn.id))]
    return EventStream(_written(entries, encoder, opening, until=turn.id))


def begins_here(turn: TurnView) -> bool:
    """Of a turn that this process has been given: most likely it runs it, too, and then its stream asks nobody else."""
    return not turn.status.ended


async def _had(
    application: Application, tenant_id: TenantId, session_id: SessionId, at: Cursor, turn_id: TurnId | None = None
) -> list[SessionEvent]:
    """By a reader that is there, of the turns, or the one, that were under way."""
    events = await application.thread_log.under_way(tenant_id, session_id, at.position)
    return [event for event in events if turn_id in (None, event.turn_id)]


async def _of_turn(entries: Entries, turn: TurnView, resumed: Cursor | None) -> Entries:
    """A reader that has seen the turn's end gets nothing more."""
    async with aclosing(entries):
        if resumed and turn.ended_seq is not None and resumed.seq >= turn.ended_seq > turn.accepted_seq:
            return
        async for seen in entries:
            if seen is None or isinstance(seen.entry, Gap) or seen.entry.turn_id in (None, turn.id):
                yield seen


def _ends(entry: SessionEvent | TextDelta | Gap, turn_id: UUID) -> bool:
    if isinstance(entry, Gap):
        return turn_id not in entry.snapshot.unfinished
    return isinstance(entry, SessionEvent) and entry.type is EventType.TURN_ENDED and entry.turn_id == turn_id


async def _written(
    entries: Entries, encoder: AguiEncoder, opening: Iterable[Placed] = (), *, until: TurnId | None = None
) -> AsyncGenerator[bytes, None]:
    yield b"retry: %d\r\n\r\n" % RETRY_MS + _framed(opening)
    async with aclosing(entries):
        async for seen in entries:
            piece = _framed(encoder.encode(seen)) if seen else b""
            if seen and until and _ends(seen.entry, until):
                yield Last(piece)
                return
            yield piece
            if is_leaving():
                yield _framed([(None, reconnect())])
                return


def _framed(placed: Iterable[Placed]) -> bytes:
    return b"".join(
        (b"id: %s\r\n" % str(place).encode() if place else b"") + b"data: " + orjson.dumps(event) + b"\r\n\r\n"
        for place, event in placed
    )
