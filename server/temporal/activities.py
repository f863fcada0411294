"""The steps of the planning workflow as Temporal runs them: alive, reported, and in the name of whoever asked."""

from collections.abc import Callable
from enum import StrEnum

from temporalio import activity

from server.temporal.job_steps import JobSteps
from server.temporal.messages import (
    AllocateInput,
    FlightInput,
    ForecastInput,
    PlannedVersion,
    PlanningRequest,
    SaveInput,
)
from services.application import Application
from services.planning_job import Allocated, Flighted, Forecasted, Gathered


class Step(StrEnum):
    GATHER = "gather"
    ALLOCATE = "allocate"
    FLIGHT = "flight"
    FORECAST = "forecast"
    SAVE = "save"


_PERCENT = {Step.GATHER: 5, Step.ALLOCATE: 20, Step.FLIGHT: 45, Step.FORECAST: 65, Step.SAVE: 85}


class PlanningActivities(JobSteps):
    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self._steps = application.planning_job

    @property
    def all(self) -> list[Callable[..., object]]:
        return [self.gather, self.allocate, self.flight, self.forecast, self.save, self.fail]

    @activity.defn
    async def gather(self, request: PlanningRequest) -> Gathered:
        async with self.step(request, Step.GATHER, _PERCENT[Step.GATHER]) as actor:
            return await self._steps.gather(actor, request.task)

    @activity.defn
    async def allocate(self, given: AllocateInput) -> Allocated:
        async with self.step(given.request, Step.ALLOCATE, _PERCENT[Step.ALLOCATE]) as actor:
            return await self._steps.allocate(actor, given.request.task, given.gathered)

    @activity.defn
    async def flight(self, given: FlightInput) -> Flighted:
        async with self.step(given.request, Step.FLIGHT, _PERCENT[Step.FLIGHT]) as actor:
            return await self._steps.flight(actor, given.request.task, given.gathered, given.allocated)

    @activity.defn
    async def forecast(self, given: ForecastInput) -> Forecasted:
        async with self.step(given.request, Step.FORECAST, _PERCENT[Step.FORECAST]) as actor:
            return await self._steps.forecast(actor, given.request.task, given.gathered, given.allocated)

    @activity.defn
    async def save(self, given: SaveInput) -> PlannedVersion:
        async with self.step(given.request, Step.SAVE, _PERCENT[Step.SAVE], last=True) as actor:
            job = await self._steps.save(
                actor, given.request.task, given.gathered, given.allocated, given.flighted, given.forecasted
            )
            return PlannedVersion.model_validate(job.result)
