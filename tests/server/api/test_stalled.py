"""A request that waits for a database at a standstill is answered; one that waits for a busy database is waited for."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.api.stalled import StalledDatabase
from server.embedded.parts import Parts
from server.postgres.pulse import Pulse

Beats = Callable[[], Awaitable[bool]]


class Slow:
    """An application that answers when it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.may.wait()
        await PlainTextResponse("at last")(scope, receive, send)
        self.done.set()


async def asleep() -> bool:
    return False


async def ask(app: ASGIApp, beats: Beats) -> httpx.Response:
    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        await StalledDatabase(app, beats, patience_seconds=0.01)({**scope, "request_id": "r1"}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(named), base_url="http://api") as client:
        return await client.get("/anything")


async def test_a_standstill_is_said_and_the_request_goes_on_unheard() -> None:
    slow = Slow()

    async def asleep_until_told() -> bool:
        asyncio.get_running_loop().call_later(0.05, slow.may.set)
        return False

    answer = await ask(slow, asleep_until_told)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["Retry-After"]
    await slow.done.wait()


async def test_a_busy_database_is_waited_for() -> None:
    slow, asked = Slow(), 0

    async def busy() -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            slow.may.set()
        return True

    answer = await ask(slow, busy)
    assert (answer.status_code, answer.text, asked >= 3) == (200, "at last", True)


async def test_what_is_answered_in_time_is_left_alone() -> None:
    slow = Slow()
    slow.may.set()
    assert (await ask(slow, asleep)).text == "at last"


async def test_the_pulse_is_that_of_the_database(parts: Parts) -> None:
    pulse = Pulse(parts.database_admin_url)
    assert await asyncio.gather(*(pulse.beats() for _ in range(3))) == [True] * 3


@pytest.mark.parametrize(
    "url", ["postgresql://a:b@/none?host=%2Ftmp%2Fno-such-folder", "postgresql://a:b@127.0.0.1:1/x"]
)
async def test_there_is_no_pulse_where_nobody_listens(url: str) -> None:
    assert not await Pulse(url).beats()


async def test_there_is_no_pulse_where_nobody_answers() -> None:
    """As of a process that was stopped: the connection is made, and nothing comes."""
    ended = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert not await Pulse(f"postgresql://a:b@127.0.0.1:{port}/x").beats()
        ended.set()
