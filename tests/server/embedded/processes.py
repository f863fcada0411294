"""Real parents and what is left of them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

PARTS = ("postgres", "redis", "temporal")


@dataclass
class Parent:
    process: asyncio.subprocess.Process
    addresses: dict[str, str]
    children: dict[str, psutil.Process]


@asynccontextmanager
async def running_parent(home: Path, *, user: str | None = None) -> AsyncIterator[Parent]:
    """Another process that runs the parts on `home`; whatever the test left of it is ended at the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.embedded.parent", str(home)),
        stdout=asyncio.subprocess.PIPE,
        user=user,
    )
    assert process.stdout
    line = await process.stdout.readline()
    assert line, "the parent could not start the parts"
    parent = Parent(process, json.loads(line), recorded(home))
    try:
        yield parent
    finally:
        for child in filter(runs, parent.children.values()):
            child.kill()
        if process.returncode is None:
            process.kill()
        await process.wait()


def recorded(home: Path) -> dict[str, psutil.Process]:
    """The children as the home's own records name them."""
    records = {path.stem: json.loads(path.read_text()) for path in (home / "children").glob("*.json")}
    return {name: psutil.Process(record["pid"]) for name, record in records.items()}


def runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


async def until(condition: Callable[[], bool]) -> None:
    """The suite's time limit ends a wait for what never comes."""
    while not condition():
        await asyncio.sleep(0.02)
