"""Rate limits counted in Redis, so that they hold for all replicas together."""

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable
from itertools import chain

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.errors import LimitExceeded
from services.gateways import Quota

log = logging.getLogger(__name__)

_WARN_EVERY_SECONDS = 60.0
_MOST_AT_ONCE = 20
_MINUTE = 60_000_000  # in microseconds, as everything in the script

# A bucket is the moment at which it will be full, a token what it gains in `interval`. The answer is how long it takes
# until the first bucket that has no token has one; the buckets behind it are left alone.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for number, bucket in ipairs(KEYS) do
    local interval, burst = tonumber(ARGV[2 * number - 1]), tonumber(ARGV[2 * number])
    local full = math.max(now, tonumber(redis.call('GET', bucket) or now)) + interval
    local wait = full - now - burst * interval
    if wait > 0 then
        return wait
    end
    redis.call('SET', bucket, string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
end
return 0
"""


class RedisRateLimits:
    """`RateLimits` on one Redis. Connects when first used; to be closed.

    The algorithm is GCRA: a token bucket that stores, in place of its tokens, the moment at which it will be full.

    A crowd waits in line and is counted to the last. Whoever waits when Redis goes away passes; whoever comes later
    asks again, so that the limits hold the moment Redis is back.
    """

    def __init__(
        self, url: str, *, patience_seconds: float = 0.5, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`patience_seconds` is how long Redis may take to answer."""
        self._client = _client(url)
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)
        self._patience_seconds = patience_seconds
        self._monotonic = monotonic
        self._failed_at = self._silent_until = -math.inf

    async def take(self, quota: Quota, key: str) -> None:
        await self.take_each((quota, key))

    async def take_each(self, *wanted: tuple[Quota, str]) -> None:
        if wait := await self._ask(wanted):
            seconds = max(1, math.ceil(wait / 1_000_000))
            message = f"That is too often; try again in {seconds} seconds."
            raise LimitExceeded(message, code="rate_limited", retry_after=seconds)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _ask(self, wanted: tuple[tuple[Quota, str], ...]) -> int:
        """Microseconds to wait; none where Redis is away."""
        buckets = [f"mp:rate:{quota.name}:{_unreadable(key)}" for quota, key in wanted]
        sizes = chain.from_iterable((round(_MINUTE / quota.per_minute), quota.burst) for quota, _ in wanted)
        asked = self._monotonic()
        async with self._turns:
            if self._failed_at >= asked:
                return 0
            try:
                async with asyncio.timeout(self._patience_seconds):
                    return int(await self._client.eval(_TAKE, len(buckets), *buckets, *map(str, sizes)))
            except (RedisError, OSError) as error:
                self._failed_at = self._monotonic()
                self._warn(error)
                return 0

    def _warn(self, error: Exception) -> None:
        now = self._monotonic()
        if now >= self._silent_until:
            self._silent_until = now + _WARN_EVERY_SECONDS
            log.warning("requests pass uncounted, the rate limits are away: %s", type(error).__name__)


def _unreadable(key: str) -> str:
    """Keys are network addresses and e-mail addresses, and Redis is seen by more people than the database is."""
    return hashlib.sha256(key.encode()).hexdigest()


def _client(url: str) -> Redis:
    """Without the library's retries, which would take longer than a request may wait."""
    return Redis.from_pool(ConnectionPool.from_url(url, max_connections=_MOST_AT_ONCE, retry=Retry(NoBackoff(), 0)))
