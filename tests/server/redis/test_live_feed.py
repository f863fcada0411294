"""The live feed on a real Redis, one that is away, and one that comes back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import closing

import pytest
from redis.asyncio import Redis

from domain.ids import SessionId, TenantId, TurnId, new_id
from server.redis.live_feed import LIFETIME_SECONDS, MOST_ENTRIES, RedisFeed
from services.events import TextDelta
from services.ports import LiveFeed

TENANT = TenantId(new_id())


@pytest.fixture
async def feed(redis_url: str) -> AsyncIterator[RedisFeed]:
    feed = RedisFeed(redis_url)
    yield feed
    await feed.aclose()


def _delta(session_id: SessionId, text: str, offset: int = 0) -> TextDelta:
    return TextDelta(
        tenant_id=TENANT,
        session_id=session_id,
        turn_id=TurnId(session_id),
        agent="planning",
        message_id="m",
        attempt=1,
        offset=offset,
        text=text,
    )


async def test_it_is_reachable(feed: RedisFeed) -> None:
    assert await feed.reachable()


async def test_streams_are_short_and_do_not_stay(feed: RedisFeed, redis_url: str) -> None:
    session_id = SessionId(new_id())
    await feed.publish([_delta(session_id, "x", offset) for offset in range(MOST_ENTRIES + 500)])
    async with Redis.from_url(redis_url) as client:
        key = f"mp:{TENANT}:{session_id}"
        assert MOST_ENTRIES <= await client.xlen(key) < MOST_ENTRIES + 200
        assert 0 < await client.ttl(key) <= LIFETIME_SECONDS


async def test_a_feed_that_is_away_raises_nothing_and_still_ticks() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        url = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
    feed = RedisFeed(url)
    session_id = SessionId(new_id())
    await feed.publish([_delta(session_id, "lost")])
    assert not await feed.reachable()
    following = feed.follow(TENANT, session_id)
    assert [await anext(following) for _ in range(3)] == [[], [], []]
    await feed.aclose()


async def test_it_goes_on_when_redis_comes_back(redis_url: str) -> None:
    """Behind a door that can be shut. What came while it was shut is not told twice, or half: the database has it."""
    async with _Door(redis_url) as door:
        feed: LiveFeed = RedisFeed(door.url)
        writer = RedisFeed(redis_url)
        session_id = SessionId(new_id())
        following = feed.follow(TENANT, session_id)
        assert await anext(following) == []
        await writer.publish([_delta(session_id, "before")])
        assert await _texts(following) == ["before"]
        await door.shut()
        assert await anext(following) == []
        await writer.publish([_delta(session_id, "meanwhile")])
        assert await anext(following) == []
        await door.open()
        while not door.visits:
            assert await anext(following) == []
        await writer.publish([_delta(session_id, "after")])
        assert await _texts(following) == ["after"]
        await writer.aclose()
        await feed.aclose()  # type: ignore[attr-defined]  # of the driver, not of the port


async def _texts(following: AsyncIterator[Sequence[object]]) -> list[str]:
    async for batch in following:
        if batch:
            return [entry.text for entry in batch if isinstance(entry, TextDelta)]
    return []


class _Door:
    """A way to Redis that can be shut and opened again at the same address."""

    def __init__(self, redis_url: str) -> None:
        self._target = redis_url.removeprefix("unix://").partition("?")[0]
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0
        self.visits = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    async def __aenter__(self) -> "_Door":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def open(self) -> None:
        self.visits = 0
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        assert self._server
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        self._writers |= {writer, far_writer}
        self.visits += 1
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
