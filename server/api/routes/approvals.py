"""Approvals: what waits for somebody's decision, asking for one, deciding it, and who could."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from domain.approvals import ApprovalStatus
from domain.errors import InvalidInput
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import ApprovalPath, PageWanted
from server.api.versions import Expected, tag
from services.access_views import ApprovalFilter, ApprovalView, ApproverView
from services.actions import Action
from services.amounts import Amount
from services.approvals import Decide
from services.read_models import Page

router = APIRouter(tags=["approvals"])

_ASK = {
    "launch": {
        "summary": "A launch that one's own delegation does not cover",
        "value": {
            "action": "campaign.move",
            "campaign_id": "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77",
            "move": "launch",
        },
    },
    "invitation": {"value": {"action": "member.invite", "email": "ann@example.com", "role": "planner"}},
}
_DECIDE = {
    "approve": {"value": {"verdict": "approved"}},
    "deny": {"value": {"verdict": "denied", "reason": "Not this quarter."}},
    "conditions": {
        "value": {
            "verdict": "conditions",
            "conditions": [
                {"field": "budget", "required": "at most 200,000.00 USD", "reason": "The client cut the quarter."}
            ],
        }
    },
}


async def approval_filter(
    status: ApprovalStatus | None = None,
    mine: Annotated[bool, Query(description="Only what one has asked for oneself.")] = False,
) -> ApprovalFilter:
    return ApprovalFilter(status=status, mine=mine)


async def amount_asked(
    amount: Annotated[Decimal | None, Query(description="Major units; left out: anything.")] = None,
    currency: Annotated[str | None, Query(min_length=3, max_length=3, examples=["USD"])] = None,
) -> Amount | None:
    if (amount is None) != (currency is None):
        raise InvalidInput("An amount and its currency go together.", code="currency_required", field="currency")
    return Amount(amount=amount, currency=currency) if amount is not None and currency is not None else None


@router.get("/approvals")
async def list_approvals(
    actor: Acting,
    application: TheApplication,
    wanted: Annotated[ApprovalFilter, Depends(approval_filter)],
    page: PageWanted,
) -> Page[ApprovalView]:
    """Latest first: one's own requests, and those one may decide."""
    return await application.queries.approvals(actor, wanted, page)


@router.post("/approvals", status_code=201)
async def ask_for_approval(
    actor: Acting,
    application: TheApplication,
    response: Response,
    action: Annotated[Action, Body(openapi_examples=_ASK)],
) -> ApprovalView:
    """For what answered `approval_needed`. Once somebody approves it, it is done as it is asked for here."""
    approval = await application.approvals.ask(actor, action)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/approvals/{approval.id}"
    return _tagged(response, approval)


@router.get("/approvals/{approval_id}")
async def get_approval(
    actor: Acting, application: TheApplication, response: Response, approval_id: ApprovalPath
) -> ApprovalView:
    return _tagged(response, await application.queries.approval(actor, approval_id))


@router.post("/approvals/{approval_id}/decision")
async def decide_approval(
    actor: Acting,
    application: TheApplication,
    response: Response,
    approval_id: ApprovalPath,
    command: Annotated[Decide, Body(openapi_examples=_DECIDE)],
    expected: Expected,
) -> ApprovalView:
    """An approval is carried out at once: the answer says whether it was `executed` or `failed`, and why."""
    return _tagged(response, await application.approvals.decide(actor, approval_id, command, expected=expected))


@router.post("/approvals/{approval_id}/withdraw")
async def withdraw_approval(
    actor: Acting, application: TheApplication, response: Response, approval_id: ApprovalPath
) -> ApprovalView:
    return _tagged(response, await application.approvals.withdraw(actor, approval_id))


@router.get("/approvers")
async def list_approvers(
    actor: Acting,
    application: TheApplication,
    amount: Annotated[Amount | None, Depends(amount_asked)],
    above: Annotated[bool, Query(description="More than the amount: a limit of just that much is too low.")] = False,
) -> list[ApproverView]:
    """The members who can approve that much."""
    return await application.queries.approvers(actor, amount, above=above)


def _tagged(response: Response, approval: ApprovalView) -> ApprovalView:
    tag(response, approval.version)
    return approval
