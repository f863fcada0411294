"""Who may enter, in memory."""

from uuid import UUID

from domain.grants import CampaignGrant
from domain.ids import TenantId, UserId
from domain.invitations import Invitation
from domain.service_tokens import ServiceToken
from domain.tenants import Membership, Tenant, TenantStatus
from domain.users import User
from services.access_views import GrantStanding, InvitationStanding, Standing, TenantOfUser, TokenStanding
from tests.fakes.database import InMemoryDatabase


class InMemoryDirectory:
    def __init__(self, database: InMemoryDatabase) -> None:
        self._rows = database.rows

    async def credentials(self, email: str) -> tuple[UserId, str] | None:
        users: list[User] = list(self._rows["users"].values())
        found = next((user for user in users if user.email.address == email.strip().lower()), None)
        return (found.id, found.password_hash or "") if found else None

    async def tenants_of(self, user_id: UserId) -> list[TenantOfUser]:
        members: list[Membership] = [one for one in self._rows["memberships"].values() if one.user_id == user_id]
        found = [(self._tenant(member.tenant_id), member.role) for member in members]
        return [
            TenantOfUser(tenant_id=tenant.id, name=tenant.name, role=role, status=tenant.status)
            for tenant, role in sorted(found, key=lambda one: (one[0].name, one[0].id))
        ]

    async def standing(self, user_id: UserId, tenant_id: UUID) -> Standing | None:
        member: Membership | None = self._rows["memberships"].get((tenant_id, user_id))
        if member is None:
            return None
        tenant = self._tenant(member.tenant_id)
        grants: list[CampaignGrant] = list(self._rows["campaign_grants"].values())
        return Standing(
            tenant_name=tenant.name,
            status=tenant.status,
            role=member.role,
            grants=[
                GrantStanding.model_validate(grant)
                for grant in grants
                if (grant.tenant_id, grant.user_id) == (tenant_id, user_id)
            ],
        )

    async def service_token(self, digest: str) -> TokenStanding | None:
        tokens: list[ServiceToken] = list(self._rows["service_tokens"].values())
        found = next((token for token in tokens if token.token_digest == digest), None)
        return TokenStanding.model_validate(found) if found else None

    async def invitation(self, digest: str) -> InvitationStanding | None:
        invitations: list[Invitation] = list(self._rows["invitations"].values())
        found = next((one for one in invitations if one.token_digest == digest), None)
        if found is None:
            return None
        return InvitationStanding(
            tenant_id=found.tenant_id,
            tenant_name=self._tenant(found.tenant_id).name,
            id=found.id,
            email=found.email.address,
            role=found.role,
            has_account=await self.credentials(found.email.address) is not None,
        )

    async def all_tenants(self) -> list[TenantId]:
        return sorted(tenant.id for tenant in self._tenants() if tenant.status is not TenantStatus.ERASED)

    async def erased_tenants(self) -> list[TenantId]:
        return sorted(tenant.id for tenant in self._tenants() if tenant.status is TenantStatus.ERASED)

    def _tenants(self) -> list[Tenant]:
        return list(self._rows["tenants"].values())

    def _tenant(self, tenant_id: TenantId) -> Tenant:
        tenant: Tenant = self._rows["tenants"][tenant_id,]
        return tenant
