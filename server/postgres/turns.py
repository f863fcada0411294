"""The turns of one tenant: every step is one statement that compares and sets."""

from dataclasses import asdict, fields
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Executable,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Conflict, NotFound
from domain.ids import SessionId, TenantId, TurnId
from domain.sessions import TurnStatus
from server.postgres.tables import turns, wakeups
from services.budgets import NOTHING, Usage
from services.ports import Kept, Lease, Turn, WakeupKind

_COLUMNS = [turns.c[name] for name in Turn.model_fields]
_UNFINISHED = turns.c.status.in_([TurnStatus.QUEUED, TurnStatus.RUNNING])


def _finishing() -> Executable:
    """Ends the turn, and takes away the note that the session is to be looked after if no other turn waits there.

    Whoever accepts one leaves its note under the session's lock, which whoever ends one has taken before this.
    """
    ended = (
        update(turns)
        .where(
            turns.c.tenant_id == bindparam("tenant"),
            turns.c.id == bindparam("turn"),
            turns.c.attempt == bindparam("token"),
            turns.c.status == TurnStatus.RUNNING,
        )
        .values(
            status=bindparam("ended_status"),
            ended_seq=bindparam("seq"),
            error=bindparam("why"),
            lease_owner=None,
            lease_until=None,
            **{one.name: bindparam(one.name) for one in fields(Usage)},
        )
        .returning(turns.c.id)
        .cte("ended")
    )
    others = turns.alias("others")
    waits = exists().where(
        others.c.tenant_id == bindparam("tenant"),
        others.c.session_id == bindparam("session"),
        others.c.status.in_([TurnStatus.QUEUED, TurnStatus.RUNNING]),
        others.c.id != bindparam("turn"),
    )
    note = (
        delete(wakeups)
        .where(
            wakeups.c.kind == WakeupKind.TURN,
            wakeups.c.tenant_id == bindparam("tenant"),
            wakeups.c.id == bindparam("session"),
            exists(select(ended.c.id)),
            ~waits,
        )
        .returning(wakeups.c.id)
        .cte("note")
    )
    return select(ended.c.id).add_cte(note)


_FINISH = _finishing()


