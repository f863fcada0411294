"""The embedded default: Postgres, Redis and Temporal as our own children, their data in one folder."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from domain.errors import Unavailable
from server.embedded.home import Home, hold
from server.embedded.postgres import postgres_server
from server.embedded.processes import Child
from server.embedded.redis import redis_server
from server.embedded.temporal import temporal_server
from server.embedded.temporal_binary import temporal_binary

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part as a person or a probe sees it. `seconds`: how long its start took; None: it is not up."""

    name: str
    where: str
    seconds: float | None
    degraded: str | None = None


class _Part:
    """What is known of one part while it starts, runs and ends."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.trouble: str | None = "starting"
        self._where = ""
        self._seconds: float | None = None
        self._child: Child | None = None
        self._asked = time.monotonic()

    def is_up(self, where: str, child: Child) -> None:
        self._where, self._child, self.trouble = where, child, None
        self._seconds = time.monotonic() - self._asked

    def status(self) -> PartStatus:
        if self._child and self._child.exit_status is not None:
            return PartStatus(self.name, self._where, None, self._child.obituary())
        return PartStatus(self.name, self._where, self._seconds, self.trouble)


class Parts:
    """The parts that were started here, and where they are. The URL of another part is a ValueError."""

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._urls: dict[str, str] = {}
        self._temporal: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def database_url(self) -> str:
        """For the role app_rw, which the migrations create."""
        return self._url("database")

    @property
    def database_admin_url(self) -> str:
        """For the superuser of the cluster, in the same database."""
        return self._url("database_admin")

    @property
    def redis_url(self) -> str:
        return self._url("redis")

    @property
    def temporal_address(self) -> str | None:
        """None until it is up."""
        return self._urls.get("temporal")

    async def temporal_ready(self) -> str:
        """Waits for Temporal's address. Raises Unavailable with the reason when it can't be had."""
        return await asyncio.shield(self._temporal)

    def status(self) -> list[PartStatus]:
        return [part.status() for part in self._parts]

    def _url(self, name: str) -> str:
        if name not in self._urls:
            raise ValueError(f"{name} was not started here")
        return self._urls[name]

    def _add(self, name: str) -> _Part:
        part = _Part(name)
        self._parts.append(part)
        return part

    async def start_postgres(self, home: Home, stack: AsyncExitStack) -> None:
        part = self._add("postgres")
        server = await stack.enter_async_context(postgres_server(home))
        self._urls |= {"database": server.url, "database_admin": server.admin_url}
        part.is_up(str(home.path / "postgres"), server.child)

    async def start_redis(self, home: Home, stack: AsyncExitStack, environment: Mapping[str, str]) -> None:
        part = self._add("redis")
        server = await stack.enter_async_context(redis_server(home, environment))
        self._urls["redis"] = server.url
        part.is_up(str(home.path / "redis"), server.child)

    async def run_temporal(self, home: Home, binary: Callable[[Announce], Awaitable[Path]], announce: Announce) -> None:
        """Runs until it is cancelled; a failure is kept for whoever waits in `temporal_ready`."""
        part = self._add("temporal")

        def progress(line: str) -> None:
            part.trouble = line
            announce(f"temporal: {line}")

        try:
            async with temporal_server(home, await binary(progress)) as server:
                part.is_up(server.address, server.child)
                self._urls["temporal"] = server.address
                self._temporal.set_result(server.address)
                await server.child.wait()
                announce(f"temporal: {server.child.obituary()}")
        except Unavailable as error:
            progress(error.message)
            self.without_temporal(error)

    def without_temporal(self, reason: Unavailable) -> None:
        if not self._temporal.done():
            self._temporal.set_exception(reason)
            self._temporal.exception()  # nobody has to wait for it


@asynccontextmanager
async def start_parts(
    home: Path,
    *,
    postgres: bool = True,
    redis: bool = True,
    temporal: Literal["wait", "background", "off"] = "background",
    announce: Announce = print,
    environment: Mapping[str, str] = os.environ,
    temporal_download: bool = True,
) -> AsyncIterator[Parts]:
    """Runs the parts until the end of the block, and then waits until every one has ended.

    First it ends what a killed run left on `home`. With Temporal in the "background" the block starts without
    it: its first build takes minutes, and the product can serve meanwhile. Raises Unavailable (`home_in_use`,
    `home_unusable`, `part_failed` …) with one line for a person. Call it on the main thread (see launcher).
    """
    with hold(home) as held:
        await held.ledger.end_leftovers(announce)
        async with AsyncExitStack() as stack:
            parts = Parts()
            if temporal == "off":
                parts.without_temporal(Unavailable("Temporal was not started", code="temporal_missing"))
            else:
                binary = partial(
                    temporal_binary,
                    environment,
                    download=temporal_download,
                    gently=temporal == "background",
                )
                stack.push_async_callback(_end, asyncio.create_task(parts.run_temporal(held, binary, announce)))
            if postgres:
                await parts.start_postgres(held, stack)
            if redis:
                await parts.start_redis(held, stack, environment)
            if temporal == "wait":
                await parts.temporal_ready()
            yield parts


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
