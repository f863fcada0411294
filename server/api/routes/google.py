"""Signing in with Google: the browser goes there with a ticket, and comes back with a code."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from domain.errors import DomainError, NotFound, Unauthenticated
from server.api.auth import TheSystem
from server.api.cookies import TICKET, drop, keep, kept
from server.api.limits import per_address
from server.api.routes.accounts import device_of, origin_of, remember
from server.bootstrap import System
from services.accounts import Entered
from services.gateways import IdentityProvider
from services.quotas import SIGN_IN_ADDRESS

router = APIRouter(
    prefix="/sign-in/google",
    tags=["account"],
    dependencies=[per_address(SIGN_IN_ADDRESS)],
    default_response_class=RedirectResponse,
)

_TICKET_SECONDS = 600
_Brought = Annotated[str, Query(max_length=4_096)]


@router.get("", status_code=303)
async def sign_in_with_google(request: Request, system: TheSystem) -> RedirectResponse:
    """Leads to Google; where that can't be, back to the page, which is told why."""
    provider = _provider(system)
    try:
        departure = await provider.depart(_way_back(system))
    except DomainError as error:
        return _told(error)
    leaving = RedirectResponse(departure.url, 303)
    keep(request, leaving, TICKET, departure.ticket, seconds=_TICKET_SECONDS)
    return leaving


@router.get("/callback", status_code=303)
async def come_back_from_google(
    request: Request, system: TheSystem, state: _Brought = "", code: _Brought = ""
) -> RedirectResponse:
    """Leads to the page: signed in, with the refresh token in its cookie, or told in `sign_in_refused` why not."""
    provider = _provider(system)
    try:
        entered = await _entered(request, system, provider, state, code)
    except DomainError as error:
        arrived = _told(error)
    else:
        arrived = RedirectResponse("/", 303)
        remember(request, arrived, system, entered)
    drop(request, arrived, TICKET)
    return arrived


async def _entered(request: Request, system: System, provider: IdentityProvider, state: str, code: str) -> Entered:
    ticket = kept(request, TICKET)
    if not (ticket and state and code):  # whoever declines at Google brings no code
        raise Unauthenticated("The sign-in could not be completed.", code="sign_in_refused")
    identified = await provider.arrive(_way_back(system), ticket, state, code)
    return await system.application.accounts.with_identity(identified, device_of(request), origin=origin_of(request))


def _provider(system: System) -> IdentityProvider:
    provider = system.application.identity_provider
    if provider is None:
        raise NotFound("There is no sign-in with Google here.", code="no_such_provider")
    return provider


def _way_back(system: System) -> str:
    return f"{system.settings.address}/api/v1/sign-in/google/callback"


def _told(error: DomainError) -> RedirectResponse:
    """A person in a browser is better served by the page than by a problem as JSON."""
    return RedirectResponse(f"/?sign_in_refused={error.code}", 303)
