"""What runs is written down, so that the successor of a killed process knows its leftovers and ends them."""

import asyncio
import json
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

GRACE_SECONDS = 20.0
# The system clock may be set between two reads of a process's start time.
_SAME_START_SECONDS = 2.0
_POLL_SECONDS = 0.02


class Ledger:
    """One file per child: its pid, start time and stop signal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, pid: int, stop_signal: signal.Signals) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        record = {"pid": pid, "started": psutil.Process(pid).create_time(), "stop_signal": int(stop_signal)}
        draft = self._folder / f".{name}"
        draft.write_text(json.dumps(record))
        draft.replace(self._folder / f"{name}.json")

    def forget(self, name: str) -> None:
        (self._folder / f"{name}.json").unlink(missing_ok=True)

    async def end_leftovers(self, announce: Callable[[str], None], grace_seconds: float = GRACE_SECONDS) -> None:
        """Ends what a killed run left: by its own clean stop where it still obeys, else by force."""
        for path in sorted(self._folder.glob("*.json")):
            record = json.loads(path.read_text())
            process = _running(record["pid"], record["started"])
            if process:
                announce(f"{path.stem}: ending process {process.pid}, left by a run that was killed")
                await end_tree(process, record["stop_signal"], grace_seconds)
            path.unlink()


async def end_tree(process: psutil.Process, stop_signal: int, grace_seconds: float = GRACE_SECONDS) -> None:
    """Ends a process and all it started, by force after the grace; returns when none of them runs."""
    tree = [process]
    with suppress(psutil.NoSuchProcess):
        tree += process.children(recursive=True)
        process.send_signal(stop_signal)
        process.send_signal(signal.SIGCONT)
    if not await _all_ended(tree, grace_seconds):
        for survivor in filter(_alive, tree):
            with suppress(psutil.NoSuchProcess):
                survivor.kill()
        await _all_ended(tree, GRACE_SECONDS)


async def _all_ended(tree: list[psutil.Process], within_seconds: float) -> bool:
    for _ in range(round(within_seconds / _POLL_SECONDS)):
        if not any(map(_alive, tree)):
            return True
        await asyncio.sleep(_POLL_SECONDS)
    return False


def _running(pid: int, started: float) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if abs(process.create_time() - started) < _SAME_START_SECONDS and _alive(process):
            return process
    return None


def _alive(process: psutil.Process) -> bool:
    """A zombie has ended; only its parent has not looked yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
