"""The planning workflow: gather, allocate, flight, forecast, save. Only order and endings; the steps are activities."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from server.temporal.activities import PlanningActivities
    from server.temporal.messages import (
        AllocateInput,
        FlightInput,
        ForecastInput,
        PlannedVersion,
        PlanningRequest,
        SaveInput,
    )
    from server.temporal.running import STEP, carried_out


@workflow.defn
class MediaPlanningWorkflow:
    @workflow.run
    async def run(self, request: PlanningRequest) -> PlannedVersion:
        return await carried_out(request, _plan(request))


async def _plan(request: PlanningRequest) -> PlannedVersion:
    gathered = await workflow.execute_activity_method(PlanningActivities.gather, request, **STEP)
    allocated = await workflow.execute_activity_method(
        PlanningActivities.allocate, AllocateInput(request=request, gathered=gathered), **STEP
    )
    flighted = await workflow.execute_activity_method(
        PlanningActivities.flight, FlightInput(request=request, gathered=gathered, allocated=allocated), **STEP
    )
    forecasted = await workflow.execute_activity_method(
        PlanningActivities.forecast, ForecastInput(request=request, gathered=gathered, allocated=allocated), **STEP
    )
    return await workflow.execute_activity_method(
        PlanningActivities.save,
        SaveInput(request=request, gathered=gathered, allocated=allocated, flighted=flighted, forecasted=forecasted),
        **STEP,
    )
