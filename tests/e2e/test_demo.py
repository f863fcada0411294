"""`mediaplanner demo`, from starting a product of its own to the last line."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from domain.errors import DomainError
from server.settings import Settings
from server.terminal.demo import demo
from server.terminal.own_server import free_port
from tests.server.embedded.homes import temporary_home

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as folder:
        yield folder


@asynccontextmanager
async def somebody_else(answer: bytes) -> AsyncIterator[int]:
    """A server that is alive and no media planner; gives its port."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    async with server:
        port: int = server.sockets[0].getsockname()[1]
        yield port


async def test_the_demo_plays_on_a_product_of_its_own(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await demo(Settings(home=home / "data", port=free_port()))
    said = capsys.readouterr().out.strip().splitlines()
    last = json.loads(said[-1])
    assert last.pop("seconds") > 0
    assert last == {"demo": "ok", "turns": 6, "campaigns": 1, "plans": 4, "jobs_completed": 1}
    assert any("planning workflow finished" in line for line in said)


async def test_a_demo_that_fails_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with somebody_else(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") as port:
        with pytest.raises(DomainError) as failed:
            await demo(Settings(home=home / "data", port=port))
    last = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert last["demo"] == "failed"
    assert last["reason"]
    assert failed.value.code == "demo_failed"
