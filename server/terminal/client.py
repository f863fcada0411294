"""The API as a program sees it: signs in, asks, and reads an answer to its end even where the connection breaks."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from httpx_sse import EventSource
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from domain.errors import DomainError, NotFound, Unavailable
from domain.tenants import Role

API = "/api/v1"
QUIET_SECONDS = 45.0  # the server sends a heartbeat every 15
PATIENCE_SECONDS = 120.0
RUN_ENDS = frozenset({"RUN_FINISHED", "RUN_ERROR"})

Json = dict[str, Any]


class Refused(DomainError):
    """The API said no; `code` and `message` are the problem's."""

    default_code = "refused"


@dataclass(frozen=True, slots=True)
class Event:
    """One AG-UI event. `id` is set where a reader may come back: everything up to here has been delivered."""

    id: str
    type: str
    data: Mapping[str, Any]

    def custom(self, name: str) -> Mapping[str, Any] | None:
        """The value of a CUSTOM event of that name."""
        if self.type != "CUSTOM" or self.data.get("name") != name:
            return None
        value: Mapping[str, Any] = self.data["value"]
        return value


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
    """Puts the access token on each request, and fetches another one when the server won't have it any more."""

    def __init__(self, base_url: str, account: Account) -> None:
        self._sign_in_url = f"{base_url}{API}/sign-in"
        self._account = account
        self._token = ""
        self.tenants: list[Tenant] = []

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if not self._token:
            await self._enter((yield self._sign_in()))
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            await self._enter((yield self._sign_in()))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _sign_in(self) -> httpx.Request:
        known = {"email": self._account.email, "password": self._account.password}
        return httpx.Request("POST", self._sign_in_url, json=known)

    async def _enter(self, response: httpx.Response) -> None:
        await response.aread()
        await refuse(response)
        answer = response.json()
        self._token = answer["access_token"]
        self.tenants = [Tenant(UUID(one["tenant_id"]), one["name"], Role(one["role"])) for one in answer["tenants"]]


class ApiClient:
    """For one person in their first tenant. Made by `connect`."""

    def __init__(self, http: httpx.AsyncClient, auth: SignedIn) -> None:
        self._http = http
        self._auth = auth

    @property
    def tenant(self) -> Tenant:
        return self._auth.tenants[0]

    async def get(self, path: str, **query: str) -> Any:
        """`path` lies below the tenant. Raises Refused, or Unavailable where nobody answers."""
        return await self._json("GET", path, params=query)

    async def post(self, path: str, body: Json) -> Any:
        return await self._json("POST", path, json=body)

    async def open_session(self, title: str | None = None) -> Json:
        opened: Json = await self.post("/sessions", {"title": title} if title else {})
        return opened

    async def sessions(self) -> list[Json]:
        """The person's own, latest first."""
        page: Json = await self.get("/sessions")
        found: list[Json] = page["items"]
        return found

    async def ask(self, session_id: str, message: str, *, key: str | None = None) -> str:
        """Leaves a message to be answered, and gives its turn's id: the run's id in the events that follow."""
        response = await self._patiently(self._asking(session_id, message, key))
        await response.aread()
        turn_id: str = response.json()["id"]
        return turn_id

    async def turn(self, session_id: str, message: str, *, key: str | None = None) -> AsyncGenerator[Event, None]:
        """Everything the turn does, to its end, each event once.

        A broken connection is taken up where it broke: the same key names the same turn, however often it is sent.
        Raises Refused, or Unavailable when nobody answers for two minutes.
        """
        async for event in self._events(self._asking(session_id, message, key), None):
            yield event
            if event.type in RUN_ENDS:
                return

    async def follow(self, session_id: str, after: str | None = None) -> AsyncGenerator[Event, None]:
        """Everything that happens in the session after that event, without end."""
        request = self._http.build_request("GET", self._path(f"/sessions/{session_id}/events"))
        async for event in self._events(request, after):
            yield event

    def _asking(self, session_id: str, message: str, key: str | None) -> httpx.Request:
        headers = {"Idempotency-Key": key or str(uuid4())}
        path = self._path(f"/sessions/{session_id}/turns")
        return self._http.build_request("POST", path, json={"message": message}, headers=headers)

    async def _events(self, request: httpx.Request, last: str | None) -> AsyncGenerator[Event, None]:
        """Repeats the request from the last event whenever its stream ends."""
        while True:
            if last:
                request.headers["Last-Event-ID"] = last
            async with self._streaming(request) as source:
                try:
                    async for sse in source.aiter_sse():
                        if sse.data:  # a bare `retry:` comes as one, too
                            data = json.loads(sse.data)
                            last = sse.id or last
                            yield Event(sse.id, data["type"], data)
                except httpx.TransportError:
                    pass  # what is missing follows the last event
            await asyncio.sleep(0.2)

    @asynccontextmanager
    async def _streaming(self, request: httpx.Request) -> AsyncIterator[EventSource]:
        request.headers["Accept"] = "text/event-stream"
        response = await self._patiently(request)
        try:
            yield EventSource(response)
        finally:
            await response.aclose()

    async def _patiently(self, request: httpx.Request) -> httpx.Response:
        """A server that restarts is worth waiting for."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((httpx.TransportError, Unavailable)),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            stop=stop_after_delay(PATIENCE_SECONDS),
            reraise=True,
        ):
            with attempt:
                response = await self._http.send(request, stream=True)
                await refuse(response)
        return response

    async def _json(self, method: str, path: str, **request: Any) -> Any:
        response = await self._http.request(method, self._path(path), **request)
        await refuse(response)
        return response.json()

    def _path(self, path: str) -> str:
        return f"{API}/tenants/{self.tenant.id}{path}"


@asynccontextmanager
async def connect(url: str, account: Account) -> AsyncIterator[ApiClient]:
    """Signed in. Raises Unavailable where nobody listens, Refused for a wrong password."""
    base_url = url.rstrip("/")
    auth = SignedIn(base_url, account)
    timeout = httpx.Timeout(10.0, read=QUIET_SECONDS)
    async with httpx.AsyncClient(base_url=base_url, auth=auth, timeout=timeout, trust_env=False) as http:
        try:
            await refuse(await http.get(f"{API}/me"))
        except httpx.TransportError as error:
            raise Unavailable(f"nobody answers at {base_url}", code="no_server") from error
        if not auth.tenants:
            raise NotFound(f"{account.email} belongs to no tenant", code="no_tenant")
        yield ApiClient(http, auth)


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
