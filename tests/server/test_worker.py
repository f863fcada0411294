import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.jobs import JobStatus
from server.embedded.parts import Parts, start_parts
from server.temporal.workers import connect
from tests.conftest import NewActor
from tests.server.commands import mediaplanner, start
from tests.server.embedded.homes import temporary_home
from tests.server.postgres.databases import migrated_database, opened
from tests.server.temporal.world import World


@pytest.fixture(scope="module")
async def app_url(admin_url: str, parts: Parts) -> AsyncIterator[str]:
    """Of a database of its own: a worker runs whatever job is due, so also those that other tests have left."""
    async with migrated_database(admin_url, parts.database_url) as url:
        yield url


@pytest.fixture(scope="module")
async def engine(app_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(app_url) as engine:
        yield engine


def temporal(home: Path) -> AbstractAsyncContextManager[Parts]:
    """One of the test's own, on the port it had before."""
    return start_parts(home, postgres=False, redis=False, temporal="wait", announce=lambda _: None)


async def events(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """What its log says happened. Every line of it is JSON."""
    assert process.stderr
    async for line in process.stderr:
        yield json.loads(line)["event"]


async def heard(log: AsyncIterator[str], wanted: str) -> None:
    async for event in log:
        if event == wanted:
            return
    raise AssertionError(f"the worker ended without saying {wanted}")


async def test_a_worker_waits_for_temporal_runs_the_jobs_and_stops_when_told(
    engine: AsyncEngine, app_url: str, redis_url: str, tenant: NewActor
) -> None:
    with temporary_home() as home:
        async with temporal(home) as parts:
            address = await parts.temporal_ready()
            client = await connect(address, "default")
        world = await World.of(engine, client, await tenant())
        job = await world.ask(await world.campaign())
        worker = await start(
            "worker",
            settings={
                "MP_DATABASE_URL": app_url,
                "MP_REDIS_URL": redis_url,
                "MP_TEMPORAL_ADDRESS": address,
                "MP_SERVER_SECRET": "s" * 32,
            },
        )
        try:
            log = events(worker)
            await heard(log, "waiting for Temporal")
            async with temporal(home):
                await heard(log, "worker started")
                assert (await world.ended(job)).status is JobStatus.COMPLETED
                worker.send_signal(signal.SIGTERM)
                await heard(log, "worker stopped")
                assert await worker.wait() == 0
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()


async def test_without_a_database_a_worker_says_what_to_set() -> None:
    ended = await mediaplanner("worker", settings={})

    assert ended.status == 1
    assert ended.errors.strip() == "MP_DATABASE_URL is not set."
