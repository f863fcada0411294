"""Is the database awake? Asked over a connection of its own, since those of the pool may be waiting for it."""

import asyncio

import asyncpg

_ANSWER_SECONDS = 0.5


class Pulse:
    """However many ask at the same time, the database is asked once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._asking: asyncio.Task[bool] | None = None

    async def beats(self) -> bool:
        """False where nothing is heard of it for half a second, or it can't be reached."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                connection = await asyncpg.connect(self._url)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        connection.terminate()
        return True
