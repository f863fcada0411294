"""What a tool says of something that may need an approval: that it is done, or that it waits for one."""

from agents.blocks import AnyBlock, ApprovalBlock
from agents.tools import Said
from services.access_views import ApprovalView
from services.actions import Done
from services.approvals import Outcome, Waiting


def said_of(outcome: Outcome, block: AnyBlock | None = None) -> Said:
    """`block` is shown with what was done."""
    match outcome:
        case Done(text, about):
            return Said(text, block, about)
        case Waiting(approval):
            return Said(_waiting(approval), ApprovalBlock(approval=approval))


def _waiting(approval: ApprovalView) -> str:
    return (
        f"Waiting for approval: {approval.title}. Nothing is done yet; it expires on {approval.expires_at:%Y-%m-%d}. "
        "The verdict comes into this conversation."
    )
