"""Whom the product writes to (services/recipients.py)."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.delegations import Delegation
from domain.ids import CampaignId, TenantId
from domain.tenants import Permission, Role
from domain.users import User
from server.postgres.access_tables import campaign_grants
from server.postgres.approval_tables import delegations
from server.postgres.tables import memberships, users
from server.postgres.tenant_reader import same_tenant
from server.postgres.transaction import begun
from services.recipients import Approver

_APPROVING = [role for role in Role if Permission.PLAN_APPROVE in role.permissions]


class PostgresRecipients:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def approvers(self, tenant_id: TenantId, campaign_id: CampaignId | None, now: datetime) -> list[Approver]:
        g, m = campaign_grants.c, memberships.c
        granted = select(g.id).where(
            same_tenant(campaign_grants, memberships, g.user_id == m.user_id),
            g.campaign_id == campaign_id,
            g.role.in_(_APPROVING),
            or_(g.expires_at.is_(None), g.expires_at > now),
        )
        found = (
            select(User, Delegation)
            .join(memberships, users.c.id == m.user_id)
            .join(Delegation, and_(delegations.c.tenant_id == m.tenant_id, delegations.c.user_id == m.user_id))
            .where(m.tenant_id == tenant_id, or_(m.role.in_(_APPROVING), granted.exists()))
            .order_by(users.c.name, users.c.id)
        )
        async with begun(self._engine, tenant_id) as transaction:
            rows = await transaction.entities.execute(found)
            return [Approver(user, delegation) for user, delegation in rows]
