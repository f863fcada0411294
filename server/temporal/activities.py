"""The steps of the planning workflow as Temporal runs them: alive, reported, and in the name of whoever asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from enum import StrEnum

from temporalio import activity

from domain.errors import IllegalMove
from server.temporal.errors import refusals
from server.temporal.messages import (
    AllocateInput,
    FailInput,
    FlightInput,
    ForecastInput,
    PlannedVersion,
    PlanningRequest,
    SaveInput,
)
from services.actor import Actor, Origin, system_actor
from services.application import Application
from services.planning_job import Allocated, Flighted, Forecasted, Gathered


class Step(StrEnum):
    GATHER = "gather"
    ALLOCATE = "allocate"
    FLIGHT = "flight"
    FORECAST = "forecast"
    SAVE = "save"


_PERCENT = {Step.GATHER: 5, Step.ALLOCATE: 20, Step.FLIGHT: 45, Step.FORECAST: 65, Step.SAVE: 85}
_BEATS_PER_TIMEOUT = 3


class PlanningActivities:
    """Every step may run again, in another process too; the last one has its effect once, under the job's key."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._steps = application.planning_job

    @property
    def all(self) -> list[Callable[..., object]]:
        return [self.gather, self.allocate, self.flight, self.forecast, self.save, self.fail]

    @activity.defn
    async def gather(self, request: PlanningRequest) -> Gathered:
        async with self._step(request, Step.GATHER) as actor:
            return await self._steps.gather(actor, request.task)

    @activity.defn
    async def allocate(self, given: AllocateInput) -> Allocated:
        async with self._step(given.request, Step.ALLOCATE) as actor:
            return await self._steps.allocate(actor, given.request.task, given.gathered)

    @activity.defn
    async def flight(self, given: FlightInput) -> Flighted:
        async with self._step(given.request, Step.FLIGHT) as actor:
            return await self._steps.flight(actor, given.request.task, given.gathered, given.allocated)

    @activity.defn
    async def forecast(self, given: ForecastInput) -> Forecasted:
        async with self._step(given.request, Step.FORECAST) as actor:
            return await self._steps.forecast(actor, given.request.task, given.gathered, given.allocated)

    @activity.defn
    async def save(self, given: SaveInput) -> PlannedVersion:
        async with self._step(given.request, Step.SAVE) as actor:
            job = await self._steps.save(
                actor, given.request.task, given.gathered, given.allocated, given.flighted, given.forecasted
            )
            return PlannedVersion.model_validate(job.result)

    @activity.defn
    async def fail(self, given: FailInput) -> None:
        """The job ends with a sentence for a person, unless it has ended otherwise."""
        request = given.request
        async with _heartbeats():
            with refusals():
                await self._application.jobs.failed(system_actor(request.tenant_id), request.task.job_id, given.error)

    @asynccontextmanager
    async def _step(self, request: PlanningRequest, step: Step) -> AsyncIterator[Actor]:
        """Reports the step, and yields the actor with the rights they have now."""
        job_id = request.task.job_id
        async with _heartbeats():
            with refusals():
                await self._report(request, step)
                origin = Origin(effect_key=f"job:{job_id}", agent="planning")
                yield await self._application.sign_in.enter(request.user_id, request.tenant_id, origin)

    async def _report(self, request: PlanningRequest, step: Step) -> None:
        progress = self._application.jobs.progressed(
            system_actor(request.tenant_id), request.task.job_id, step, _PERCENT[step]
        )
        # A save that crashed behind its commit has ended the job; the next one must get as far as to find that out.
        with suppress(IllegalMove) if step is Step.SAVE else nullcontext():
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
