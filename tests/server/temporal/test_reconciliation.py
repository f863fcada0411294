"""A job whose workflow is gone has failed, whatever took the workflow away; one that runs is left alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.service import RPCError

from domain.jobs import JobStatus
from server.temporal.activities import PlanningActivities
from server.temporal.relay import Relay
from services.actor import system_actor
from services.ports import WakeupKind
from services.queries import JobView
from tests.server.temporal.world import World, relaying, working


@asynccontextmanager
async def checking(world: World) -> AsyncIterator[None]:
    """A relay that looks again and again."""
    relay = Relay(world.application, world.client, poll_seconds=0.05, retry_seconds=0.5, check_seconds=0.05)
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def started(world: World) -> JobView:
    """With a workflow that nobody runs, and due to be looked at."""
    job = await world.ask(await world.campaign())
    async with relaying(world.application, world.client):
        await world.outbox_is_empty()
    async with world.application.begin(system_actor(world.actor.tenant_id)) as work:
        await work.wake(WakeupKind.JOB_CHECK, job.id, job.created_at)
        await work.commit(job)
    return job


async def test_a_job_whose_workflow_was_terminated_has_failed(world: World) -> None:
    job = await started(world)
    await world.workflow(job).terminate("an operator's mistake")
    async with checking(world):
        ended = await world.ended(job)
    assert (ended.status, ended.error) == (JobStatus.FAILED, "its workflow was lost. Start it again.")
    (message,) = await world.messages()
    assert message.text == "The planning workflow failed: its workflow was lost. Start it again."


async def test_a_job_whose_workflow_temporal_has_forgotten_has_failed(world: World) -> None:
    job = await started(world)
    await forgotten(world, job)
    async with checking(world):
        assert (await world.ended(job)).status is JobStatus.FAILED


async def test_a_job_that_runs_is_left_alone_until_it_ends(world: World) -> None:
    job = await started(world)
    async with checking(world):
        await asyncio.sleep(0.3)
        assert (await world.job(job.id)).status is JobStatus.RUNNING
        async with working(world.client, PlanningActivities(world.application)):
            assert (await world.ended(job)).status is JobStatus.COMPLETED
    assert len(await world.messages()) == 1


async def test_a_job_that_waits_for_temporal_is_not_lost(world: World) -> None:
    """Its start is in the outbox; there is no workflow to look for yet."""
    job = await world.ask(await world.campaign())
    relay = Relay(world.application, world.client, check_seconds=7.0)
    async with world.application.begin(world.actor) as work:
        queued = await work.jobs.get(job.id)
    assert await relay._check(queued) == 7.0
    assert (await world.job(job.id)).status is JobStatus.QUEUED


async def test_a_job_that_has_ended_is_looked_at_no_more(world: World) -> None:
    job = await started(world)
    await world.application.jobs.cancel(world.actor, job.id)
    async with world.application.begin(world.actor) as work:
        cancelled = await work.jobs.get(job.id)
    assert await Relay(world.application, world.client)._check(cancelled) is None


async def forgotten(world: World, job: JobView) -> None:
    """As after its retention, or with a store that was lost."""
    execution = WorkflowExecution(workflow_id=world.workflow_id(job))
    request = DeleteWorkflowExecutionRequest(namespace=world.client.namespace, workflow_execution=execution)
    await world.client.workflow_service.delete_workflow_execution(request)
    while True:
        try:
            await world.workflow(job).describe()
        except RPCError:
            return
        await asyncio.sleep(0.05)
