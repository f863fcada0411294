from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from server.embedded.parts import Parts, start_parts
from server.temporal.workers import connect
from tests.conftest import NewActor
from tests.server.embedded.homes import temporary_home
from tests.server.postgres.databases import migrated_database, opened
from tests.server.temporal.world import World


@pytest.fixture(scope="session")
async def temporal_address() -> AsyncIterator[str]:
    with temporary_home() as home:
        async with start_parts(home, postgres=False, redis=False, temporal="wait", announce=lambda _: None) as parts:
            assert parts.temporal_address
            yield parts.temporal_address


@pytest.fixture(scope="session")
async def app_url(admin_url: str, parts: Parts) -> AsyncIterator[str]:
    """Of a database of their own: a relay takes up whatever job is due, so also those that other tests have left."""
    async with migrated_database(admin_url, parts.database_url) as url:
        yield url


@pytest.fixture(scope="session")
async def engine(app_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(app_url) as engine:
        yield engine


@pytest.fixture
async def client(temporal_address: str) -> Client:
    return await connect(temporal_address, "default")


@pytest.fixture
async def world(engine: AsyncEngine, client: Client, tenant: NewActor) -> World:
    return await World.of(engine, client, await tenant())
