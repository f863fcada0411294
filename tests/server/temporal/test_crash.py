import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from domain.jobs import JobStatus
from server.temporal.activities import PlanningActivities
from services.queries import JobView
from tests.server.temporal.world import World, relaying, working


@asynccontextmanager
async def stuck_worker(
    database: str, temporal: str, *, before: JobView, behind: JobView
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.temporal.stuck_worker", temporal, str(before.id), str(behind.id)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "MP_DATABASE_URL": database},
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def words(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout
    return (await process.stdout.readline()).decode().split()


async def test_a_worker_killed_in_the_middle_of_a_save_leaves_jobs_that_finish_once(
    world: World, app_url: str, temporal_address: str
) -> None:
    unsaved = await world.ask(await world.campaign("Not saved"))
    saved = await world.ask(await world.campaign("Saved"))
    stuck = stuck_worker(app_url, temporal_address, before=unsaved, behind=saved)
    async with relaying(world.application, world.client), stuck as worker:
        stands = sorted([await words(worker), await words(worker)])
        assert stands == [["before", str(unsaved.id)], ["behind", str(saved.id)]]
        worker.send_signal(signal.SIGKILL)
        assert await worker.wait() == -signal.SIGKILL

    assert (await world.job(unsaved.id)).status is JobStatus.RUNNING
    assert (await world.job(saved.id)).status is JobStatus.COMPLETED
    async with working(world.client, PlanningActivities(world.application)):
        results = [await world.workflow(job).result() for job in (unsaved, saved)]

    assert [planned.number for planned in results] == [1, 1]
    for job in (unsaved, saved):
        assert (await world.job(job.id)).status is JobStatus.COMPLETED
        assert len(await world.versions(job.campaign_id)) == 1
    assert len(await world.messages()) == 2
    assert [status for status, _, _ in await world.job_events()].count("completed") == 2
