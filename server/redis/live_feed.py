"""The live feed over Redis Streams: one short-lived stream per session, read by whoever watches it.

Redis may be away, forget, or be replaced: what is durable comes from Postgres, and the feed says so by an empty batch.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import cast

from pydantic import TypeAdapter
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.ids import SessionId, TenantId
from services.events import SessionEvent, TextDelta

Entry = SessionEvent | TextDelta
Found = list[tuple[bytes, dict[bytes, bytes]]]  # entry ids with their fields

log = logging.getLogger(__name__)

MOST_ENTRIES = 500
LIFETIME_SECONDS = 300
_BLOCK_MS = 800
_ANSWER_SECONDS = 1.0  # for a blocking read too: whoever follows hears something every second
_PAUSE_SECONDS = 0.5
_MOST_FOLLOWERS = 2_000
_START = b"0-0"

# Two fields, so that a new follower can pass over the events without parsing them.
_EVENT, _DELTA = b"e", b"d"
_TYPES: dict[bytes, TypeAdapter[SessionEvent] | TypeAdapter[TextDelta]] = {
    _EVENT: TypeAdapter(SessionEvent),
    _DELTA: TypeAdapter(TextDelta),
}


class RedisFeed:
    """`LiveFeed` on one Redis. Connects when first used; to be closed."""

    def __init__(self, url: str) -> None:
        self._writer = _client(url, most_connections=50)
        self._reader = _client(url, most_connections=_MOST_FOLLOWERS)
        self._away_until = 0.0

    async def publish(self, entries: Sequence[Entry]) -> None:
        """A Redis that is away costs one failed try a second, not one for every entry."""
        if not entries or time.monotonic() < self._away_until:
            return
        key = _key(entries[0].tenant_id, entries[0].session_id)
        pipeline = self._writer.pipeline(transaction=False)
        for entry in entries:
            field = _EVENT if isinstance(entry, SessionEvent) else _DELTA
            pipeline.xadd(key, {field: entry.model_dump_json()}, maxlen=MOST_ENTRIES, approximate=True)
        pipeline.expire(key, LIFETIME_SECONDS)
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + 1.0
            log.warning("the live feed is away: %s", type(error).__name__)

    async def follow(self, tenant_id: TenantId, session_id: SessionId) -> AsyncIterator[Sequence[Entry]]:
        """After an outage it goes on from the end of the stream: what was missed comes from the database."""
        key = _key(tenant_id, session_id)
        position: bytes | None = None
        following = False
        while True:
            try:
                if position is None:
                    position, batch = await self._enter(key, with_deltas=not following)
                else:
                    position, batch = await self._next(key, position)
            except (RedisError, OSError) as error:
                log.info("following without the live feed: %s", type(error).__name__)
                if following:
                    await asyncio.sleep(_PAUSE_SECONDS)
                position, batch = None, []
            following = True
            yield batch

    async def reachable(self) -> bool:
        try:
            await self._writer.ping()
        except (RedisError, OSError):
            return False
        return True

    async def aclose(self) -> None:
        await self._writer.aclose()
        await self._reader.aclose()

    async def _enter(self, key: str, *, with_deltas: bool) -> tuple[bytes, list[Entry]]:
        """The stream's end, and the text deltas before it: the events before it are in the database by now."""
        if not with_deltas:
            last = cast("Found", await self._reader.xrevrange(key, count=1))
            return (last[0][0] if last else _START), []
        found = cast("Found", await self._reader.xrange(key))
        return (found[-1][0] if found else _START), _parsed([one for one in found if _DELTA in one[1]])

    async def _next(self, key: str, position: bytes) -> tuple[bytes, list[Entry]]:
        answer = cast("list[tuple[bytes, Found]]", await self._reader.xread({key: position}, block=_BLOCK_MS))
        found = answer[0][1] if answer else []
        return (found[-1][0] if found else position), _parsed(found)


def _key(tenant_id: TenantId, session_id: SessionId) -> str:
    return f"mp:{tenant_id}:{session_id}"


def _parsed(found: Found) -> list[Entry]:
    return [_TYPES[name].validate_json(value) for _, fields in found for name, value in fields.items()]


def _client(url: str, *, most_connections: int) -> Redis:
    """Without the library's retries: the next entry, or the next second, is the retry here."""
    pool = ConnectionPool.from_url(
        url,
        max_connections=most_connections,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)
