"""What is broken: a Postgres, a Redis and two API processes of our own, which can be ended, frozen and started."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Generic, Protocol, TypeVar

import psutil
from joserfc.jwk import ECKey
from pydantic import SecretStr

from domain.errors import Unavailable
from server.embedded.home import hold
from server.embedded.postgres import PostgresServer, postgres_server
from server.embedded.processes import Child, Command, spawn
from server.embedded.redis import RedisServer, redis_server
from server.postgres.migrate import migrate
from server.settings import Settings
from server.stack import environment
from server.terminal.own_server import free_port, probe_api

LEASE_SECONDS = 3.0
_APIS = 2


class HasChild(Protocol):
    @property
    def child(self) -> Child: ...


S = TypeVar("S", bound=HasChild)


class Part(Generic[S]):
    """A server that keeps its data and its address over its ends."""

    def __init__(self, start: Callable[[], AbstractAsyncContextManager[S]]) -> None:
        self._start = start
        self._stack = AsyncExitStack()
        self.server: S

    async def start(self) -> None:
        self.server = await self._stack.enter_async_context(self._start())

    async def restart(self, ended_by: signal.Signals | None = None) -> None:
        """After a clean end, or one by this signal. Returns when it answers again."""
        if ended_by:
            os.kill(self.server.child.pid, ended_by)
            await self.server.child.wait()
        await self._stack.aclose()
        await self.start()

    async def stop(self) -> None:
        await self._stack.aclose()


class Api:
    """One API process at a port of its own; what ends is started again, as a supervisor does it."""

    def __init__(self, settings: Settings, folder: Path, name: str) -> None:
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self._settings = settings
        self._child: Child | None = None
        self._starting = asyncio.Lock()

    @property
    def up(self) -> bool:
        return not self._starting.locked() and self._child is not None and self._child.exit_status is None

    async def start(self) -> None:
        """Until it answers, however often it has to be tried."""
        async with self._starting:
            while True:
                await self.stop()
                self._child = await spawn(self._command())
                with suppress(Unavailable):
                    await self._child.until(lambda: probe_api(self.url))
                    return

    async def end(self, how: signal.Signals) -> None:
        assert self._child, "it was started"
        with suppress(ProcessLookupError):
            os.kill(self._child.pid, how)
        await self._child.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        assert self._child, "it was started"
        with frozen(self._child.pid):
            yield

    async def stop(self) -> None:
        if self._child:
            await self._child.stop()

    def _command(self) -> Command:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MP_")}
        return Command(
            name=self.name,
            argv=[sys.executable, "-m", "evals.nemesis.api"],
            environment=environment(self._settings, inherited) | self._own(),
            log=self.log,
        )

    def _own(self) -> dict[str, str]:
        return {
            "MP_HOME": str(self._settings.home),
            "MP_PORT": str(self.port),
            "MP_DEMO": "false",
            "MP_TURN_LEASE_SECONDS": str(LEASE_SECONDS),
            "MP_TRUSTED_PROXIES": json.dumps(["127.0.0.1"]),
        }


class World:
    def __init__(
        self, settings: Settings, postgres: Part[PostgresServer], redis: Part[RedisServer], folder: Path
    ) -> None:
        self.settings = settings
        self.postgres = postgres
        self.redis = redis
        self.apis = [Api(settings, folder, f"api-{number}") for number in range(1, _APIS + 1)]

    @property
    def admin_url(self) -> str:
        return self.postgres.server.admin_url

    async def start_apis(self) -> None:
        await asyncio.gather(*(api.start() for api in self.apis if not api.up))


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Ends everything it has started, whatever happens. `folder` is empty and open to pass through."""
    with hold(folder / "home") as home:
        async with AsyncExitStack() as stack:
            postgres: Part[PostgresServer] = Part(lambda: postgres_server(home))
            redis: Part[RedisServer] = Part(lambda: redis_server(home, os.environ))
            for part in (postgres, redis):
                stack.push_async_callback(part.stop)
                await part.start()
            await migrate(postgres.server.admin_url, postgres.server.url)
            one = World(_settings(folder, postgres.server, redis.server), postgres, redis, folder)
            for api in one.apis:
                stack.push_async_callback(api.stop)
            await one.start_apis()
            yield one


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process and its children stand still; their sockets stay open."""
    tree = [psutil.Process(pid)]
    tree += tree[0].children(recursive=True)
    try:
        for process in tree:
            _send(process, signal.SIGSTOP)
        yield
    finally:
        for process in reversed(tree):
            _send(process, signal.SIGCONT)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _settings(folder: Path, postgres: PostgresServer, redis: RedisServer) -> Settings:
    key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    return Settings.model_construct(
        home=folder / "product",
        database_url=postgres.url,
        redis_url=redis.url,
        signing_key=SecretStr(key),
        server_secret=SecretStr(token_hex(32)),
    )
