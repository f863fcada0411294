"""Many tenants over few connections: nobody reads another's rows. The control reads as one must not, and does leak."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import TenantId
from server.postgres.engine import open_engine
from server.postgres.queries import PostgresQueries
from server.postgres.tables import campaigns
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor
from services.campaigns import Campaigns
from services.queries import CampaignFilter
from services.read_models import PageRequest
from tests.conftest import NewActor
from tests.fakes.clock import FakeClock
from tests.fakes.unit_of_work import unpublished
from tests.security.figures import Figures
from tests.services.samples import create

pytestmark = pytest.mark.security

READS, CONTROL_READS, TENANTS, CONNECTIONS = 10_000, 2_000, 12, 4

Read = Callable[[Actor], Awaitable[set[str]]]


@pytest.fixture
async def small_pool(app_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(app_url, pool_size=CONNECTIONS, statement_timeout_ms=20_000)
    yield engine
    await engine.dispose()


@pytest.fixture
async def owners(engine: AsyncEngine, tenant: NewActor) -> list[Actor]:
    """Each has one campaign, called after its tenant."""
    actors = [await tenant() for _ in range(TENANTS)]
    service = Campaigns(PostgresWork(engine, FakeClock(), unpublished), FakeClock())
    for actor in actors:
        await service.create(actor, create(name=str(actor.tenant_id)))
    return actors


async def storm(read: Read, actors: list[Actor], reads: int) -> tuple[int, int]:
    """How many reads saw another tenant's campaign, and how many their own."""
    chosen = random.Random(4).choices(actors, k=reads)
    asking = asyncio.Semaphore(50)

    async def one(actor: Actor) -> tuple[bool, bool]:
        async with asking:
            seen = await read(actor)
        return bool(seen - {str(actor.tenant_id)}), str(actor.tenant_id) in seen

    answers = await asyncio.gather(*map(one, chosen))
    return sum(foreign for foreign, _ in answers), sum(own for _, own in answers)


async def test_ten_thousand_reads_see_nothing_foreign(
    small_pool: AsyncEngine, owners: list[Actor], figures: Figures
) -> None:
    queries = PostgresQueries(small_pool)

    async def read(actor: Actor) -> set[str]:
        page = await queries.campaigns(actor, CampaignFilter(), PageRequest())
        return {campaign.name for campaign in page.items}

    foreign, own = await storm(read, owners, READS)
    figures.put("pool_reads", READS)
    figures.put("pool_foreign", foreign)
    assert (foreign, own) == (0, READS)


async def test_a_setting_of_the_connection_leaks(
    small_pool: AsyncEngine, owners: list[Actor], figures: Figures
) -> None:
    """The control: the tenant is set for the connection, and the read that follows borrows whichever comes."""

    async def enter(tenant_id: TenantId) -> None:
        async with small_pool.connect() as connection:
            await connection.execute(text("SELECT set_config('app.tenant_id', :id, false)"), {"id": str(tenant_id)})
            await connection.commit()

    async def read(actor: Actor) -> set[str]:
        await enter(actor.tenant_id)
        async with small_pool.connect() as connection:
            return set((await connection.scalars(select(campaigns.c.name))).all())

    foreign, _ = await storm(read, owners, CONTROL_READS)
    figures.put("control_leaks", foreign)
    assert foreign > 0


async def test_a_connection_comes_back_without_a_tenant(small_pool: AsyncEngine, owners: list[Actor]) -> None:
    await PostgresQueries(small_pool).campaigns(owners[0], CampaignFilter(), PageRequest())
    async with small_pool.connect() as connection:
        assert await connection.scalar(select(func.current_setting("app.tenant_id", True))) in ("", None)
