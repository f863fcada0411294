"""One transaction of one tenant in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from domain.changes import Change
from domain.errors import Forbidden, Unavailable
from domain.ids import TenantId
from services.actor import Actor
from services.audit_store import row_of
from services.events import SessionEvent
from services.ports import Clock, Lease, Wakeup, WakeupKind
from tests.fakes.access import (
    InMemoryApprovals,
    InMemoryDelegations,
    InMemoryGrants,
    InMemoryInvitations,
    InMemoryMembers,
    InMemoryPeople,
    InMemoryServiceTokens,
)
from tests.fakes.audit import keep
from tests.fakes.database import InMemoryDatabase, Transaction
from tests.fakes.entities import Entities
from tests.fakes.files import InMemoryFiles
from tests.fakes.repositories import (
    InMemoryCampaigns,
    InMemoryJobs,
    InMemoryMediaPlans,
    InMemorySessions,
)
from tests.fakes.terms import InMemoryAdvertisers, InMemoryBenchmarks, InMemoryCurves
from tests.fakes.transcript import InMemoryTranscript
from tests.fakes.turns import InMemoryTurns
from tests.fakes.wakeups import leave_wakeup

R = TypeVar("R", bound=BaseModel)
Publish = Callable[[Sequence[SessionEvent]], Awaitable[None]]


async def unpublished(_: Sequence[SessionEvent]) -> None:
    """Nobody watches."""


class InMemoryWork:
    """Begins units of work. `audit` has the changes of every tenant in the order of their commits."""

    def __init__(self, database: InMemoryDatabase, clock: Clock, publish: Publish = unpublished) -> None:
        self._database = database
        self._clock = clock
        self._publish = publish
        self.audit: list[tuple[Actor, Change]] = []

    @asynccontextmanager
    async def __call__(self, actor: Actor) -> AsyncIterator["InMemoryUnitOfWork"]:
        transaction = Transaction(self._database)
        try:
            yield InMemoryUnitOfWork(transaction, actor, self._clock, self._publish, self.audit)
        finally:
            transaction.end()


class InMemoryUnitOfWork:
    def __init__(
        self,
        transaction: Transaction,
        actor: Actor,
        clock: Clock,
        publish: Publish,
        audit: list[tuple[Actor, Change]],
    ) -> None:
        tenant_id: TenantId = actor.tenant_id
        entities = Entities(transaction)
        self.campaigns = InMemoryCampaigns(transaction, entities, tenant_id)
        self.plans = InMemoryMediaPlans(transaction, entities, tenant_id)
        self.sessions = InMemorySessions(transaction, entities, tenant_id)
        self.jobs = InMemoryJobs(transaction, entities, tenant_id)
        self.members = InMemoryMembers(transaction, entities, tenant_id)
        self.people = InMemoryPeople(transaction, entities, tenant_id)
        self.invitations = InMemoryInvitations(transaction, entities, tenant_id)
        self.service_tokens = InMemoryServiceTokens(transaction, entities, tenant_id)
        self.grants = InMemoryGrants(transaction, entities, tenant_id)
        self.delegations = InMemoryDelegations(transaction, entities, tenant_id)
        self.approvals = InMemoryApprovals(transaction, entities, tenant_id)
        self.files = InMemoryFiles(transaction, entities, tenant_id)
        self.advertisers = InMemoryAdvertisers(transaction, entities, tenant_id)
        self.benchmarks = InMemoryBenchmarks(transaction, entities, tenant_id)
        self.curves = InMemoryCurves(transaction, entities, tenant_id)
        self.transcript = InMemoryTranscript(transaction, entities, tenant_id, clock, self._hold)
        self.turns = InMemoryTurns(transaction, tenant_id, clock, self.transcript, self.sessions)
        self._transaction = transaction
        self._entities = entities
        self._actor = actor
        self._clock = clock
        self._publish = publish
        self._audit = audit

    async def _hold(self, lease: Lease) -> None:
        await self.turns.hold(lease)

    async def earlier(self, result: type[R]) -> R | None:
        key = self._actor.origin.effect_key
        if key is None:
            return None
        await self._transaction.lock("effect", self._actor.tenant_id, key)
        found = self._transaction.get("effects", self._actor.tenant_id, key)
        return None if found is None else result.model_validate(found)

    async def commit(self, result: R, *changes: Change | None) -> R:
        if self._actor.origin.reading:
            raise Forbidden("This transaction may only read.", code="read_only")
        self._entities.flush()
        self.campaigns.check()
        self.plans.check()
        self.sessions.check()
        self.advertisers.check()
        self.benchmarks.check()
        self._keep_effect(result)
        real = [change for change in changes if change is not None]
        for change in real:
            keep(self._transaction, row_of(self._actor, change, self._clock.now()))
        self._transaction.commit()
        self._audit += [(self._actor, change) for change in real]
        for events in self.transcript.written.values():
            await self._publish(events)
        return result

    async def wake(self, kind: WakeupKind, id: UUID, due_at: datetime) -> None:
        leave_wakeup(self._transaction, Wakeup(self._actor.tenant_id, kind, id, due_at))

    def _keep_effect(self, result: BaseModel) -> None:
        key = (self._actor.tenant_id, self._actor.origin.effect_key)
        if key[1] is None:
            return
        if self._transaction.committed("effects", *key):
            raise Unavailable("The same command is being carried out.", code="effect_in_progress")
        self._transaction.put("effects", *key, row=result.model_dump(mode="json"))
