"""Service tokens: for machines, with fewer rights than whoever makes them. They open a tenant, never an account."""

from typing import Annotated

from fastapi import APIRouter, Body

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import PageWanted, TokenPath
from services.access_views import ServiceTokenView
from services.read_models import Page
from services.service_tokens import CreateToken, NewToken

router = APIRouter(prefix="/service-tokens", tags=["service tokens"])

_NEW = {
    "reporting": {
        "value": {
            "name": "Nightly report",
            "scopes": ["campaign:read", "plan:read"],
            "expires_at": "2026-12-31T00:00:00Z",
        }
    }
}


@router.get("")
async def list_service_tokens(actor: Acting, application: TheApplication, page: PageWanted) -> Page[ServiceTokenView]:
    return await application.queries.service_tokens(actor, page)


@router.post("", status_code=201)
async def create_service_token(
    actor: Acting, application: TheApplication, command: Annotated[CreateToken, Body(openapi_examples=_NEW)]
) -> NewToken:
    """The token is in this answer and nowhere else."""
    return await application.service_tokens.create(actor, command)


@router.delete("/{token_id}", status_code=204)
async def revoke_service_token(actor: Acting, application: TheApplication, token_id: TokenPath) -> None:
    await application.service_tokens.revoke(actor, token_id)
