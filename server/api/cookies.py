"""Cookies that no script can read: the refresh token's, and the ticket of a sign-in at another provider."""

from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from fastapi import Request, Response

from domain.errors import Forbidden
from server.bootstrap import System


@dataclass(frozen=True, slots=True)
class Cookie:
    name: str
    same_site: Literal["strict", "lax"]


REFRESH = Cookie("mp-refresh", "strict")
TICKET = Cookie("mp-ticket", "lax")  # whoever comes back from the provider comes from another site

_OWN_SITES = frozenset({"same-origin", "none"})  # none: the person typed the address


def keep(request: Request, response: Response, cookie: Cookie, value: str, *, seconds: int) -> None:
    response.set_cookie(
        _name(request, cookie),
        value,
        max_age=seconds,
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite=cookie.same_site,
    )


def drop(request: Request, response: Response, cookie: Cookie) -> None:
    keep(request, response, cookie, "", seconds=0)


def kept(request: Request, cookie: Cookie) -> str | None:
    return request.cookies.get(_name(request, cookie)) or None


def from_another_site(request: Request) -> bool:
    """A page elsewhere can make a browser ask us, but not hide where it asks from. Other programs don't say."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site not in _OWN_SITES
    return origin is not None and urlsplit(origin).netloc != request.url.netloc


def presented(request: Request, cookie: Cookie) -> str | None:
    """As `kept`. Raises Forbidden `cross_site` where a page of another site made the browser bring it."""
    value = kept(request, cookie)
    if value and from_another_site(request):
        raise Forbidden("This can't be asked from a page of another site.", code="cross_site")
    return value


def _name(request: Request, cookie: Cookie) -> str:
    """`__Host-` keeps other hosts of the domain from setting it, and needs Secure.

    Browsers differ in whether they take a Secure cookie over plain http, even from localhost (Safari doesn't). That is
    development on one's own machine; there it goes without, under a name that https never looks at.
    """
    return f"__Host-{cookie.name}" if _secure(request) else cookie.name


def _secure(request: Request) -> bool:
    settings = cast(System, request.app.state.system).settings
    return request.url.scheme == "https" or settings.address.startswith("https://")
