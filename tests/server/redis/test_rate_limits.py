"""Rate limits on a real Redis, one that is away, one that is silent, and one that comes back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from domain.errors import LimitExceeded
from domain.ids import new_id
from server.redis.rate_limits import RedisRateLimits
from services.gateways import Quota
from tests.server.absent import nobody, silence

ADDRESS = "ada@example.com"


@pytest.fixture
async def limits(redis_url: str) -> AsyncIterator[RedisRateLimits]:
    limits = RedisRateLimits(redis_url, patience_seconds=30)
    yield limits
    await limits.aclose()


def _quota(burst: int = 1, per_minute: int = 1) -> Quota:
    return Quota(f"test-{new_id()}", burst, per_minute)


async def test_keys_do_not_tell_whom_they_count_and_do_not_stay(limits: RedisRateLimits, redis_url: str) -> None:
    quota = _quota(burst=2, per_minute=2)
    await limits.take(quota, ADDRESS)
    async with Redis.from_url(redis_url) as client:
        (key,) = [key async for key in client.scan_iter(f"mp:rate:{quota.name}:*", count=1000)]
        assert ADDRESS.encode() not in key
        assert 0 < await client.ttl(key) <= 30


async def test_several_replicas_count_together(redis_url: str) -> None:
    quota, replicas = _quota(burst=10), [RedisRateLimits(redis_url, patience_seconds=30) for _ in range(3)]
    takes = [replica.take(quota, ADDRESS) for replica in replicas for _ in range(200)]
    answers = await asyncio.gather(*takes, return_exceptions=True)
    assert answers.count(None) == 10
    assert {type(answer) for answer in answers} == {type(None), LimitExceeded}
    for replica in replicas:
        await replica.aclose()


async def test_closing_leaves_no_connection(redis_url: str) -> None:
    name = f"test-{new_id()}"
    limits = RedisRateLimits(f"{redis_url}&client_name={name}")
    async with Redis.from_url(redis_url) as client:
        await limits.take(_quota(), ADDRESS)
        assert len(await _connections(client, name)) == 1
        await limits.aclose()
        while await _connections(client, name):
            await asyncio.sleep(0.02)


async def test_a_connection_that_redis_closed_lets_nobody_pass(redis_url: str) -> None:
    name, quota = f"test-{new_id()}", _quota()
    limits = RedisRateLimits(f"{redis_url}&client_name={name}", patience_seconds=30)
    await limits.take(quota, ADDRESS)
    async with Redis.from_url(redis_url) as client:
        for connection in await _connections(client, name):
            await client.client_kill_filter(_id=connection)
    with pytest.raises(LimitExceeded):
        await limits.take(quota, ADDRESS)
    await limits.aclose()


async def _connections(client: Redis, name: str) -> list[str]:
    return [one["id"] for one in await client.client_list() if one["name"] == name]


async def test_requests_pass_while_redis_is_away_and_one_warning_a_minute_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seconds = [0.0]
    limits = RedisRateLimits(f"redis://{nobody()}/0", monotonic=lambda: seconds[0])
    with caplog.at_level(logging.WARNING, logger="server.redis.rate_limits"):
        for now in (0.0, 1.0, 59.0, 60.0, 61.0):
            seconds[0] = now
            await limits.take(_quota(), ADDRESS)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert ADDRESS not in caplog.text
    await limits.aclose()


async def test_requests_pass_while_redis_is_silent() -> None:
    """And a crowd does not find out one after the other."""
    quota = _quota()
    async with silence() as silent:
        limits = RedisRateLimits(f"redis://{silent.address}/0", patience_seconds=0.1)
        await asyncio.gather(*(limits.take(quota, ADDRESS) for _ in range(100)))
        assert silent.visits <= 20
        await limits.aclose()


async def test_it_counts_again_the_moment_redis_is_back(redis_url: str, tmp_path: Path) -> None:
    door, quota = tmp_path / "redis.sock", _quota()
    limits = RedisRateLimits(f"unix://{door}", patience_seconds=30)
    await limits.take(quota, ADDRESS)
    door.symlink_to(redis_url.removeprefix("unix://").partition("?")[0])
    await limits.take(quota, ADDRESS)
    with pytest.raises(LimitExceeded):
        await limits.take(quota, ADDRESS)
    await limits.aclose()
