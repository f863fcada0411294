"""What is on its way to Redis. Nobody waits for it: what gathers while something is under way goes together."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

T = TypeVar("T")
Command = tuple[str | bytes | int, ...]

AWAY_SECONDS = 1.0
_MOST_WAITING = 5_000


class Outgoing(Generic[T]):
    """In order. A Redis that is away costs one failed try a second, and what was meant for it meanwhile."""

    def __init__(
        self, client: Redis, commands: Callable[[Sequence[T]], Iterable[Command]], *, gathering_seconds: float = 0.0
    ) -> None:
        """`commands` says all that has gathered."""
        self._client = client
        self._commands = commands
        self._gathering_seconds = gathering_seconds
        self._waiting: list[T] = []
        self._sending: asyncio.Task[None] | None = None
        self._away_until = 0.0

    @property
    def away(self) -> bool:
        return time.monotonic() < self._away_until

    def send(self, *what: T) -> None:
        if self.away or len(self._waiting) > _MOST_WAITING:
            return
        self._waiting.extend(what)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="sending to Redis")

    async def flush(self) -> None:
        """Until what was to be sent before is sent, or lost."""
        if self._sending:
            await asyncio.wait([self._sending])

    async def _send(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._gathering_seconds)
            batch, self._waiting = self._waiting, []
            pipeline = self._client.pipeline(transaction=False)
            for command in self._commands(batch):
                pipeline.execute_command(*command)
            try:
                await pipeline.execute(raise_on_error=False)
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                self._waiting.clear()
                log.warning("Redis is away: %s", type(error).__name__)
