"""Watching a session: everything after a position, complete, in order and without doubles, then on as it happens.

Durable events come from the database; the live feed only says sooner that there are some, and carries text while it is
being written. So a feed that is slow, away or repeats itself costs time, never an event.
"""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from domain.ids import SessionId, TenantId, TurnId
from services.events import EventType, Gap, Position, SessionEvent, TextDelta
from services.ports import EventReader, LiveFeed

BATCH = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry and the position a reader is at once it has it."""

    position: Position
    entry: SessionEvent | TextDelta | Gap


class Watching:
    def __init__(self, reader: EventReader, feed: LiveFeed) -> None:
        self._reader = reader
        self._feed = feed

    async def follow(
        self, tenant_id: TenantId, session_id: SessionId, after: Position, *, claimed: bool = False, near: bool = False
    ) -> AsyncGenerator[Seen | None, None]:
        """None marks a quiet second: the caller may send a heartbeat or stop.

        A position that is only `claimed`, by somebody who says they were there, is looked up in the log. `near` is a
        reader of what this process is about to do: nobody else is asked before it has been quiet for a second, or a
        number is missing.
        """
        view = _View(after)
        following = near
        async with aclosing(self._feed.follow(tenant_id, session_id, near=near)) as batches:
            async for batch in batches:
                if not following and claimed and after.seq:
                    found = await self._arrive(tenant_id, session_id, view)
                elif not following or not batch:
                    found = await self._catch_up(tenant_id, session_id, view)
                else:
                    found = []
                following = True
                for seen in found + await self._news(tenant_id, session_id, view, batch):
                    yield seen
                if not batch:
                    yield None

    async def _news(
        self, tenant_id: TenantId, session_id: SessionId, view: "_View", batch: Sequence[SessionEvent | TextDelta]
    ) -> list[Seen]:
        found: list[Seen] = []
        for place, entry in enumerate(batch):
            if view.misses(entry):
                found += await self._catch_up(tenant_id, session_id, view)
                await self._look_up(tenant_id, session_id, view, batch[place:])
            if taken := view.take(entry):
                found.append(taken)
        return found

    async def _arrive(self, tenant_id: TenantId, session_id: SessionId, view: "_View") -> list[Seen]:
        """From the event that the reader says it has: where that is none, neither is what came before it."""
        known = Position(seq=view.position.seq - 1)
        events = await self._reader.events_after(tenant_id, session_id, known, BATCH)
        if not events or events[0].seq != view.position.seq:
            return await self._gap(tenant_id, session_id, view)
        return await self._taken(tenant_id, session_id, view, events[1:])

    async def _catch_up(self, tenant_id: TenantId, session_id: SessionId, view: "_View") -> list[Seen]:
        events = await self._reader.events_after(tenant_id, session_id, view.position, BATCH)
        return await self._taken(tenant_id, session_id, view, events)

    async def _taken(
        self, tenant_id: TenantId, session_id: SessionId, view: "_View", events: Sequence[SessionEvent]
    ) -> list[Seen]:
        """These and what follows them."""
        found: list[Seen] = []
        while events:
            for event in events:
                if event.seq > view.position.seq + 1:
                    found += await self._gap(tenant_id, session_id, view)
                if seen := view.take(event):
                    found.append(seen)
            if len(events) < BATCH - 1:
                break
            events = await self._reader.events_after(tenant_id, session_id, view.position, BATCH)
        return found

    async def _gap(self, tenant_id: TenantId, session_id: SessionId, view: "_View") -> list[Seen]:
        before = view.position.seq
        snapshot = await self._reader.snapshot(tenant_id, session_id)
        if snapshot is None:
            return []
        view.begin_at(Position(seq=snapshot.seq))
        return [Seen(view.position, Gap(after=before, snapshot=snapshot))]

    async def _look_up(
        self, tenant_id: TenantId, session_id: SessionId, view: "_View", batch: Sequence[SessionEvent | TextDelta]
    ) -> None:
        """The feed's memory may hold pieces of messages that were whole before this reader came."""
        ids = {entry.message_id for entry in batch if isinstance(entry, TextDelta) and view.misses(entry)}
        if ids:
            view.looked_up(ids, whole=await self._reader.recorded(tenant_id, session_id, ids))


