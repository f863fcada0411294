"""One transaction of one tenant in Postgres."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, insert, select, text
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
from server.postgres.engine import setting
from server.postgres.errors import domain_errors
from server.postgres.file_repository import PostgresFiles
from server.postgres.repositories import (
    PostgresCampaigns,
    PostgresJobs,
    PostgresMediaPlans,
)
from server.postgres.session_repository import PostgresSessions
from server.postgres.statements import Statement
from server.postgres.tables import effects
from server.postgres.term_repositories import PostgresAdvertisers, PostgresBenchmarks, PostgresCurves
from server.postgres.transaction import Transaction, begun, scope
from server.postgres.transcript import PostgresTranscript
from server.postgres.turn_statements import LOCK
from server.postgres.turns import PostgresTurns
from server.postgres.wakeups import LEAVE
from services.actor import Actor
from services.audit_store import row_of
from services.events import SessionEvent
from services.ports import Clock, Wakeup, WakeupKind

R = TypeVar("R", bound=BaseModel)
_EARLIER = Statement(
    select(effects.c.result).where(effects.c.tenant_id == bindparam("tenant"), effects.c.effect_key == bindparam("key"))
)
_EFFECT = Statement(insert(effects).values({one.name: bindparam(one.name) for one in effects.c}))
_LEAVE_WAKEUP = Statement(LEAVE)
Publish = Callable[[Sequence[SessionEvent]], Awaitable[None]]


class PostgresWork:
    """Begins units of work. `publish` gets the events of one session at a time, after they are committed."""

    def __init__(self, engine: AsyncEngine, clock: Clock, publish: Publish) -> None:
        self._engine = engine
        self._clock = clock
        self._publish = publish

    def __call__(self, actor: Actor) -> "_Begun":
        transaction = begun(self._engine, actor.tenant_id, reading=actor.origin.reading)
        return _Begun(transaction, PostgresUnitOfWork(transaction, actor, self._clock, self._publish))


class _Begun:
    """A unit of work, from the beginning of its transaction to its end."""

    def __init__(self, transaction: Transaction, work: "PostgresUnitOfWork") -> None:
        self._transaction = transaction
        self._work = work

    async def __aenter__(self) -> "PostgresUnitOfWork":
        await self._transaction.__aenter__()
        return self._work

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._transaction.__aexit__(kind, error, traceback)


async def enter_tenant(session: AsyncSession, tenant_id: TenantId, *, reading: bool = False) -> None:
    """For a transaction that SQLAlchemy has begun."""
    await session.execute(text(setting(scope(tenant_id, reading=reading))))


class PostgresUnitOfWork:
    def __init__(self, transaction: Transaction, actor: Actor, clock: Clock, publish: Publish) -> None:
        self.transcript = PostgresTranscript(transaction, actor.tenant_id, clock)
        self.turns = PostgresTurns(transaction, actor.tenant_id, self.transcript, lambda: self.sessions)
        self._transaction = transaction
        self._actor = actor
        self._clock = clock
        self._publish = publish

    @cached_property
    def campaigns(self) -> PostgresCampaigns:
        return PostgresCampaigns(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def plans(self) -> PostgresMediaPlans:
        return PostgresMediaPlans(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self._transaction, self._actor.tenant_id)

    @cached_property
    def jobs(self) -> PostgresJobs:
        return PostgresJobs(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def members(self) -> PostgresMembers:
        return PostgresMembers(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def people(self) -> PostgresPeople:
        return PostgresPeople(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def invitations(self) -> PostgresInvitations:
        return PostgresInvitations(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def service_tokens(self) -> PostgresServiceTokens:
        return PostgresServiceTokens(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def grants(self) -> PostgresGrants:
        return PostgresGrants(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def delegations(self) -> PostgresDelegations:
        return PostgresDelegations(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def approvals(self) -> PostgresApprovals:
        return PostgresApprovals(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def files(self) -> PostgresFiles:
        return PostgresFiles(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def advertisers(self) -> PostgresAdvertisers:
        return PostgresAdvertisers(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def benchmarks(self) -> PostgresBenchmarks:
        return PostgresBenchmarks(self._transaction.entities, self._actor.tenant_id)

    @cached_property
    def curves(self) -> PostgresCurves:
        return PostgresCurves(self._transaction.entities, self._actor.tenant_id)

    async def earlier(self, result: type[R]) -> R | None:
        """Locks the effect key until the transaction ends: the same command a second time waits for the first."""
        key = self._actor.origin.effect_key
        if key is None:
            return None
        await self._transaction.value(LOCK, {"name": f"{self._actor.tenant_id}:{key}"})
        found = await self._transaction.row(_EARLIER, {"tenant": self._actor.tenant_id, "key": key})
        return result.model_validate(found["result"]) if found else None

    async def commit(self, result: R, *changes: Change | None) -> R:
        real = [change for change in changes if change is not None]
        with domain_errors():
            await self._transaction.flush()
            if real:
                at = self._clock.now()
                await append(self._transaction.connection, [row_of(self._actor, change, at) for change in real])
            if self._actor.origin.effect_key is not None:
                await self._transaction.row(_EFFECT, self._effect_row(result, real))
            await self._transaction.commit()
        for events in self.transcript.written.values():
            await self._publish(events)
        return result

    async def wake(self, kind: WakeupKind, id: UUID, due_at: datetime) -> None:
        await self._transaction.row(_LEAVE_WAKEUP, asdict(Wakeup(self._actor.tenant_id, kind, id, due_at)))

    def _effect_row(self, result: BaseModel, changes: Sequence[Change]) -> dict[str, object]:
        return {
            "tenant_id": self._actor.tenant_id,
            "effect_key": self._actor.origin.effect_key,
            "action": changes[0].action if changes else None,
            "result": result.model_dump(mode="json"),
            "created_at": self._clock.now(),
        }
