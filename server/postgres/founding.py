"""Tenants and people. Both are global; a membership, behind the tenant's row-level security, joins them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.delegations import unlimited
from domain.tenants import Membership, Role, Tenant, TenantProfile, TenantSettings
from domain.users import User
from server.postgres import mapping as mapping
from server.postgres.errors import domain_errors
from server.postgres.unit_of_work import enter_tenant


async def found_tenant(engine: AsyncEngine, tenant: Tenant, owner: User, settings: TenantSettings) -> None:
    """A new tenant with its first owner, a new account. Raises Duplicate `duplicate_email`."""
    with domain_errors():
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await enter_tenant(session, tenant.id)
            session.add_all([tenant, owner])
            await session.flush()
            session.add(TenantProfile(tenant.id, settings))
            session.add(Membership(tenant.id, owner.id, Role.OWNER, tenant.created_at))
            await session.flush()
            session.add(unlimited(tenant, owner))
            await session.commit()


async def enrol(engine: AsyncEngine, tenant: Tenant, user: User, role: Role, now: datetime) -> None:
    """A new account as a member. Raises Duplicate `duplicate_email`."""
    with domain_errors():
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await enter_tenant(session, tenant.id)
            session.add(user)
            await session.flush()
            session.add(Membership(tenant.id, user.id, role, now))
            await session.commit()
