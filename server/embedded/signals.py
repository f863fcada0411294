"""SIGINT and SIGTERM end a program in order: its work is cancelled once, and cleans up to the end."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import uvloop


def run_until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Runs the work in a loop of its own; True when a signal stopped it before its end.

    A server inside the work that sets handlers of its own, as uvicorn does, acts on the signals itself.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_until_stopped(work))


async def _until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.ensure_future(work)
    stop = _Stop(task)
    for number in (signal.SIGINT, signal.SIGTERM):
        stop.listen(number)
    try:
        await task
    except asyncio.CancelledError:
        if not stop.cancelled:
            raise
    return stop.cancelled


class _Stop:
    def __init__(self, task: asyncio.Future[None]) -> None:
        self.cancelled = False
        self._task = task
        self._heard = False
        self._ours: dict[signal.Signals, object] = {}

    def listen(self, number: signal.Signals) -> None:
        asyncio.get_running_loop().add_signal_handler(number, self._hear, number)
        self._ours[number] = signal.getsignal(number)

    def _hear(self, number: signal.Signals) -> None:
        """The loop tells us of each signal, even while another handler is set. Only the first one counts."""
        if self._heard:
            return
        self._heard = True
        if signal.getsignal(number) is self._ours[number]:
            self.cancelled = True
            self._task.cancel()
