"""The turns of one tenant. What is done is in turn_statements.py."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta

from domain.errors import NotFound
from domain.ids import SessionId, TenantId, TurnId
from domain.sessions import AgentSession, TurnStatus
from server.postgres import turn_statements as steps
from server.postgres.checkpoint_scope import saved_under
from server.postgres.errors import lease_lost
from server.postgres.session_repository import PostgresSessions
from server.postgres.statements import Row, Statement
from server.postgres.transaction import Transaction
from server.postgres.transcript import PostgresTranscript, no_session, of_lease, of_message
from services.budgets import NOTHING, Usage
from services.events import NewEvent
from services.ports import Kept, Lease, Recorded, Turn


class PostgresTurns:
    """`sessions` are asked for where a turn is held: its conversation is read along with it."""

    def __init__(
        self,
        transaction: Transaction,
        tenant_id: TenantId,
        transcript: PostgresTranscript,
        sessions: Callable[[], PostgresSessions],
    ) -> None:
        self._transaction = transaction
        self._tenant_id = tenant_id
        self._transcript = transcript
        self._sessions = sessions

    async def add(self, turn: Turn) -> None:
        await self._transaction.flush()
        await self._row(steps.ADD, **dict(turn))

    async def accept(
        self, turn: Turn, said: Recorded, events: Sequence[NewEvent], owner: str | None, seconds: float
    ) -> Lease | Turn:
        given = {**of_message(said), **dict(turn), "may_begin": owner is not None, "owner": owner}
        given["seconds"] = timedelta(seconds=seconds)
        written = await self._transcript.write(steps.ACCEPT, turn.session_id, events, given)
        if written is None:
            raise no_session()
        (first, *_), told = written
        accepted = turn.model_copy(update={"accepted_seq": first.seq})
        if owner is None or not told["begun"]:
            return accepted
        return Lease(accepted.model_copy(update={"status": TurnStatus.RUNNING, "attempt": 1}), owner)

    async def get(self, turn_id: TurnId) -> Turn:
        row = await self._row(steps.GET, turn=turn_id)
        if row is None:
            raise NotFound("There is no such turn.", code="turn_not_found")
        return Turn(**row)

    async def by_key(self, session_id: SessionId, key: str) -> Turn | None:
        await self._lock(f"{self._tenant_id}:{session_id}:{key}")
        row = await self._row(steps.BY_KEY, session=session_id, key=key)
        return Turn(**row) if row else None

    async def heard_up_to(self, session_id: SessionId, before: int) -> int:
        return int(str(await self._value(steps.HEARD_UP_TO, session=session_id, before=before) or 0))

    async def waiting(self, session_id: SessionId) -> bool:
        return bool(await self._value(steps.WAITING, session=session_id))

    async def claim_next(self, session_id: SessionId, owner: str, seconds: float) -> Lease | None:
        """A second claimer waits for the first one's row, then finds it running and goes away empty-handed."""
        lease = {"owner": owner, "seconds": timedelta(seconds=seconds)}
        row = await self._row(steps.CLAIM_NEXT, session=session_id, **lease)
        return Lease(Turn(**row), owner) if row else None

    async def extend(self, lease: Lease, seconds: float) -> Kept | None:
        row = await self._row(steps.EXTEND, **of_lease(lease), seconds=timedelta(seconds=seconds))
        return Kept(row["cancel_asked"]) if row else None

    async def release(self, lease: Lease) -> None:
        await self._row(steps.RELEASE, **of_lease(lease))

    async def hold(self, lease: Lease) -> AgentSession:
        session = await self._row(steps.HOLD, **of_lease(lease))
        if session is None:
            raise lease_lost()
        return self._sessions().know(session)

    async def finish(
        self,
        lease: Lease,
        session: AgentSession,
        status: TurnStatus,
        ended: NewEvent,
        error: str | None,
        usage: Usage = NOTHING,
    ) -> tuple[int, bool]:
        for statement, values in saved_under(lease).messages:
            await self._transaction.execute(statement, values)
        changed = {f"session_{name}": value for name, value in self._sessions().written_along(session).items()}
        ending = {**of_lease(lease), "ended_status": status, "why": error, **asdict(usage), **changed}
        written = await self._transcript.write(steps.FINISH, lease.turn.session_id, [ended], ending)
        if written is None:
            raise lease_lost()
        (logged,), told = written
        return logged.seq, bool(told["waits"])

    async def cancel_queued(self, turn_id: TurnId, ended_seq: int) -> bool:
        return await self._row(steps.CANCEL_QUEUED, turn=turn_id, seq=ended_seq) is not None

    async def ask_cancel(self, turn_id: TurnId) -> bool:
        return await self._row(steps.ASK_CANCEL, turn=turn_id) is not None

    async def unfinished(self, session_id: SessionId) -> list[Turn]:
        await self._lock(f"{self._tenant_id}:{session_id} unfinished")  # the rows alone keep no new ones out
        rows = await self._transaction.rows(steps.UNFINISHED, {"tenant": self._tenant_id, "session": session_id})
        return [Turn(**row) for row in rows]

    async def forget_key(self, turn_id: TurnId) -> None:
        await self._row(steps.FORGET_KEY, turn=turn_id)

    async def _row(self, step: Statement, **values: object) -> Row | None:
        return await self._transaction.row(step, {"tenant": self._tenant_id, **values})

    async def _value(self, step: Statement, **values: object) -> object:
        return await self._transaction.value(step, {"tenant": self._tenant_id, **values})

    async def _lock(self, name: str) -> None:
        await self._transaction.value(steps.LOCK, {"name": name})
