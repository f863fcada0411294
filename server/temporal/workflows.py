"""The planning workflow: gather, allocate, flight, forecast, save. Only order and endings; the steps are activities."""

from datetime import timedelta
from typing import TypedDict

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from temporalio.exceptions import ActivityError, is_cancelled_exception

    from server.temporal.activities import PlanningActivities
    from server.temporal.errors import sentence
    from server.temporal.messages import (
        AllocateInput,
        FailInput,
        FlightInput,
        ForecastInput,
        PlannedVersion,
        PlanningRequest,
        SaveInput,
    )


class _Options(TypedDict):
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


def _options(attempts: int) -> _Options:
    return _Options(
        start_to_close_timeout=timedelta(minutes=1),
        heartbeat_timeout=timedelta(seconds=5),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=200),
            maximum_interval=timedelta(seconds=30),
            maximum_attempts=attempts,
        ),
    )


# About four minutes of a database that is away; the note that the job failed is tried for as long as it takes.
_STEP = _options(attempts=15)
_LAST = _options(attempts=0)


@workflow.defn
class MediaPlanningWorkflow:
    @workflow.run
    async def run(self, request: PlanningRequest) -> PlannedVersion:
        try:
            return await _plan(request)
        except ActivityError as error:
            # A cancelled job has ended before its workflow hears of it; then this changes nothing.
            told = "It was cancelled." if is_cancelled_exception(error) else sentence(error.cause)
            await workflow.execute_activity_method(
                PlanningActivities.fail, FailInput(request=request, error=told), **_LAST
            )
            raise


async def _plan(request: PlanningRequest) -> PlannedVersion:
    gathered = await workflow.execute_activity_method(PlanningActivities.gather, request, **_STEP)
    allocated = await workflow.execute_activity_method(
        PlanningActivities.allocate, AllocateInput(request=request, gathered=gathered), **_STEP
    )
    flighted = await workflow.execute_activity_method(
        PlanningActivities.flight, FlightInput(request=request, gathered=gathered, allocated=allocated), **_STEP
    )
    forecasted = await workflow.execute_activity_method(
        PlanningActivities.forecast, ForecastInput(request=request, gathered=gathered, allocated=allocated), **_STEP
    )
    return await workflow.execute_activity_method(
        PlanningActivities.save,
        SaveInput(request=request, gathered=gathered, allocated=allocated, flighted=flighted, forecasted=forecasted),
        **_STEP,
    )
