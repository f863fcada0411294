"""What the product does by itself, again and again: each sweep in a task of its own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from services.application import Application

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """`once` is one round; `pause` the seconds between the end of a round and the next."""

    name: str
    once: Callable[[], Awaitable[object]]
    pause: float


def sweeps_of(application: Application) -> list[Sweep]:
    """Rows of the audit are to have their seal within a minute; what people wait for comes as soon as may be."""
    return [
        Sweep("sealing the audit", application.audit.seal_due, 15.0),
        Sweep("sending letters", application.correspondence.deliver_due, 2.0),
        Sweep("carrying out approvals", application.approvals.carry_out_due, 2.0),
        Sweep("clearing old conversations", application.retention.clear_due, 3_600.0),
        Sweep("clearing old files", application.file_upkeep.clear_due, 3_600.0),
    ]


@asynccontextmanager
async def sweeping(*sweeps: Sweep) -> AsyncIterator[None]:
    """Until the block ends; then each stops where it is. What it had begun is found again by the next sweep."""
    async with AsyncExitStack() as stack:
        for sweep in sweeps:
            stack.push_async_callback(_stopped, asyncio.create_task(repeatedly(sweep), name=sweep.name))
        yield


async def repeatedly(sweep: Sweep) -> None:
    """Until it is cancelled. A round that fails is no reason not to try the next."""
    while True:
        try:
            await sweep.once()
        except Exception:  # the next round is the remedy; without rounds nobody would look again
            log.warning("%s failed", sweep.name, exc_info=True)
        await asyncio.sleep(sweep.pause)


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
