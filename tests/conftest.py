"""The real parts, started once for all tests that ask for them. Tests keep apart by a fresh tenant each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import hypothesis
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from domain.tenants import Role, Tenant, TenantSettings
from domain.users import Email, User
from server.embedded.parts import Parts, start_parts
from server.postgres.founding import found_tenant
from server.postgres.migrate import migrate
from services.actor import Actor
from tests.server.embedded.homes import temporary_home
from tests.server.postgres.databases import opened

pytest_plugins = ["tests.security.figures", "tests.e2e.seeds"]  # options are known from here upwards only

# A deadline measures how busy the machine is, not whether a property holds.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")

NewActor = Callable[[], Awaitable[Actor]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What goes the same way a hundred times is no reason to count its lines a hundred times, which takes longer."""
    for item in items:
        if hypothesis.is_hypothesis_test(getattr(item, "obj", None)) or item.get_closest_marker("security"):
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
async def parts() -> AsyncIterator[Parts]:
    with temporary_home() as home:
        async with start_parts(home, temporal="off", announce=lambda _: None) as parts:
            yield parts


@pytest.fixture(scope="session")
def admin_url(parts: Parts) -> str:
    return parts.database_admin_url


@pytest.fixture(scope="session")
def redis_url(parts: Parts) -> str:
    return parts.redis_url


@pytest.fixture(scope="session")
async def app_url(parts: Parts) -> str:
    """Of a migrated database."""
    await migrate(parts.database_admin_url, parts.database_url)
    return parts.database_url


@pytest.fixture(scope="session")
async def engine(app_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(app_url) as engine:
        yield engine


@pytest.fixture
def tenant(engine: AsyncEngine) -> NewActor:
    """Makes the owner of a new tenant, with every call."""

    async def found() -> Actor:
        now = datetime.now(UTC)
        tenant = Tenant.found("Acme", now)
        owner = User.register(Email.of(f"{new_id()}@example.com"), "Ada", "no password", now)
        await found_tenant(engine, tenant, owner, TenantSettings())
        return Actor(tenant.id, owner.id, Role.OWNER.permissions)

    return found
