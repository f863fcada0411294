"""Messages and events in memory."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from domain.errors import Duplicate, NotFound
from domain.ids import SessionId, TenantId, TurnId
from domain.sessions import AgentSession
from services.events import NewEvent, SessionEvent
from services.ports import Clock, Lease, Recorded
from tests.fakes.database import Transaction
from tests.fakes.entities import Entities


class InMemoryTranscript:
    def __init__(
        self,
        transaction: Transaction,
        entities: Entities,
        tenant_id: TenantId,
        clock: Clock,
        hold: Callable[[Lease], Awaitable[None]],
    ) -> None:
        self._hold = hold
        self._transaction = transaction
        self._entities = entities
        self._tenant_id = tenant_id
        self._clock = clock
        self.written: defaultdict[SessionId, list[SessionEvent]] = defaultdict(list)

    async def record(
        self, message: Recorded, events: Sequence[NewEvent], lease: Lease | None = None
    ) -> list[SessionEvent]:
        if lease:
            await self._hold(lease)
        numbered = await self._numbered(events)
        self._check(message)
        key = (self._tenant_id, message.session_id, message.id)
        self._transaction.put("messages", *key, row=message.model_copy(update={"seq": numbered[0].seq}))
        return self._append(numbered)

    async def log(self, *events: NewEvent) -> list[SessionEvent]:
        return self._append(await self._numbered(events))

    async def of_turn(self, turn_id: TurnId) -> list[Recorded]:
        mine = self._transaction.all("messages", self._tenant_id)
        return sorted((m for m in mine if m.turn_id == turn_id), key=lambda message: message.ordinal)

    async def outside_turns(self, session_id: SessionId, after: int) -> list[Recorded]:
        mine = self._transaction.all("messages", self._tenant_id, session_id)
        return sorted((m for m in mine if m.turn_id is None and m.seq > after), key=lambda message: message.seq)

    async def _numbered(self, events: Sequence[NewEvent]) -> list[SessionEvent]:
        for session_id in sorted({event.session_id for event in events}):
            await self._transaction.lock("session", session_id)
            if self._entities.get(AgentSession, "sessions", self._tenant_id, session_id) is None:
                raise NotFound("There is no such conversation.", code="session_not_found")
        now = self._clock.now()
        return [
            SessionEvent(tenant_id=self._tenant_id, seq=self._take(event.session_id), ts=now, **dict(event))
            for event in events
        ]

    def _take(self, session_id: SessionId) -> int:
        seq = int(self._transaction.get("last_seq", self._tenant_id, session_id) or 0) + 1
        self._transaction.put("last_seq", self._tenant_id, session_id, row=seq)
        return seq

    def _append(self, events: list[SessionEvent]) -> list[SessionEvent]:
        for event in events:
            self._transaction.put("events", self._tenant_id, event.session_id, event.seq, row=event)
            self.written[event.session_id].append(event)
        return events

    def _check(self, message: Recorded) -> None:
        """One message of an id, of a place in its turn, of a model call, of a tool call."""
        names = _names(message)
        for other in self._transaction.all("messages", self._tenant_id, message.session_id):
            if names & _names(other):
                raise Duplicate("It exists already.")


def _names(message: Recorded) -> set[tuple[object, ...]]:
    names: set[tuple[object, ...]] = {("id", message.id)}
    if message.turn_id is not None:
        names.add(("ordinal", message.turn_id, message.ordinal))
    if message.call is not None:
        names.add(("call", message.turn_id, message.agent, message.call))
    if message.tool_call_id is not None:
        names.add(("tool call", message.turn_id, message.tool_call_id))
    return names
