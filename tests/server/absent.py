"""Servers that are not there, or as good as."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.terminal.own_server import free_port


def nobody() -> str:
    """A host and port where nobody listens."""
    return f"127.0.0.1:{free_port()}"


@dataclass
class Silent:
    address: str = ""
    visits: int = 0


@asynccontextmanager
async def silence() -> AsyncIterator[Silent]:
    """Somebody who listens and never answers."""
    silent, over = Silent(), asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.visits += 1
        await over.wait()
        writer.transport.abort()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        silent.address = "{}:{}".format(*server.sockets[0].getsockname())
        try:
            yield silent
        finally:
            over.set()
