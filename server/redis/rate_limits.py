"""Rate limits counted in Redis, so that they hold for all replicas together."""

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable
from typing import cast

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from throttled.asyncio import RateLimiterType, RateLimitResult, RedisStore, RedisStoreBackend, Throttled, per_min
from throttled.exceptions import StoreUnavailableError
from throttled.types import AsyncRedisClientP

from domain.errors import LimitExceeded
from services.gateways import Quota

log = logging.getLogger(__name__)

_WARN_EVERY_SECONDS = 60.0
_MOST_AT_ONCE = 20


class RedisRateLimits:
    """`RateLimits` on one Redis. Connects when first used; to be closed.

    The algorithm is GCRA: a token bucket that stores, in place of its tokens, the moment at which it will be full. The
    library's own token bucket counts whole seconds and whole tokens: a bucket that gains less than a token a second
    loses the fraction with every request, and one that fills within half a second is forgotten at once.

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
        self._store = _Store(self._client)
        self._throttles: dict[Quota, Throttled] = {}
        self._monotonic = monotonic
        self._failed_at = self._silent_until = -math.inf

    async def take(self, quota: Quota, key: str) -> None:
        result = await self._ask(quota, _unreadable(key))
        if result and result.limited:
            seconds = max(1, math.ceil(result.state.retry_after))
            message = f"That is too often; try again in {seconds} seconds."
            raise LimitExceeded(message, code="rate_limited", retry_after=seconds)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _ask(self, quota: Quota, key: str) -> RateLimitResult | None:
        """None where Redis is away."""
        asked = self._monotonic()
        async with self._turns:
            if self._failed_at >= asked:
                return None
            try:
                async with asyncio.timeout(self._patience_seconds):
                    return await self._throttle(quota).limit(key)
            except (StoreUnavailableError, RedisError, OSError) as error:
                self._failed_at = self._monotonic()
                self._warn(error)
                return None

    def _throttle(self, quota: Quota) -> Throttled:
        if quota not in self._throttles:
            self._throttles[quota] = Throttled(
                using=RateLimiterType.GCRA.value,
                quota=per_min(quota.per_minute, burst=quota.burst),
                store=self._store,
                key_prefix=f"mp:rate:{quota.name}",
            )
        return self._throttles[quota]

    def _warn(self, error: Exception) -> None:
        now = self._monotonic()
        if now >= self._silent_until:
            self._silent_until = now + _WARN_EVERY_SECONDS
            cause = error.__cause__ or error
            log.warning("requests pass uncounted, the rate limits are away: %s", type(cause).__name__)


class _Store(RedisStore):
    """The library's, on a client of ours: its own stays in a table of the whole process and is never closed."""

    def __init__(self, client: Redis) -> None:
        super().__init__()
        self._backend = _Backend(client)


class _Backend(RedisStoreBackend):
    def __init__(self, client: Redis) -> None:
        super().__init__()
        self._own = cast("AsyncRedisClientP", client)

    def get_client(self) -> AsyncRedisClientP:
        return self._own


def _unreadable(key: str) -> str:
    """Keys are network addresses and e-mail addresses, and Redis is seen by more people than the database is."""
    return hashlib.sha256(key.encode()).hexdigest()


def _client(url: str) -> Redis:
    """Without the library's retries, which would take longer than a request may wait."""
    return Redis.from_pool(ConnectionPool.from_url(url, max_connections=_MOST_AT_ONCE, retry=Retry(NoBackoff(), 0)))
