"""The workflows of the other jobs: budgets side by side, a plan by periods, exports of big plans."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from server.temporal.long_activities import ExportActivities, SweepActivities, YearActivities
    from server.temporal.messages import (
        Ended,
        ExportRequest,
        FinishInput,
        SaveYearInput,
        SweepRequest,
        TryInput,
        YearRequest,
    )
    from server.temporal.running import LONG_STEP, STEP, carried_out


@workflow.defn
class BudgetSweepWorkflow:
    @workflow.run
    async def run(self, request: SweepRequest) -> Ended:
        return await carried_out(request, _sweep(request))


@workflow.defn
class YearPlanWorkflow:
    @workflow.run
    async def run(self, request: YearRequest) -> Ended:
        return await carried_out(request, _plan_year(request))


@workflow.defn
class PlanExportWorkflow:
    @workflow.run
    async def run(self, request: ExportRequest) -> Ended:
        return await carried_out(request, _export(request))


async def _sweep(request: SweepRequest) -> Ended:
    points = [
        await workflow.execute_activity_method(
            SweepActivities.try_budget, TryInput(request=request, index=index), **STEP
        )
        for index in range(len(request.task.budgets))
    ]
    return await workflow.execute_activity_method(
        SweepActivities.finish_sweep, FinishInput(request=request, points=points), **STEP
    )


async def _plan_year(request: YearRequest) -> Ended:
    found = await workflow.execute_activity_method(YearActivities.optimise_year, request, **LONG_STEP)
    return await workflow.execute_activity_method(
        YearActivities.save_year, SaveYearInput(request=request, found=found), **STEP
    )


async def _export(request: ExportRequest) -> Ended:
    return await workflow.execute_activity_method(ExportActivities.export_plan, request, **LONG_STEP)
