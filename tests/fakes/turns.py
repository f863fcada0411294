"""The turns of one tenant in memory. A row is locked from the first change to the end of its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import Conflict, Duplicate, NotFound
from domain.ids import SessionId, TenantId, TurnId
from domain.sessions import AgentSession, TurnStatus
from services.budgets import NOTHING, Usage
from services.events import NewEvent
from services.ports import Clock, Kept, Lease, Recorded, Turn, Wakeup, WakeupKind
from tests.fakes.database import Transaction
from tests.fakes.repositories import InMemorySessions
from tests.fakes.transcript import InMemoryTranscript
from tests.fakes.wakeups import leave_wakeup


@dataclass(frozen=True, slots=True)
class _Row:
    turn: Turn
    lease_until: datetime | None = None
    usage: Usage = NOTHING


class InMemoryTurns:
    def __init__(
        self,
        transaction: Transaction,
        tenant_id: TenantId,
        clock: Clock,
        transcript: InMemoryTranscript,
        sessions: InMemorySessions,
    ) -> None:
        self._transaction = transaction
        self._transcript = transcript
        self._tenant_id = tenant_id
        self._clock = clock
        self._sessions = sessions

    async def add(self, turn: Turn) -> None:
        if await self.by_key(turn.session_id, turn.idempotency_key):
            raise Duplicate("That key was used before.", code="duplicate_turn")
        self._put(_Row(turn))

    async def accept(
        self, turn: Turn, said: Recorded, events: Sequence[NewEvent], owner: str | None, seconds: float
    ) -> Lease | Turn:
        begins = owner is not None and not await self.waiting(turn.session_id)
        first, *_ = await self._transcript.record(said, events if begins else events[:1])
        accepted = turn.model_copy(update={"accepted_seq": first.seq})
        await self.add(accepted)
        note = Wakeup(self._tenant_id, WakeupKind.TURN, turn.session_id, self._in(seconds))
        leave_wakeup(self._transaction, note)
        if owner is None or not begins:
            return accepted
        begun = accepted.model_copy(update={"status": TurnStatus.RUNNING, "attempt": 1})
        self._put(_Row(begun, self._in(seconds)))
        return Lease(begun, owner)

    async def get(self, turn_id: TurnId) -> Turn:
        row = self._row(turn_id)
        if row is None:
            raise NotFound("There is no such turn.", code="turn_not_found")
        return row.turn

    async def by_key(self, session_id: SessionId, key: str) -> Turn | None:
        await self._transaction.lock("turn key", session_id, key)
        return next((turn for turn in self._of(session_id) if turn.idempotency_key == key), None)

    async def heard_up_to(self, session_id: SessionId, before: int) -> int:
        heard = (turn.accepted_seq for turn in self._of(session_id) if turn.attempt > 0)
        return max((seq for seq in heard if seq < before), default=0)

    async def waiting(self, session_id: SessionId) -> bool:
        return any(not turn.status.ended for turn in self._of(session_id))

    async def claim_next(self, session_id: SessionId, owner: str, seconds: float) -> Lease | None:
        unfinished = [turn for turn in self._of(session_id) if not turn.status.ended]
        if not unfinished:
            return None
        row = await self._locked(min(unfinished, key=lambda turn: turn.accepted_seq).id)
        if row is None or not self._is_free(row):
            return None
        turn = row.turn.model_copy(update={"status": TurnStatus.RUNNING, "attempt": row.turn.attempt + 1})
        self._put(_Row(turn, self._in(seconds)))
        return Lease(turn, owner)

    async def extend(self, lease: Lease, seconds: float) -> Kept | None:
        row = await self._held(lease)
        if row is None:
            return None
        self._put(replace(row, lease_until=self._in(seconds)))
        return Kept(row.turn.cancel_asked)

    async def release(self, lease: Lease) -> None:
        if row := await self._held(lease):
            self._put(replace(row, lease_until=self._clock.now()))

    async def hold(self, lease: Lease) -> AgentSession:
        if await self._held(lease) is None:
            raise _lost()
        return await self._sessions.get(lease.turn.session_id, locked=True)

    async def finish(
        self,
        lease: Lease,
        session: AgentSession,  # written with every other entity of this transaction
        status: TurnStatus,
        ended: NewEvent,
        error: str | None,
        usage: Usage = NOTHING,
    ) -> tuple[int, bool]:
        row = await self._held(lease)
        if row is None:
            raise _lost()
        (logged,) = await self._transcript.log(ended)
        ending = {"status": status, "ended_seq": logged.seq, "error": error}
        self._put(_Row(row.turn.model_copy(update=ending), usage=usage))
        if await self.waiting(lease.turn.session_id):
            return logged.seq, True
        self._transaction.delete("wakeups", WakeupKind.TURN, self._tenant_id, lease.turn.session_id)
        return logged.seq, False

    async def cancel_queued(self, turn_id: TurnId, ended_seq: int) -> bool:
        row = await self._locked(turn_id)
        if row is None or row.turn.status is not TurnStatus.QUEUED:
            return False
        ended = {"status": TurnStatus.CANCELLED, "ended_seq": ended_seq}
        self._put(_Row(row.turn.model_copy(update=ended)))
        return True

    async def ask_cancel(self, turn_id: TurnId) -> bool:
        row = await self._locked(turn_id)
        if row is None or row.turn.status is not TurnStatus.RUNNING:
            return False
        self._put(replace(row, turn=row.turn.model_copy(update={"cancel_asked": True})))
        return True

    async def unfinished(self, session_id: SessionId) -> list[Turn]:
        await self._transaction.lock("unfinished", session_id)
        in_order = sorted(self._of(session_id), key=lambda turn: turn.accepted_seq)
        rows = [await self._locked(turn.id) for turn in in_order if not turn.status.ended]
        return [row.turn for row in rows if row and not row.turn.status.ended]

    async def forget_key(self, turn_id: TurnId) -> None:
        row = await self._locked(turn_id)
        assert row, "a turn that was found"
        self._put(replace(row, turn=row.turn.model_copy(update={"idempotency_key": str(turn_id)})))

    def _of(self, session_id: SessionId) -> list[Turn]:
        return [row.turn for row in self._transaction.all("turns", self._tenant_id, session_id)]

    def _row(self, turn_id: TurnId) -> _Row | None:
        rows = self._transaction.all("turns", self._tenant_id)
        return next((row for row in rows if row.turn.id == turn_id), None)

    def _put(self, row: _Row) -> None:
        self._transaction.put("turns", self._tenant_id, row.turn.session_id, row.turn.id, row=row)

    async def _locked(self, turn_id: TurnId) -> _Row | None:
        """Read after the lock: whoever held it may have changed the row."""
        await self._transaction.lock("turn", turn_id)
        return self._row(turn_id)

    async def _held(self, lease: Lease) -> _Row | None:
        row = await self._locked(lease.turn.id)
        ours = row and row.turn.status is TurnStatus.RUNNING and row.turn.attempt == lease.turn.attempt
        return row if ours else None

    def _is_free(self, row: _Row) -> bool:
        expired = row.lease_until is not None and row.lease_until <= self._clock.now()
        return row.turn.status is TurnStatus.QUEUED or (row.turn.status is TurnStatus.RUNNING and expired)

    def _in(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def _lost() -> Conflict:
    return Conflict("Another process has taken this turn over.", code="lease_lost")
