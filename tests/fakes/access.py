"""Who may do what in a tenant, in memory."""

from datetime import datetime

from domain.approvals import Approval, ApprovalStatus
from domain.delegations import Delegation
from domain.errors import Duplicate, NotFound
from domain.grants import CampaignGrant
from domain.ids import ApprovalId, CampaignId, GrantId, InvitationId, ServiceTokenId, TurnId, UserId
from domain.invitations import Invitation
from domain.service_tokens import ServiceToken
from domain.tenants import Membership, Role, Tenant, TenantProfile
from domain.users import Email, User
from tests.fakes.repositories import TenantRepository


class InMemoryMembers(TenantRepository):
    async def found(self, tenant: Tenant, profile: TenantProfile, owner: Membership) -> None:
        self._entities.add("tenants", tenant.id, entity=tenant)
        self._entities.add("tenant_profiles", tenant.id, entity=profile)
        self.add(owner)

    def add(self, membership: Membership) -> None:
        self._entities.add("memberships", membership.tenant_id, membership.user_id, entity=membership)

    async def get(self, user_id: UserId) -> Membership:
        membership = await self.find(user_id)
        if membership is None:
            raise NotFound("There is no such member.", code="member_not_found")
        return membership

    async def find(self, user_id: UserId) -> Membership | None:
        return self._entities.get(Membership, "memberships", self._tenant_id, user_id)

    async def owners(self) -> int:
        await self._transaction.lock("owners", self._tenant_id)
        members = self._transaction.all("memberships", self._tenant_id)
        return sum(member.role is Role.OWNER for member in members)

    async def remove(self, membership: Membership) -> None:
        key = (self._tenant_id, membership.user_id)
        self._entities.forget("memberships", *key)
        self._transaction.delete("memberships", *key)
        self._transaction.delete("delegations", *key)
        for table in ("campaign_grants", "service_tokens"):
            for row in list(self._transaction.all(table, self._tenant_id)):
                if row.user_id == membership.user_id:
                    self._transaction.delete(table, self._tenant_id, row.id)

    async def profile(self) -> TenantProfile:
        profile = self._entities.get(TenantProfile, "tenant_profiles", self._tenant_id)
        if profile is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        return profile

    async def tenant(self) -> Tenant:
        tenant = self._entities.get(Tenant, "tenants", self._tenant_id)
        if tenant is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        return tenant

    async def tenant_name(self) -> str:
        return (await self.tenant()).name


class InMemoryPeople(TenantRepository):
    async def add(self, user: User) -> None:
        if await self.with_email(user.email):
            raise Duplicate("That address has an account.", code="duplicate_email", field="email")
        self._entities.add("users", user.id, entity=user)

    async def get(self, user_id: UserId) -> User:
        user = self._entities.get(User, "users", user_id)
        if user is None:
            raise NotFound("There is no such person.", code="user_not_found")
        return user

    async def with_email(self, email: Email) -> User | None:
        return next((user for user in self._entities.all(User, "users") if user.email == email), None)


class InMemoryInvitations(TenantRepository):
    def add(self, invitation: Invitation) -> None:
        self._entities.add("invitations", invitation.tenant_id, invitation.id, entity=invitation)

    async def get(self, invitation_id: InvitationId) -> Invitation:
        await self._transaction.lock("invitations", self._tenant_id, invitation_id)
        invitation = self._entities.get(Invitation, "invitations", self._tenant_id, invitation_id)
        if invitation is None:
            raise NotFound("There is no such invitation.", code="invitation_not_found")
        return invitation

    async def open_for(self, email: Email, now: datetime) -> Invitation | None:
        await self._transaction.lock("invitations", self._tenant_id, email)
        invited = self._entities.all(Invitation, "invitations", self._tenant_id)
        waiting = (one for one in invited if one.email == email and not (one.accepted_at or one.revoked_at))
        return next((one for one in waiting if now < one.expires_at), None)


class InMemoryServiceTokens(TenantRepository):
    def add(self, token: ServiceToken) -> None:
        self._entities.add("service_tokens", token.tenant_id, token.id, entity=token)

    async def get(self, token_id: ServiceTokenId) -> ServiceToken:
        await self._transaction.lock("service_tokens", self._tenant_id, token_id)
        token = self._entities.get(ServiceToken, "service_tokens", self._tenant_id, token_id)
        if token is None:
            raise NotFound("There is no such service token.", code="service_token_not_found")
        return token


class InMemoryGrants(TenantRepository):
    def add(self, grant: CampaignGrant) -> None:
        self._entities.add("campaign_grants", grant.tenant_id, grant.id, entity=grant)

    async def get(self, grant_id: GrantId) -> CampaignGrant:
        grant = self._entities.get(CampaignGrant, "campaign_grants", self._tenant_id, grant_id)
        if grant is None:
            raise NotFound("There is no such grant.", code="grant_not_found")
        return grant

    async def find(self, user_id: UserId, campaign_id: CampaignId) -> CampaignGrant | None:
        grants = self._entities.all(CampaignGrant, "campaign_grants", self._tenant_id)
        return next((g for g in grants if (g.user_id, g.campaign_id) == (user_id, campaign_id)), None)

    async def remove(self, grant: CampaignGrant) -> None:
        self._entities.forget("campaign_grants", self._tenant_id, grant.id)
        self._transaction.delete("campaign_grants", self._tenant_id, grant.id)


class InMemoryDelegations(TenantRepository):
    def add(self, delegation: Delegation) -> None:
        self._entities.add("delegations", delegation.tenant_id, delegation.user_id, entity=delegation)

    async def find(self, user_id: UserId) -> Delegation | None:
        return self._entities.get(Delegation, "delegations", self._tenant_id, user_id)

    async def remove(self, delegation: Delegation) -> None:
        self._entities.forget("delegations", self._tenant_id, delegation.user_id)
        self._transaction.delete("delegations", self._tenant_id, delegation.user_id)


class InMemoryApprovals(TenantRepository):
    def add(self, approval: Approval) -> None:
        self._entities.add("approvals", approval.tenant_id, approval.id, entity=approval)

    async def get(self, approval_id: ApprovalId) -> Approval:
        await self._transaction.lock("approvals", self._tenant_id, approval_id)
        approval = self._entities.get(Approval, "approvals", self._tenant_id, approval_id)
        if approval is None:
            raise NotFound("There is no such approval.", code="approval_not_found")
        return approval

    async def asked_in(self, turn_id: TurnId) -> list[Approval]:
        asked = self._entities.all(Approval, "approvals", self._tenant_id)
        waiting = [one for one in asked if one.turn_id == turn_id and one.status is ApprovalStatus.PENDING]
        return sorted(waiting, key=lambda one: (one.created_at, one.id))
