"""What surrounds every request: its id, its log line, its headers, the size of its body. Pure ASGI: no extra task."""

import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.ids import new_id
from server.api.lingering import Lingering
from server.api.problems import Kind, internal_problem, problem_response
from server.telemetry import about, about_nothing

log = logging.getLogger(__name__)

HISTORIES = 64  # times the limit: AG-UI clients send the whole conversation with every run
LINKS = "/api/v1/files/"
FORM = "multipart/form-data"
LINGERING = 4  # times the limit: what somebody may go on sending who has been refused
FORM_BYTES = 16_384  # around the file that a form brings
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class RequestEnvelope:
    """Names the request, answers what nobody else answered, and writes one line when it is over."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope["request_id"] = request_id
        about_nothing()
        about(request_id=request_id)
        answered = _Answered(send, request_id, secure=scope["scheme"] == "https")
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answered)
        except Exception:
            log.exception("request failed")
            if answered.status is not None:
                raise
            await internal_problem(request_id)(scope, receive, answered)
        finally:
            _write_line(scope, answered.status, time.perf_counter() - started)


class _Answered:
    """The way out: adds the headers that every answer has, and remembers the status."""

    def __init__(self, send: Send, request_id: str, *, secure: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._secure = secure
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers.setdefault("Cache-Control", "no-store")
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            if self._secure:
                headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        await self._send(message)


class BodyLimit:
    """Refuses a body above the limit, whether its length was announced or it comes in pieces.

    The framework's own limit answers in plain text and outside of every other middleware.
    """

    def __init__(self, app: ASGIApp, limit: int, of_file: int) -> None:
        self._app = app
        self._limit = limit
        self._of_file = of_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced) > limit:
            kind = Kind(413, "Too large", {"Connection": "close"})
            answer = problem_response(scope["request_id"], kind, "body_too_large", _too_large(limit))
            await answer(scope, receive, Lingering(receive, send, LINGERING * limit))
            return
        got = 0

        async def limited() -> MutableMapping[str, Any]:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > limit:
                raise HTTPException(413, _too_large(limit), {"Connection": "close"})
            return message

        async def answering(message: Message) -> None:
            await (Lingering(receive, send, LINGERING * limit) if got > limit else send)(message)

        await self._app(scope, limited, answering)

    def _limit_of(self, scope: Scope) -> int:
        if scope["path"].endswith("/agui"):
            return self._limit * HISTORIES
        if scope["path"].endswith("/files") and Headers(scope=scope).get("content-type", "").startswith(FORM):
            return self._of_file + FORM_BYTES
        return self._limit


def _too_large(limit: int) -> str:
    return f"A request may have {limit:,} bytes."


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else str(new_id())


def _write_line(scope: Scope, status: int | None, seconds: float) -> None:
    ids = {name: value for name, value in scope.get("path_params", {}).items() if name.endswith("_id")}
    path = LINKS + "…" if scope["path"].startswith(LINKS) else scope["path"]  # what follows opens a file
    facts = {"method": scope["method"], "path": path, "status": status, "ms": round(seconds * 1000, 1)}
    log.info("request", extra={**ids, **facts})
