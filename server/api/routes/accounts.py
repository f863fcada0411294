"""Signing in, and what somebody who has signed in may enter."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from domain.ids import UserId
from server.api.auth import SignedIn, TheApplication, TheSystem
from server.identity.tokens import LIFETIME_SECONDS
from services.queries import TenantOfUser

router = APIRouter(tags=["account"])


class Credentials(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "demo@example.com", "password": "demo-planner"}]},
    )

    email: str = Field(min_length=3, max_length=254)
    password: str = Field(min_length=1, max_length=1_024)


class Account(BaseModel):
    id: UserId


class Me(BaseModel):
    user: Account
    tenants: list[TenantOfUser]


class Entry(Me):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = Field(description="Seconds.", examples=[LIFETIME_SECONDS])


@router.post("/sign-in")
async def sign_in(credentials: Credentials, system: TheSystem) -> Entry:
    application = system.application
    user_id = await application.sign_in.with_password(credentials.email, credentials.password)
    return Entry(
        access_token=system.tokens.issue(user_id),
        expires_in=LIFETIME_SECONDS,
        user=Account(id=user_id),
        tenants=await application.directory.tenants_of(user_id),
    )


@router.get("/me")
async def me(user_id: SignedIn, application: TheApplication) -> Me:
    return Me(user=Account(id=user_id), tenants=await application.directory.tenants_of(user_id))
