"""Delegations: up to which amount members act and approve without asking."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import MemberPath
from server.api.versions import Expected, tag
from services.access_views import DelegationView
from services.delegations import GiveDelegation

router = APIRouter(prefix="/delegations", tags=["approvals"])

_GIVE = {
    "approver": {
        "summary": "Acts and approves up to an amount in two markets",
        "value": {
            "kind": "full",
            "cap": {"amount": "250000.00", "currency": "USD"},
            "markets": ["US", "CA"],
            "expires_at": "2030-12-31T00:00:00Z",
        },
    },
    "proposer": {"value": {"kind": "propose_only"}},
}


@router.get("")
async def list_delegations(actor: Acting, application: TheApplication) -> list[DelegationView]:
    """Everybody's for who manages them, else one's own."""
    return await application.queries.delegations(actor)


@router.put("/{user_id}")
async def give_delegation(
    actor: Acting,
    application: TheApplication,
    response: Response,
    user_id: MemberPath,
    command: Annotated[GiveDelegation, Body(openapi_examples=_GIVE)],
    expected: Expected,
) -> DelegationView:
    """In the place of the one the member had."""
    delegation = await application.delegations.give(actor, user_id, command, expected=expected)
    tag(response, delegation.version)
    return delegation


@router.delete("/{user_id}", status_code=204)
async def withdraw_delegation(
    actor: Acting, application: TheApplication, user_id: MemberPath, expected: Expected
) -> None:
    """The member then asks for everything."""
    await application.delegations.withdraw(actor, user_id, expected=expected)
