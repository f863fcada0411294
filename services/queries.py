"""Read models, and the questions that produce them: straight from SQL, no entity in between.

Every question names its actor: the implementation checks the permission and answers from that tenant alone.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import Field

from domain.approvals import ApprovalStatus
from domain.campaigns import BudgetBasis, CampaignStatus
from domain.channels import Channel
from domain.ids import (
    AdvertiserId,
    ApprovalId,
    CampaignId,
    CurveId,
    FileId,
    JobId,
    PlanId,
    SessionId,
    TenantId,
    TurnId,
    UserId,
)
from domain.jobs import JobKind, JobStatus
from domain.objectives import Objective
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.media_plans import VersionKind
from domain.plans.states import PlanState
from domain.tenants import TenantSettings
from services.access_views import (
    ApprovalFilter,
    ApprovalView,
    ApproverView,
    AuditFilter,
    AuditView,
    ConditionView,
    DelegationView,
    GrantView,
    InvitationStanding,
    InvitationView,
    MemberView,
    ServiceTokenView,
    SettingsView,
    Standing,
    TenantOfUser,
    TokenStanding,
)
from services.actor import Actor
from services.amounts import Amount
from services.budgets import Usage
from services.file_views import FileView
from services.line_views import LineView
from services.optimization_views import OptimizationView
from services.reach_views import PlanReachView
from services.read_models import Page, PageRequest, ReadModel
from services.session_views import MessageView, RecordView, SessionView, TurnView
from services.term_views import AdvertiserView, BenchmarkView, CurveView


class CampaignView(ReadModel):
    id: CampaignId
    name: str
    advertiser: str | None
    advertiser_id: AdvertiserId | None = None
    product: str | None
    objective: Objective
    budget: Amount
    budget_basis: BudgetBasis
    start: date
    end: date
    kpi: str | None
    kpi_target: Decimal | None = None
    value_per_conversion: Amount | None = None
    audiences: list[str] = Field(default_factory=list)
    markets: list[str]
    status: CampaignStatus
    status_reason: str | None
    archived: bool
    created_at: datetime
    version: int


class CampaignSort(StrEnum):
    NEWEST = "-created_at"
    OLDEST = "created_at"
    NAME = "name"
    START = "start"
    BUDGET = "-budget"


class CampaignFilter(ReadModel):
    search: str | None = Field(default=None, max_length=200, description="Words of the name or the advertiser.")
    status: CampaignStatus | None = None
    include_archived: bool = False
    sort: CampaignSort = CampaignSort.NEWEST


class CampaignMatch(ReadModel):
    id: CampaignId
    name: str
    score: float = Field(description="1 for the same name, towards 0 for another one.")
    archived: bool = False


class DriftView(ReadModel):
    """How far the campaign has moved since the version was saved."""

    budget: Amount | None = Field(description="More, or less where negative; null where the currency is another now.")
    start_days: int = Field(description="Later, or earlier where negative.")
    end_days: int
    basis_changed: bool


class PlanRequestView(ReadModel):
    """The latest request to approve the version, and what became of it."""

    id: ApprovalId
    status: ApprovalStatus
    reason: str | None
    conditions: list[ConditionView] = Field(description="What would have to be different.")
    created_at: datetime


class PlanView(ReadModel):
    id: PlanId
    campaign_id: CampaignId
    campaign_name: str
    objective: Objective
    campaign_budget: Amount
    number: int
    current_number: int
    kind: VersionKind
    name: str | None = Field(default=None, description="Of a scenario.")
    state: PlanState
    approved_number: int | None = Field(default=None, description="The latest version that was approved.")
    request: PlanRequestView | None = None
    parent_number: int | None
    flighting: Flighting
    pattern: FlightPattern | None = Field(default=None, description="Of lines that have none of their own.")
    reason: str
    explanation: str
    total: Amount
    unspent: Amount
    out_of_sync: bool = Field(description="The campaign's budget or dates changed since this version was saved.")
    drift: DriftView
    lines: list[LineView]
    reach: PlanReachView | None = Field(default=None, description="Across lines; null without a known audience.")
    cpa: Amount | None = Field(default=None, description="Total for each conversion.")
    roas: Decimal | None = Field(default=None, description="Value of the conversions for each unit of the total.")
    created_at: datetime
    version: int = Field(description="Of the plan as a whole: the ETag of changes to it.")
    optimization: OptimizationView | None = Field(
        default=None, description="In the answer to an optimisation: what it changed, and why it fell that way."
    )

    @property
    def impressions(self) -> int:
        return sum(line.impressions for line in self.lines)

    @property
    def clicks(self) -> int:
        return sum(line.clicks for line in self.lines)

    @property
    def conversions(self) -> Decimal:
        return sum((line.conversions for line in self.lines), Decimal(0))


class PlanVersionSummary(ReadModel):
    plan_id: PlanId
    number: int
    kind: VersionKind
    name: str | None = Field(default=None, description="Of a scenario.")
    current: bool
    approved: bool = Field(default=False, description="The latest version that was approved.")
    total: Amount
    reason: str
    created_at: datetime


class JobView(ReadModel):
    id: JobId
    kind: JobKind
    campaign_id: CampaignId
    session_id: SessionId | None
    status: JobStatus
    step: str | None
    percent: int
    result: dict[str, object] | None
    error: str | None
    created_at: datetime
    ended_at: datetime | None
    version: int


class BudgetGrouping(StrEnum):
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    MONTH = "month"
    STATUS = "status"


class BudgetRow(ReadModel):
    group: str
    currency: str
    campaigns: int
    planned: Amount = Field(description="Current plan versions of campaigns that are not archived.")
    budget: Amount | None = Field(default=None, description="Campaign budgets; None where a group splits campaigns.")


class SessionContext(ReadModel):
    """What an agent is told about its surroundings at each model call."""

    tenant_name: str
    user_name: str
    settings: TenantSettings
    campaign: CampaignView | None
    channels_of_plan: list[Channel]


class Opening(ReadModel):
    """What a turn finds at its beginning."""

    around: SessionContext
    used_in_session: Usage  # by its turns that have ended
    used_today: Usage  # by the tenant's turns that have ended and were accepted since its midnight


class Queries(Protocol):
    async def campaigns(self, actor: Actor, wanted: CampaignFilter, page: PageRequest) -> Page[CampaignView]: ...
    async def campaign(self, actor: Actor, campaign_id: CampaignId) -> CampaignView: ...
    async def campaigns_named(self, actor: Actor, text: str) -> list[CampaignMatch]:
        """The names nearest to what was said, best first; an id as text matches alone."""
        ...

    async def plan(self, actor: Actor, campaign_id: CampaignId, number: int | None = None) -> PlanView:
        """The current version, or the one of that number. NotFound `no_plan` while there is none."""
        ...

    async def plan_by_id(self, actor: Actor, plan_id: PlanId, number: int | None = None) -> PlanView: ...
    async def plan_versions(
        self, actor: Actor, campaign_id: CampaignId, page: PageRequest
    ) -> Page[PlanVersionSummary]: ...
    async def members(self, actor: Actor) -> list[MemberView]: ...
    async def settings(self, actor: Actor) -> SettingsView: ...
    async def sessions(self, actor: Actor, search: str | None, page: PageRequest) -> Page[SessionView]:
        """The actor's own, latest first."""
        ...

    async def session(self, actor: Actor, session_id: SessionId) -> SessionView: ...
    async def messages(self, actor: Actor, session_id: SessionId, page: PageRequest) -> Page[MessageView]: ...
    async def transcript(self, actor: Actor, session_id: SessionId, page: PageRequest) -> Page[RecordView]:
        """Everything of the conversation, in order."""
        ...

    async def turn(self, actor: Actor, turn_id: TurnId) -> TurnView: ...
    async def jobs(self, actor: Actor, campaign_id: CampaignId | None, page: PageRequest) -> Page[JobView]: ...
    async def job(self, actor: Actor, job_id: JobId) -> JobView: ...
    async def latest_job(self, actor: Actor, campaign_id: CampaignId) -> JobView: ...
    async def budget_overview(self, actor: Actor, by: BudgetGrouping) -> list[BudgetRow]: ...
    async def session_context(self, actor: Actor, campaign_id: CampaignId | None) -> SessionContext: ...
    async def opening(self, actor: Actor, session_id: SessionId, now: datetime) -> Opening:
        """With the campaign that is active in the conversation."""
        ...

    async def approvals(self, actor: Actor, wanted: ApprovalFilter, page: PageRequest) -> Page[ApprovalView]:
        """Latest first: one's own, and those that one may decide."""
        ...

    async def approval(self, actor: Actor, approval_id: ApprovalId) -> ApprovalView: ...
    async def approvers(self, actor: Actor, amount: Amount | None, *, above: bool = False) -> list[ApproverView]:
        """The members who may approve that much, or `above` it, anywhere in the tenant; None: anything at all."""
        ...

    async def delegations(self, actor: Actor) -> list[DelegationView]:
        """Everybody's for who manages them, one's own for everybody else."""
        ...

    async def member(self, actor: Actor, user_id: UserId) -> MemberView: ...
    async def member_named(self, actor: Actor, text: str) -> MemberView:
        """By id, address or name. NotFound `member_not_found`; InvalidInput `ambiguous` where several are meant."""
        ...

    async def invitations(self, actor: Actor, page: PageRequest) -> Page[InvitationView]:
        """Latest first, those that were accepted or withdrawn too."""
        ...

    async def grants(self, actor: Actor, page: PageRequest, user_id: UserId | None = None) -> Page[GrantView]:
        """Latest first; `user_id` narrows them to one member's."""
        ...

    async def service_tokens(self, actor: Actor, page: PageRequest) -> Page[ServiceTokenView]:
        """Latest first, without what opens anything."""
        ...

    async def files(self, actor: Actor, campaign_id: CampaignId | None, page: PageRequest) -> Page[FileView]:
        """Latest first, those that the actor may read."""
        ...

    async def file(self, actor: Actor, file_id: FileId) -> FileView: ...
    async def advertisers(
        self, actor: Actor, page: PageRequest, *, search: str | None = None, include_archived: bool = False
    ) -> Page[AdvertiserView]:
        """By name."""
        ...

    async def advertiser(self, actor: Actor, advertiser_id: AdvertiserId) -> AdvertiserView: ...
    async def advertiser_named(self, actor: Actor, text: str) -> AdvertiserView:
        """By id or name, or part of one. NotFound `advertiser_not_found`; InvalidInput `ambiguous`."""
        ...

    async def benchmarks(
        self, actor: Actor, page: PageRequest, *, channel: Channel | None = None, currency: str | None = None
    ) -> Page[BenchmarkView]:
        """The tenant's own, those set last first."""
        ...

    async def response_curves(
        self,
        actor: Actor,
        page: PageRequest,
        *,
        channel: Channel | None = None,
        campaign_id: CampaignId | None = None,
        include_retired: bool = False,
    ) -> Page[CurveView]:
        """The latest first. Of a campaign: its own and those of all."""
        ...

    async def response_curve(self, actor: Actor, curve_id: CurveId) -> CurveView: ...
    async def audit(self, actor: Actor, wanted: AuditFilter, page: PageRequest) -> Page[AuditView]: ...


class Directory(Protocol):
    """Who may enter: the only questions asked before a tenant is known."""

    async def credentials(self, email: str) -> tuple[UserId, str] | None:
        """The user's id and password hash; an empty one where the account has no password."""
        ...

    async def tenants_of(self, user_id: UserId) -> list[TenantOfUser]: ...
    async def standing(self, user_id: UserId, tenant_id: UUID) -> Standing | None:
        """None without a membership."""
        ...

    async def service_token(self, digest: str) -> TokenStanding | None:
        """By the digest of the token shown; None for an unknown one."""
        ...

    async def invitation(self, digest: str) -> InvitationStanding | None: ...
    async def all_tenants(self) -> list[TenantId]:
        """Those that are not erased: for the product's own sweeps."""
        ...

    async def erased_tenants(self) -> list[TenantId]: ...
