"""The steps of the other jobs as Temporal runs them: budgets side by side, a plan by periods, exports of big plans."""

from collections.abc import Callable

from temporalio import activity

from server.temporal.job_steps import JobSteps
from server.temporal.messages import (
    Ended,
    ExportRequest,
    FinishInput,
    SaveYearInput,
    TryInput,
    YearRequest,
)
from services.queries import JobView
from services.sweep_views import SweepPoint
from services.year_job import YearOptimum

_FIRST, _LAST = 5, 90  # percent at which the work begins and is done


class SweepActivities(JobSteps):
    @property
    def all(self) -> list[Callable[..., object]]:
        return [self.try_budget, self.finish_sweep]

    @activity.defn
    async def try_budget(self, given: TryInput) -> SweepPoint:
        task, index = given.request.task, given.index
        count = len(task.budgets)
        percent = _FIRST + (_LAST - _FIRST) * index // count
        async with self.step(given.request, f"budget {index + 1} of {count}", percent) as actor:
            return await self.application.sweep_job.try_budget(actor, task, index)

    @activity.defn
    async def finish_sweep(self, given: FinishInput) -> Ended:
        async with self.step(given.request, "post", _LAST, last=True) as actor:
            return _ended(await self.application.sweep_job.finish(actor, given.request.task, given.points))


class YearActivities(JobSteps):
    @property
    def all(self) -> list[Callable[..., object]]:
        return [self.optimise_year, self.save_year]

    @activity.defn
    async def optimise_year(self, request: YearRequest) -> YearOptimum:
        async with self.step(request, "optimise", _FIRST) as actor:
            return await self.application.year_job.optimise(actor, request.task)

    @activity.defn
    async def save_year(self, given: SaveYearInput) -> Ended:
        async with self.step(given.request, "save", _LAST, last=True) as actor:
            return _ended(await self.application.year_job.save(actor, given.request.task, given.found))


class ExportActivities(JobSteps):
    @property
    def all(self) -> list[Callable[..., object]]:
        return [self.export_plan]

    @activity.defn
    async def export_plan(self, request: ExportRequest) -> Ended:
        """One step: a document is read, written and kept where it is, since a history is no place for files."""
        async with self.step(request, "export", _FIRST, last=True) as actor:
            return _ended(await self.application.export_job.export(actor, request.task))


def _ended(job: JobView) -> Ended:
    return Ended(job_id=job.id, status=job.status)
