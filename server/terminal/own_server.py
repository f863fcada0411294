"""A media planner of one's own: the real product as a child process, in a folder that is gone afterwards."""

import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from random import randrange

import httpx

from domain.errors import Unavailable
from server.embedded.processes import Command, spawn
from server.settings import Settings

_LOOPBACK = "127.0.0.1"
_PORTS = 12_000, 32_000
_OTHERS = ("MP_DATABASE_URL", "MP_DATABASE_ADMIN_URL", "MP_REDIS_URL", "MP_TEMPORAL_ADDRESS", "MP_SIGNING_KEY")


@asynccontextmanager
async def own_server(settings: Settings) -> AsyncIterator[Settings]:
    """Its settings, once it answers. Raises Unavailable with its last words when it ends before that."""
    with _temporary_folder() as folder:
        home = folder / "data"
        own = settings.model_copy(
            update={"home": home, "host": _LOOPBACK, "port": free_port(), **dict.fromkeys(_addresses())}
        )
        command = Command(
            name="media planner",
            argv=[sys.executable, "-m", "server.cli", "run"],
            environment=_environment(own, os.environ),
            log=folder / "run.log",
        )
        child = await spawn(command)
        try:
            await child.until(lambda: probe_api(f"http://{own.host}:{own.port}"))
            yield own
        finally:
            await child.stop()


async def probe_api(url: str) -> None:
    """Raises Unavailable `no_server` where no media planner answers."""
    try:
        async with httpx.AsyncClient(base_url=url, timeout=5.0, trust_env=False) as client:
            answer = await client.get("/livez")
    except httpx.TransportError as error:
        raise Unavailable(f"nobody answers at {url}", code="no_server") from error
    if not answer.is_success:
        raise Unavailable(f"what answers at {url} is no media planner", code="no_server")


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Short, because a socket's name is, and open to pass through for the account that runs Postgres."""
    with tempfile.TemporaryDirectory(prefix="mp-demo-", dir="/tmp") as folder:
        path = Path(folder)
        path.chmod(0o711)
        yield path


def free_port() -> int:
    """Below those that the system gives to connections: none of them takes it before it is listened on."""
    while True:
        port = randrange(*_PORTS)  # noqa: S311 - nothing depends on its being hard to guess
        with suppress(OSError), closing(socket.create_server((_LOOPBACK, port))):
            return port


def _addresses() -> list[str]:
    return [name.removeprefix("MP_").lower() for name in _OTHERS]


def _environment(own: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in inherited.items() if name not in _OTHERS}
    return kept | {"MP_HOME": str(own.home), "MP_HOST": own.host, "MP_PORT": str(own.port), "MP_DEMO": "true"}
