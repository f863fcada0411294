"""Whom the product writes to, in memory."""

from datetime import datetime

from domain.ids import CampaignId, TenantId, UserId
from domain.tenants import Permission, Role
from services.recipients import Approver
from tests.fakes.database import InMemoryDatabase, Transaction


class InMemoryRecipients:
    def __init__(self, database: InMemoryDatabase) -> None:
        self._database = database

    async def approvers(self, tenant_id: TenantId, campaign_id: CampaignId | None, now: datetime) -> list[Approver]:
        rows = Transaction(self._database)
        roles: dict[UserId, list[Role]] = {m.user_id: [m.role] for m in rows.all("memberships", tenant_id)}
        for grant in rows.all("campaign_grants", tenant_id):
            if grant.campaign_id == campaign_id and (grant.expires_at is None or now < grant.expires_at):
                roles[grant.user_id].append(grant.role)
        able = [one for one, has in roles.items() if any(Permission.PLAN_APPROVE in role.permissions for role in has)]
        found = [(rows.get("users", one), rows.get("delegations", tenant_id, one)) for one in able]
        approvers = [Approver(user, delegation) for user, delegation in found if user and delegation]
        return sorted(approvers, key=lambda one: (one.user.name, one.user.id))
