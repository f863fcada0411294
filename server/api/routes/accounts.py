"""Signing in and staying signed in; who one is, and the devices one is signed in on."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import Unauthenticated
from domain.ids import SignInId, UserId
from domain.sign_ins import EndReason
from server.api.auth import Bearing, SignedIn, TheApplication, TheSystem, bearing
from server.api.cookies import REFRESH, drop, from_another_site, keep, presented
from server.api.limits import per_address
from server.bootstrap import System
from server.identity.tokens import LIFETIME_SECONDS
from services.access_views import TenantOfUser
from services.accounts import Entered, ProfileView, SignInView
from services.actor import Origin
from services.quotas import REFRESH_ADDRESS, SIGN_IN_ADDRESS

router = APIRouter(tags=["account"])

SignInPath = Annotated[SignInId, Path()]


class Credentials(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"email": "demo@example.com", "password": "demo-planner"},
                {"email": "demo@example.com", "password": "demo-planner", "refresh_in": "body"},
            ]
        },
    )

    email: str = Field(min_length=3, max_length=254)
    password: str = Field(min_length=1, max_length=1_024)
    refresh_in: Literal["cookie", "body"] = Field(
        default="cookie",
        description="Where the refresh token goes: a cookie for browsers, or the answer, for any other program.",
    )


class Renewal(BaseModel):
    """Left out where the refresh token is in the cookie."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"refresh_token": "AZm…"}]})

    refresh_token: str | None = Field(default=None, max_length=200)


class Me(BaseModel):
    user: ProfileView
    tenants: list[TenantOfUser]
    model: str = Field(description="Who answers: `offline`, or a provider's model.", examples=["offline"])


class Entry(Me):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = Field(description="Seconds.", examples=[LIFETIME_SECONDS])
    refresh_token: str | None = Field(default=None, description="Good once; only where it is not in the cookie.")
    refresh_expires_at: datetime = Field(description="When to sign in again, whatever is done until then.")


class Device(SignInView):
    current: bool = Field(description="The one that asks.")


class Methods(BaseModel):
    google: bool = Field(description="Whether one can sign in with Google, beside a password.")


_RENEWAL = Annotated[Renewal | None, Body()]


@router.post("/sign-in", dependencies=[per_address(SIGN_IN_ADDRESS)])
async def sign_in(request: Request, response: Response, credentials: Credentials, system: TheSystem) -> Entry:
    entered = await system.application.accounts.sign_in(
        credentials.email, credentials.password, device_of(request), origin=origin_of(request)
    )
    in_body = credentials.refresh_in == "body"
    if not in_body and not from_another_site(request):  # which would sign a person in behind their back
        remember(request, response, system, entered)
    return await _entry(system, entered, in_body=in_body)


@router.get("/sign-in/methods")
async def sign_in_methods(application: TheApplication) -> Methods:
    return Methods(google=application.identity_provider is not None)


@router.post("/refresh", dependencies=[per_address(REFRESH_ADDRESS)])
async def refresh(request: Request, response: Response, system: TheSystem, renewal: _RENEWAL = None) -> Entry:
    """The successor comes the way the token came: in the cookie, or in the answer."""
    in_body = renewal.refresh_token if renewal else None
    token = in_body or presented(request, REFRESH)
    if token is None:
        raise Unauthenticated("Sign in first: this needs a refresh token.", code="refresh_token_missing")
    entered = await system.application.accounts.refresh(token, origin=origin_of(request))
    if not in_body:
        remember(request, response, system, entered)
    return await _entry(system, entered, in_body=bool(in_body))


@router.post("/sign-out", status_code=204)
async def sign_out(request: Request, response: Response, system: TheSystem, renewal: _RENEWAL = None) -> None:
    """Ends the sign-in of the refresh token, in the body or the cookie; without one, that of the access token."""
    accounts, origin = system.application.accounts, origin_of(request)
    if renewal and renewal.refresh_token:
        await accounts.sign_out(renewal.refresh_token, origin=origin)
    elif token := presented(request, REFRESH):
        await accounts.sign_out(token, origin=origin)
        drop(request, response, REFRESH)
    else:
        bearer = await bearing(request)
        await accounts.end(bearer.user_id, bearer.sign_in_id, EndReason.SIGNED_OUT, origin=origin)


@router.get("/me")
async def me(user_id: SignedIn, system: TheSystem) -> Me:
    return await _me(system, user_id)


@router.get("/sign-ins")
async def list_sign_ins(bearer: Bearing, application: TheApplication) -> list[Device]:
    """The devices one is signed in on, the one last used first."""
    found = await application.accounts.sign_ins(bearer.user_id)
    return [Device(**one.model_dump(), current=one.id == bearer.sign_in_id) for one in found]


@router.delete("/sign-ins/{sign_in_id}", status_code=204)
async def end_sign_in(request: Request, user_id: SignedIn, application: TheApplication, sign_in_id: SignInPath) -> None:
    """No refresh of that device is answered any more; an access token that it has lasts its ten minutes."""
    await application.accounts.end(user_id, sign_in_id, origin=origin_of(request))


def origin_of(request: Request) -> Origin:
    return Origin(request_id=request.scope["request_id"])


def device_of(request: Request) -> str:
    return request.headers.get("user-agent", "")


def remember(request: Request, response: Response, system: System, entered: Entered) -> None:
    """Puts the refresh token into the cookie."""
    left = entered.expires_at - system.application.clock.now()
    keep(request, response, REFRESH, entered.refresh_token, seconds=int(left.total_seconds()))


async def _entry(system: System, entered: Entered, *, in_body: bool) -> Entry:
    return Entry(
        **dict(await _me(system, entered.user_id)),
        access_token=system.tokens.issue(entered.user_id, entered.sign_in_id),
        expires_in=LIFETIME_SECONDS,
        refresh_token=entered.refresh_token if in_body else None,
        refresh_expires_at=entered.expires_at,
    )


async def _me(system: System, user_id: UserId) -> Me:
    application = system.application
    return Me(
        user=await application.accounts.profile(user_id),
        tenants=await application.directory.tenants_of(user_id),
        model=system.settings.model,
    )
