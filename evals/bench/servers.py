"""One of the contenders as a process of its own, from its first answer to its end."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from domain.errors import DomainError
from evals.bench.contenders import Contender
from evals.bench.meters import Meter
from server.embedded.processes import Child, Command, spawn
from server.terminal.own_server import free_port, probe_api

_LONGEST_DRAIN_SECONDS = 60.0


class Server:
    def __init__(self, contender: Contender, port: int, child: Child) -> None:
        self.contender = contender
        self.port = port
        self.meter = Meter(child.pid)
        self._child = child

    async def terminate(self) -> float:
        """Asks it to end, as a deployment does; the seconds until it has. Raises TimeoutError."""
        asked = time.perf_counter()
        os.kill(self._child.pid, signal.SIGTERM)
        async with asyncio.timeout(_LONGEST_DRAIN_SECONDS):
            await self._child.wait()
        return time.perf_counter() - asked


@asynccontextmanager
async def serving(contender: Contender, folder: Path) -> AsyncIterator[Server]:
    """Raises Unavailable where it ends before it answers. What goes wrong is noted with its last words."""
    port = free_port()
    log = folder / f"{contender.name}.log"
    command = Command(
        name=contender.name,
        argv=[sys.executable, "-m", contender.module],
        environment=contender.environment(port),
        log=log,
    )
    child = await spawn(command)
    try:
        await child.until(lambda: probe_api(f"http://127.0.0.1:{port}"))
        yield Server(contender, port, child)
    except (DomainError, OSError) as error:
        error.add_note(await asyncio.to_thread(_last_words, log))
        raise
    finally:
        await child.stop()


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:])
