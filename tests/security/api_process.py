"""The API in a process of its own, on parts that others use too."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from server.terminal.own_server import free_port

ROOT = Path(__file__).parents[2]
_SERVE = """
import asyncio
from server.api.serve import serve
from server.settings import Settings
asyncio.run(serve(Settings(), tuple))
"""


@asynccontextmanager
async def api_process(settings: Mapping[str, str], home: Path) -> AsyncIterator[str]:
    """Its address, from the moment it is ready."""
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MP_")}
    own = {"MP_HOME": str(home), "MP_PORT": str(port)}
    with (home / f"{port}.log").open("w+") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _SERVE),
            cwd=ROOT,
            env={**inherited, **settings, **own},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            while not await _ready(url):
                assert process.returncode is None, log.name
                await asyncio.sleep(0.1)
            yield url
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _ready(url: str) -> bool:
    async with httpx.AsyncClient(timeout=30) as client:
        try:
            return (await client.get(f"{url}/readyz")).is_success
        except httpx.TransportError:
            return False
