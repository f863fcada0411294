"""One AG-UI run as a stock client wants it: it starts with RUN_STARTED, and what it holds at the end is the truth.

A stock client keeps the messages and a state between runs, and sends both with the next one. The state is
`{sessionId, turnId, title, activeAgent, activeCampaignId, seen}`; `seen` is up to where it has the conversation's log.
A client that lacks something is sent the messages before the run's own. A run that is asked for again is told again.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import orjson

from domain.errors import NotFound
from domain.ids import SessionId
from server.api import agui_events as agui
from server.api.agui import AguiEncoder, Placed, RunName, reconnect
from server.api.agui_events import Event
from server.api.cursor import Cursor
from server.api.event_stream import EventStream, Last, is_leaving
from server.api.stream import begins_here
from services.access_views import ApprovalView
from services.actor import Actor
from services.application import Application
from services.events import EventType, Gap, Position, SessionEvent, Snapshot, TextDelta
from services.session_views import MessageView, SessionView, TurnView
from services.watching import Seen

_ENDS = ("RUN_FINISHED", "RUN_ERROR")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run as its client names it, and what the client has: `seen` of the log, in that many messages."""

    thread_id: str
    run_id: str
    seen: int | None
    messages: int


async def snapshot_of(application: Application, actor: Actor, session_id: SessionId) -> Snapshot:
    snapshot = await application.thread_log.snapshot(actor.tenant_id, session_id)
    if snapshot is None:
        raise NotFound("There is no such conversation.", code="session_not_found")
    return snapshot


async def told(
    application: Application, actor: Actor, session_id: SessionId, wanted: Wanted, decided: list[ApprovalView]
) -> EventStream:
    """A run without a turn: the conversation as it is, after what was decided."""
    snapshot = await snapshot_of(application, actor, session_id)
    verdicts = [one.model_dump(mode="json") for one in decided]
    result = {"approvals": verdicts} if verdicts else None
    events = [
        agui.run_started(wanted.thread_id, wanted.run_id),
        agui.state_snapshot(_state(snapshot.session, None, snapshot.seq)),
        agui.messages_snapshot(snapshot.messages, earlier=snapshot.earlier),
        agui.run_finished(wanted.thread_id, wanted.run_id, {"type": "success"}, result),
    ]

    async def once() -> AsyncGenerator[bytes, None]:
        yield framed([(None, one) for one in events])

    return EventStream(once(), sep="\n")


async def streamed(
    application: Application, actor: Actor, turn: TurnView, wanted: Wanted, after: Cursor | None
) -> EventStream:
    """The run of a turn that was accepted, now or earlier, to its end. `after` comes back to its stream."""
    start = Cursor(Position(seq=turn.accepted_seq))
    if after and after.seq >= start.seq:
        had = await application.thread_log.under_way(actor.tenant_id, turn.session_id, after.position)
        own = [event for event in had if event.turn_id == turn.id]
        return _Run(application, actor, turn, wanted, after, had=own).response([])
    snapshot = None
    if wanted.seen != turn.accepted_seq - 1 and (turn.accepted_seq > 1 or wanted.messages != 1):
        snapshot = await snapshot_of(application, actor, turn.session_id)
    session = snapshot.session if snapshot else await application.queries.session(actor, turn.session_id)
    run = _Run(application, actor, turn, wanted, start, near=begins_here(turn))
    opening = [agui.state_snapshot(_state(session, turn, None))]
    if snapshot:
        before = _up_to(snapshot.messages, turn)
        opening.append(agui.messages_snapshot(before, earlier=snapshot.earlier))
    return run.response(opening)


async def joined(
    application: Application, actor: Actor, turn: TurnView, wanted: Wanted, snapshot: Snapshot
) -> EventStream:
    """The rest of a turn that runs now, by whomever it was begun."""
    run = _Run(application, actor, turn, wanted, Cursor(Position(seq=snapshot.seq)))
    state = agui.state_snapshot(_state(snapshot.session, turn, None))
    return run.response([state, agui.messages_snapshot(snapshot.messages, earlier=snapshot.earlier)])


