"""One connection that many listen through: it says when something may have been missed, and heals by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from domain.ids import new_id
from server.redis.clients import open_client
from server.redis.subscriptions import Subscriptions
from tests.server.redis.door import Door


class Listener:
    def __init__(self) -> None:
        self.messages: asyncio.Queue[bytes] = asyncio.Queue()
        self.interruptions: asyncio.Queue[None] = asyncio.Queue()

    def heard(self, message: bytes) -> None:
        self.messages.put_nowait(message)

    def interrupted(self) -> None:
        self.interruptions.put_nowait(None)


@pytest.fixture
async def door(redis_url: str) -> AsyncIterator[Door]:
    async with Door(redis_url) as door:
        yield door


@pytest.fixture
async def subscriptions(door: Door) -> AsyncIterator[Subscriptions]:
    """Asks soon whether Redis is still there."""
    subscriptions = Subscriptions(open_client(door.url, most_connections=2), quiet_seconds=0.1)
    yield subscriptions
    await subscriptions.aclose()


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_a_redis_that_says_nothing_any_more_is_noticed(subscriptions: Subscriptions, door: Door) -> None:
    listener = Listener()
    async with subscriptions.listening(f"test:{new_id()}", listener) as reachable:
        assert reachable
        door.freeze()
        await listener.interruptions.get()
        assert not subscriptions.connected


async def test_a_quiet_redis_is_not_taken_for_a_dead_one(subscriptions: Subscriptions, client: Redis) -> None:
    name, listener = f"test:{new_id()}", Listener()
    async with subscriptions.listening(name, listener):
        await asyncio.sleep(0.5)  # several questions, each answered
        assert listener.interruptions.empty()
        await client.publish(name, "still here")
        assert await listener.messages.get() == b"still here"


async def test_who_comes_while_redis_is_away_is_told_when_it_is_back(
    subscriptions: Subscriptions, door: Door, client: Redis
) -> None:
    name, listener = f"test:{new_id()}", Listener()
    await door.shut()
    async with subscriptions.listening(name, listener) as reachable:
        assert not reachable
        await door.open()
        await listener.interruptions.get()
        await client.publish(name, "hello")
        assert await listener.messages.get() == b"hello"


async def test_many_listeners_share_a_connection_and_channels_nobody_wants_are_left(
    subscriptions: Subscriptions, client: Redis
) -> None:
    names = [f"test:{new_id()}" for _ in range(150)]
    async with AsyncExitStack() as stack:
        for name in names:
            assert await stack.enter_async_context(subscriptions.listening(name, Listener()))
        assert {count for _, count in await client.pubsub_numsub(*names)} == {1}
    async with subscriptions.listening(last := f"test:{new_id()}", Listener()):
        while sum(count for _, count in await client.pubsub_numsub(*names)):
            await asyncio.sleep(0.01)
        assert await client.pubsub_numsub(last) == [(last.encode(), 1)]
    back = Listener()
    async with subscriptions.listening(names[0], back):
        await client.publish(names[0], "again")
        assert await back.messages.get() == b"again"
