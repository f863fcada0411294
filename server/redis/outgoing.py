"""Commands on their way to Redis. Nobody waits for them: what gathers while some are under way goes together."""

import asyncio
import logging
import time

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

Command = tuple[str | bytes | int, ...]

AWAY_SECONDS = 1.0
_MOST_WAITING = 5_000


class Outgoing:
    """In order. A Redis that is away costs one failed try a second, and what was meant for it meanwhile."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._waiting: list[Command] = []
        self._sending: asyncio.Task[None] | None = None
        self._away_until = 0.0

    @property
    def away(self) -> bool:
        return time.monotonic() < self._away_until

    def send(self, *commands: Command) -> None:
        if self.away or len(self._waiting) > _MOST_WAITING:
            return
        self._waiting.extend(commands)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="sending to Redis")

    async def flush(self) -> None:
        """Until what was to be sent before is sent, or lost."""
        if self._sending:
            await asyncio.wait([self._sending])

    async def _send(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            pipeline = self._client.pipeline(transaction=False)
            for command in batch:
                pipeline.execute_command(*command)
            try:
                await pipeline.execute(raise_on_error=False)
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                self._waiting.clear()
                log.warning("Redis is away: %s", type(error).__name__)