class _View:
    """What one reader has. The offset counts characters of the message being streamed, whatever comes in between."""

    def __init__(self, position: Position) -> None:
        self.begin_at(position)

    def begin_at(self, position: Position) -> None:
        """Whatever it knew before."""
        self.position = position
        self._message: str | None = None  # being streamed; unknown to a reader that comes back within one
        self._attempts: dict[TurnId, int] = {}  # of the turns whose start it has
        self._ended: set[TurnId] = set()
        self._whole: set[str] = set()  # messages: late pieces of them are stale
        self._looked_up: set[str] = set()

    def misses(self, entry: SessionEvent | TextDelta) -> bool:
        """Must the database be asked before this entry is taken?"""
        if isinstance(entry, SessionEvent):
            return entry.seq > self.position.seq + 1
        if entry.message_id in self._looked_up or self._is_stale(entry):
            return False
        other_text = self.position.offset > 0 and entry.message_id != self._message
        return entry.after > self.position.seq or other_text or entry.turn_id not in self._attempts

    def looked_up(self, message_ids: Collection[str], *, whole: Collection[str]) -> None:
        self._looked_up.update(message_ids)
        self._whole.update(whole)

    def take(self, entry: SessionEvent | TextDelta) -> Seen | None:
        if isinstance(entry, TextDelta):
            return self._take_text(entry)
        if entry.seq <= self.position.seq:
            return None
        if entry.data.get("streamed"):
            entry = self._with_rest(entry)
        ends_text = _ends_run(entry) or self._is_of_text(entry)
        self._note(entry)
        if ends_text:
            self._message, self.position = None, Position(seq=entry.seq)
        else:
            self.position = self.position.model_copy(update={"seq": entry.seq})
        return Seen(self.position, entry)

    def _note(self, event: SessionEvent) -> None:
        if event.type is EventType.MESSAGE:
            self._whole.add(str(event.data["message_id"]))
        if event.turn_id is None:
            return
        if event.type is EventType.TURN_STARTED:
            self._attempts[event.turn_id] = int(str(event.data["attempt"]))
        if event.type is EventType.TURN_ENDED:
            self._ended.add(event.turn_id)
        if _ends_run(event):  # all that is known of its messages follows from this
            self._attempts.pop(event.turn_id, None)
            self._whole.clear()
            self._looked_up.clear()

    def _is_of_text(self, event: SessionEvent) -> bool:
        return "rest" in event.data and self._message in (None, event.data["message_id"])

    def _with_rest(self, event: SessionEvent) -> SessionEvent:
        """What the reader lacks of the message; all of it if the pieces came from an attempt that was given up."""
        had = self.position.offset if self._message in (None, event.data["message_id"]) else 0
        restarted = had > 0 and self.position.attempt != event.data.get("attempt", 1)
        delivered = 0 if restarted else had
        rest = str(event.data["text"])[delivered:]
        added = {"delivered": delivered, "rest": rest, "restarted": restarted}
        return event.model_copy(update={"data": {**event.data, **added}})

    def _take_text(self, delta: TextDelta) -> Seen | None:
        had = self.position.offset
        end = delta.offset + len(delta.text)
        if self._is_stale(delta) or end <= had or delta.offset > had:
            return None  # had already, or a piece is missing: the durable message brings the rest
        if had and (self._message not in (None, delta.message_id) or self.position.attempt != delta.attempt):
            return None
        self._message = delta.message_id
        self.position = Position(seq=self.position.seq, offset=end, attempt=delta.attempt)
        if had > delta.offset:
            delta = delta.model_copy(update={"offset": had, "text": delta.text[had - delta.offset :]})
        return Seen(self.position, delta)

    def _is_stale(self, delta: TextDelta) -> bool:
        given_up = delta.attempt < self._attempts.get(delta.turn_id, 0)
        return given_up or delta.turn_id in self._ended or delta.message_id in self._whole


def _ends_run(event: SessionEvent) -> bool:
    """Not the end of a turn that never started: another one may be in the middle of its words."""
    return event.type is EventType.TURN_ENDED and event.data.get("started", True) is True
