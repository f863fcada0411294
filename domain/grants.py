"""CampaignGrant: a role in one campaign, beside the role in the tenant. A viewer may be planner of one campaign."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from domain.changes import Change
from domain.errors import InvalidInput
from domain.ids import CampaignId, GrantId, TenantId, UserId, new_id
from domain.tenants import Permission, Role

# The rights that concern one campaign; the others are the tenant's and can't be had for a campaign alone.
OF_A_CAMPAIGN = frozenset(
    {
        Permission.CAMPAIGN_READ,
        Permission.PLAN_READ,
        Permission.PERFORMANCE_READ,
        Permission.JOB_READ,
        Permission.JOB_RUN,
        Permission.PERFORMANCE_IMPORT,
        Permission.INSIGHT_RUN,
        Permission.EXPORT_CREATE,
        Permission.FILE_UPLOAD,
        Permission.CAMPAIGN_WRITE,
        Permission.CAMPAIGN_ARCHIVE,
        Permission.PLAN_WRITE,
        Permission.PLAN_SUBMIT,
        Permission.PLAN_APPROVE,
    }
)


@dataclass(eq=False)
class CampaignGrant:
    tenant_id: TenantId
    id: GrantId
    user_id: UserId
    campaign_id: CampaignId
    role: Role
    granted_by: UserId
    created_at: datetime
    expires_at: datetime | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def give(
        cls,
        tenant_id: TenantId,
        user_id: UserId,
        campaign_id: CampaignId,
        role: Role,
        *,
        by: UserId,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> tuple[Self, Change]:
        if role is Role.OWNER:
            raise InvalidInput("A campaign has no owner of its own.", code="bad_role", field="role")
        if expires_at is not None and expires_at <= now:
            raise InvalidInput("The grant would be over already.", code="bad_expiry", field="expires_at")
        grant = cls(tenant_id, GrantId(new_id()), user_id, campaign_id, role, by, now, expires_at)
        after = {"user_id": str(user_id), "campaign_id": str(campaign_id), "role": role}
        return grant, Change("grant.given", grant.id, 1, after=after)

    def withdrawn(self) -> Change:
        before = {"user_id": str(self.user_id), "campaign_id": str(self.campaign_id), "role": self.role}
        return Change("grant.withdrawn", self.id, self.version, before)

    def permissions(self, now: datetime) -> frozenset[Permission]:
        if self.expires_at is not None and now >= self.expires_at:
            return frozenset()
        return self.role.permissions & OF_A_CAMPAIGN
