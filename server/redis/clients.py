"""Connections to Redis that give up soon: whatever is asked of it here, the next try is not far away."""

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

ANSWER_SECONDS = 1.0


def open_client(url: str, *, most_connections: int) -> Redis:
    """Without the library's retries. Connects when first used; to be closed."""
    pool = ConnectionPool.from_url(
        url,
        max_connections=most_connections,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)