class _Run:
    def __init__(
        self,
        application: Application,
        actor: Actor,
        turn: TurnView,
        wanted: Wanted,
        start: Cursor,
        *,
        had: list[SessionEvent] | None = None,
        near: bool = False,
    ) -> None:
        """`had` by a client that comes back; `near` if the turn is about to begin here."""
        self._application = application
        self._actor = actor
        self._turn = turn
        self._wanted = wanted
        self._start = start
        self._near = near
        self._resumed = resumed = had is not None
        self._complete = not resumed  # nothing was left out that the client would have to be told
        name = RunName(turn.id, wanted.run_id, wanted.thread_id)
        self._encoder = AguiEncoder(turn.session_id, at=start, had=had or (), run=name)

    def response(self, opening: list[Event]) -> EventStream:
        placed: list[Placed] = []
        if not self._resumed:
            placed = [(None, one) for one in (self._encoder.begin(self._turn.id), *opening)]
            placed[-1] = (self._start, placed[-1][1])
        response = EventStream(self._written(placed), sep="\n")
        path = f"/api/v1/tenants/{self._actor.tenant_id}/sessions/{self._turn.session_id}/turns/{self._turn.id}"
        response.headers["Location"] = path
        return response

    async def _written(self, opening: list[Placed]) -> AsyncGenerator[bytes, None]:
        if opening:
            yield framed(opening)
        async with aclosing(self._entries()) as entries:
            async for placed in entries:
                if placed and placed[-1][1]["type"] in _ENDS:
                    yield Last(framed(placed))
                    return
                yield framed(placed)
                if is_leaving():
                    yield framed([(None, reconnect())])
                    return

    async def _entries(self) -> AsyncGenerator[list[Placed], None]:
        """To the turn's end; nothing at all for a client that has it."""
        turn = self._turn
        if self._resumed and turn.ended_seq is not None and self._start.seq >= turn.ended_seq > turn.accepted_seq:
            return
        watching = self._application.watching
        at = self._start.position
        resumed, near = self._resumed, self._near
        followed = watching.follow(self._actor.tenant_id, turn.session_id, at, claimed=resumed, near=near)
        async with aclosing(followed) as entries:
            async for seen in entries:
                yield await self._encoded(seen) if seen else []

    async def _encoded(self, seen: Seen) -> list[Placed]:
        entry = seen.entry
        if isinstance(entry, Gap):
            return await self._after_gap(seen, entry)
        if entry.turn_id not in (None, self._turn.id):
            self._complete = False
            return []
        placed = self._encoder.encode(seen)
        if isinstance(entry, TextDelta):
            return placed
        if entry.type is EventType.TURN_ENDED:
            return await self._ended(placed, entry)
        if entry.data.get("restarted"):  # the client has appended the whole text to what was given up
            return [*placed, (None, await self._messages())]
        return placed

    async def _ended(self, placed: list[Placed], entry: SessionEvent) -> list[Placed]:
        session = await self._application.queries.session(self._actor, self._turn.session_id)
        left = _state(session, self._turn, entry.seq if self._complete else None)
        return [*placed[:-1], (None, agui.state_delta(left)), placed[-1]]

    async def _after_gap(self, seen: Seen, gap: Gap) -> list[Placed]:
        """The snapshot has everything. Where the turn's end was lost too, its row still says how it ended."""
        placed, self._complete = self._encoder.encode(seen), True
        if self._turn.id in gap.snapshot.unfinished:
            return placed
        turn = await self._application.queries.turn(self._actor, self._turn.id)
        data: Event = {"status": turn.status, "error": turn.error and {"code": turn.error}}
        state = agui.state_delta(_state(gap.snapshot.session, turn, gap.snapshot.seq))
        end = agui.run_end(self._wanted.thread_id, self._wanted.run_id, data)
        return [*placed, (None, state), (Cursor(seen.position), end)]

    async def _messages(self) -> Event:
        snapshot = await snapshot_of(self._application, self._actor, self._turn.session_id)
        return agui.messages_snapshot(snapshot.messages, earlier=snapshot.earlier)


def framed(placed: list[Placed]) -> bytes:
    """Stock clients know no line end but the plain one."""
    return b"".join(
        (b"id: %s\n" % str(place).encode() if place else b"") + b"data: " + orjson.dumps(event) + b"\n\n"
        for place, event in placed
    )


def _up_to(messages: list[MessageView], turn: TurnView) -> list[MessageView]:
    """What was said before the turn, and what was said to it: the rest is streamed."""
    for place, message in enumerate(messages):
        if message.turn_id == turn.id:
            return [*messages[:place], *([message] if message.role == "user" else [])]
    return messages


def _state(session: SessionView, turn: TurnView | None, seen: int | None) -> Event:
    return {
        "sessionId": str(session.id),
        "turnId": str(turn.id) if turn else None,
        "title": session.title,
        "activeAgent": session.active_agent,
        "activeCampaignId": str(session.active_campaign_id) if session.active_campaign_id else None,
        "seen": seen,
    }
