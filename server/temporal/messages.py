"""What travels through Temporal: plain values that carry the tenant and no secret.

Histories keep them for days, so a field may be added with a default, and none renamed or removed.
"""

from domain.ids import PlanId, TenantId, UserId
from domain.media_plans import VersionKind
from services.planning_job import Allocated, Flighted, Forecasted, Gathered, PlanningTask, Value


class PlanningRequest(Value):
    """The workflow's input. The user is whoever asked; what they may do is looked up at each step."""

    tenant_id: TenantId
    user_id: UserId
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


class FailInput(Value):
    request: PlanningRequest
    error: str  # one sentence for a person
