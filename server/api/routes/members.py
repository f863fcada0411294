"""The tenant's people: who they are, what they are, and taking them out."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import MemberPath
from server.api.versions import Expected, tag
from services.access_views import MemberView
from services.members import ChangeRole

router = APIRouter(prefix="/members", tags=["members"])

_ROLE = {"planner": {"value": {"role": "planner"}}}


@router.get("")
async def list_members(actor: Acting, application: TheApplication) -> list[MemberView]:
    return await application.queries.members(actor)


@router.get("/{user_id}")
async def get_member(actor: Acting, application: TheApplication, response: Response, user_id: MemberPath) -> MemberView:
    return _tagged(response, await application.queries.member(actor, user_id))


@router.patch("/{user_id}")
async def change_role(
    actor: Acting,
    application: TheApplication,
    response: Response,
    user_id: MemberPath,
    command: Annotated[ChangeRole, Body(openapi_examples=_ROLE)],
    expected: Expected,
) -> MemberView:
    """In force with the member's next request."""
    return _tagged(response, await application.members.change_role(actor, user_id, command, expected=expected))


@router.delete("/{user_id}", status_code=204)
async def remove_member(actor: Acting, application: TheApplication, user_id: MemberPath, expected: Expected) -> None:
    """With their grants, delegation and service tokens. Everybody may take themselves out, but for the last owner."""
    await application.members.remove(actor, user_id, expected=expected)


def _tagged(response: Response, member: MemberView) -> MemberView:
    tag(response, member.version)
    return member
