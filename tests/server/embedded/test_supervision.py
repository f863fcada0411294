"""A child that is kept running, and one that is run to its end."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from domain.errors import Unavailable
from server.embedded.processes import Child, Command, run
from server.embedded.supervision import keep_running
from tests.server.embedded.processes import until


def python(script: str, log: Path) -> Command:
    return Command("worker", [sys.executable, "-c", script], log=log)


async def test_a_child_that_ends_is_started_again_until_it_is_not_wanted(home: Path) -> None:
    children: list[Child] = []
    obituaries: list[str] = []
    command = python("import time; time.sleep(60)", home / "log")
    keeping = asyncio.create_task(keep_running(command, children.append, obituaries.append, first_pause_seconds=0.01))
    await until(lambda: len(children) == 1)
    os.kill(children[0].pid, signal.SIGKILL)
    await until(lambda: len(children) == 2)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert children[1].exit_status == -signal.SIGTERM
    assert len(obituaries) == 1
    assert "worker ended with status -9" in obituaries[0]


async def test_a_command_that_fails_says_what_it_said_last(home: Path) -> None:
    with pytest.raises(Unavailable, match="worker ended with status 4: second"):
        await run(python("print('first'); print('second'); raise SystemExit(4)", home / "log"))
