"""What travels through Temporal: plain values that carry the tenant and no secret.

Histories keep them for days, so a field may be added with a default, and none renamed or removed.
"""

from domain.ids import JobId, PlanId, TenantId, UserId
from domain.jobs import JobStatus
from domain.plans.media_plans import VersionKind
from services.export_job import ExportTask
from services.job_tasks import JobTask, Value
from services.planning_job import Allocated, Flighted, Forecasted, Gathered, PlanningTask
from services.sweep_job import SweepTask
from services.sweep_views import SweepPoint
from services.year_job import YearOptimum, YearTask


class JobRequest(Value):
    """A workflow's input. The user is whoever asked; what they may do is looked up at each step."""

    tenant_id: TenantId
    user_id: UserId
    task: JobTask


class PlanningRequest(JobRequest):
    task: PlanningTask


class PlannedVersion(Value):
    """The workflow's output: the version it saved, current or a scenario."""

    plan_id: PlanId
    number: int
    kind: VersionKind


class AllocateInput(Value):
    request: PlanningRequest
    gathered: Gathered


class FlightInput(Value):
    request: PlanningRequest
    gathered: Gathered
    allocated: Allocated


class ForecastInput(FlightInput):
    pass


class SaveInput(Value):
    request: PlanningRequest
    gathered: Gathered
    allocated: Allocated
    flighted: Flighted
    forecasted: Forecasted


class SweepRequest(JobRequest):
    task: SweepTask


class TryInput(Value):
    request: SweepRequest
    index: int  # of the budget


class FinishInput(Value):
    request: SweepRequest
    points: list[SweepPoint]


class YearRequest(JobRequest):
    task: YearTask


class SaveYearInput(Value):
    request: YearRequest
    found: YearOptimum


class ExportRequest(JobRequest):
    task: ExportTask


class Ended(Value):
    """What a workflow gives back: how its job ended. The result is the job's."""

    job_id: JobId
    status: JobStatus


class FailInput(Value):
    request: JobRequest
    error: str  # one sentence for a person
