"""Who may enter: asked by the product itself, before there is a tenant or an actor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, column, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import TenantId, UserId
from domain.tenants import TenantStatus
from server.postgres import access_tables as access
from server.postgres.statements import Statement
from server.postgres.tables import memberships, tenants, users
from server.postgres.transaction import Transaction, begun_with, one_by_one
from server.postgres.types import Moment
from services.access_views import GrantStanding, InvitationStanding, Standing, TenantOfUser, TokenStanding

_ANSWER = (
    column("tenant_name", Text),
    column("status", tenants.c.status.type),
    column("role", memberships.c.role.type),
    column("campaign_id", Uuid),
    column("granted", access.campaign_grants.c.role.type),
    column("expires_at", Moment),
)
_ASKED = func.standing(bindparam("user", type_=Uuid), bindparam("tenant", type_=Uuid))  # of migration 0015
_STANDING = Statement(select(_ASKED.table_valued(*_ANSWER)))


class PostgresDirectory:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def credentials(self, email: str) -> tuple[UserId, str] | None:
        statement = select(users.c.id, users.c.password_hash).where(users.c.email == email.strip().lower())
        async with self._reading() as connection:
            row = (await connection.execute(statement)).first()
        return (UserId(row.id), row.password_hash or "") if row else None

    async def tenants_of(self, user_id: UserId) -> list[TenantOfUser]:
        """By name, the suspended ones too."""
        statement = (
            select(tenants.c.id.label("tenant_id"), tenants.c.name, memberships.c.role, tenants.c.status)
            .join(memberships, memberships.c.tenant_id == tenants.c.id)
            .where(memberships.c.user_id == user_id)
            .order_by(tenants.c.name, tenants.c.id)
        )
        async with self._reading(user_id=user_id) as connection:
            return [TenantOfUser.model_validate(row) for row in await connection.execute(statement)]

    async def standing(self, user_id: UserId, tenant_id: UUID) -> Standing | None:
        async with one_by_one(self._engine) as transaction:
            rows = await transaction.rows(_STANDING, {"user": user_id, "tenant": tenant_id})
        if not rows:
            return None
        return Standing(
            tenant_name=rows[0]["tenant_name"],
            status=rows[0]["status"],
            role=rows[0]["role"],
            grants=[
                GrantStanding(campaign_id=row["campaign_id"], role=row["granted"], expires_at=row["expires_at"])
                for row in rows
                if row["campaign_id"] is not None
            ],
        )

    async def service_token(self, digest: str) -> TokenStanding | None:
        tokens = access.service_tokens
        async with self._reading(token_digest=digest) as connection:
            row = (await connection.execute(select(tokens).where(tokens.c.token_digest == digest))).first()
        return TokenStanding.model_validate(row) if row else None

    async def invitation(self, digest: str) -> InvitationStanding | None:
        invited = access.invitations
        statement = (
            select(
                invited.c.tenant_id,
                tenants.c.name.label("tenant_name"),
                invited.c.id,
                invited.c.email,
                invited.c.role,
                users.c.id.is_not(None).label("has_account"),
            )
            .join(tenants, tenants.c.id == invited.c.tenant_id)
            .join(users, users.c.email == invited.c.email, isouter=True)
            .where(invited.c.token_digest == digest)
        )
        async with self._reading(token_digest=digest) as connection:
            row = (await connection.execute(statement)).first()
        return InvitationStanding.model_validate(row) if row else None

    async def all_tenants(self) -> list[TenantId]:
        return await self._tenants(tenants.c.status != TenantStatus.ERASED)

    async def erased_tenants(self) -> list[TenantId]:
        return await self._tenants(tenants.c.status == TenantStatus.ERASED)

    async def _tenants(self, which: ColumnElement[bool]) -> list[TenantId]:
        async with self._reading() as connection:
            found = await connection.scalars(select(tenants.c.id).where(which).order_by(tenants.c.id))
            return [TenantId(id) for id in found]

    @asynccontextmanager
    async def _reading(
        self, *, user_id: UUID | None = None, tenant_id: UUID | None = None, token_digest: str = ""
    ) -> AsyncIterator[AsyncConnection]:
        async with self._beginning(user_id=user_id, tenant_id=tenant_id, token_digest=token_digest) as transaction:
            yield transaction.connection

    def _beginning(
        self, *, user_id: UUID | None = None, tenant_id: UUID | None = None, token_digest: str = ""
    ) -> Transaction:
        """Row-level security shows what belongs to the person, the tenant or the token that is named, nothing else.

        Policies of their own show people their memberships, and whoever has a token its row.
        """
        scope = {
            "app.user_id": str(user_id or ""),
            "app.tenant_id": str(tenant_id or ""),
            "app.token_digest": token_digest,
            "transaction_read_only": "on",
        }
        return begun_with(self._engine, scope)
