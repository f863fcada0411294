"""Asking for a turn and timing what comes: HTTP/1.1 by hand, one connection for one client.

A client library takes three times as long over an answer, and on two cores that slows the server and its database down.
This one looks at what arrives for two words, and leaves the reading for afterwards.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from domain.errors import Unavailable

_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_EVENT = b"data:"


@dataclass(frozen=True, slots=True)
class Ask:
    """A POST of JSON. `token` is a mark in the answer's first piece of text."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, object]
    token: bytes

    def encoded(self, host: str) -> bytes:
        body = json.dumps(self.body).encode()
        own = {"Host": host, "Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**own, **self.headers}.items())]
        return "\r\n".join(lines).encode() + _HEAD_END + body


@dataclass(frozen=True, slots=True)
class Answer:
    """Moments in seconds after the question was sent. Those of events and tokens are None where none came."""

    status: int
    body: bytes
    first_event: float | None
    first_token: float | None
    ended: float


class Exchange:
    """One question and what has come of its answer."""

    def __init__(self, token: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.token_seen: asyncio.Future[None] = loop.create_future()
        self.answered: asyncio.Future[Answer] = loop.create_future()
        self._token = token
        self._sent = time.perf_counter()
        self._received = bytearray()
        self._first_event: float | None = None
        self._first_token: float | None = None

    @property
    def received(self) -> bytes:
        """What is there so far, head and chunks as they came."""
        return bytes(self._received)

    def take(self, data: bytes) -> None:
        now = time.perf_counter() - self._sent
        self._received += data
        if self._first_event is None and _EVENT in self._received:
            self._first_event = now
        if self._first_token is None and self._token in self._received:
            self._first_token = now
            _settle(self.token_seen)
        if _is_whole(self._received):
            head, _, body = bytes(self._received).partition(_HEAD_END)
            whole = _unchunked(body) if _chunked(head) else body
            self._end(Answer(int(head[9:12]), whole, self._first_event, self._first_token, now))

    def lose(self) -> None:
        for waiting in (self.token_seen, self.answered):
            if not waiting.done():
                waiting.set_exception(Unavailable("The server hung up in the middle of an answer.", code="hung_up"))
                waiting.exception()  # somebody may have stopped waiting

    def _end(self, answer: Answer) -> None:
        _settle(self.token_seen)
        self.answered.set_result(answer)


class Wire(asyncio.Protocol):
    """Keeps its connection between questions, and asks one at a time."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has another ancestor

    def data_received(self, data: bytes) -> None:
        if self._exchange and not self._exchange.answered.done():
            self._exchange.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._exchange:
            self._exchange.lose()

    def begin(self, ask: Ask) -> Exchange:
        """Raises Unavailable `hung_up` where the server has closed the connection."""
        if self._transport is None:
            raise Unavailable("The server has closed the connection.", code="hung_up")
        self._exchange = Exchange(ask.token)
        self._transport.write(ask.encoded(self._host))
        return self._exchange

    async def ask(self, ask: Ask) -> Answer:
        return await self.begin(ask).answered

    def close(self) -> None:
        if self._transport:
            self._transport.close()


async def connect(port: int) -> Wire:
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(f"127.0.0.1:{port}"), "127.0.0.1", port)
    return wire


def _settle(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _is_whole(received: bytearray) -> bool:
    if received.endswith(_LAST_CHUNK):
        return True
    head, found, body = received.partition(_HEAD_END)
    return bool(found) and not _chunked(head) and len(body) >= _length(head)


def _chunked(head: bytes | bytearray) -> bool:
    return b"chunked" in head.lower()


def _length(head: bytes | bytearray) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        parts.append(rest[:count])
        body = rest[count + 2 :]
        if count == 0:
            break
    return b"".join(parts)
