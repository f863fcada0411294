"""npm's `@ag-ui/client`, unmodified, in a node process of its own."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLIENTS = Path(__file__).parents[1] / "clients"
Json = dict[str, Any]


@dataclass(slots=True)
class Run:
    """What the client holds once a run is over, and the events that it took in it."""

    events: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    state: Json = field(default_factory=dict)
    interrupts: list[Json] = field(default_factory=list)
    error: str | None = None

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    @property
    def spoken(self) -> list[tuple[str, str]]:
        """Who said what; calls and results are not said."""
        said = (one for one in self.messages if one["role"] in ("user", "assistant"))
        return [(one["role"], one["content"]) for one in said if one.get("content")]


class StockClient:
    """Commands go in, and what comes out is read when a test asks for it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._run = Run()

    @property
    def seen(self) -> list[Json]:
        """Of the run that goes on, as far as it was read."""
        return self._run.events

    async def run(self, **command: Any) -> Run:
        await self.begin(**command)
        return await self.finished()

    async def begin(self, **command: Any) -> None:
        self._run = Run()
        await self._send(command)

    async def until(self, type: str, count: int = 1) -> None:
        while self._run.types.count(type) < count:
            line = await self._line()
            assert "event" in line, f"the run ended before: {line}"
            self._run.events.append(line["event"])

    async def finished(self) -> Run:
        while "done" not in (line := await self._line()):
            self._run.events.append(line["event"])
        done, run = line["done"], self._run
        run.messages, run.state, run.interrupts, run.error = (
            done[name] for name in ("messages", "state", "interrupts", "error")
        )
        return run

    async def _send(self, command: Json) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()

    async def _line(self) -> Json:
        assert self._process.stdout
        line = await self._process.stdout.readline()
        assert line, "the client has died"
        return dict(json.loads(line))


@asynccontextmanager
async def stock_client(url: str, token: str, thread_id: str) -> AsyncIterator[StockClient]:
    node = shutil.which("node")
    assert node, "the stock clients run on node"
    process = await asyncio.create_subprocess_exec(
        node, CLIENTS / "agui.mjs", stdin=PIPE, stdout=PIPE, limit=2**24, cwd=CLIENTS
    )
    client = StockClient(process)
    try:
        await client._send({"url": url, "token": token, "threadId": thread_id})
        yield client
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()
