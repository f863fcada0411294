"""The API as a program sees it: asks, and reads an answer to its end even where the connection breaks."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from httpx_sse import EventSource
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from domain.errors import NotFound, Unavailable
from server.terminal.account import API, DEVICE, Account, SignedIn, Tenant, refuse

QUIET_SECONDS = 45.0  # the server sends a heartbeat every 15
PATIENCE_SECONDS = 120.0
RUN_ENDS = frozenset({"RUN_FINISHED", "RUN_ERROR"})

Json = dict[str, Any]


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


class ApiClient:
    """For one person in one tenant. Made by `connect`."""

    def __init__(self, http: httpx.AsyncClient, auth: SignedIn, tenant: Tenant) -> None:
        self._http = http
        self._auth = auth
        self.tenant = tenant

    @property
    def user_id(self) -> str:
        return self._auth.user_id

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

    async def waiting(self) -> list[Json]:
        """What waits for approval, latest first: the person's own requests, and those that they may decide."""
        page: Json = await self.get("/approvals", status="pending")
        found: list[Json] = page["items"]
        return found

    async def decide(self, approval_id: str, verdict: str, reason: str | None) -> Json:
        """The request, as it is after it."""
        decided: Json = await self.post(f"/approvals/{approval_id}/decision", {"verdict": verdict, "reason": reason})
        return decided

    async def withdraw(self, approval_id: str) -> Json:
        withdrawn: Json = await self.post(f"/approvals/{approval_id}/withdraw", {})
        return withdrawn

    async def upload(self, name: str, data: bytes) -> Json:
        """The file as the API knows it from now on."""
        headers = {"Idempotency-Key": str(uuid4())}
        uploaded: Json = await self._json("POST", "/files", files={"file": (name, data)}, headers=headers)
        return uploaded

    async def fetch(self, file_id: str) -> bytes:
        response = await self._http.get(self._path(f"/files/{file_id}/content"))
        await refuse(response)
        return response.content

    async def ask(self, session_id: str, message: str, *, files: Sequence[str] = (), key: str | None = None) -> str:
        """Leaves a message to be answered, and gives its turn's id: the run's id in the events that follow."""
        response = await self._patiently(self._asking(session_id, message, key, files))
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

    def _asking(self, session_id: str, message: str, key: str | None, files: Sequence[str] = ()) -> httpx.Request:
        headers = {"Idempotency-Key": key or str(uuid4())}
        path = self._path(f"/sessions/{session_id}/turns")
        said = {"message": message, **({"files": list(files)} if files else {})}
        return self._http.build_request("POST", path, json=said, headers=headers)

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
async def connect(url: str, account: Account, tenant: str | None = None) -> AsyncIterator[ApiClient]:
    """Signed in, in the tenant of that name, else the first one.

    Raises Unavailable where nobody listens, Refused for a wrong password, NotFound without such a tenant.
    """
    base_url = url.rstrip("/")
    auth = SignedIn(account)
    timeout = httpx.Timeout(10.0, read=QUIET_SECONDS)
    async with httpx.AsyncClient(
        base_url=base_url, auth=auth, timeout=timeout, trust_env=False, headers=DEVICE
    ) as http:
        try:
            await refuse(await http.get(f"{API}/me"))
        except httpx.TransportError as error:
            raise Unavailable(f"nobody answers at {base_url}", code="no_server") from error
        try:
            yield ApiClient(http, auth, _chosen(auth.tenants, account, tenant))
        finally:
            await auth.leave(http)


def _chosen(tenants: Sequence[Tenant], account: Account, name: str | None) -> Tenant:
    found = [one for one in tenants if name is None or one.name.casefold() == name.casefold()]
    if found:
        return found[0]
    names = ", ".join(f"“{one.name}”" for one in tenants)
    raise NotFound(f"{account.email} belongs to {names or 'no tenant'}", code="no_tenant")
