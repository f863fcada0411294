"""The planning workflow after a careless change: it waits before it begins."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from server.temporal.activities import PlanningActivities
    from server.temporal.messages import PlannedVersion, PlanningRequest


@workflow.defn(name="MediaPlanningWorkflow")
class ReorderedWorkflow:
    @workflow.run
    async def run(self, request: PlanningRequest) -> PlannedVersion:
        await workflow.sleep(timedelta(seconds=1))
        await workflow.execute_activity_method(
            PlanningActivities.gather, request, start_to_close_timeout=timedelta(minutes=1)
        )
        raise NotImplementedError
