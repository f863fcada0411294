"""What stock clients of a protocol are tried against: the API on a port, a line to it that breaks, and node."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import uvicorn

from server.api.app import create_app
from server.api.serve import IDLE_SECONDS
from server.bootstrap import System

CLIENTS = Path(__file__).parents[1] / "clients"


@asynccontextmanager
async def served(system: System) -> AsyncIterator[int]:
    """The port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(
            create_app(system),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=IDLE_SECONDS,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener]))  # `serve` would take over the signals
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await serving


class BreakingLine:
    """Passes everything on, but breaks off once, right after the words have gone by."""

    def __init__(self, port: int, words: bytes) -> None:
        self._port = port
        self._words = words
        self.broken = 0

    @asynccontextmanager
    async def up(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        async with server:
            yield int(server.sockets[0].getsockname()[1])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        there = asyncio.create_task(self._passed(reader, far_writer, b""))
        await self._passed(far_reader, writer, self._words)
        there.cancel()

    async def _passed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: bytes) -> None:
        with closing(writer):
            seen = b""
            while piece := await reader.read(65_536):
                seen += piece
                writer.write(piece)
                await writer.drain()
                if until and until in seen and not self.broken:
                    self.broken += 1
                    writer.transport.abort()
                    return


async def node(script: str, **wanted: Any) -> Any:
    """What the script in tests/clients prints, given these as JSON."""
    assert (CLIENTS / "node_modules" / "ready").exists(), "make tests/clients/node_modules/ready"
    process = await asyncio.create_subprocess_exec(
        *("node", script, json.dumps(wanted)),
        cwd=CLIENTS,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)