class PostgresTurns:
    """Leases are measured by the database's clock, the one that all replicas share."""

    def __init__(self, session: AsyncSession, tenant_id: TenantId) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def add(self, turn: Turn) -> None:
        await self._session.flush()
        await self._session.execute(insert(turns), {"tenant_id": self._tenant_id, **turn.model_dump()})

    async def get(self, turn_id: TurnId) -> Turn:
        turn = await self._one(turns.c.id == turn_id)
        if turn is None:
            raise NotFound("There is no such turn.", code="turn_not_found")
        return turn

    async def by_key(self, session_id: SessionId, key: str) -> Turn | None:
        await self._lock(f"{self._tenant_id}:{session_id}:{key}")
        return await self._one(and_(turns.c.session_id == session_id, turns.c.idempotency_key == key))

    async def heard_up_to(self, session_id: SessionId, before: int) -> int:
        latest = select(func.max(turns.c.accepted_seq)).where(
            self._mine, turns.c.session_id == session_id, turns.c.accepted_seq < before, turns.c.attempt > 0
        )
        return await self._session.scalar(latest) or 0

    async def waiting(self, session_id: SessionId) -> bool:
        unfinished = exists().where(self._mine, turns.c.session_id == session_id, _UNFINISHED)
        return bool(await self._session.scalar(select(unfinished)))

    async def claim_next(self, session_id: SessionId, owner: str, seconds: float) -> Lease | None:
        """A second claimer waits for the first one's row, then finds it running and goes away empty-handed."""
        oldest = (
            select(turns.c.id)
            .where(self._mine, turns.c.session_id == session_id, _UNFINISHED)
            .order_by(turns.c.accepted_seq)
            .limit(1)
            .scalar_subquery()
        )
        free = or_(
            turns.c.status == TurnStatus.QUEUED,
            and_(turns.c.status == TurnStatus.RUNNING, turns.c.lease_until <= func.clock_timestamp()),
        )
        claimed = await self._session.execute(
            update(turns)
            .where(self._mine, turns.c.id == oldest, free)
            .values(
                status=TurnStatus.RUNNING,
                attempt=turns.c.attempt + 1,
                lease_owner=owner,
                lease_until=_in(seconds),
            )
            .returning(*_COLUMNS)
        )
        row = claimed.mappings().one_or_none()
        return Lease(Turn(**row), owner) if row else None

    async def extend(self, lease: Lease, seconds: float) -> Kept | None:
        extended = update(turns).where(self._held(lease)).values(lease_until=_in(seconds))
        asked = await self._session.scalar(extended.returning(turns.c.cancel_asked))
        return None if asked is None else Kept(asked)

    async def release(self, lease: Lease) -> None:
        await self._set(self._held(lease), lease_owner=None, lease_until=func.clock_timestamp())

    async def hold(self, lease: Lease) -> None:
        held = await self._session.scalar(select(turns.c.id).where(self._held(lease)).with_for_update())
        if held is None:
            raise lease_lost()

    async def finish(
        self, lease: Lease, status: TurnStatus, ended_seq: int, error: str | None, usage: Usage = NOTHING
    ) -> None:
        """Raises Conflict `lease_lost` as `hold` does."""
        turn = lease.turn
        held = {"tenant": self._tenant_id, "session": turn.session_id, "turn": turn.id, "token": turn.attempt}
        ending = {"ended_status": status, "seq": ended_seq, "why": error}
        if await self._session.scalar(_FINISH, {**held, **ending, **asdict(usage)}) is None:
            raise lease_lost()

    async def cancel_queued(self, turn_id: TurnId, ended_seq: int) -> bool:
        queued = and_(self._mine, turns.c.id == turn_id, turns.c.status == TurnStatus.QUEUED)
        return await self._set(queued, status=TurnStatus.CANCELLED, ended_seq=ended_seq)

    async def ask_cancel(self, turn_id: TurnId) -> bool:
        running = and_(self._mine, turns.c.id == turn_id, turns.c.status == TurnStatus.RUNNING)
        return await self._set(running, cancel_asked=True)

    async def unfinished(self, session_id: SessionId) -> list[Turn]:
        await self._lock(f"{self._tenant_id}:{session_id} unfinished")  # the rows alone keep no new ones out
        locked = (
            select(*_COLUMNS)
            .where(self._mine, turns.c.session_id == session_id, _UNFINISHED)
            .order_by(turns.c.accepted_seq)
            .with_for_update()
        )
        return [Turn(**row) for row in (await self._session.execute(locked)).mappings()]

    async def forget_key(self, turn_id: TurnId) -> None:
        await self._set(and_(self._mine, turns.c.id == turn_id), idempotency_key=cast(turns.c.id, Text))

    async def used_in(self, session_id: SessionId) -> Usage:
        return await self._used(turns.c.session_id == session_id)

    async def used_since(self, moment: datetime) -> Usage:
        return await self._used(turns.c.created_at >= moment)

    async def _used(self, which: ColumnElement[bool]) -> Usage:
        sums = [func.coalesce(func.sum(turns.c[one.name]), 0) for one in fields(Usage)]
        row = (await self._session.execute(select(*sums).where(self._mine, which))).one()
        return Usage(*map(int, row))

    @property
    def _mine(self) -> ColumnElement[bool]:
        return turns.c.tenant_id == self._tenant_id

    def _held(self, lease: Lease) -> ColumnElement[bool]:
        return and_(
            self._mine,
            turns.c.id == lease.turn.id,
            turns.c.attempt == lease.turn.attempt,
            turns.c.status == TurnStatus.RUNNING,
        )

    async def _lock(self, name: str) -> None:
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    async def _one(self, condition: ColumnElement[bool]) -> Turn | None:
        row = (await self._session.execute(select(*_COLUMNS).where(self._mine, condition))).mappings().one_or_none()
        return Turn(**row) if row else None

    async def _set(self, condition: ColumnElement[bool], **values: object) -> bool:
        changed = update(turns).where(condition).values(**values).returning(turns.c.id)
        return await self._session.scalar(changed) is not None


def _in(seconds: float) -> ColumnElement[object]:
    return func.clock_timestamp() + timedelta(seconds=seconds)


def lease_lost() -> Conflict:
    return Conflict("Another process has taken this turn over.", code="lease_lost")
