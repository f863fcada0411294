"""Keeps a child running: started again with growing pauses when it ends by itself."""

import asyncio
import time
from collections.abc import Callable

from server.embedded.processes import Child, Command, spawn

_LONGEST_PAUSE_SECONDS = 30.0
# One that ran this long was well: its next end is not part of a series.
_WELL_SECONDS = 60.0


async def keep_running(
    command: Command,
    started: Callable[[Child], None],
    ended: Callable[[str], None],
    *,
    first_pause_seconds: float = 1.0,
) -> None:
    """Runs until it is cancelled, and then waits for the child's end. `ended` is told how it ended."""
    pause = first_pause_seconds
    while True:
        since = time.monotonic()
        child = await spawn(command)
        started(child)
        try:
            await child.wait()
        finally:
            await child.stop()
        if time.monotonic() - since > _WELL_SECONDS:
            pause = first_pause_seconds
        ended(f"{child.obituary()}; starting it again in {pause:.0f} s")
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
