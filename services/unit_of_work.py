"""One transaction of one tenant: fetch, ask the domain, commit."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from domain.changes import Change
from domain.interfaces.repositories import (
    AdvertiserRepository,
    ApprovalRepository,
    BenchmarkRepository,
    CampaignRepository,
    CurveRepository,
    DelegationRepository,
    FileRepository,
    GrantRepository,
    InvitationRepository,
    JobRepository,
    MediaPlanRepository,
    MemberRepository,
    PeopleRepository,
    ServiceTokenRepository,
    SessionRepository,
)
from services.actor import Actor
from services.ports import Transcript, TurnLedger, WakeupKind

R = TypeVar("R", bound=BaseModel)


class UnitOfWork(Protocol):
    """Leaving the block without `commit` undoes everything."""

    @property
    def campaigns(self) -> CampaignRepository: ...
    @property
    def plans(self) -> MediaPlanRepository: ...
    @property
    def sessions(self) -> SessionRepository: ...
    @property
    def jobs(self) -> JobRepository: ...
    @property
    def members(self) -> MemberRepository: ...
    @property
    def people(self) -> PeopleRepository: ...
    @property
    def invitations(self) -> InvitationRepository: ...
    @property
    def service_tokens(self) -> ServiceTokenRepository: ...
    @property
    def grants(self) -> GrantRepository: ...
    @property
    def delegations(self) -> DelegationRepository: ...
    @property
    def approvals(self) -> ApprovalRepository: ...
    @property
    def files(self) -> FileRepository: ...
    @property
    def advertisers(self) -> AdvertiserRepository: ...
    @property
    def benchmarks(self) -> BenchmarkRepository: ...
    @property
    def curves(self) -> CurveRepository: ...
    @property
    def turns(self) -> TurnLedger: ...
    @property
    def transcript(self) -> Transcript: ...

    async def earlier(self, result: type[R]) -> R | None:
        """What this actor's effect key produced before, if it did: then nothing is to be done again."""
        ...

    async def commit(self, result: R, *changes: Change | None) -> R:
        """Makes it real: the entities, one audit row per change, and the result under the actor's effect key.

        Raises StaleVersion if somebody changed the same aggregate since it was read, Duplicate for a name taken.
        """
        ...

    async def wake(self, kind: WakeupKind, id: UUID, due_at: datetime) -> None:
        """Leaves a note in the outbox, in this transaction."""
        ...


class Begin(Protocol):
    def __call__(self, actor: Actor) -> AbstractAsyncContextManager[UnitOfWork]: ...
