"""The audit in Postgres: rows and seals are only ever inserted, which its rights and triggers see to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, ScalarSelect, Uuid, and_, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.ids import TenantId
from server.postgres.audit_rows import append_once
from server.postgres.audit_tables import audit_log, audit_seals
from server.postgres.errors import domain_errors
from server.postgres.tables import tenants, wakeups
from server.postgres.tenant_reader import AnyRow, same_tenant
from server.postgres.unit_of_work import enter_tenant
from services.audit import SEALED_WITHIN
from services.audit_store import AuditRow, Link, Seal, Tally
from services.ports import WakeupKind

_NOTES = wakeups.c.kind == WakeupKind.AUDIT_SEAL
_ROW = [audit_log.c[field.name] for field in fields(AuditRow)]
_SEAL = [audit_seals.c[field.name] for field in fields(Seal)]


class PostgresAudit:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def append(self, row: AuditRow) -> None:
        async with self._tenant(self._engine, row.tenant_id) as session:
            await append_once(session, row)
            await session.commit()

    async def tenants_to_seal(self) -> list[TenantId]:
        with domain_errors():
            async with self._engine.connect() as connection:
                found = await connection.scalars(select(wakeups.c.tenant_id).where(_NOTES).distinct())
                return [TenantId(tenant_id) for tenant_id in found]

    async def all_tenants(self) -> list[TenantId]:
        with domain_errors():
            async with self._engine.connect() as connection:
                found = await connection.scalars(select(tenants.c.id).order_by(tenants.c.id))
                return [TenantId(tenant_id) for tenant_id in found]

    @asynccontextmanager
    async def sealing(self, tenant_id: TenantId) -> AsyncIterator["PostgresSealing"]:
        async with self._tenant(self._engine, tenant_id) as session:
            name = func.hashtextextended(f"audit seals:{tenant_id}", 0)
            await session.execute(select(func.pg_advisory_xact_lock(name)))
            yield PostgresSealing(session, tenant_id)

    @asynccontextmanager
    async def chain(self, tenant_id: TenantId) -> AsyncIterator["PostgresChain"]:
        at_one_moment = self._engine.execution_options(isolation_level="REPEATABLE READ")
        async with self._tenant(at_one_moment, tenant_id, reading=True) as session:
            yield PostgresChain(session, tenant_id)

    @asynccontextmanager
    async def _tenant(
        self, engine: AsyncEngine, tenant_id: TenantId, *, reading: bool = False
    ) -> AsyncIterator[AsyncSession]:
        with domain_errors():
            async with AsyncSession(engine) as session:
                await enter_tenant(session, tenant_id, reading=reading)
                yield session


class PostgresSealing:
    def __init__(self, session: AsyncSession, tenant_id: TenantId) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def head(self) -> Seal | None:
        own = audit_seals.c.tenant_id == self._tenant_id
        last = select(*_SEAL).where(own).order_by(audit_seals.c.seq.desc()).limit(1)
        row = (await self._session.execute(last)).first()
        return Seal(*row) if row else None

    async def unsealed(self, limit: int) -> list[AuditRow]:
        found = (
            select(*_ROW)
            .join(wakeups, and_(_NOTES, same_tenant(wakeups, audit_log, wakeups.c.id == audit_log.c.id)))
            .outerjoin(audit_seals, _sealed())
            .where(audit_log.c.tenant_id == self._tenant_id, audit_seals.c.seq.is_(None))
            .order_by(audit_log.c.at, audit_log.c.id)
            .limit(limit)
        )
        return [AuditRow(*row) for row in await self._session.execute(found)]

    async def commit(self, seals: Sequence[Seal]) -> None:
        if seals:
            rows = [{"tenant_id": self._tenant_id, **asdict(seal)} for seal in seals]
            await self._session.execute(insert(audit_seals), rows)
        sealed = same_tenant(audit_seals, wakeups, audit_seals.c.audit_id == wakeups.c.id)
        met = select(audit_seals.c.seq).where(sealed).exists()
        own = wakeups.c.tenant_id == self._tenant_id
        await self._session.execute(delete(wakeups).where(_NOTES, own, met))
        await self._session.commit()


class PostgresChain:
    def __init__(self, session: AsyncSession, tenant_id: TenantId) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def links(self, after: int | None, limit: int) -> list[Link]:
        """Two statements: joined, Postgres would read all rows for every page."""
        page = select(*_SEAL).where(audit_seals.c.tenant_id == self._tenant_id).order_by(audit_seals.c.seq).limit(limit)
        if after is not None:
            page = page.where(audit_seals.c.seq > after)
        seals = [Seal(*row) for row in await self._session.execute(page)]
        ids = audit_log.c.id == func.any(literal([seal.audit_id for seal in seals], ARRAY(Uuid)))
        own = select(*_ROW).where(audit_log.c.tenant_id == self._tenant_id, ids)
        rows = [AuditRow(*row) for row in await self._session.execute(own)]
        found = {row.id: row for row in rows}
        return [Link(seal, found.get(seal.audit_id)) for seal in seals]

    async def tally(self) -> Tally:
        row: AnyRow = (await self._session.execute(select(*self._counts()))).one()
        return Tally(*row)

    def _counts(self) -> list[ScalarSelect[Any]]:
        """In the order of a Tally's fields."""
        a, s, w = audit_log.c, audit_seals.c, wakeups.c
        rows = select(func.count()).select_from(audit_log).where(a.tenant_id == self._tenant_id)
        seals = select(func.count()).select_from(audit_seals).where(s.tenant_id == self._tenant_id)
        announced = and_(_NOTES, same_tenant(wakeups, audit_log, w.id == a.id))
        bare = audit_log.outerjoin(audit_seals, _sealed())
        open_rows = select(a.id).select_from(bare).where(a.tenant_id == self._tenant_id, s.seq.is_(None))
        waiting = open_rows.where(select(w.id).where(announced).exists())
        stray = open_rows.where(~select(w.id).where(announced).exists())
        notes = select(w.id).where(_NOTES, w.tenant_id == self._tenant_id)
        lost = notes.where(~select(a.id).where(same_tenant(audit_log, wakeups, a.id == w.id)).exists())
        late = seals.join(audit_log, _sealed()).where(s.sealed_at > a.at + SEALED_WITHIN)
        return [
            rows.scalar_subquery(),
            seals.scalar_subquery(),
            waiting.with_only_columns(func.count(a.id)).scalar_subquery(),
            waiting.with_only_columns(func.min(a.at)).scalar_subquery(),
            late.scalar_subquery(),
            stray.order_by(a.at, a.id).limit(1).scalar_subquery(),
            lost.order_by(w.id).limit(1).scalar_subquery(),
        ]


def _sealed() -> ColumnElement[bool]:
    return same_tenant(audit_seals, audit_log, audit_seals.c.audit_id == audit_log.c.id)
