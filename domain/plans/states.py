"""Where a version of a plan stands on its way to being approved.

    draft ──submit──▶ submitted ──▶ approved | denied | conditions        any of them ──new version──▶ superseded

An approval belongs to one version, its budget and its dates: whatever comes after it is a draft again.
"""

from enum import StrEnum

from domain.approvals import ApprovalStatus
from domain.campaigns import RUNNING, CampaignStatus
from domain.plans.versions import VersionKind


class PlanState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    DENIED = "denied"
    CONDITIONS = "conditions"
    SUPERSEDED = "superseded"  # a later version is current


_APPROVED = {CampaignStatus.APPROVED, CampaignStatus.COMPLETED, *RUNNING}
_ASKED = {
    ApprovalStatus.PENDING: PlanState.SUBMITTED,
    ApprovalStatus.APPROVED: PlanState.SUBMITTED,  # about to be carried out
    ApprovalStatus.DENIED: PlanState.DENIED,
    ApprovalStatus.CONDITIONS: PlanState.CONDITIONS,
}


def state_of(
    kind: VersionKind,
    number: int,
    current: int,
    approved: int | None,
    campaign: CampaignStatus,
    asked: ApprovalStatus | None = None,
) -> PlanState:
    """`asked` is how the latest request to approve this version stands; None without one."""
    if kind is VersionKind.SCENARIO:
        return PlanState.DRAFT
    if number != current:
        return PlanState.SUPERSEDED
    if number == approved and campaign in _APPROVED:
        return PlanState.APPROVED
    return _ASKED.get(asked, PlanState.DRAFT) if asked else PlanState.DRAFT
