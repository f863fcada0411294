"""Where aggregates live, in the domain's words.

A repository is built for one tenant; what belongs to another one raises NotFound. `add` and changes become real when
the unit of work commits.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from domain.advertisers import Advertiser
from domain.approvals import Approval
from domain.benchmark_overrides import BenchmarkOverride
from domain.campaigns import Campaign
from domain.delegations import Delegation
from domain.files import StoredFile
from domain.grants import CampaignGrant
from domain.ids import (
    AdvertiserId,
    ApprovalId,
    BenchmarkId,
    CampaignId,
    CurveId,
    FileId,
    GrantId,
    InvitationId,
    JobId,
    ServiceTokenId,
    SessionId,
    TurnId,
    UserId,
)
from domain.invitations import Invitation
from domain.jobs import Job
from domain.plans.media_plans import MediaPlan, PlanVersion
from domain.service_tokens import ServiceToken
from domain.sessions import AgentSession
from domain.stored_curves import StoredCurve
from domain.tenants import Membership, Tenant, TenantProfile
from domain.users import Email, User


class CampaignRepository(Protocol):
    def add(self, campaign: Campaign) -> None: ...
    async def get(self, campaign_id: CampaignId) -> Campaign: ...
    async def is_called(self, name: str) -> bool:
        """Whether a campaign that is not archived has the name, whatever its case."""
        ...


class MediaPlanRepository(Protocol):
    def add(self, plan: MediaPlan) -> None: ...
    def keep(self, version: PlanVersion) -> None:
        """Store a version that isn't the current one (a scenario)."""
        ...

    async def of_campaign(self, campaign_id: CampaignId) -> MediaPlan:
        """Raises NotFound, code no_plan, while the campaign has none."""
        ...

    async def find_of_campaign(self, campaign_id: CampaignId) -> MediaPlan | None: ...
    async def version(self, plan: MediaPlan, number: int) -> PlanVersion: ...
    async def versions(self, plan: MediaPlan, numbers: Collection[int]) -> list[PlanVersion]:
        """Those there are, by number."""
        ...


class SessionRepository(Protocol):
    def add(self, session: AgentSession) -> None: ...
    async def get(self, session_id: SessionId, *, locked: bool = False) -> AgentSession:
        """Locked, nobody else writes in it until the transaction ends."""
        ...

    async def with_external_id(self, user_id: UserId, external_id: str) -> AgentSession | None:
        """The person's conversation that a client calls so."""
        ...

    async def remove(self, session: AgentSession) -> None:
        """With its turns, messages, events and checkpoints, and everything that is kept about those elsewhere."""
        ...

    async def untouched_since(self, moment: datetime, limit: int) -> list[AgentSession]:
        """Where nothing has happened since, and nothing waits. Locks them; what others have locked is left out."""
        ...


class JobRepository(Protocol):
    def add(self, job: Job) -> None: ...
    async def get(self, job_id: JobId) -> Job: ...


class MemberRepository(Protocol):
    async def found(self, tenant: Tenant, profile: TenantProfile, owner: Membership) -> None:
        """The tenant that this transaction is for, which there was not before."""
        ...

    def add(self, membership: Membership) -> None: ...
    async def get(self, user_id: UserId) -> Membership: ...
    async def find(self, user_id: UserId) -> Membership | None: ...
    async def owners(self) -> int:
        """How many there are. Locks them: nobody else changes an owner until the transaction ends."""
        ...

    async def remove(self, membership: Membership) -> None:
        """With their grants, their delegation and their service tokens."""
        ...

    async def profile(self) -> TenantProfile: ...
    async def tenant(self) -> Tenant: ...
    async def tenant_name(self) -> str: ...


class PeopleRepository(Protocol):
    """Users are global; a tenant's transaction may look one up or make one, to have a new member."""

    async def add(self, user: User) -> None:
        """Raises Duplicate `duplicate_email`."""
        ...

    async def get(self, user_id: UserId) -> User: ...
    async def with_email(self, email: Email) -> User | None: ...


