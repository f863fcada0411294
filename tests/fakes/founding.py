"""Tenants and people in memory."""

from datetime import UTC, datetime

from domain.delegations import unlimited
from domain.ids import new_id
from domain.tenants import Membership, Role, Tenant, TenantProfile, TenantSettings
from domain.users import Email, User
from services.actor import Actor
from tests.fakes.database import InMemoryDatabase


def found_tenant(database: InMemoryDatabase, tenant: Tenant, owner: User, settings: TenantSettings) -> None:
    database.rows["tenants"][tenant.id,] = tenant
    database.rows["tenant_profiles"][tenant.id,] = TenantProfile(tenant.id, settings)
    enrol(database, tenant, owner, Role.OWNER)
    database.rows["delegations"][tenant.id, owner.id] = unlimited(tenant, owner)


def enrol(database: InMemoryDatabase, tenant: Tenant, user: User, role: Role) -> None:
    database.rows["users"][user.id,] = user
    membership = Membership(tenant.id, user.id, role, tenant.created_at)
    database.rows["memberships"][tenant.id, user.id] = membership


def new_owner(database: InMemoryDatabase, settings: TenantSettings = TenantSettings()) -> Actor:  # noqa: B008  frozen
    """The owner of a new tenant."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    tenant = Tenant.found("Acme", now)
    owner = User.register(Email.of(f"{new_id()}@example.com"), "Ada", "no password", now)
    found_tenant(database, tenant, owner, settings)
    return Actor(tenant.id, owner.id, Role.OWNER.permissions)
