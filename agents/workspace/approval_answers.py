"""How results about approvals and delegations read."""

from collections.abc import Sequence

from agents.blocks import Table, table
from agents.workspace.requests import code_of
from domain.approvals import ApprovalStatus
from domain.delegations import DelegationKind
from services.access_views import ApprovalView, ApproverView, DelegationView
from services.amounts import Amount

_MAY = {
    DelegationKind.FULL: "acts and approves",
    DelegationKind.EXECUTE_ONLY: "acts, approves nothing",
    DelegationKind.PROPOSE_ONLY: "only proposes",
}


def approvals_text(approvals: Sequence[ApprovalView], status: ApprovalStatus | None, *, more: bool) -> str:
    if not approvals:
        return "Nothing waits for approval." if status is ApprovalStatus.PENDING else "There is no such request."
    count = f"{len(approvals)} request{'' if len(approvals) == 1 else 's'}"
    shown = "; ".join(f"{number}. {_request(one)}" for number, one in enumerate(approvals, 1))
    return f"{count}: {shown}.{' There are more.' if more else ''}"


def approvals_block(approvals: Sequence[ApprovalView]) -> Table:
    return table(
        "Approvals",
        [
            ("code", "Request", "left"),
            ("title", "What is asked for", "left"),
            ("requester", "By", "left"),
            ("asked", "Asked", "left"),
            ("status", "Status", "left"),
        ],
        [
            {
                "code": code_of(one.id),
                "title": one.title,
                "requester": one.requester,
                "asked": f"{one.created_at:%Y-%m-%d %H:%M}",
                "status": one.status,
            }
            for one in approvals
        ],
    )


def decided_text(approval: ApprovalView) -> str:
    """Says of nothing that it is done before it is."""
    code, title = code_of(approval.id), approval.title
    reason = f" Reason: {approval.reason}." if approval.reason else ""
    match approval.status:
        case ApprovalStatus.EXECUTED:
            return f"Approved, and it is done: {title} ({code}, asked by {approval.requester}).{reason}"
        case ApprovalStatus.APPROVED:
            return f"Approved: {title} ({code}). It is not done yet and will be carried out in a moment.{reason}"
        case ApprovalStatus.FAILED:
            return f"Approved, but it could not be done: {title} ({code}). {approval.outcome or ''}{reason}"
        case ApprovalStatus.CONDITIONS:
            wanted = "; ".join(f"{one.field} {one.required}" for one in approval.conditions)
            return (
                f"Not approved as it is: {title} ({code}). {approval.requester} is told the conditions and can ask "
                f"again: {wanted}."
            )
        case ApprovalStatus.WITHDRAWN:
            return f"Withdrawn: {title} ({code}). Nobody is asked to approve it any more."
        case _:
            return f"Denied: {title} ({code}). {approval.requester} is told.{reason}"


def approvers_text(approvers: Sequence[ApproverView], amount: Amount | None, *, above: bool) -> str:
    what = f"{'more than ' if above else ''}{amount}" if amount else "requests"
    if not approvers:
        return f"Nobody in this workspace can approve {what}. Somebody who manages delegations can change that."
    shown = "; ".join(f"{one.name} ({one.role}, {limit(one.cap, one.markets)})" for one in approvers)
    return f"{len(approvers)} member{'' if len(approvers) == 1 else 's'} can approve {what}: {shown}."


def approvers_block(approvers: Sequence[ApproverView]) -> Table:
    return table(
        "Who can approve",
        [("name", "Name", "left"), ("email", "E-mail", "left"), ("role", "Role", "left"), ("limit", "Limit", "left")],
        [
            {"name": one.name, "email": one.email, "role": one.role, "limit": limit(one.cap, one.markets)}
            for one in approvers
        ],
    )


def delegations_text(delegations: Sequence[DelegationView]) -> str:
    if not delegations:
        return "There is no delegation to show: without one, a member asks for everything that needs approval."
    return "; ".join(f"{one.name} {_terms(one)}" for one in delegations) + "."


def delegations_block(delegations: Sequence[DelegationView]) -> Table:
    return table(
        "Delegations",
        [("name", "Member", "left"), ("may", "May", "left"), ("limit", "Limit", "left"), ("until", "Until", "left")],
        [
            {
                "name": one.name,
                "may": _MAY[one.kind],
                "limit": limit(one.cap, one.markets),
                "until": f"{one.expires_at:%Y-%m-%d %H:%M}" if one.expires_at else "",
            }
            for one in delegations
        ],
    )


def limit(cap: Amount | None, markets: Sequence[str]) -> str:
    where = f" in {', '.join(markets)}" if markets else ""
    return (f"up to {cap}" if cap else "without limit") + where


def _terms(one: DelegationView) -> str:
    until = f" until {one.expires_at:%Y-%m-%d %H:%M} UTC" if one.expires_at else ""
    if one.kind is DelegationKind.PROPOSE_ONLY:
        return f"{_MAY[one.kind]}{until}"
    return f"{_MAY[one.kind]}, {limit(one.cap, one.markets)}{until}"


def _request(one: ApprovalView) -> str:
    decided = f" by {one.decider}" if one.decider else ""
    return (
        f"{one.title} ({code_of(one.id)}, asked by {one.requester} on {one.created_at:%Y-%m-%d}, {one.status}{decided})"
    )
