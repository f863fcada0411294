"""The audit as it is kept: rows that only grow in number, and the chain of seals over them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from domain.audit import Decision, row_digest
from domain.changes import Change
from domain.ids import ApprovalId, ServiceTokenId, TenantId, TurnId, UserId, new_id
from services.actor import Actor


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did, or was refused, what; through which agent, request, token and approval."""

    tenant_id: TenantId
    id: UUID
    at: datetime
    user_id: UserId
    action: str
    object_id: UUID
    version: int  # of the object after the change; 0 where nothing was changed
    agent: str | None = None
    turn_id: TurnId | None = None
    request_id: str | None = None
    trace_id: str | None = None
    model: str | None = None
    prompt: str | None = None
    service_token_id: ServiceTokenId | None = None
    approval_id: ApprovalId | None = None
    decision: Decision = Decision.ALLOWED
    code: str | None = None  # of the refusal
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)

    def digest(self) -> str:
        """Covers every column. An empty one counts as none, so that rows keep their digest when columns are added."""
        facts = {name: value for name, value in asdict(self).items() if value is not None}
        return row_digest({**facts, "at": self.at.astimezone(UTC).isoformat()})


def row_of(actor: Actor, change: Change, at: datetime) -> AuditRow:
    """What is kept of a change."""
    origin = actor.origin
    return AuditRow(
        tenant_id=actor.tenant_id,
        id=new_id(),
        at=at,
        user_id=actor.user_id,
        action=change.action,
        object_id=change.object_id,
        version=change.version,
        agent=origin.agent,
        turn_id=origin.turn_id,
        request_id=origin.request_id,
        trace_id=origin.trace_id,
        model=origin.model,
        prompt=origin.prompt,
        service_token_id=origin.service_token_id,
        approval_id=origin.approval_id,
        before=dict(change.before),
        after=dict(change.after),
    )


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of a tenant's chain. `seal` is made of the one before and of the row's digest (domain/audit.py)."""

    seq: int  # from 1, without gaps
    audit_id: UUID
    row_digest: str
    seal: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    seal: Seal
    row: AuditRow | None  # None: somebody took it away


@dataclass(frozen=True, slots=True)
class Tally:
    """How the rows and seals of a tenant stand to each other."""

    rows: int
    sealed: int
    waiting: int  # without a seal, announced in the outbox: the next sweep seals them
    waiting_since: datetime | None
    late: int  # sealed more than a minute after they were written
    unannounced: UUID | None  # a row without a seal that no sweep will look for
    lost: UUID | None  # announced in the outbox, but there is no such row


class Sealing(Protocol):
    """One transaction that makes a tenant's chain longer. Nobody else does meanwhile."""

    async def head(self) -> Seal | None: ...
    async def unsealed(self, limit: int) -> list[AuditRow]:
        """Announced rows without a seal, as they read back, the oldest first."""
        ...

    async def commit(self, seals: Sequence[Seal]) -> None:
        """With their notes in the outbox gone."""
        ...


class Chain(Protocol):
    """A tenant's chain as it stands at one moment."""

    async def links(self, after: int | None, limit: int) -> list[Link]:
        """Those with a seq above `after`, in order; without it from the very first."""
        ...

    async def tally(self) -> Tally: ...


class AuditStore(Protocol):
    async def append(self, row: AuditRow) -> None:
        """In a transaction of its own, with a note in the outbox that it needs a seal.

        Where a row of that id is, it stays as it is.
        """
        ...

    async def tenants_to_seal(self) -> list[TenantId]: ...
    async def all_tenants(self) -> list[TenantId]:
        """The erased ones too: their audit is what is left of them."""
        ...

    def sealing(self, tenant_id: TenantId) -> AbstractAsyncContextManager[Sealing]:
        """Waits for whoever seals now. Leaving the block without `commit` undoes everything."""
        ...

    def chain(self, tenant_id: TenantId) -> AbstractAsyncContextManager[Chain]: ...
