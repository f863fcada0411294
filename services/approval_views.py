"""An approval as somebody reads it: a title from stored arguments and facts of the database, never a model's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.approvals import Approval, ApprovalStatus
from domain.delegations import DelegationKind
from domain.errors import Conflict
from domain.ids import CampaignId, SessionId, TurnId, UserId
from domain.users import Email
from services.access_views import ApprovalView, ConditionView
from services.actions import (
    Action,
    ApprovePlanAction,
    ChangeRoleAction,
    GiveDelegationAction,
    GiveGrantAction,
    InviteAction,
    MoveCampaignAction,
    RemoveMemberAction,
    UpdateCampaignAction,
    stored_action,
)
from services.amounts import Amount
from services.events import EventType, NewEvent
from services.unit_of_work import UnitOfWork

FREE_TEXT = frozenset({"reason"})  # of an action: a model may have written it, and an approver must not be swayed by it
UNREADABLE = "A request that was changed after it was made"

_LETS = {
    DelegationKind.FULL: "act and approve",
    DelegationKind.EXECUTE_ONLY: "act",
    DelegationKind.PROPOSE_ONLY: "only propose",
}


@dataclass(frozen=True, slots=True)
class Named:
    """Who and what a view names."""

    people: frozenset[UserId]
    campaigns: frozenset[CampaignId]


def named_in(approval: Approval) -> Named:
    people = {approval.requested_by, *([approval.decided_by] if approval.decided_by else [])}
    match action_of(approval):
        case GiveGrantAction(user_id=user_id, campaign_id=campaign_id):
            return Named(frozenset({*people, user_id}), frozenset({campaign_id}))
        case MoveCampaignAction() | UpdateCampaignAction() | ApprovePlanAction() as about:
            return Named(frozenset(people), frozenset({about.campaign_id}))
        case RemoveMemberAction() | ChangeRoleAction() | GiveDelegationAction() as about:
            return Named(frozenset({*people, about.user_id}), frozenset())
        case InviteAction() | None:
            return Named(frozenset(people), frozenset())


def view_of(approval: Approval, names: Mapping[UUID, str], now: datetime) -> ApprovalView:
    """`names` are those of the people and campaigns of `named_in`."""
    facts = {name: getattr(approval, name) for name in ApprovalView.model_fields if hasattr(approval, name)}
    decider = approval.decided_by
    return ApprovalView.model_validate(
        {
            **facts,
            "title": _title(approval, names),
            "arguments": {name: value for name, value in approval.arguments.items() if name not in FREE_TEXT},
            "amount": Amount.of(approval.amount) if approval.amount else None,
            "requester": _name(names, approval.requested_by),
            "decider": _name(names, decider) if decider else None,
            "conditions": [ConditionView.model_validate(one) for one in approval.conditions],
            "status": status_at(approval, now),
        }
    )


def status_at(approval: Approval, now: datetime) -> ApprovalStatus:
    """A request whose time is over has expired, whether or not anybody has noted it."""
    over = approval.status is ApprovalStatus.PENDING and now >= approval.expires_at
    return ApprovalStatus.EXPIRED if over else approval.status


async def read(work: UnitOfWork, approval: Approval, now: datetime) -> ApprovalView:
    named = named_in(approval)
    names: dict[UUID, str] = {id: (await work.people.get(id)).name for id in named.people}
    names |= {id: (await work.campaigns.get(id)).name for id in named.campaigns}
    return view_of(approval, names, now)


def event_of(
    view: ApprovalView, session_id: SessionId, turn_id: TurnId | None = None, agent: str | None = None
) -> NewEvent:
    data: dict[str, object] = {
        "approval_id": str(view.id),
        "status": view.status,
        "title": view.title,
        "amount": str(view.amount.amount) if view.amount else None,
        "currency": view.amount.currency if view.amount else None,
        "requested_by": view.requester,
        "expires_at": view.expires_at.isoformat(),
        "outcome": view.outcome,
    }
    return NewEvent(session_id=session_id, turn_id=turn_id, agent=agent, type=EventType.APPROVAL, data=data)


def waiting_for(view: ApprovalView) -> dict[str, object]:
    """For the end of the turn that asked for it."""
    return {"approval_id": str(view.id), "title": view.title, "expires_at": view.expires_at.isoformat()}


def action_of(approval: Approval) -> Action | None:
    """None where the row is not what was asked for: then it names nothing."""
    try:
        approval.must_be_intact()
        return stored_action(approval.action, approval.arguments)
    except Conflict:
        return None


def _title(approval: Approval, names: Mapping[UUID, str]) -> str:
    match action_of(approval):
        case MoveCampaignAction() as action:
            stake = f" for {approval.amount}" if approval.amount else ""
            where = f" in {', '.join(approval.markets)}" if approval.markets else ""
            return f"{action.move.capitalize()} “{_name(names, action.campaign_id)}”{stake}{where}"
        case UpdateCampaignAction() as action:
            return f"Raise the budget of “{_name(names, action.campaign_id)}” to {approval.amount}"
        case ApprovePlanAction() as action:
            version = approval.versions.get("plan")
            return (
                f"Approve version {version} of the plan of “{_name(names, action.campaign_id)}” for {approval.amount}"
            )
        case InviteAction() as action:
            return f"Invite {Email.of(action.email)} as {action.role}"
        case RemoveMemberAction() as action:
            return f"Remove {_name(names, action.user_id)} from the workspace"
        case ChangeRoleAction() as action:
            return f"Make {_name(names, action.user_id)} {action.role}"
        case GiveGrantAction() as action:
            whom, where = _name(names, action.user_id), _name(names, action.campaign_id)
            return f"Make {whom} {action.role} of “{where}”{_until(action.expires_at)}"
        case GiveDelegationAction() as action:
            return f"Let {_name(names, action.user_id)} {_terms(action)}{_until(action.expires_at)}"
        case None:
            return UNREADABLE


def _terms(action: GiveDelegationAction) -> str:
    if action.kind is DelegationKind.PROPOSE_ONLY:
        return _LETS[action.kind]
    limit = f"up to {action.cap}" if action.cap else "without limit"
    where = f" in {', '.join(action.markets)}" if action.markets else ""
    return f"{_LETS[action.kind]} {limit}{where}"


def _until(moment: datetime | None) -> str:
    return f" until {moment:%Y-%m-%d %H:%M %Z}" if moment else ""


def _name(names: Mapping[UUID, str], id: UUID) -> str:
    return names.get(id, "somebody or something that is gone")
