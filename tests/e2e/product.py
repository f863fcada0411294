"""The real product as its own process, which a test may kill."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from domain.errors import Unavailable
from server.seed import DEMO_EMAIL, DEMO_PASSWORD
from server.terminal.account import Account
from server.terminal.client import ApiClient, Event, connect
from server.terminal.own_server import free_port, probe_api
from tests.server.embedded.homes import temporary_home

ACCOUNT = Account(DEMO_EMAIL, DEMO_PASSWORD)
LEASE_SECONDS = 3  # after a kill nobody runs the turn for that long


class Product:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.home = folder / "data"
        self._log = folder / "run.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Until the API answers."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MP_")}
        own = {"MP_HOME": self.home, "MP_PORT": self.port, "MP_TURN_LEASE_SECONDS": LEASE_SECONDS}
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "server.cli", "run"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, **{name: str(value) for name, value in own.items()}},
            )
        while not await self._answers():
            assert self._process.returncode is None, self._log.read_text()
            await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """As kill -9 does: nothing is said, nothing is cleaned up."""
        assert self._process
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def _answers(self) -> bool:
        try:
            await probe_api(self.url)
        except Unavailable:
            return False
        return True


@asynccontextmanager
async def product() -> AsyncIterator[Product]:
    with temporary_home() as folder:
        one = Product(folder)
        try:
            await one.start()
            yield one
        finally:
            await one.stop()


@asynccontextmanager
async def visitor(one: Product) -> AsyncIterator[ApiClient]:
    async with connect(one.url, ACCOUNT) as client:
        yield client


class Text:
    """The messages as a client puts them together from what it got."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def take(self, event: Event) -> None:
        if event.type == "TEXT_MESSAGE_CONTENT":
            message_id = event.data["messageId"]
            self.of[message_id] = self.of.get(message_id, "") + event.data["delta"]
        elif restarted := event.custom("text_restarted"):
            self.of[str(restarted["messageId"])] = ""


async def spoken(client: ApiClient, session_id: str) -> dict[str, str]:
    """The assistant's messages that have words, as the API has them."""
    page = await client.get(f"/sessions/{session_id}/messages", limit="200")
    return {one["id"]: one["text"] for one in page["items"] if one["role"] == "assistant" and one["text"]}
