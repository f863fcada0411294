"""A session's recorded history, a feed that tells it badly, and a client that puts it together again."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from domain.ids import SessionId, TenantId, TurnId, new_id
from services.events import EventType, Gap, Position, SessionEvent, Snapshot, TextDelta
from services.watching import Seen

TENANT, SESSION = TenantId(new_id()), SessionId(new_id())
NOW = datetime(2026, 3, 1, tzinfo=UTC)
AGENT = "planning"
Entry = SessionEvent | TextDelta


class History:
    """Entries in the order in which they became true."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.turn_id = TurnId(UUID(int=0))
        self.attempt = 0
        self._ordinal = 0
        self._recorded = 0  # the last seq that the turn's own journal wrote

    @property
    def events(self) -> list[SessionEvent]:
        return [entry for entry in self.entries if isinstance(entry, SessionEvent)]

    def happened(self, type: EventType, *, outside: bool = False, **data: Any) -> None:
        self.entries.append(
            SessionEvent(
                tenant_id=TENANT,
                session_id=SESSION,
                turn_id=None if outside else self.turn_id,
                agent=AGENT,
                type=type,
                data=data,
                seq=len(self.events) + 1,
                ts=NOW,
            )
        )
        if not outside and type is not EventType.TURN_STARTED:
            self._recorded = len(self.events)

    def turn(self) -> None:
        self.turn_id, self.attempt, self._ordinal = TurnId(UUID(int=len(self.entries) + 1)), 0, 1
        self.happened(EventType.USER_MESSAGE, message_id=f"{self.turn_id}:0", text="hello")
        self.start()

    def start(self) -> None:
        """The turn's next attempt."""
        self.attempt += 1
        self.happened(EventType.TURN_STARTED, attempt=self.attempt)

    def types(self, *pieces: str) -> None:
        offset = 0
        for piece in pieces:
            self.entries.append(
                TextDelta(
                    tenant_id=TENANT,
                    session_id=SESSION,
                    turn_id=self.turn_id,
                    agent=AGENT,
                    message_id=self._message_id,
                    attempt=self.attempt,
                    offset=offset,
                    text=piece,
                    after=self._recorded,
                )
            )
            offset += len(piece)

    def says(self, text: str) -> None:
        self.happened(EventType.MESSAGE, message_id=self._message_id, text=text, streamed=True, attempt=self.attempt)
        self._ordinal += 1

    def end(self) -> None:
        self.happened(EventType.TURN_ENDED, status="completed", error=None)

    @property
    def _message_id(self) -> str:
        return f"{self.turn_id}:{self._ordinal}"


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One to three turns: streamed messages, tools, jobs in between, crashes within a text, cancelled texts."""
    history = History()
    for _ in range(draw(st.integers(1, 3))):
        history.turn()
        for _ in range(draw(st.integers(0, 3))):
            if draw(st.integers(0, 3)) == 0:
                history.types(*draw(pieces()))
                history.start()
            typed = draw(pieces())
            history.types(*typed)
            draw_aside(draw, history)
            history.says("".join(typed) + draw(st.sampled_from(["", " and the rest"])))
            draw_aside(draw, history)
        if draw(st.booleans()):
            history.types(*draw(pieces()))
        history.end()
    return history


def pieces() -> st.SearchStrategy[list[str]]:
    return st.lists(st.text("abcdé🌷", min_size=1, max_size=5), max_size=4)


def draw_aside(draw: st.DrawFn, history: History) -> None:
    aside = draw(st.sampled_from(["nothing", "tool", "job", "result"]))
    if aside == "tool":
        history.happened(EventType.TOOL_CALL, id="t", name="show_plan", arguments={}, message_id="m")
        history.happened(EventType.TOOL_RESULT, id="t", name="show_plan", text="", refused=False, block=None)
    if aside == "job":
        history.happened(EventType.JOB, outside=True, job_id="j", percent=5)
    if aside == "result":
        history.happened(EventType.MESSAGE, outside=True, message_id="job:j", text="finished", streamed=False)


class Replay:
    """Plays a history as reader of the log and as a feed that loses, repeats, reorders, delays and is away."""

    def __init__(self, history: History, random: Random, *, reliable: bool = False) -> None:
        self._history = history
        self._random = random
        self._reliable = reliable
        self.now = 0  # so many entries are true

    @property
    def _true(self) -> list[Entry]:
        return self._history.entries[: self.now]

    async def events_after(
        self, tenant_id: TenantId, session_id: SessionId, position: Position, limit: int
    ) -> list[SessionEvent]:
        assert (tenant_id, session_id) == (TENANT, SESSION)
        events = [entry for entry in self._true if isinstance(entry, SessionEvent)]
        return [event for event in events if event.seq > position.seq][:limit]

    async def under_way(self, tenant_id: TenantId, session_id: SessionId, seq: int) -> list[SessionEvent]:
        raise AssertionError("watching does not ask what is under way")

    async def recorded(self, tenant_id: TenantId, session_id: SessionId, message_ids: Collection[str]) -> set[str]:
        events = [entry for entry in self._true if isinstance(entry, SessionEvent)]
        whole = {str(event.data["message_id"]) for event in events if event.type is EventType.MESSAGE}
        ended = tuple(f"{event.turn_id}:" for event in events if event.type is EventType.TURN_ENDED)
        return {id for id in message_ids if id in whole or (ended and id.startswith(ended))}

    async def snapshot(self, tenant_id: TenantId, session_id: SessionId) -> Snapshot | None:
        raise AssertionError("a history has no gap")

    async def publish(self, entries: Sequence[Entry]) -> None:
        raise AssertionError("watching publishes nothing")

    async def follow(
        self, tenant_id: TenantId, session_id: SessionId, *, near: bool = False
    ) -> AsyncGenerator[Sequence[Entry], None]:
        yield self._told([entry for entry in self._true if isinstance(entry, TextDelta)])
        while self.now < len(self._history.entries):
            before = self.now
            self.now = min(before + self._random.randint(1, 6), len(self._history.entries))
            yield self._told(self._history.entries[before : self.now])
        yield []

    def _told(self, news: list[Entry]) -> list[Entry]:
        if self._reliable:
            return news
        mood = self._random.choice(["well", "well", "loses", "repeats", "reorders", "late", "away"])
        if mood == "loses":
            return [entry for entry in news if self._random.random() < 0.6]
        if mood == "reorders":
            return self._random.sample(news, len(news))
        if mood == "repeats":
            return sorted(news * 2, key=lambda _: self._random.random() < 0.3)
        if mood == "late" and self._true:
            return [*news, *self._random.choices(self._true, k=3)]
        return [] if mood == "away" else news


class Client:
    """Keeps what it was told, and refuses what a client can't make sense of."""

    def __init__(self) -> None:
        self.position = Position()
        self.seqs: list[int] = []
        self.texts: defaultdict[str, str] = defaultdict(str)
        self._closed: set[str] = set()

    def take(self, seen: Seen) -> None:
        self.position = Position.parse(str(seen.position))
        assert self.position == seen.position
        assert not isinstance(seen.entry, Gap)
        if isinstance(seen.entry, TextDelta):
            self._take_text(seen.entry)
        else:
            self._take_event(seen.entry)

    def _take_text(self, delta: TextDelta) -> None:
        assert delta.message_id not in self._closed, "text of a message that was whole"
        assert not self._closed & {str(delta.turn_id)}, "text of a turn that had ended"
        assert delta.offset == len(self.texts[delta.message_id])
        self.texts[delta.message_id] += delta.text

    def _take_event(self, event: SessionEvent) -> None:
        self.seqs.append(event.seq)
        if event.type is EventType.TURN_ENDED:
            self._closed.add(str(event.turn_id))
        if event.type is not EventType.MESSAGE:
            return
        message_id = str(event.data["message_id"])
        if event.data["streamed"]:
            if event.data["restarted"]:
                self.texts[message_id] = ""
            assert event.data["delivered"] == len(self.texts[message_id])
            self.texts[message_id] += str(event.data["rest"])
            assert self.texts[message_id] == event.data["text"]
        self._closed.add(message_id)
