"""LiveFeed: whoever follows a session hears what is published there, and nothing of another one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

import pytest

from domain.ids import SessionId, TenantId, TurnId, new_id
from server.redis.live_feed import RedisFeed
from services.events import EventType, SessionEvent, TextDelta
from services.ports import LiveFeed
from tests.contracts.samples import NOW
from tests.fakes.feed import InMemoryFeed

Entry = SessionEvent | TextDelta


@pytest.fixture(params=["memory", "redis", "redis_elsewhere"])
def feed(request: pytest.FixtureRequest) -> LiveFeed:
    feed: LiveFeed = request.getfixturevalue(f"{request.param}_feed")
    return feed


@pytest.fixture
def memory_feed() -> LiveFeed:
    return InMemoryFeed()


@pytest.fixture
async def redis_feed(redis_url: str) -> AsyncIterator[LiveFeed]:
    feed = RedisFeed(redis_url)
    yield feed
    await feed.aclose()


@pytest.fixture
async def redis_elsewhere_feed(redis_url: str) -> AsyncIterator[LiveFeed]:
    here, there = RedisFeed(redis_url), RedisFeed(redis_url)
    yield Elsewhere(here, there)
    await here.aclose()
    await there.aclose()


class Elsewhere:
    """Two processes: one publishes, the other follows."""

    def __init__(self, here: RedisFeed, there: RedisFeed) -> None:
        self._here = here
        self._there = there

    async def publish(self, entries: Sequence[Entry]) -> None:
        await self._here.publish(entries)
        await self._here.flush()

    def follow(
        self, tenant_id: TenantId, session_id: SessionId, *, near: bool = False
    ) -> AsyncGenerator[Sequence[Entry], None]:
        return self._there.follow(tenant_id, session_id, near=near)


class Room:
    """A session somebody talks in."""

    def __init__(self, tenant_id: TenantId | None = None) -> None:
        self.tenant_id = tenant_id or TenantId(new_id())
        self.session_id = SessionId(new_id())
        self.turn_id = TurnId(new_id())

    def event(self, seq: int, type: EventType = EventType.MESSAGE) -> SessionEvent:
        return SessionEvent(
            tenant_id=self.tenant_id,
            session_id=self.session_id,
            turn_id=self.turn_id,
            type=type,
            data={"text": "grüezi 🌷"},
            seq=seq,
            ts=NOW,
        )

    def delta(self, text: str, offset: int = 0) -> TextDelta:
        return TextDelta(
            tenant_id=self.tenant_id,
            session_id=self.session_id,
            turn_id=self.turn_id,
            agent="planning",
            message_id=f"{self.turn_id}:1",
            attempt=1,
            offset=offset,
            text=text,
        )


class Follower:
    def __init__(self, batches: AsyncIterator[Sequence[Entry]]) -> None:
        self._batches = batches

    async def heard(self, count: int) -> list[Entry]:
        found: list[Entry] = []
        while len(found) < count:
            found += await anext(self._batches)
        return found

    async def next(self) -> list[Entry]:
        return list(await anext(self._batches))


@asynccontextmanager
async def following(feed: LiveFeed, room: Room, *, near: bool = False) -> AsyncIterator[Follower]:
    """Ends the following with the block, as whoever watches does it."""
    async with aclosing(feed.follow(room.tenant_id, room.session_id, near=near)) as batches:
        yield Follower(batches)


async def test_a_follower_hears_everything_from_then_on_in_order(feed: LiveFeed) -> None:
    room = Room()
    async with following(feed, room) as follower:
        assert await follower.next() == []
        entries: list[Entry] = [room.delta("gr"), room.delta("ü", 2), room.event(1), room.event(2)]
        await feed.publish(entries[:2])
        await feed.publish(entries[2:])
        assert await follower.heard(4) == entries


async def test_a_quiet_feed_gives_an_empty_batch(feed: LiveFeed) -> None:
    room = Room()
    async with following(feed, room) as follower:
        assert [await follower.next() for _ in range(2)] == [[], []]


async def test_text_that_is_being_written_is_told_to_a_newcomer(feed: LiveFeed) -> None:
    room = Room()
    await feed.publish([room.event(1)])
    await feed.publish([room.delta("half a sen")])
    async with following(feed, room) as follower:
        assert await follower.next() == [room.delta("half a sen")]
        await feed.publish([room.delta("tence", 10)])
        assert await follower.heard(1) == [room.delta("tence", 10)]


async def test_everybody_who_follows_hears_it(feed: LiveFeed) -> None:
    room = Room()
    async with following(feed, room) as one, following(feed, room) as other:
        followers = [one, other]
        for follower in followers:
            await follower.next()
        await feed.publish([room.event(1)])
        for follower in followers:
            assert await follower.heard(1) == [room.event(1)]


async def test_nothing_of_another_session_or_tenant_is_heard(feed: LiveFeed) -> None:
    room = Room()
    elsewhere, abroad = Room(room.tenant_id), Room()
    abroad.session_id = room.session_id
    async with following(feed, room) as follower:
        await follower.next()
        for other in (elsewhere, abroad):
            await feed.publish([other.event(1), other.delta("secret")])
        await feed.publish([])
        await feed.publish([room.event(7)])
        assert await follower.heard(1) == [room.event(7)]


@pytest.mark.parametrize("kind", ["memory", "redis"])
async def test_a_turn_that_runs_here_is_told_to_a_newcomer_from_its_start(kind: str, redis_url: str) -> None:
    feed, room = RedisFeed(redis_url) if kind == "redis" else InMemoryFeed(), Room()
    start, end = room.event(1, EventType.TURN_STARTED), room.event(3, EventType.TURN_ENDED)
    await feed.publish([start])
    for near in (True, False):
        async with following(feed, room, near=near) as follower:
            assert await follower.next() == [start]
    await feed.publish([room.delta("half a sen")])
    async with following(feed, room, near=True) as follower:
        assert await follower.next() == [start, room.delta("half a sen")]
        await feed.publish([room.event(2)])
        assert await follower.heard(1) == [room.event(2)]
    async with following(feed, room, near=True) as follower:
        assert await follower.next() == [start]
    await feed.publish([end])
    async with following(feed, room, near=True) as follower:
        assert await follower.next() == []
    if isinstance(feed, RedisFeed):
        await feed.aclose()


async def test_who_follows_near_hears_all_of_it_after_the_first_quiet_second(feed: LiveFeed) -> None:
    room = Room()
    async with following(feed, room, near=True) as follower:
        assert await follower.next() == []
        waiting = asyncio.create_task(follower.heard(2))
        while not waiting.done():
            await feed.publish([room.event(1), room.event(2)])
            await asyncio.sleep(0.05)
        assert (await waiting)[:2] == [room.event(1), room.event(2)]


async def test_who_follows_near_is_told_what_is_being_written_there_at_once(redis_url: str) -> None:
    """Without Redis, even where it can be reached."""
    feed, room = RedisFeed(redis_url), Room()
    start = room.event(1, EventType.TURN_STARTED)
    await feed.publish([start])
    await feed.publish([room.delta("half a sen")])
    async with following(feed, room, near=True) as follower:
        assert await follower.next() == [start, room.delta("half a sen")]
        await feed.publish([room.delta("tence", 10)])
        assert await follower.next() == [room.delta("tence", 10)]
    await feed.aclose()
