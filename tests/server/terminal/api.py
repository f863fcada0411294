"""An API in a few lines, real on the wire: it forgets tokens, breaks streams and comes back."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

TENANT = UUID(int=7)
ADA, PRIYA = "ada", "priya"
EVENTS: Sequence[dict[str, Any]] = (
    {"type": "RUN_STARTED", "runId": "turn-1"},
    {"type": "TEXT_MESSAGE_START", "messageId": "m"},
    {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m", "delta": "Hel"},
    {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m", "delta": "lo."},
    {"type": "TEXT_MESSAGE_END", "messageId": "m"},
    {"type": "RUN_FINISHED", "runId": "turn-1"},
)


def waiting(id: str, requested_by: str, **changes: object) -> dict[str, Any]:
    """A request for approval, as the API has it."""
    return {
        "id": id,
        "title": f"Launch “{id}” for 250,000.00 USD",
        "requested_by": requested_by,
        "requester": requested_by.title(),
        "expires_at": "2026-03-08T12:00:00Z",
        "status": "pending",
        "decider": None,
        "reason": None,
        "conditions": [],
        "outcome": None,
        **changes,
    }


@dataclass
class SmallApi:
    """`breaks` are the numbers of events after which a stream ends too early, one for each request of a stream."""

    breaks: list[int] = field(default_factory=list)
    password: str = "right"
    signed_in: int = 0
    refreshed: int = 0
    left: int = 0
    token: str = ""
    refresh_token: str = ""
    keys: list[str | None] = field(default_factory=list)
    resumed: list[str | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    uploaded: list[tuple[str, bytes]] = field(default_factory=list)
    exported: dict[str, bytes] = field(default_factory=dict)
    attached: list[list[str]] = field(default_factory=list)  # of each message
    tenants: list[str] = field(default_factory=lambda: ["Acme"])  # the last one is the one there is
    unavailable: int = 0  # so many requests are answered with 503
    waiting: list[dict[str, Any]] = field(default_factory=list)
    decided: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def app(self) -> Starlette:
        tenant = f"/api/v1/tenants/{TENANT}"
        return Starlette(
            routes=[
                Route("/api/v1/sign-in", self._sign_in, methods=["POST"]),
                Route("/api/v1/refresh", self._refresh, methods=["POST"]),
                Route("/api/v1/sign-out", self._sign_out, methods=["POST"]),
                Route("/api/v1/me", self._me),
                Route(f"{tenant}/files", self._files, methods=["GET", "POST"]),
                Route(f"{tenant}/files/{{id}}/content", self._content),
                Route(f"{tenant}/approvals", self._approvals),
                Route(f"{tenant}/approvals/{{id}}/{{act}}", self._decide, methods=["POST"]),
                Route(f"{tenant}/sessions", self._sessions, methods=["GET", "POST"]),
                Route(f"{tenant}/sessions/{{id}}/turns", self._turn, methods=["POST"]),
                Route(f"{tenant}/sessions/{{id}}/events", self._turn),
            ]
        )

    async def _sign_in(self, request: Request) -> Response:
        if (await request.json())["password"] != self.password:
            return problem(401, "wrong_credentials")
        self.signed_in += 1
        return self._entry()

    async def _refresh(self, request: Request) -> Response:
        if (await request.json())["refresh_token"] != self.refresh_token:
            return problem(401, "refresh_token_invalid")
        self.refreshed += 1
        return self._entry()

    def _entry(self) -> Response:
        number = self.signed_in + self.refreshed
        self.token, self.refresh_token = f"token-{number}", f"refresh-{number}"
        ids = [*(UUID(int=number) for number in range(1, len(self.tenants))), TENANT]
        tenants = [
            {"tenant_id": str(id), "name": name, "role": "owner"} for id, name in zip(ids, self.tenants, strict=True)
        ]
        tokens = {"access_token": self.token, "refresh_token": self.refresh_token}
        return JSONResponse({**tokens, "tenants": tenants, "user": {"id": ADA}})

    async def _sign_out(self, request: Request) -> Response:
        self.left += (await request.json())["refresh_token"] == self.refresh_token
        return Response(status_code=204)

    async def _me(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({})

    async def _sessions(self, request: Request) -> Response:
        answer = (
            {"items": [{"id": "s", "title": "Chat", "updated_at": "2026-03-02T12:00:00Z"}]}
            if request.method == "GET"
            else {"id": "s"}
        )
        return self._refusal(request) or JSONResponse(answer)

    async def _files(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._upload(request)
        items = [{"id": name, "name": name, "purpose": "export"} for name in self.exported]
        mine = {"id": "mine", "name": "mine.csv", "purpose": "upload"}
        return self._refusal(request) or JSONResponse({"items": [mine, *items]})

    async def _content(self, request: Request) -> Response:
        return self._refusal(request) or Response(self.exported[request.path_params["id"]])

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            assert file.filename
            if refusal := self._refusal(request):
                return refusal
            if file.filename.endswith(".exe"):
                return problem(400, "file_type_not_allowed")
            self.uploaded.append((file.filename, await file.read()))
            return JSONResponse({"id": f"file-{len(self.uploaded)}", "name": file.filename}, 201)

    async def _approvals(self, request: Request) -> Response:
        assert request.query_params["status"] == "pending"
        return self._refusal(request) or JSONResponse({"items": self.waiting})

    async def _decide(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        id, body = request.path_params["id"], await request.json()
        self.decided.append((id, request.path_params["act"], body))
        (one,) = [one for one in self.waiting if one["id"] == id]
        self.waiting.remove(one)
        return JSONResponse({**one, "status": body.get("verdict", "withdrawn"), "reason": body.get("reason")})

    async def _turn(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        self.keys.append(request.headers.get("idempotency-key"))
        if request.method == "POST" and "text/event-stream" not in request.headers["accept"]:
            said = await request.json()
            self.asked.append(said["message"])
            self.attached.append(said.get("files", []))
            if self.asked[-1] == "too much":
                return problem(400, "message_too_long")
            return JSONResponse({"id": "turn-1"}, 202)
        last = request.headers.get("last-event-id")
        self.resumed.append(last)
        first = int(last or 0)
        end = self.breaks.pop(0) if self.breaks else len(EVENTS)
        return StreamingResponse(self._events(first, end), media_type="text/event-stream")

    async def _events(self, first: int, end: int) -> AsyncIterator[str]:
        yield "retry: 1000\r\n\r\n"
        for number, event in enumerate(EVENTS[first:end], first + 1):
            yield f": heartbeat\r\n\r\nid: {number}\r\ndata: {json.dumps(event)}\r\n\r\n"

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return problem(401, "token_invalid")
        if self.unavailable:
            self.unavailable -= 1
            return problem(503, "database_unavailable")
        return None


def problem(status: int, code: str) -> Response:
    return JSONResponse({"detail": f"No: {code}.", "code": code}, status, media_type="application/problem+json")


@asynccontextmanager
async def serving(api: SmallApi) -> AsyncIterator[str]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = uvicorn.Server(uvicorn.Config(api.app(), log_config=None, lifespan="off", ws="none"))
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
