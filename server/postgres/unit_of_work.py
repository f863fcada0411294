"""One transaction of one tenant in Postgres."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.changes import Change
from domain.ids import TenantId
from server.postgres.access_repositories import (
    PostgresApprovals,
    PostgresDelegations,
    PostgresGrants,
    PostgresInvitations,
    PostgresMembers,
    PostgresPeople,
    PostgresServiceTokens,
)
from server.postgres.audit_rows import append
from server.postgres.errors import domain_errors
from server.postgres.repositories import (
    PostgresCampaigns,
    PostgresJobs,
    PostgresMediaPlans,
    PostgresSessions,
)
from server.postgres.tables import effects
from server.postgres.transcript import PostgresTranscript
from server.postgres.turns import PostgresTurns
from server.postgres.wakeups import leave_wakeup
from services.actor import Actor
from services.audit_store import row_of
from services.events import SessionEvent
from services.ports import Clock, Wakeup, WakeupKind

R = TypeVar("R", bound=BaseModel)
_ENTER = text("SELECT set_config('app.tenant_id', :tenant_id, true)")
_ENTER_READING = text(
    "SELECT set_config('app.tenant_id', :tenant_id, true), set_config('role', 'app_ro', true), "
    "set_config('transaction_read_only', 'on', true)"
)
Publish = Callable[[Sequence[SessionEvent]], Awaitable[None]]


class PostgresWork:
    """Begins units of work. `publish` gets the events of one session at a time, after they are committed."""

    def __init__(self, engine: AsyncEngine, clock: Clock, publish: Publish) -> None:
        self._engine = engine
        self._clock = clock
        self._publish = publish

    @asynccontextmanager
    async def __call__(self, actor: Actor) -> AsyncIterator["PostgresUnitOfWork"]:
        with domain_errors():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                await enter_tenant(session, actor.tenant_id, reading=actor.origin.reading)
                yield PostgresUnitOfWork(session, actor, self._clock, self._publish)


async def enter_tenant(session: AsyncSession, tenant_id: TenantId, *, reading: bool = False) -> None:
    """For this transaction alone: a setting of the connection would be the next borrower's too.

    Who only reads steps down to a role that can't do more, in a transaction that can't either.
    """
    await session.execute(_ENTER_READING if reading else _ENTER, {"tenant_id": str(tenant_id)})


class PostgresUnitOfWork:
    def __init__(self, session: AsyncSession, actor: Actor, clock: Clock, publish: Publish) -> None:
        tenant_id = actor.tenant_id
        self.campaigns = PostgresCampaigns(session, tenant_id)
        self.plans = PostgresMediaPlans(session, tenant_id)
        self.sessions = PostgresSessions(session, tenant_id)
        self.jobs = PostgresJobs(session, tenant_id)
        self.members = PostgresMembers(session, tenant_id)
        self.people = PostgresPeople(session, tenant_id)
        self.invitations = PostgresInvitations(session, tenant_id)
        self.service_tokens = PostgresServiceTokens(session, tenant_id)
        self.grants = PostgresGrants(session, tenant_id)
        self.delegations = PostgresDelegations(session, tenant_id)
        self.approvals = PostgresApprovals(session, tenant_id)
        self.turns = PostgresTurns(session, tenant_id)
        self.transcript = PostgresTranscript(session, tenant_id, clock)
        self._session = session
        self._actor = actor
        self._clock = clock
        self._publish = publish

    async def earlier(self, result: type[R]) -> R | None:
        """Locks the effect key until the transaction ends: the same command a second time waits for the first."""
        key = self._actor.origin.effect_key
        if key is None:
            return None
        name = f"{self._actor.tenant_id}:{key}"
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        found = await self._session.scalar(
            select(effects.c.result).where(effects.c.tenant_id == self._actor.tenant_id, effects.c.effect_key == key)
        )
        return None if found is None else result.model_validate(found)

    async def commit(self, result: R, *changes: Change | None) -> R:
        real = [change for change in changes if change is not None]
        with domain_errors():
            await self._session.flush()
            if real:
                at = self._clock.now()
                await append(self._session, [row_of(self._actor, change, at) for change in real])
            if self._actor.origin.effect_key is not None:
                await self._session.execute(insert(effects), self._effect_row(result, real))
            await self._session.commit()
        for events in self.transcript.written.values():
            await self._publish(events)
        return result

    async def wake(self, kind: WakeupKind, id: UUID, due_at: datetime) -> None:
        await leave_wakeup(self._session, Wakeup(self._actor.tenant_id, kind, id, due_at))

    def _effect_row(self, result: BaseModel, changes: Sequence[Change]) -> dict[str, object]:
        return {
            "tenant_id": self._actor.tenant_id,
            "effect_key": self._actor.origin.effect_key,
            "action": changes[0].action if changes else None,
            "result": result.model_dump(mode="json"),
            "created_at": self._clock.now(),
        }
