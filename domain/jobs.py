"""Job: work that outlives a turn, followed from its request to its result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.changes import Change
from domain.errors import IllegalMove
from domain.ids import CampaignId, JobId, SessionId, TenantId, UserId, new_id


class JobKind(StrEnum):
    MEDIA_PLANNING = "media_planning"
    BUDGET_SWEEP = "budget_sweep"
    YEAR_PLAN = "year_plan"
    PLAN_EXPORT = "plan_export"

    @property
    def label(self) -> str:
        """As a person calls it: "the planning workflow"."""
        return _LABELS[self]


_LABELS = {
    JobKind.MEDIA_PLANNING: "planning workflow",
    JobKind.BUDGET_SWEEP: "comparison of budgets",
    JobKind.YEAR_PLAN: "plan of the year",
    JobKind.PLAN_EXPORT: "export",
}


class JobStatus(StrEnum):
    QUEUED = "queued"  # written, waiting for Temporal
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(eq=False)
class Job:
    tenant_id: TenantId
    id: JobId
    kind: JobKind
    campaign_id: CampaignId
    session_id: SessionId | None
    requested_by: UserId
    arguments: dict[str, object]
    created_at: datetime
    status: JobStatus = JobStatus.QUEUED
    step: str | None = None
    percent: int = 0
    result: dict[str, object] | None = None
    error: str | None = None
    ended_at: datetime | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def request(
        cls,
        kind: JobKind,
        tenant_id: TenantId,
        campaign_id: CampaignId,
        session_id: SessionId | None,
        arguments: Mapping[str, object],
        *,
        by: UserId,
        now: datetime,
    ) -> tuple[Self, Change]:
        job = cls(tenant_id, JobId(new_id()), kind, campaign_id, session_id, by, dict(arguments), now)
        return job, Change("job.requested", job.id, job.version, after={"kind": kind})

    @property
    def workflow_id(self) -> str:
        """One workflow per request, however often its start is tried."""
        return f"mp-{self.tenant_id}-{self.campaign_id}-{self.id}"

    def started(self) -> Change:
        self._must_not_have_ended()
        self.status = JobStatus.RUNNING
        return self._changed("job.started")

    def progressed(self, step: str, percent: int) -> Change:
        self._must_not_have_ended()
        self.status, self.step, self.percent = JobStatus.RUNNING, step, max(self.percent, min(percent, 99))
        return self._changed("job.progressed")

    def complete(self, result: Mapping[str, object], now: datetime) -> Change:
        self._end(JobStatus.COMPLETED, now)
        self.result, self.percent = dict(result), 100
        return self._changed("job.completed")

    def fail(self, error: str, now: datetime) -> Change:
        self._end(JobStatus.FAILED, now)
        self.error = error
        return self._changed("job.failed")

    def cancel(self, now: datetime) -> Change:
        self._end(JobStatus.CANCELLED, now)
        return self._changed("job.cancelled")

    def _end(self, status: JobStatus, now: datetime) -> None:
        self._must_not_have_ended()
        self.status, self.ended_at = status, now

    def _must_not_have_ended(self) -> None:
        if self.status.ended:
            raise IllegalMove(f"The job is {self.status} already.", code="job_ended", status=self.status)

    def _changed(self, action: str) -> Change:
        self.version += 1
        return Change(action, self.id, self.version, after={"status": self.status, "step": self.step})
