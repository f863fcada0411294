"""The outbox across tenants. It holds no payload, so it needs no row-level security."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.ids import TenantId
from server.postgres.errors import domain_errors
from server.postgres.tables import wakeups
from services.ports import Wakeup, WakeupKind

_INSTANT = timedelta(microseconds=1)


def leaving(**values: ColumnElement[Any]) -> Insert:
    """Of two notes for the same thing the earlier one stays, an instant sooner: a claim made before sees the change."""
    note = insert(wakeups).values(values)
    sooner = func.least(wakeups.c.due_at - _INSTANT, note.excluded.due_at)
    return note.on_conflict_do_update(constraint=wakeups.primary_key, set_={"due_at": sooner})


LEAVE = leaving(**{name: bindparam(name) for name in ("tenant_id", "kind", "id", "due_at")})


async def leave_wakeup(session: AsyncSession, wakeup: Wakeup) -> None:
    await session.execute(LEAVE, asdict(wakeup))


class PostgresWakeups:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(self, kind: WakeupKind, *, limit: int, retry_after: float) -> list[Wakeup]:
        due = (
            select(wakeups.c.tenant_id, wakeups.c.id)
            .where(wakeups.c.kind == kind, wakeups.c.due_at <= func.now())
            .order_by(wakeups.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        put_off = (
            update(wakeups)
            .where(wakeups.c.kind == kind, wakeups.c.tenant_id == due.c.tenant_id, wakeups.c.id == due.c.id)
            .values(due_at=func.now() + timedelta(seconds=retry_after))
            .returning(wakeups.c.tenant_id, wakeups.c.id, wakeups.c.due_at)
        )
        with domain_errors():
            async with self._engine.begin() as connection:
                rows = (await connection.execute(put_off)).all()
        return [Wakeup(TenantId(tenant_id), kind, id, due_at) for tenant_id, id, due_at in rows]

    async def done(self, wakeup: Wakeup) -> None:
        with domain_errors():
            async with self._engine.begin() as connection:
                await connection.execute(delete(wakeups).where(*_as_claimed(wakeup)))

    async def put_off(self, wakeup: Wakeup, seconds: float) -> None:
        later = update(wakeups).values(due_at=func.now() + timedelta(seconds=seconds))
        with domain_errors():
            async with self._engine.begin() as connection:
                await connection.execute(later.where(*_as_claimed(wakeup)))


def _as_claimed(wakeup: Wakeup) -> list[ColumnElement[bool]]:
    return [wakeups.c[name] == value for name, value in asdict(wakeup).items()]
