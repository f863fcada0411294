"""One person's program: it asks either API, and asks again, there or elsewhere, until it is answered."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import httpx
from httpx_sse import EventSource, SSEError

from domain.errors import DomainError
from evals.nemesis.history import Promise, Reader, Received
from evals.nemesis.people import Person

PATIENCE_SECONDS = 90.0
_ANSWER_SECONDS = 15.0
_QUIET_SECONDS = 20.0  # the server sends a heartbeat every 15
_MOST_EVENTS = 40  # before a reader that drops connections does it


class UnexpectedAnswer(DomainError):
    """The API refused what it must allow, or never answered."""

    default_code = "unexpected_answer"


class Log:
    """What one reader has, over all its connections. An event counts once one with an id has come after it."""

    def __init__(self, name: str, session_id: str) -> None:
        self.name = name
        self.session_id = session_id
        self.turn_id: str | None = None
        self.events: list[Received] = []
        self._pending: list[Received] = []

    @property
    def last(self) -> str:
        return self.events[-1].id if self.events else ""

    @property
    def seq(self) -> int:
        return int(self.last.partition(".")[0] or 0)

    @property
    def ended(self) -> bool:
        """Of a turn's log: it has come to its end."""
        return bool(self.events) and self.events[-1].type in ("RUN_FINISHED", "RUN_ERROR")

    def take(self, event: Received) -> None:
        self._pending.append(event)
        if event.id:
            self.events += self._pending
            self._pending = []

    def drop(self) -> None:
        """The connection is gone, and with it what no position covers: it comes again."""
        self._pending = []

    def reader(self, after: int) -> Reader:
        return Reader(self.name, self.session_id, tuple(self.events), self.turn_id, after)


class Caller:
    def __init__(self, http: httpx.AsyncClient, urls: Sequence[str], person: Person, chance: random.Random) -> None:
        self.person = person
        self.promises: list[Promise] = []
        self._http = http
        self._urls = urls
        self._chance = chance

    async def ask(self, words: str, key: str, names: Sequence[str], *, url: str = "", on_busy: str = "enqueue") -> str:
        """The accepted turn's id."""
        body = {"message": words, "on_busy": on_busy}
        answer = await self._until_answered("POST", "/turns", json=body, key=key, url=url)
        turn_id = str(answer.json()["id"])
        self.promises.append(Promise(str(self.person.session_id), key, turn_id, tuple(names)))
        return turn_id

    async def cancel(self, turn_id: str) -> None:
        """It may have ended before, which is a conflict."""
        await self._until_answered("POST", f"/turns/{turn_id}/cancel", allowed=(httpx.codes.CONFLICT,))

    async def intrude(self, other: Person) -> str | None:
        """What was let in where this person is a stranger; None: nothing was."""
        own, theirs = str(self.person.tenant_id), str(other.tenant_id)
        for path in (f"{other.path}/messages", f"{other.path}/messages".replace(theirs, own), f"{other.path}/events"):
            try:
                async with self._http.stream("GET", self._url() + path, headers=self.person.headers()) as answer:
                    if answer.is_success:
                        return f"{path} answered {answer.status_code} to a stranger"
            except httpx.TransportError:
                continue
        return None

    async def watch(self, log: Log) -> None:
        """The session's events from its start, without end, over connections that this reader drops again and again."""
        await self._read(log, "GET", "/events", lambda: False)

    async def turn(self, log: Log, words: str, key: str, names: Sequence[str]) -> None:
        """Asks, and reads the answer to its end."""

        def accepted(answer: httpx.Response) -> None:
            log.turn_id = answer.headers["Location"].rpartition("/")[2]
            self.promises.append(Promise(str(self.person.session_id), key, log.turn_id, tuple(names)))

        body = {"message": words, "on_busy": "enqueue"}
        await self._read(log, "POST", "/turns", lambda: log.ended, accepted, json=body, key=key)

    async def _read(
        self,
        log: Log,
        method: str,
        path: str,
        enough: Callable[[], bool],
        accepted: Callable[[httpx.Response], None] = lambda _: None,
        **request: Any,
    ) -> None:
        key = request.pop("key", "")
        while not enough():
            headers = self.person.headers() | {"Accept": "text/event-stream", "Idempotency-Key": key or str(uuid4())}
            if log.last:
                headers["Last-Event-ID"] = log.last
            try:
                async with self._http.stream(
                    method, self._url() + self.person.path + path, headers=headers, **request
                ) as answer:
                    if await self._answered(answer):
                        accepted(answer)
                        await self._take_some(log, answer, enough)
            except (httpx.TransportError, SSEError):
                pass
            log.drop()
            await asyncio.sleep(self._chance.uniform(0, 0.3))

    async def _take_some(self, log: Log, answer: httpx.Response, enough: Callable[[], bool]) -> None:
        left, place = self._chance.randint(1, _MOST_EVENTS), ""
        async for sse in EventSource(answer).aiter_sse():
            if sse.data:
                data = json.loads(sse.data)
                own_id = sse.id if sse.id != place else ""  # the parser hands the last id on to events without one
                log.take(Received(own_id, data["type"], data))
                place, left = sse.id, left - 1
            if left <= 0 or enough():
                return

    async def _until_answered(
        self, method: str, path: str, *, allowed: Sequence[int] = (), key: str = "", url: str = "", **request: Any
    ) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            headers = self.person.headers() | {"Idempotency-Key": key or str(uuid4())}
            target = (url or self._url()) + self.person.path + path
            try:
                answer = await self._http.request(method, target, headers=headers, timeout=_ANSWER_SECONDS, **request)
                if answer.status_code in allowed or await self._answered(answer):
                    return answer
            except httpx.TransportError:
                pass
            await asyncio.sleep(self._chance.uniform(0.05, 0.5))
        raise UnexpectedAnswer(f"{method} {path} was not answered in {PATIENCE_SECONDS:g} seconds")

    async def _answered(self, answer: httpx.Response) -> bool:
        """False: it is to be asked again, when it is time to."""
        if answer.is_success:
            return True
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            await asyncio.sleep(int(answer.headers.get("Retry-After", 1)))
        elif answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            await answer.aread()
            raise UnexpectedAnswer(f"{answer.request.method} {answer.url.path} got {answer.status_code}: {answer.text}")
        return False

    def _url(self) -> str:
        return self._chance.choice(self._urls)


def open_http() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncClient(timeout=httpx.Timeout(5.0, read=_QUIET_SECONDS), limits=limits, trust_env=False)
