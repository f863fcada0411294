"""What every step of every job has in common: alive, reported, and in the name of whoever asked.

A step may run again, in another process too; the last one of a job has its effect once, under the job's key.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress

from temporalio import activity

from domain.errors import IllegalMove
from server.temporal.errors import refusals
from server.temporal.messages import FailInput, JobRequest
from services.actor import Actor, Origin, system_actor
from services.application import Application

_BEATS_PER_TIMEOUT = 3


class JobSteps:
    def __init__(self, application: Application) -> None:
        self.application = application

    @activity.defn
    async def fail(self, given: FailInput) -> None:
        """The job ends with a sentence for a person, unless it has ended otherwise."""
        request = given.request
        async with _heartbeats():
            with refusals():
                await self.application.jobs.failed(system_actor(request.tenant_id), request.task.job_id, given.error)

    @asynccontextmanager
    async def step(self, request: JobRequest, name: str, percent: int, *, last: bool = False) -> AsyncIterator[Actor]:
        """Reports the step, and yields the actor with the rights they have now."""
        job_id = request.task.job_id
        async with _heartbeats():
            with refusals():
                await self._report(request, name, percent, last)
                origin = Origin(effect_key=f"job:{job_id}", agent="planning")
                yield await self.application.sign_in.enter(request.user_id, request.tenant_id, origin)

    async def _report(self, request: JobRequest, name: str, percent: int, last: bool) -> None:
        progress = self.application.jobs.progressed(system_actor(request.tenant_id), request.task.job_id, name, percent)
        # A save that crashed behind its commit has ended the job; the next one must get as far as to find that out.
        with suppress(IllegalMove) if last else nullcontext():
            await progress


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """From beside the step, so that a dead worker is noticed soon and a cancellation gets through."""
    timeout = activity.info().heartbeat_timeout
    assert timeout, "every step is started with a heartbeat timeout"
    beating = asyncio.create_task(_beat(timeout.total_seconds() / _BEATS_PER_TIMEOUT))
    try:
        yield
    finally:
        beating.cancel()


async def _beat(seconds: float) -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(seconds)
