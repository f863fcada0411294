"""From a session's log to AG-UI 1.0 events: a pure encoder, one for each reader.

A run is a turn, a step is an agent's part in it. Beside the protocol's own events it sends these CUSTOM ones:
`user_message` {messageId, turnId, text}, `job` {jobId, kind, status, step, percent}, `reconnect` {},
`approval` {approvalId, status, title, amount, currency, requestedBy, expiresAt, outcome},
`turn_restarted` {turnId, attempt}, `text_restarted` {messageId} (drop what came of it: all of it follows),
`gap` {after, seq, earlier} (drop everything: a snapshot follows).
Tables, plans, charts and approvals are activities named by their kind. A run whose turn waits for approvals ends with
an interrupt for each, under the approval's id; the verdict comes as a run of its own, whoever gives it and wherever.

A reader that comes back in the middle of a run gets what it would have got next: the encoder is told what the reader
has had of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from server.api import agui_events as agui
from server.api.agui_events import Event
from server.api.cursor import BEGINNING, Cursor
from server.api.gaps import gap_events
from services.events import EventType, Gap, Position, SessionEvent, TextDelta
from services.watching import Seen

Placed = tuple[Cursor | None, Event]  # where a reader is once it has the event; None: not further than before
_Begun = tuple[Position | None, Event]  # of one entry; a position is within a text that the entry brings


@dataclass(frozen=True, slots=True)
class RunName:
    """What a client calls a turn, and the conversation it is in."""

    turn_id: UUID
    run_id: str
    thread_id: str


class AguiEncoder:
    def __init__(
        self,
        session_id: UUID,
        *,
        at: Cursor = BEGINNING,
        had: Iterable[SessionEvent] = (),
        run: RunName | None = None,
    ) -> None:
        """`at` is where the reader has got to, and it `had` those events of turns under way. `run` is the only one of
        its stream, begun by it.
        """
        self._at = at.position
        self._skipped = at.had  # of the next entry's events, which the reader has
        self._run = run
        self._thread = run.thread_id if run else str(session_id)
        self._open: dict[str, None] = {}  # messages that are being streamed; one alone, unless a turn was given up
        self._step: str | None = None
        self._begun: set[UUID] = {run.turn_id} if run else set()
        self._accepted: set[UUID] = set()
        self._in_text = False  # of whoever speaks there the reader has been told, but not this encoder
        for event in had:
            self._durable(event)
        self._in_text = at.position.offset > 0

    def begin(self, turn_id: UUID) -> Event:
        """The run's start, as soon as its turn is accepted: a reader need not wait for its place in the queue."""
        self._begun.add(turn_id)
        return agui.run_started(self._thread, self._run_id(turn_id))

    def encode(self, seen: Seen) -> list[Placed]:
        """The last event carries the position, those before it how many of the entry's they are: wherever a reader is
        cut off, it gets exactly the rest.
        """
        begun, self._at = self._at, seen.position
        if isinstance(seen.entry, Gap):  # told as a whole, or again
            self._skipped = 0
            events = self._gap(seen.entry)
            return [*((None, event) for event in events[:-1]), (Cursor(seen.position), events[-1])]
        if isinstance(seen.entry, TextDelta):
            found: list[_Begun] = [(None, event) for event in self._delta(seen.entry)]
        else:
            found = self._durable(seen.entry)
        return self._unskipped(_placed(begun, seen.position, found))

    def _unskipped(self, placed: list[Placed]) -> list[Placed]:
        """Without what the reader has of the entry. A shorter one is another: the turn was begun anew meanwhile."""
        if not placed:
            return []
        skipped, self._skipped = self._skipped, 0
        return placed[skipped:] if skipped < len(placed) else placed

    def _durable(self, event: SessionEvent) -> list[_Begun]:
        match event.type:
            case EventType.MESSAGE:
                return self._whole_message(event)
            case EventType.USER_MESSAGE:
                events = self._user_message(event)
            case EventType.TURN_STARTED:
                events = self._turn_started(event)
            case EventType.ROUTED | EventType.SUMMARISED:
                events = []  # the agent that was chosen says so itself
            case EventType.AGENT_STARTED:
                events = self._enter(event.agent)
            case EventType.TOOL_CALL:
                events = [*self._enter(event.agent), *agui.tool_call(event.data)]
            case EventType.TOOL_RESULT:
                events = [*self._enter(event.agent), *agui.tool_result(event)]
            case EventType.JOB | EventType.APPROVAL:
                entered = self._enter(event.agent) if event.turn_id else []
                events = [*entered, agui.custom(event.type.value, agui.camel(event.data))]
            case EventType.TURN_ENDED:
                events = self._turn_ended(event)
        return [(None, one) for one in events]

    def _gap(self, gap: Gap) -> list[Event]:
        """Then the run that goes on, as if it had begun now."""
        closed = self._close()
        self._in_text = False
        going_on = [turn for turn in gap.snapshot.unfinished[:1] if turn not in self._begun and not self._run]
        return [*closed, *gap_events(gap), *map(self.begin, going_on)]

    def _delta(self, delta: TextDelta) -> list[Event]:
        events = self._enter(delta.agent)
        if delta.offset == 0:
            events.append(agui.text_start(delta.message_id, delta.agent))
        self._open[delta.message_id] = None
        events.append(agui.text(delta.message_id, delta.text))
        return events

    def _whole_message(self, event: SessionEvent) -> list[_Begun]:
        data, message_id = event.data, str(event.data["message_id"])
        delivered, rest = _number(data.get("delivered", 0)), str(data.get("rest", data["text"]))
        events = self._enter(event.agent) if event.turn_id else []
        restarted = bool(data.get("restarted"))
        if restarted:
            events.append(agui.custom("text_restarted", {"messageId": message_id}))
        elif not delivered and rest:
            events.append(agui.text_start(message_id, event.agent))
        placed: list[_Begun] = [(None, one) for one in events]
        if rest:
            # Somebody cut off after this one has the whole text, and must not get it again.
            place = Position(seq=event.seq - 1, offset=delivered + len(rest), attempt=_number(data.get("attempt", 1)))
            placed.append((place if data.get("streamed") else None, agui.text(message_id, rest)))
        if rest or delivered or restarted or message_id in self._open:
            placed.append((None, agui.text_end(message_id)))
        self._open.pop(message_id, None)
        if block := data.get("block"):
            placed.append((None, agui.activity(message_id, block)))
        return placed

    def _user_message(self, event: SessionEvent) -> list[Event]:
        if event.turn_id:
            self._accepted.add(event.turn_id)
        return [agui.custom("user_message", {**agui.camel(event.data), "turnId": str(event.turn_id)})]

    def _turn_started(self, event: SessionEvent) -> list[Event]:
        assert event.turn_id, "turns start turns"
        attempt = event.data.get("attempt", 1)
        if attempt != 1:
            return [agui.custom("turn_restarted", {"turnId": str(event.turn_id), "attempt": attempt})]
        return [] if event.turn_id in self._begun else [self.begin(event.turn_id)]

    def _turn_ended(self, event: SessionEvent) -> list[Event]:
        assert event.turn_id, "turns end turns"
        events: list[Event] = []
        if event.turn_id in self._accepted - self._begun:  # it never started
            events.append(self.begin(event.turn_id))
        if event.data.get("started", True):  # else another turn may be in the middle of its words
            events += self._close()
            self._in_text = False
        self._begun.discard(event.turn_id)
        self._accepted.discard(event.turn_id)
        return [*events, agui.run_end(self._thread, self._run_id(event.turn_id), event.data)]

    def _run_id(self, turn_id: UUID) -> str:
        return self._run.run_id if self._run and self._run.turn_id == turn_id else str(turn_id)

    def _close(self) -> list[Event]:
        """Whatever is open: a run may not end, nor be forgotten, before."""
        ended = [agui.text_end(message_id) for message_id in self._open]
        self._open.clear()
        return [*ended, *self._leave()]

    def _enter(self, agent: str | None) -> list[Event]:
        if agent is None:
            return []
        known, self._in_text = not self._in_text, False
        if agent == self._step:
            return []
        events = self._leave()
        self._step = agent
        return [*events, agui.step_started(agent)] if known else events

    def _leave(self) -> list[Event]:
        left, self._step = self._step, None
        return [agui.step_finished(left)] if left else []


def _placed(begun: Position, done: Position, found: list[_Begun]) -> list[Placed]:
    """A place for each event of an entry that is `begun` there and `done` here."""
    placed: list[Placed] = []
    count = 0
    for position, event in found[:-1]:
        begun, count = (position, 0) if position else (begun, count + 1)
        placed.append((Cursor(begun, count), event))
    return [*placed, *((Cursor(done), event) for _, event in found[-1:])]


def reconnect() -> Event:
    """The server goes away; whoever comes back elsewhere misses nothing."""
    return agui.custom("reconnect", {})


def _number(value: object) -> int:
    return int(str(value))