class InvitationRepository(Protocol):
    def add(self, invitation: Invitation) -> None: ...
    async def get(self, invitation_id: InvitationId) -> Invitation:
        """Locked until the transaction ends. NotFound `invitation_not_found`."""
        ...

    async def open_for(self, email: Email, now: datetime) -> Invitation | None:
        """The one that can still be accepted. Locks the address: of two at once the later finds the other."""
        ...


class ServiceTokenRepository(Protocol):
    def add(self, token: ServiceToken) -> None: ...
    async def get(self, token_id: ServiceTokenId) -> ServiceToken:
        """NotFound `service_token_not_found`."""
        ...


class GrantRepository(Protocol):
    def add(self, grant: CampaignGrant) -> None: ...
    async def get(self, grant_id: GrantId) -> CampaignGrant:
        """NotFound `grant_not_found`."""
        ...

    async def find(self, user_id: UserId, campaign_id: CampaignId) -> CampaignGrant | None: ...
    async def remove(self, grant: CampaignGrant) -> None:
        """At once: another one may take its place in the same transaction."""
        ...


class DelegationRepository(Protocol):
    def add(self, delegation: Delegation) -> None: ...
    async def find(self, user_id: UserId) -> Delegation | None: ...
    async def remove(self, delegation: Delegation) -> None: ...


class ApprovalRepository(Protocol):
    def add(self, approval: Approval) -> None: ...
    async def get(self, approval_id: ApprovalId) -> Approval:
        """Locked until the transaction ends: of many verdicts the first one counts. NotFound `approval_not_found`."""
        ...

    async def asked_in(self, turn_id: TurnId) -> list[Approval]:
        """The requests made in this turn that wait for their verdict, oldest first."""
        ...


class AdvertiserRepository(Protocol):
    def add(self, advertiser: Advertiser) -> None: ...
    async def get(self, advertiser_id: AdvertiserId) -> Advertiser:
        """NotFound `advertiser_not_found`."""
        ...

    async def named(self, name: str) -> Advertiser | None:
        """Whatever the case. Locks the name: of two that would make it the later finds it."""
        ...


class BenchmarkRepository(Protocol):
    def add(self, override: BenchmarkOverride) -> None: ...
    async def get(self, benchmark_id: BenchmarkId) -> BenchmarkOverride:
        """NotFound `benchmark_not_found`."""
        ...

    async def remove(self, override: BenchmarkOverride) -> None: ...
    async def in_currency(self, currency: str) -> list[BenchmarkOverride]:
        """The oldest first."""
        ...

    async def all(self) -> list[BenchmarkOverride]:
        """By currency, channel and market."""
        ...


class CurveRepository(Protocol):
    def add(self, curve: StoredCurve) -> None: ...
    async def get(self, curve_id: CurveId) -> StoredCurve:
        """NotFound `curve_not_found`."""
        ...

    async def speaking_for(self, campaign: Campaign) -> list[StoredCurve]:
        """Those that `StoredCurve.speaks_for` the campaign, the oldest first."""
        ...


class FileRepository(Protocol):
    def add(self, file: StoredFile) -> None: ...
    async def get(self, file_id: FileId) -> StoredFile:
        """NotFound `file_not_found`."""
        ...

    async def remove(self, file: StoredFile) -> None:
        """At once. NotFound if somebody else removed it meanwhile."""
        ...

    async def used(self) -> int:
        """Bytes that the tenant keeps. Locks them: nobody else adds any until the transaction ends."""
        ...

    async def expired(self, now: datetime, limit: int) -> list[StoredFile]:
        """Locks the files as `used` does: of two that end them the later finds none."""
        ...

    async def known(self, file_ids: Collection[FileId]) -> set[FileId]:
        """Those of the ids that files have."""
        ...
