"""The demo tenant of the embedded default: an agency with a small team."""

from contextlib import closing
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import InvalidInput
from domain.ids import TenantId
from domain.tenants import Role, Tenant, TenantSettings
from domain.users import Email, User
from server.identity.passwords import Argon2Passwords
from server.postgres.directory import PostgresDirectory
from server.postgres.engine import open_engine
from server.postgres.founding import enrol, found_tenant
from server.settings import Settings

DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "demo-planner"
DEMO_TENANT = "Demo Agency"

_COLLEAGUES = (
    ("Priya Raman", "priya@example.com", Role.PLANNER),
    ("Tomás Herrera", "tomas@example.com", Role.ANALYST),
    ("Noor Haddad", "noor@example.com", Role.VIEWER),
)
_NO_PASSWORD = None  # colleagues are there to be seen, not to sign in


async def seed_demo(settings: Settings) -> None:
    """Makes what is missing of the demo tenant, its owner and the owner's colleagues. Repeatable."""
    if settings.database_url is None:
        raise InvalidInput("MP_DATABASE_URL is not set.", code="setting_missing", field="database_url")
    engine = open_engine(settings.database_url, pool_size=1, statement_timeout_ms=settings.statement_timeout_ms)
    now = datetime.now(UTC)
    try:
        directory = PostgresDirectory(engine)
        tenant = await _demo_tenant(engine, directory, now)
        for name, email, role in _COLLEAGUES:
            if await directory.credentials(email) is None:
                await enrol(engine, tenant, User.register(Email.of(email), name, _NO_PASSWORD, now), role, now)
    finally:
        await engine.dispose()


async def _demo_tenant(engine: AsyncEngine, directory: PostgresDirectory, now: datetime) -> Tenant:
    if found := await directory.credentials(DEMO_EMAIL):
        known = (await directory.tenants_of(found[0]))[0]
        return Tenant(TenantId(known.tenant_id), known.name, now)
    with closing(Argon2Passwords()) as passwords:
        hashed = await passwords.hash(DEMO_PASSWORD)
    tenant = Tenant.found(DEMO_TENANT, now)
    await found_tenant(
        engine, tenant, User.register(Email.of(DEMO_EMAIL), "Demo Planner", hashed, now), TenantSettings()
    )
    return tenant
