"""Who talks to the API: an account that signs in, stays signed in, and signs out."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import httpx

from domain.errors import DomainError, Unavailable
from domain.tenants import Role

API = "/api/v1"
DEVICE = {"User-Agent": "media-planner terminal"}


class Refused(DomainError):
    """The API said no; `code` and `message` are the problem's."""

    default_code = "refused"


@dataclass(frozen=True, slots=True)
class Account:
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Tenant:
    id: UUID
    name: str
    role: Role


class SignedIn(httpx.Auth):
    """Puts the access token on each request, and renews it when the server won't have it any more.

    Both tokens are in memory alone. Where the sign-in itself has ended, the password makes another one.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._token = self._refresh_token = ""
        self.user_id = ""
        self.tenants: list[Tenant] = []

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if not self._token:
            await self._enter((yield self._sign_in(request)))
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            renewed = yield _beside(request, "refresh", {"refresh_token": self._refresh_token})
            if renewed.status_code == httpx.codes.UNAUTHORIZED:
                renewed = yield self._sign_in(request)
            await self._enter(renewed)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    async def leave(self, http: httpx.AsyncClient) -> None:
        """Ends the sign-in. Where the server is away it ends by itself, some day."""
        if self._refresh_token:
            with suppress(httpx.TransportError):
                await http.post(f"{API}/sign-out", json={"refresh_token": self._refresh_token}, auth=httpx.Auth())

    def _sign_in(self, request: httpx.Request) -> httpx.Request:
        known = {"email": self._account.email, "password": self._account.password, "refresh_in": "body"}
        return _beside(request, "sign-in", known)

    async def _enter(self, response: httpx.Response) -> None:
        await response.aread()
        await refuse(response)
        answer = response.json()
        self._token, self._refresh_token = answer["access_token"], answer["refresh_token"]
        self.user_id = answer["user"]["id"]
        self.tenants = [Tenant(UUID(one["tenant_id"]), one["name"], Role(one["role"])) for one in answer["tenants"]]


def _beside(request: httpx.Request, path: str, body: dict[str, str]) -> httpx.Request:
    """To the same server, which may take as long."""
    url = request.url.copy_with(raw_path=f"{API}/{path}".encode())
    return httpx.Request("POST", url, json=body, headers=DEVICE, extensions=request.extensions)


async def refuse(response: httpx.Response) -> None:
    """Raises what a problem says: Unavailable for a server that is going or coming, else Refused."""
    if response.is_success:
        return
    await response.aread()
    await response.aclose()
    try:
        problem = response.json()
        message, code = str(problem["detail"]), str(problem["code"])
    except (ValueError, KeyError, TypeError):
        message, code = f"the server answered {response.status_code}", "unexpected_answer"
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise Unavailable(message, code=code)
    raise Refused(message, code=code)
