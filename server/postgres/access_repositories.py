"""Who may do what in a tenant, in Postgres: members, invitations, tokens, grants, delegations, approvals."""

from datetime import datetime

from sqlalchemy import func, select

from domain.approvals import Approval, ApprovalStatus
from domain.delegations import Delegation
from domain.errors import NotFound
from domain.grants import CampaignGrant
from domain.ids import ApprovalId, CampaignId, GrantId, InvitationId, ServiceTokenId, TurnId, UserId
from domain.invitations import Invitation
from domain.service_tokens import ServiceToken
from domain.tenants import Membership, Role, Tenant, TenantProfile
from domain.users import Email, User
from server.postgres import access_tables as access
from server.postgres import approval_tables
from server.postgres import tables as t
from server.postgres.repositories import TenantRepository


class PostgresMembers(TenantRepository):
    async def found(self, tenant: Tenant, profile: TenantProfile, owner: Membership) -> None:
        for entity in (tenant, profile, owner):
            self._session.add(entity)
            await self._session.flush()  # before the rows that point to it

    def add(self, membership: Membership) -> None:
        self._session.add(membership)

    async def get(self, user_id: UserId) -> Membership:
        return await self._by_key(Membership, user_id, "member")

    async def find(self, user_id: UserId) -> Membership | None:
        return await self._session.get(Membership, (self._tenant_id, user_id))

    async def owners(self) -> int:
        owners = (
            select(t.memberships.c.user_id)
            .where(t.memberships.c.tenant_id == self._tenant_id, t.memberships.c.role == Role.OWNER)
            .order_by(t.memberships.c.user_id)
            .with_for_update()
        )
        return len((await self._session.execute(owners)).all())

    async def remove(self, membership: Membership) -> None:
        await self._session.delete(membership)

    async def profile(self) -> TenantProfile:
        profile = await self._session.get(TenantProfile, self._tenant_id)
        if profile is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        return profile

    async def tenant(self) -> Tenant:
        tenant = await self._session.get(Tenant, self._tenant_id)
        if tenant is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        return tenant

    async def tenant_name(self) -> str:
        return (await self.tenant()).name


class PostgresPeople(TenantRepository):
    async def add(self, user: User) -> None:
        self._session.add(user)
        await self._session.flush()  # before the rows that point to it

    async def get(self, user_id: UserId) -> User:
        user = await self._session.get(User, user_id)
        if user is None:
            raise NotFound("There is no such person.", code="user_not_found")
        return user

    async def with_email(self, email: Email) -> User | None:
        return await self._first(select(User).where(t.users.c.email == email.address))


class PostgresInvitations(TenantRepository):
    def add(self, invitation: Invitation) -> None:
        self._session.add(invitation)

    async def get(self, invitation_id: InvitationId) -> Invitation:
        return await self._by_key(Invitation, invitation_id, "invitation", locked=True)

    async def open_for(self, email: Email, now: datetime) -> Invitation | None:
        name = f"{self._tenant_id}:invitation:{email}"
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        invited = access.invitations.c
        query = select(Invitation).where(
            invited.tenant_id == self._tenant_id,
            invited.email == email.address,
            invited.accepted_at.is_(None),
            invited.revoked_at.is_(None),
            invited.expires_at > now,
        )
        return await self._first(query.with_for_update())


class PostgresServiceTokens(TenantRepository):
    def add(self, token: ServiceToken) -> None:
        self._session.add(token)

    async def get(self, token_id: ServiceTokenId) -> ServiceToken:
        return await self._by_key(ServiceToken, token_id, "service token", locked=True)


class PostgresGrants(TenantRepository):
    def add(self, grant: CampaignGrant) -> None:
        self._session.add(grant)

    async def get(self, grant_id: GrantId) -> CampaignGrant:
        return await self._by_key(CampaignGrant, grant_id, "grant")

    async def find(self, user_id: UserId, campaign_id: CampaignId) -> CampaignGrant | None:
        grants = access.campaign_grants.c
        query = select(CampaignGrant).where(
            grants.tenant_id == self._tenant_id, grants.user_id == user_id, grants.campaign_id == campaign_id
        )
        return await self._first(query)

    async def remove(self, grant: CampaignGrant) -> None:
        await self._session.delete(grant)
        await self._session.flush()  # inserts would go first


class PostgresDelegations(TenantRepository):
    def add(self, delegation: Delegation) -> None:
        self._session.add(delegation)

    async def find(self, user_id: UserId) -> Delegation | None:
        return await self._session.get(Delegation, (self._tenant_id, user_id))

    async def remove(self, delegation: Delegation) -> None:
        await self._session.delete(delegation)


class PostgresApprovals(TenantRepository):
    def add(self, approval: Approval) -> None:
        self._session.add(approval)

    async def get(self, approval_id: ApprovalId) -> Approval:
        return await self._by_key(Approval, approval_id, "approval", locked=True)

    async def asked_in(self, turn_id: TurnId) -> list[Approval]:
        asked = approval_tables.approvals.c
        query = (
            select(Approval)
            .where(
                asked.tenant_id == self._tenant_id,
                asked.turn_id == turn_id,
                asked.status == ApprovalStatus.PENDING,
            )
            .order_by(asked.created_at, asked.id)
        )
        return list(await self._session.scalars(query))
