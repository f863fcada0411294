"""Rate limits in memory: a token bucket to the microsecond."""

import math
from datetime import datetime, timedelta
from fractions import Fraction

from domain.errors import LimitExceeded
from services.gateways import Quota
from services.ports import Clock

_A_MINUTE = timedelta(minutes=1) // timedelta(microseconds=1)


class InMemoryRateLimits:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[Fraction, datetime]] = {}

    async def take_each(self, *wanted: tuple[Quota, str]) -> None:
        for quota, key in wanted:
            await self.take(quota, key)

    async def take(self, quota: Quota, key: str) -> None:
        now = self._clock.now()
        left, since = self._buckets.get((quota.name, key), (Fraction(quota.burst), now))
        gained = Fraction((now - since) // timedelta(microseconds=1) * quota.per_minute, _A_MINUTE)
        left = min(Fraction(quota.burst), left + gained)
        if left < 1:
            self._buckets[quota.name, key] = (left, now)
            seconds = max(1, math.ceil((1 - left) * 60 / quota.per_minute))
            message = f"That is too often; try again in {seconds} seconds."
            raise LimitExceeded(message, code="rate_limited", retry_after=seconds)
        self._buckets[quota.name, key] = (left - 1, now)
