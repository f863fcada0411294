"""A run's events as the LangGraph SDKs read them: Server-Sent Events, and the state alone for who waits for the end."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import orjson
from starlette.responses import StreamingResponse

from server.api.cursor import Cursor
from server.api.event_stream import RETRY_MS, EventStream, is_leaving
from server.api.langgraph.conversation import Conversation
from server.api.langgraph.encoding import END, Event, RunEncoder, failure
from server.api.langgraph.messages import Json
from server.api.langgraph.threads import Thread
from services.application import Application
from services.events import EventType, Gap, Position, SessionEvent, TextDelta
from services.session_views import TurnView

Placed = tuple[Cursor, Event]


@dataclass(frozen=True, slots=True)
class RunReading:
    """One reader's way through one run."""

    application: Application
    thread: Thread
    turn: TurnView
    modes: frozenset[str]
    after: Cursor | None = None

    def events(self) -> EventStream:
        return EventStream(self._written())

    def outcome(self) -> StreamingResponse:
        """The state at the end as one JSON object; until then blanks, so that nobody takes the line for dead."""
        return StreamingResponse(self._awaited(), media_type="application/json")

    async def to_the_end(self) -> None:
        async with aclosing(self._placed()) as placed:
            async for _ in placed:
                pass

    async def _written(self) -> AsyncGenerator[bytes, None]:
        yield b"retry: %d\r\n\r\n" % RETRY_MS
        async with aclosing(self._placed()) as placed:
            async for batch in placed:
                yield b"".join(_framed(one) for one in batch)
                if is_leaving():
                    return  # without an end: the client comes back, here or elsewhere

    async def _awaited(self) -> AsyncIterator[bytes]:
        values: Json = {}
        error: Json | None = None
        async with aclosing(self._placed()) as placed:
            async for batch in placed:
                if not batch:
                    yield b"\n"
                for _, (name, data) in batch:
                    values = data if name == "values" else values
                    error = data if name == "error" else error
        yield orjson.dumps({**values, "__error__": error} if error else values)

    async def _placed(self) -> AsyncGenerator[list[Placed], None]:
        """In batches, one for each entry that says something; an empty one for a quiet second."""
        start = Position(seq=self.turn.accepted_seq)
        came_back = self.after if self.after and self.after.position.seq >= start.seq - 1 else None
        at, had = (came_back.position, came_back.had) if came_back else (Position(seq=start.seq - 1), 0)
        encoder = await self._encoder(max(at.seq, start.seq))
        claimed = at.seq >= start.seq
        if claimed and _has_ended(encoder.conversation, self.turn):
            yield [(Cursor(at), END)]
            return
        if not claimed:
            yield _placed(at, start, encoder.begin())[had:]
            at, had = start, 0
        actor, session = self.thread.actor, self.thread.session
        followed = self.application.watching.follow(actor.tenant_id, session.id, at, claimed=claimed)
        async with aclosing(followed):
            async for seen in followed:
                if seen is None:
                    yield []
                    continue
                events = await self._encoded(encoder, seen.entry)
                yield _placed(at, seen.position, events)[had:]
                at, had = seen.position, 0
                if events and events[-1] is END:
                    return

    async def _encoded(self, encoder: RunEncoder, entry: SessionEvent | TextDelta | Gap) -> list[Event]:
        if isinstance(entry, Gap):
            thread = await self.thread.now()
            encoder.conversation = await thread.conversation()
            encoder.active_campaign_id = thread.session.active_campaign_id
            over = self.turn.id not in entry.snapshot.unfinished
            return [*encoder.encode(entry), *(_end_of(encoder.conversation, self.turn) if over else [])]
        if isinstance(entry, SessionEvent) and entry.type is EventType.TURN_ENDED:
            encoder.active_campaign_id = (await self.thread.now()).session.active_campaign_id
        return encoder.encode(entry)

    async def _encoder(self, up_to: int) -> RunEncoder:
        """With the conversation as it was after that event."""
        conversation = await self.thread.conversation(up_to)
        now = self.application.clock.now
        campaign = self.thread.session.active_campaign_id
        return RunEncoder(self.thread.id, self.turn.id, self.modes, conversation, campaign, now)


def _has_ended(conversation: Conversation, turn: TurnView) -> bool:
    """A reader that has seen the run's end gets no more of it."""
    run = conversation.runs.get(turn.id)
    return run is not None and run.status.ended


def _end_of(conversation: Conversation, turn: TurnView) -> list[Event]:
    run = conversation.runs.get(turn.id)
    return [("error", failure(run.error)), END] if run and run.error else [END]


def _placed(before: Position, after: Position, events: list[Event]) -> list[Placed]:
    """Only the last event takes a reader past the entry: who has fewer gets the others when they come back."""
    places = [Cursor(before, place) for place in range(1, len(events))]
    return list(zip([*places, Cursor(after)], events, strict=True)) if events else []


def _framed(placed: Placed) -> bytes:
    cursor, (name, data) = placed
    return b"id: %s\r\nevent: %s\r\ndata: %s\r\n\r\n" % (str(cursor).encode(), name.encode(), orjson.dumps(data))
