"""Who may enter: asked by the product itself, before there is a tenant or an actor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import Forbidden
from domain.ids import UserId
from domain.tenants import Role, TenantStatus
from server.postgres.errors import domain_errors
from server.postgres.tables import memberships, tenants, users
from services.queries import TenantOfUser

# A policy of its own lets people see their memberships in every tenant.
_SCOPE = text("SELECT set_config('app.user_id', :user_id, true), set_config('transaction_read_only', 'on', true)")


class PostgresDirectory:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def credentials(self, email: str) -> tuple[UserId, str] | None:
        statement = select(users.c.id, users.c.password_hash).where(users.c.email == email.strip().lower())
        async with self._reading(None) as connection:
            row = (await connection.execute(statement)).first()
        return (UserId(row.id), row.password_hash) if row else None

    async def tenants_of(self, user_id: UserId) -> list[TenantOfUser]:
        """By name, the suspended ones too."""
        statement = (
            select(tenants.c.id.label("tenant_id"), tenants.c.name, memberships.c.role)
            .join(memberships, memberships.c.tenant_id == tenants.c.id)
            .where(memberships.c.user_id == user_id)
            .order_by(tenants.c.name, tenants.c.id)
        )
        async with self._reading(user_id) as connection:
            return [TenantOfUser.model_validate(row) for row in await connection.execute(statement)]

    async def role_in(self, user_id: UserId, tenant_id: UUID) -> Role | None:
        statement = (
            select(memberships.c.role, tenants.c.name, tenants.c.status)
            .join(tenants, tenants.c.id == memberships.c.tenant_id)
            .where(memberships.c.user_id == user_id, memberships.c.tenant_id == tenant_id)
        )
        async with self._reading(user_id) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            return None
        if row.status is not TenantStatus.ACTIVE:
            raise Forbidden(f"{row.name} is suspended; its data is kept.", code="tenant_suspended")
        return Role(row.role)

    @asynccontextmanager
    async def _reading(self, user_id: UserId | None) -> AsyncIterator[AsyncConnection]:
        with domain_errors():
            async with self._engine.connect() as connection:
                await connection.execute(_SCOPE, {"user_id": str(user_id or "")})
                yield connection
