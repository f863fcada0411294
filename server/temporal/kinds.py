"""Which workflow does a job, and what it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.jobs import Job, JobKind
from server.temporal.long_workflows import BudgetSweepWorkflow, PlanExportWorkflow, YearPlanWorkflow
from server.temporal.messages import ExportRequest, JobRequest, PlanningRequest, SweepRequest, YearRequest
from server.temporal.workflows import MediaPlanningWorkflow


@dataclass(frozen=True, slots=True)
class Kind:
    run: Callable[..., Any]  # the workflow's run method
    request: type[JobRequest]

    def told(self, job: Job) -> JobRequest:
        task = {"job_id": job.id, "campaign_id": job.campaign_id, **job.arguments}
        return self.request.model_validate({"tenant_id": job.tenant_id, "user_id": job.requested_by, "task": task})


KINDS: Mapping[JobKind, Kind] = {
    JobKind.MEDIA_PLANNING: Kind(MediaPlanningWorkflow.run, PlanningRequest),
    JobKind.BUDGET_SWEEP: Kind(BudgetSweepWorkflow.run, SweepRequest),
    JobKind.YEAR_PLAN: Kind(YearPlanWorkflow.run, YearRequest),
    JobKind.PLAN_EXPORT: Kind(PlanExportWorkflow.run, ExportRequest),
}
WORKFLOWS = [MediaPlanningWorkflow, BudgetSweepWorkflow, YearPlanWorkflow, PlanExportWorkflow]
