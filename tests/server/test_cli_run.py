"""`run` as a person knows it: one command, ctrl-C, and a kill that costs nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import psutil
import pytest

from server.terminal.own_server import free_port
from tests.server.commands import mediaplanner, start
from tests.server.embedded.homes import temporary_home
from tests.server.embedded.processes import runs


@pytest.fixture
def settings() -> Iterator[dict[str, str]]:
    with temporary_home() as home:
        yield {"MP_HOME": str(home / "data"), "MP_PORT": str(free_port())}


@asynccontextmanager
async def running(settings: dict[str, str]) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[str]]]:
    """The command once the API answers and the worker runs, and what it has said until then."""
    process = await start("run", settings=settings)
    assert process.stdout
    said: list[str] = []
    try:
        while not said or not said[-1].startswith("worker: process"):
            line = await process.stdout.readline()
            assert line, said
            said.append(line.decode().rstrip())
        await _until_alive(settings, process)
        yield process, said
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _until_alive(settings: dict[str, str], process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings['MP_PORT']}") as client:
        while True:
            try:
                response = await client.get("/livez")
            except httpx.TransportError:
                assert process.returncode is None, await process.communicate()
                await asyncio.sleep(0.05)
            else:
                assert response.status_code == 200
                return


def descendants(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


async def test_one_command_runs_everything_and_neither_a_kill_nor_a_stop_leaves_a_process(
    settings: dict[str, str],
) -> None:
    async with running(settings) as (process, said):
        first = descendants(process)
        assert {child.name() for child in first} >= {"postgres", "redis-server", "temporal"}
        for name in ("postgres", "redis", "temporal", "API", "demo user"):
            assert any(line.strip().startswith(name) for line in said), name

        beside = await mediaplanner("run", settings=settings)
        assert beside.status == 1
        assert f"already runs on {settings['MP_HOME']} (pid {process.pid})" in beside.errors

        process.kill()
        await process.wait()
        async with running(settings) as (again, _):
            assert not any(map(runs, first))
            second = descendants(again)
            again.send_signal(signal.SIGINT)
            await again.communicate()
            assert again.returncode == 0
    assert not any(map(runs, second))
