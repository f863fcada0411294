import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowExecutionStatus

from domain.errors import Unavailable
from domain.ids import JobId, new_id
from domain.jobs import Job, JobKind, JobStatus
from server.embedded.parts import start_parts
from server.temporal.activities import PlanningActivities
from server.temporal.workers import connect
from services.actor import system_actor
from services.ports import Wakeup, WakeupKind, Wakeups
from services.queries import JobView
from tests.conftest import NewActor
from tests.server.embedded.homes import temporary_home
from tests.server.temporal.world import World, relaying, running, working

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@asynccontextmanager
async def temporal(home: Path) -> AsyncIterator[str]:
    """One of the test's own, on the port it had before."""
    async with start_parts(home, postgres=False, redis=False, temporal="wait", announce=lambda _: None) as parts:
        yield await parts.temporal_ready()


async def wake_again(world: World, job: JobView, kind: WakeupKind) -> None:
    """As if the relay had died before it removed the wakeup."""
    async with world.application.begin(system_actor(world.actor.tenant_id)) as work:
        await work.wake(kind, job.id, job.created_at)
        await work.commit(job)


async def status_of(world: World, job: JobView) -> WorkflowExecutionStatus | None:
    return (await world.workflow(job).describe()).status


async def test_a_job_runs_from_the_moment_its_workflow_is_started(world: World) -> None:
    job = await world.ask(await world.campaign())
    async with relaying(world.application, world.client):
        await world.outbox_is_empty()

    assert (await world.job(job.id)).status is JobStatus.RUNNING
    assert await status_of(world, job) is WorkflowExecutionStatus.RUNNING


async def test_a_start_tried_twice_is_one_workflow_and_one_version(world: World) -> None:
    campaign_id = await world.campaign()
    job = await world.ask(campaign_id)
    async with relaying(world.application, world.client):
        await world.outbox_is_empty()
        first = await world.workflow(job).describe()
        await wake_again(world, job, WakeupKind.JOB_START)
        await world.outbox_is_empty()
        async with working(world.client, PlanningActivities(world.application)):
            await world.ended(job)
            await wake_again(world, job, WakeupKind.JOB_START)
            await world.outbox_is_empty()

    assert (await world.workflow(job).describe()).run_id == first.run_id
    assert len(await world.versions(campaign_id)) == 1
    assert len(await world.messages()) == 1


async def test_two_relays_start_each_job_once(world: World) -> None:
    jobs = [await world.ask(await world.campaign(f"Spring {number}")) for number in range(5)]
    async with relaying(world.application, world.client), running(world.application, world.client):
        ended = [await world.ended(job) for job in jobs]

    assert {job.status for job in ended} == {JobStatus.COMPLETED}
    assert len(await world.messages()) == 5


async def test_a_job_cancelled_before_its_start_never_starts(world: World) -> None:
    job = await world.ask(await world.campaign())
    await world.application.jobs.cancel(world.actor, job.id)
    async with relaying(world.application, world.client):
        await world.outbox_is_empty()

    assert [run async for run in world.client.list_workflows(f"WorkflowId = '{world.workflow_id(job)}'")] == []
    assert (await world.job(job.id)).status is JobStatus.CANCELLED


async def test_a_cancel_that_comes_after_the_end_changes_nothing(world: World) -> None:
    async with running(world.application, world.client):
        job = await world.ask(await world.campaign())
        await world.ended(job)
        await world.workflow(job).result()
        await wake_again(world, job, WakeupKind.JOB_CANCEL)
        await world.outbox_is_empty()

    assert await status_of(world, job) is WorkflowExecutionStatus.COMPLETED
    assert (await world.job(job.id)).status is JobStatus.COMPLETED


async def test_a_wakeup_without_a_job_does_not_hold_up_the_others(world: World) -> None:
    job = await world.ask(await world.campaign())
    async with world.application.begin(system_actor(world.actor.tenant_id)) as work:
        await work.wake(WakeupKind.JOB_START, new_id(), job.created_at)
        await work.commit(job)
    async with relaying(world.application, world.client):
        await world.outbox_is_empty()

    assert await status_of(world, job) is WorkflowExecutionStatus.RUNNING


async def test_a_job_that_cannot_be_started_does_not_hold_up_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await unreadable_job(world)
    job = await world.ask(await world.campaign("Readable"))
    async with relaying(world.application, world.client):
        while (
            await world.job(job.id)
        ).status is JobStatus.QUEUED or "acting on a wakeup failed" not in caplog.messages:
            await asyncio.sleep(0.02)
        await world.application.jobs.cancel(world.actor, broken)
        await world.outbox_is_empty()

    assert await status_of(world, job) is WorkflowExecutionStatus.RUNNING


async def unreadable_job(world: World) -> JobId:
    """As an older or a newer version of the product might have written it."""
    campaign_id = await world.campaign("Unreadable")
    tenant_id, user_id = world.actor.tenant_id, world.actor.user_id
    async with world.application.begin(world.actor) as work:
        job, change = Job.request(
            JobKind.MEDIA_PLANNING, tenant_id, campaign_id, None, {"channels": "all"}, by=user_id, now=NOW
        )
        work.jobs.add(job)
        await work.wake(WakeupKind.JOB_START, job.id, NOW)
        await work.commit(JobView.model_validate(job), change)
    return job.id


class ReturningWakeups:
    """The outbox of a database that is away for the first question."""

    def __init__(self, wakeups: Wakeups) -> None:
        self._wakeups = wakeups
        self._away = True

    async def claim(self, kind: WakeupKind, *, limit: int, retry_after: float) -> list[Wakeup]:
        if self._away:
            self._away = False
            raise Unavailable("The database can't be reached.")
        return await self._wakeups.claim(kind, limit=limit, retry_after=retry_after)

    async def done(self, wakeup: Wakeup) -> None:
        await self._wakeups.done(wakeup)

    async def put_off(self, wakeup: Wakeup, seconds: float) -> None:
        await self._wakeups.put_off(wakeup, seconds)


async def test_the_relay_outlives_a_database_that_is_away(world: World, caplog: pytest.LogCaptureFixture) -> None:
    job = await world.ask(await world.campaign())
    returning = replace(world.application, wakeups=ReturningWakeups(world.application.wakeups))
    async with relaying(returning, world.client):
        await world.outbox_is_empty()

    assert "claiming wakeups has to wait" in caplog.messages
    assert await status_of(world, job) is WorkflowExecutionStatus.RUNNING


async def test_a_job_asked_for_while_temporal_is_away_starts_when_it_comes_back(
    engine: AsyncEngine, tenant: NewActor, caplog: pytest.LogCaptureFixture
) -> None:
    with temporary_home() as home:
        async with temporal(home) as address:
            client = await connect(address, "default")
        world = await World.of(engine, client, await tenant())
        async with relaying(world.application, client):
            job = await world.ask(await world.campaign())
            while "acting on a wakeup has to wait" not in caplog.messages:
                await asyncio.sleep(0.02)
            assert (await world.job(job.id)).status is JobStatus.QUEUED
            async with temporal(home), working(client, PlanningActivities(world.application)):
                ended = await world.ended(job)

    assert ended.status is JobStatus.COMPLETED
    assert len(await world.messages()) == 1
