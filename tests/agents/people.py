"""Colleagues of a tenant's owner."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.postgres.founding import enrol
from services.actor import Actor


async def colleague(engine: AsyncEngine, of: Actor, role: Role) -> Actor:
    now = datetime.now(UTC)
    user = User.register(Email.of(f"{new_id()}@example.com"), "Sam", "no password", now)
    user_id = user.id
    await enrol(engine, Tenant(of.tenant_id, "Acme", now), user, role, now)
    return Actor(of.tenant_id, user_id, role.permissions)
