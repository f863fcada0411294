"""Servers that are not there, or as good as."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from socket import create_server


def nobody() -> str:
    """A host and port where nobody listens."""
    with closing(create_server(("127.0.0.1", 0))) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


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
