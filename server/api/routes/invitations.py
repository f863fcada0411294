"""Invitations: written by members, read and accepted by whoever has the link. The link is in the letter alone."""

from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field

from server.api.auth import Acting, SignedIn, TheApplication
from server.api.limits import per_address
from server.api.routes.accounts import origin_of
from server.api.routes.parameters import InvitationPath, PageWanted
from services.access_views import InvitationView
from services.invitations import AcceptInvitation, Joined, Offer
from services.members import Invite
from services.quotas import ACCEPT_ADDRESS
from services.read_models import Page

router = APIRouter(tags=["account"])
of_tenant = APIRouter(prefix="/invitations", tags=["members"])

_INVITE = {"planner": {"value": {"email": "bob@example.com", "role": "planner"}}}
_TOKEN = "the link's last part"
_ACCEPT = {
    "new account": {"value": {"token": _TOKEN, "name": "Bob", "password": "four words at random"}},
    "existing account": {"value": {"token": _TOKEN, "password": "the account's own"}},
}


class Link(BaseModel):
    """In the body, since addresses are written into logs."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"token": _TOKEN}]})

    token: str = Field(min_length=1, max_length=200)


@router.post("/invitations/look", dependencies=[per_address(ACCEPT_ADDRESS)])
async def look_at_invitation(application: TheApplication, link: Link) -> Offer:
    return await application.invited.look(link.token)


@router.post("/invitations/accept", status_code=201, dependencies=[per_address(ACCEPT_ADDRESS)])
async def accept_invitation(
    request: Request,
    application: TheApplication,
    command: Annotated[AcceptInvitation, Body(openapi_examples=_ACCEPT)],
) -> Joined:
    """Makes the account, or takes the one that the address has. Sign in next."""
    return await application.invited.accept(command, origin_of(request))


@router.post("/me/invitations", status_code=201)
async def join_tenant(request: Request, user_id: SignedIn, application: TheApplication, link: Link) -> Joined:
    """For somebody who has signed in, with the address that was invited."""
    return await application.invited.join(user_id, link.token, origin_of(request))


@of_tenant.get("")
async def list_invitations(actor: Acting, application: TheApplication, page: PageWanted) -> Page[InvitationView]:
    return await application.queries.invitations(actor, page)


@of_tenant.post("", status_code=201)
async def invite(
    actor: Acting, application: TheApplication, command: Annotated[Invite, Body(openapi_examples=_INVITE)]
) -> InvitationView:
    """Sends a letter with a link. An earlier invitation of the address is no good any more."""
    return await application.members.invite(actor, command)


@of_tenant.delete("/{invitation_id}", status_code=204)
async def revoke_invitation(actor: Acting, application: TheApplication, invitation_id: InvitationPath) -> None:
    await application.members.revoke_invitation(actor, invitation_id)
