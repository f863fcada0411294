"""Read models of who is in a tenant, what they may do, what waits for approval, and what was done."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, Field

from domain.approvals import ApprovalStatus
from domain.audit import Decision
from domain.delegations import DelegationKind
from domain.ids import (
    ApprovalId,
    CampaignId,
    GrantId,
    InvitationId,
    ServiceTokenId,
    TenantId,
    TurnId,
    UserId,
)
from domain.tenants import Permission, Role, TenantSettings, TenantStatus
from services.amounts import Amount
from services.read_models import ReadModel


class MemberView(ReadModel):
    user_id: UserId
    name: str
    email: str
    role: Role
    version: int


class SettingsView(ReadModel):
    tenant_name: str
    settings: TenantSettings
    version: int


class TenantOfUser(ReadModel):
    tenant_id: UUID
    name: str
    role: Role
    status: TenantStatus


class GrantStanding(ReadModel):
    campaign_id: CampaignId
    role: Role
    expires_at: datetime | None


class Standing(ReadModel):
    """What a person is in a tenant."""

    tenant_name: str
    status: TenantStatus
    role: Role
    grants: list[GrantStanding] = Field(default_factory=list)


class TokenStanding(ReadModel):
    tenant_id: TenantId
    id: ServiceTokenId
    user_id: UserId
    scopes: list[Permission]
    expires_at: datetime
    revoked_at: datetime | None


class InvitationStanding(ReadModel):
    tenant_id: TenantId
    tenant_name: str
    id: InvitationId
    email: str
    role: Role
    has_account: bool = Field(description="Whether the address has an account already.")


class TenantView(ReadModel):
    id: TenantId
    name: str
    status: TenantStatus
    version: int


class InvitationView(ReadModel):
    id: InvitationId
    email: str
    role: Role
    invited_by: UserId
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None
    version: int


class GrantView(ReadModel):
    id: GrantId
    user_id: UserId
    user_name: str
    campaign_id: CampaignId
    campaign_name: str
    role: Role
    granted_by: UserId
    created_at: datetime
    expires_at: datetime | None


class ServiceTokenView(ReadModel):
    id: ServiceTokenId
    name: str
    scopes: list[Permission]
    user_id: UserId = Field(description="Whose rights it can't exceed.")
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    version: int


class ConditionView(ReadModel):
    field: str
    required: str
    reason: str


class ApprovalView(ReadModel):
    """A request as it is stored. Who decides relies on this, never on words of the requester or a model."""

    id: ApprovalId
    action: str = Field(examples=["campaign.move"])
    title: str = Field(description="What is to be done, in words of ours.", examples=["Launch “Spring”"])
    arguments: dict[str, object] = Field(description="Without free text: it may be a model's.")
    amount: Amount | None = Field(description="What is at stake.")
    markets: list[str]
    digest: str = Field(description="SHA-256 of everything that is approved.")
    requested_by: UserId
    requester: str
    created_at: datetime
    expires_at: datetime
    status: ApprovalStatus
    decided_by: UserId | None
    decider: str | None
    decided_at: datetime | None
    reason: str | None
    conditions: list[ConditionView]
    executed_at: datetime | None
    outcome: str | None = Field(description="What became of it once it was approved.")
    version: int


class ApprovalFilter(ReadModel):
    status: ApprovalStatus | None = None
    mine: bool = Field(default=False, description="Only what one has asked for oneself.")


class DelegationView(ReadModel):
    user_id: UserId
    name: str
    kind: DelegationKind
    cap: Amount | None = Field(description="None: without limit.")
    markets: list[str] = Field(description="Empty: everywhere.")
    granted_by: UserId
    created_at: datetime
    expires_at: datetime | None
    version: int


class ApproverView(ReadModel):
    user_id: UserId
    name: str
    email: str
    role: Role
    cap: Amount | None = Field(description="None: without limit.")
    markets: list[str] = Field(description="Empty: everywhere.")
    expires_at: datetime | None


class AuditSort(StrEnum):
    NEWEST = "-at"
    OLDEST = "at"


class AuditFilter(ReadModel):
    since: AwareDatetime | None = None
    until: AwareDatetime | None = Field(default=None, description="Not included itself.")
    user_id: UserId | None = None
    object_id: UUID | None = Field(default=None, description="A campaign's, a member's, an approval's …")
    action: str | None = Field(default=None, max_length=100, description="One, or all of a kind: campaign, http, tool.")
    decision: Decision | None = None
    sort: AuditSort = AuditSort.NEWEST


class AuditView(ReadModel):
    id: UUID
    at: datetime
    user_id: UserId
    user_name: str | None = Field(description="None where it was the product itself.")
    agent: str | None = Field(description="Through which agent.")
    model: str | None
    prompt: str | None = Field(description="Digest of the agent's prompt.")
    service_token_id: ServiceTokenId | None
    turn_id: TurnId | None
    request_id: str | None
    trace_id: str | None
    approval_id: ApprovalId | None
    decision: Decision
    code: str | None = Field(description="Why it was refused.", examples=["not_permitted"])
    action: str = Field(examples=["campaign.moved", "http.move_campaign"])
    object_id: UUID
    version: int = Field(description="Of the object after it; 0 where nothing was changed.")
    before: dict[str, object]
    after: dict[str, object]
    seq: int | None = Field(description="Its place in the chain of seals; None while it waits for it.")
