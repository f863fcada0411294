"""RateLimits: a burst passes, then as much as comes back with time; everybody has a bucket of their own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from domain.errors import LimitExceeded
from domain.ids import new_id
from server.redis.rate_limits import RedisRateLimits
from services.gateways import Quota, RateLimits
from tests.fakes.clock import FakeClock
from tests.fakes.rate_limits import InMemoryRateLimits


@dataclass(frozen=True)
class World:
    limits: RateLimits
    pass_time: Callable[[float], Awaitable[None]]  # seconds


@pytest.fixture(params=["memory", "redis"])
def world(request: pytest.FixtureRequest) -> World:
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


@pytest.fixture
def memory_world() -> World:
    clock = FakeClock()

    async def pass_time(seconds: float) -> None:
        clock.advance(seconds=seconds)

    return World(InMemoryRateLimits(clock), pass_time)


@pytest.fixture
async def redis_world(redis_url: str) -> AsyncIterator[World]:
    limits = RedisRateLimits(redis_url, patience_seconds=30)
    yield World(limits, asyncio.sleep)
    await limits.aclose()


def _quota(*, burst: int, per_minute: int = 1) -> Quota:
    """Of a name that no other test has."""
    return Quota(f"test-{new_id()}", burst, per_minute)


async def _passes(limits: RateLimits, quota: Quota, key: str = "ada") -> bool:
    try:
        await limits.take(quota, key)
    except LimitExceeded:
        return False
    return True


async def _refused_for(limits: RateLimits, quota: Quota) -> int:
    while True:
        try:
            await limits.take(quota, "ada")
        except LimitExceeded as refusal:
            retry_after = refusal.details["retry_after"]
            assert isinstance(retry_after, int)
            return retry_after


async def test_a_burst_passes_and_the_next_is_told_when_to_come_back(world: World) -> None:
    quota = _quota(burst=3, per_minute=2)
    for _ in range(3):
        await world.limits.take(quota, "ada")
    with pytest.raises(LimitExceeded) as refusal:
        await world.limits.take(quota, "ada")
    assert refusal.value.code == "rate_limited"
    retry_after = refusal.value.details["retry_after"]
    assert isinstance(retry_after, int)
    assert 1 <= retry_after <= 30


async def test_other_keys_and_other_quotas_have_buckets_of_their_own(world: World) -> None:
    quota, other = _quota(burst=1), _quota(burst=1)
    assert await _passes(world.limits, quota)
    assert not await _passes(world.limits, quota)
    assert await _passes(world.limits, quota, "bob")
    assert await _passes(world.limits, other)


async def test_of_several_the_first_that_is_refused_is_told_and_those_behind_it_are_not_counted(world: World) -> None:
    wide, narrow, last = _quota(burst=3), _quota(burst=1, per_minute=30), _quota(burst=2)
    await world.limits.take_each((wide, "ada"), (narrow, "ada"), (last, "ada"))
    with pytest.raises(LimitExceeded) as refusal:
        await world.limits.take_each((wide, "ada"), (narrow, "ada"), (last, "ada"))
    assert refusal.value.details["retry_after"] in (1, 2)
    passed = [sum([await _passes(world.limits, quota) for _ in range(3)]) for quota in (wide, narrow, last)]
    assert passed == [1, 0, 1]


async def test_of_many_at_once_exactly_the_burst_passes(world: World) -> None:
    quota = _quota(burst=10)
    passed = await asyncio.gather(*(_passes(world.limits, quota) for _ in range(50)))
    assert sum(passed) == 10


async def test_after_the_time_that_was_told_one_passes(world: World) -> None:
    quota = _quota(burst=2, per_minute=80)
    await world.pass_time(await _refused_for(world.limits, quota))
    assert await _passes(world.limits, quota)


async def test_what_comes_back_within_a_second_counts(world: World) -> None:
    quota = _quota(burst=20, per_minute=600)
    for _ in range(20):
        await _passes(world.limits, quota)
    for _ in range(4):
        await world.pass_time(0.11)
        assert await _passes(world.limits, quota)


async def test_whoever_keeps_knocking_does_not_wait_longer(world: World) -> None:
    quota = _quota(burst=1, per_minute=60)
    await world.limits.take(quota, "ada")
    for _ in range(20):
        await world.pass_time(0.3)
        if await _passes(world.limits, quota):
            return
    pytest.fail("nobody opened")
