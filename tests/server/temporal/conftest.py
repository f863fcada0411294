from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from server.embedded.parts import start_parts
from server.temporal.workers import connect
from tests.conftest import NewActor
from tests.server.embedded.homes import temporary_home
from tests.server.temporal.world import World


@pytest.fixture(scope="session")
async def temporal_address() -> AsyncIterator[str]:
    with temporary_home() as home:
        async with start_parts(home, postgres=False, redis=False, temporal="wait", announce=lambda _: None) as parts:
            assert parts.temporal_address
            yield parts.temporal_address


@pytest.fixture
async def client(temporal_address: str) -> Client:
    return await connect(temporal_address, "default")


@pytest.fixture
async def world(engine: AsyncEngine, client: Client, tenant: NewActor) -> World:
    return await World.of(engine, client, await tenant())
