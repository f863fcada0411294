"""One transaction over accounts in Postgres. No tenant is entered, so none of a tenant's rows can be seen in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.ids import new_id
from server.postgres.account_repositories import (
    PostgresIdentities,
    PostgresPasswordResets,
    PostgresSignIns,
    PostgresUsers,
)
from server.postgres.audit_tables import security_log
from server.postgres.errors import domain_errors
from server.postgres.wakeups import leave_wakeup
from services.account_work import NO_TENANT, SecurityEvent
from services.actor import NO_ORIGIN, Origin
from services.ports import Clock, Wakeup, WakeupKind


class PostgresAccounts:
    """Begins units of work over accounts."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @asynccontextmanager
    async def __call__(self, origin: Origin = NO_ORIGIN) -> AsyncIterator["PostgresAccountWork"]:
        with domain_errors():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                yield PostgresAccountWork(session, origin, self._clock)


class PostgresAccountWork:
    def __init__(self, session: AsyncSession, origin: Origin, clock: Clock) -> None:
        self.users = PostgresUsers(session)
        self.identities = PostgresIdentities(session)
        self.sign_ins = PostgresSignIns(session)
        self.password_resets = PostgresPasswordResets(session)
        self._session = session
        self._origin = origin
        self._clock = clock

    async def commit(self, *events: SecurityEvent) -> None:
        with domain_errors():
            await self._session.flush()
            if events:
                await self._session.execute(insert(security_log), [self._row(event) for event in events])
            await self._session.commit()

    async def wake(self, kind: WakeupKind, id: UUID, due_at: datetime) -> None:
        await leave_wakeup(self._session, Wakeup(NO_TENANT, kind, id, due_at))

    def _row(self, event: SecurityEvent) -> dict[str, object]:
        return {
            "id": new_id(),
            "at": self._clock.now(),
            "event": event.kind.value,
            "user_id": event.user_id,
            "sign_in_id": event.sign_in_id,
            "request_id": self._origin.request_id,
            "details": dict(event.details),
        }
