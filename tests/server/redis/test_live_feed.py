"""The live feed on a real Redis, one that is away, and one that comes back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, closing

import pytest
from redis.asyncio import Redis

from domain.ids import SessionId, TenantId, TurnId, new_id
from server.redis.live_feed import LIFETIME_SECONDS, MOST_ENTRIES, RedisFeed
from services.events import TextDelta
from tests.server.redis.door import Door

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
    await feed.flush()
    async with Redis.from_url(redis_url) as client:
        key = f"mp:{TENANT}:{session_id}"
        assert MOST_ENTRIES <= await client.xlen(key) < MOST_ENTRIES + 200
        assert 0 < await client.ttl(key) <= LIFETIME_SECONDS


async def test_an_erased_tenant_leaves_no_stream(feed: RedisFeed, redis_url: str) -> None:
    gone, other = TenantId(new_id()), TenantId(new_id())
    deltas = {
        tenant: _delta(SessionId(new_id()), "x").model_copy(update={"tenant_id": tenant}) for tenant in (gone, other)
    }
    for delta in deltas.values():
        await feed.publish([delta])
    await feed.forget_tenant(gone)
    async with Redis.from_url(redis_url) as client:
        assert [key async for key in client.scan_iter(match=f"*{gone}*")] == []
        assert await client.exists(f"mp:{other}:{deltas[other].session_id}")


async def test_a_deleted_conversation_leaves_no_stream(feed: RedisFeed, redis_url: str) -> None:
    gone, other = SessionId(new_id()), SessionId(new_id())
    for session_id in (gone, other):
        await feed.publish([_delta(session_id, "x")])
    await feed.forget_session(TENANT, gone)
    await feed.flush()
    async with Redis.from_url(redis_url) as client:
        assert [await client.exists(f"mp:{TENANT}:{one}") for one in (gone, other)] == [0, 1]


async def test_a_feed_that_is_away_raises_nothing_and_still_ticks() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        url = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
    feed = RedisFeed(url)
    session_id = SessionId(new_id())
    await feed.publish([_delta(session_id, "lost")])
    assert not await feed.reachable()
    await feed.forget_tenant(TENANT)
    async with aclosing(feed.follow(TENANT, SessionId(new_id()))) as following:
        assert [await anext(following) for _ in range(3)] == [[], [], []]
    await feed.aclose()


async def test_it_goes_on_when_redis_comes_back(redis_url: str) -> None:
    """Behind a door that can be shut. What came while it was shut is not told twice, or half: the database has it."""
    async with Door(redis_url) as door:
        feed, writer = RedisFeed(door.url), RedisFeed(redis_url)
        session_id = SessionId(new_id())
        async with aclosing(feed.follow(TENANT, session_id)) as following:
            assert await anext(following) == []
            await writer.publish([_delta(session_id, "before")])
            assert await _texts(following) == ["before"]
            await door.shut()
            assert await anext(following) == []
            await writer.publish([_delta(session_id, "meanwhile")])
            assert await anext(following) == []
            await door.open()
            saying = asyncio.create_task(_again_and_again(writer, _delta(session_id, "after")))
            assert set(await _texts(following)) == {"after"}
            saying.cancel()
        await writer.aclose()
        await feed.aclose()


async def test_who_follows_in_the_same_process_needs_no_redis(redis_url: str) -> None:
    async with Door(redis_url) as door:
        feed, session_id = RedisFeed(door.url), SessionId(new_id())
        async with aclosing(feed.follow(TENANT, session_id)) as following:
            assert await anext(following) == []
            await door.shut()
            assert await anext(following) == []
            await feed.publish([_delta(session_id, "half a ")])
            assert await _texts(following) == ["half a "]
            async with aclosing(feed.follow(TENANT, session_id)) as newcomer:
                assert await _texts(newcomer) == ["half a "]
                await door.open()
                await feed.publish([_delta(session_id, "sentence", 7)])
                for reader in (following, newcomer):
                    assert await _texts(reader) == ["sentence"]
        await feed.aclose()


async def test_whoever_was_heard_from_redis_is_told_once(feed: RedisFeed) -> None:
    """Redis says to this process too what this process has said."""
    session_id = SessionId(new_id())
    async with aclosing(feed.follow(TENANT, session_id)) as following:
        assert await anext(following) == []
        heard: list[str] = []
        for number in range(3):
            await feed.publish([_delta(session_id, str(number), number)])
            await feed.flush()
            heard += await _texts(following)
        assert await anext(following) == []
    assert heard == ["0", "1", "2"]


async def _again_and_again(feed: RedisFeed, delta: TextDelta) -> None:
    while True:
        await feed.publish([delta])
        await asyncio.sleep(0.05)


async def _texts(following: AsyncIterator[Sequence[object]]) -> list[str]:
    async for batch in following:
        if batch:
            return _texts_of(batch)
    return []


def _texts_of(batch: Sequence[object]) -> list[str]:
    return [entry.text for entry in batch if isinstance(entry, TextDelta)]
