"""Whatever runs, a signal ends it in order, and a second one does not cut its clean-up short."""

import asyncio
import signal
import sys

import pytest


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("work", "end"), [("plain", "stopped"), ("uvicorn", "ended")])
async def test_a_stopped_program_cleans_up_to_the_end(stop: signal.Signals, work: str, end: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.embedded.stoppable", work),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert await process.stdout.readline() == b"runs\n"
    process.send_signal(stop)
    if work == "plain":
        await asyncio.sleep(0.05)
        process.send_signal(stop)
    output, errors = await process.communicate()
    assert (process.returncode, output.decode().split("\n"), errors) == (0, ["cleaned up", end, ""], b"")
