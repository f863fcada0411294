"""May this be done now, or does somebody have to approve it first? Asked by a service inside its transaction.

With money at stake the requester's delegation has to cover it, whoever asks. Without money a person's own right is
enough; an agent needs its person's delegation to act. What was approved is done under its approval instead.
"""

from datetime import datetime

from domain.approvals import Approval, Request
from domain.changes import Change
from domain.errors import ApprovalNeeded, Conflict
from services.actor import Actor
from services.unit_of_work import UnitOfWork

DONE = "Done as approved."


class Uncleared(ApprovalNeeded):
    """Carries the request as it would have to be asked for."""

    def __init__(self, request: Request) -> None:
        amount = request.amount
        super().__init__(
            f"Your delegation does not cover {amount}; somebody has to approve this first."
            if amount
            else "Somebody has to approve this first.",
            action=request.action,
            amount=str(amount.major) if amount else None,
            currency=amount.currency if amount else None,
        )
        self.request = request


async def clear(work: UnitOfWork, actor: Actor, request: Request, now: datetime) -> Change | None:
    """The change to commit with the effect: its approval is used up in the same transaction. None without one.

    `request` says what is to be done now: the versions are those before it. Raises ApprovalNeeded (as `Uncleared`)
    where nobody has approved it, Conflict `approval_outdated` where what was approved is not this any more.
    """
    if actor.origin.approval_id is not None:
        approval = await work.approvals.get(actor.origin.approval_id)
        return _used_up(approval, actor, request, now)
    if actor.origin.proposing or not await _covered(work, actor, request, now):
        raise Uncleared(request)
    return None


async def _covered(work: UnitOfWork, actor: Actor, request: Request, now: datetime) -> bool:
    if request.amount is None and actor.origin.agent is None:
        return True
    delegation = await work.delegations.find(actor.user_id)
    return delegation is not None and delegation.lets_act(request.amount, request.markets, now)


def _used_up(approval: Approval, actor: Actor, request: Request, now: datetime) -> Change:
    used = approval.executed(DONE, now)
    approval.must_be_intact()
    if request.digest() != approval.digest or actor.user_id != approval.requested_by:
        raise Conflict("What was approved has changed since; ask again.", code="approval_outdated")
    return used
