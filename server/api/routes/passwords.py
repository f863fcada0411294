"""Changing one's password, and setting a new one with a link from a letter."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from server.api.auth import Bearing, TheApplication
from server.api.limits import per_address
from server.api.routes.accounts import origin_of
from services.quotas import RESET_ADDRESS, SIGN_IN_ADDRESS

router = APIRouter(tags=["account"])

_LONGEST = 1_024  # of what may be sent; what a password may be is the domain's to say


class NewPassword(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"current_password": "demo-planner", "password": "four words at random"}]},
    )

    current_password: str = Field(min_length=1, max_length=_LONGEST)
    password: str = Field(min_length=1, max_length=_LONGEST, description="The new one.")


class Forgotten(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"email": "ada@example.com"}]})

    email: str = Field(min_length=1, max_length=254)


class Reset(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"token": "the link's last part", "password": "four words at random"}]},
    )

    token: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=_LONGEST)


@router.post("/password", status_code=204, dependencies=[per_address(SIGN_IN_ADDRESS)])
async def change_password(request: Request, bearer: Bearing, application: TheApplication, command: NewPassword) -> None:
    """Ends every other sign-in of the account."""
    await application.passwords.change(
        bearer.user_id, bearer.sign_in_id, command.current_password, command.password, origin=origin_of(request)
    )


@router.post("/password-reset", status_code=202, dependencies=[per_address(RESET_ADDRESS)])
async def ask_password_reset(request: Request, application: TheApplication, command: Forgotten) -> Response:
    """The same answer whether or not there is such an account; the link goes to its address alone."""
    await application.passwords.ask_reset(command.email, origin=origin_of(request))
    return Response(status_code=202)


@router.post("/password-reset/confirm", status_code=204, dependencies=[per_address(RESET_ADDRESS)])
async def reset_password(request: Request, application: TheApplication, command: Reset) -> None:
    """With the token of the link. Ends every sign-in of the account."""
    await application.passwords.reset(command.token, command.password, origin=origin_of(request))
