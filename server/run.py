"""`mediaplanner run`: the API in this process, the worker in a child, on the stack of the settings."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from domain.errors import Unavailable
from server.embedded.parts import PartStatus
from server.embedded.processes import Child, Command
from server.embedded.supervision import keep_running
from server.settings import Settings
from server.stack import (
    Announce,
    Stack,
    environment,
    open_stack,
    refuse_second_start,
    refuse_taken_port,
    refuse_unserviceable,
)


class WorkerProcess:
    """The worker needs Temporal: it starts when that is up, and again whenever it ends by itself."""

    def __init__(self, stack: Stack, announce: Announce) -> None:
        self._stack = stack
        self._announce = announce
        self._where = ""
        self._trouble: str | None = "waits for Temporal"

    def status(self) -> PartStatus:
        return PartStatus("worker", self._where, None if self._trouble else 0.0, self._trouble)

    async def keep(self) -> None:
        """Runs until it is cancelled."""
        try:
            address = await self._stack.temporal_address()
        except Unavailable as error:
            self._trouble = f"no Temporal, so jobs wait: {error.message}"
            return
        settings = self._stack.settings.model_copy(update={"temporal_address": address})
        command = Command(
            name="worker",
            argv=[sys.executable, "-m", "server.cli", "worker"],
            environment=environment(settings, os.environ),
        )
        await keep_running(command, self._started, self._ended)

    def _started(self, child: Child) -> None:
        self._where, self._trouble = f"process {child.pid}", None
        self._announce(f"worker: process {child.pid} on Temporal, jobs run")

    def _ended(self, obituary: str) -> None:
        self._where, self._trouble = "", obituary
        self._announce(f"worker: {obituary}")


async def run(settings: Settings, announce: Announce) -> None:
    """Serves until SIGINT or SIGTERM. Raises a DomainError of one line where it could not serve."""
    started = time.monotonic()
    refuse_unserviceable(settings)
    refuse_second_start(settings)
    refuse_taken_port(settings.host, settings.port)
    async with open_stack(settings, announce) as stack, kept(WorkerProcess(stack, announce)) as worker:
        from server.api.serve import serve

        announce(banner(stack, settings, time.monotonic() - started))
        await serve(stack.settings, lambda: [*stack.status(), worker.status()])
        announce("stopping")


@asynccontextmanager
async def kept(worker: WorkerProcess) -> AsyncIterator[WorkerProcess]:
    task = asyncio.create_task(worker.keep())
    try:
        yield worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def banner(stack: Stack, settings: Settings, seconds: float) -> str:
    """What was started, where, how long it took, what is degraded, and where to go from here."""
    lines = [f"media-planner has what it needs after {seconds:.1f} s", *map(_line, stack.status())]
    lines.append(f"  {'API':<10}http://{settings.host}:{settings.port}/api/v1")
    if settings.mail_url is None:
        lines.append(f"  {'letters':<10}in {settings.home / 'letters'} (MP_MAIL_URL sends them)")
    if settings.embedded and settings.demo:
        from server.seed import DEMO_EMAIL, DEMO_PASSWORD

        lines.append(f"  {'demo user':<10}{DEMO_EMAIL}, password {DEMO_PASSWORD}")
    return "\n".join([*lines, f"  {'chat':<10}make chat (in another terminal); ctrl-C here stops everything"])


def _line(part: PartStatus) -> str:
    state = f"degraded: {part.degraded}" if part.degraded else f"up in {part.seconds or 0:.1f} s"
    return f"  {part.name:<10}{state}" + (f", {part.where}" if part.where else "")
