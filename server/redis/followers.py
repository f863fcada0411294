"""Who listens in this process, and what they have not taken yet."""

import asyncio
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_WAITING = 2_000


class Follower(Generic[T]):
    """Hears without waiting, and is asked by its reader for what there is.

    An empty batch means: look elsewhere whether anything was missed.
    """

    def __init__(self) -> None:
        self._entries: list[T] = []
        self._missed = False
        self._news: asyncio.Future[None] | None = None

    def hear(self, entries: Sequence[T]) -> None:
        """A reader that takes nothing any more loses what has gathered, not the process its memory."""
        self._entries.extend(entries)
        if len(self._entries) > MOST_WAITING:
            self._entries.clear()
            self._missed = True
        self._wake()

    def interrupted(self) -> None:
        """Something may have been lost between what it has heard and what comes now."""
        self._missed = True
        self._wake()

    async def batch(self, seconds: float) -> Sequence[T]:
        """Everything that waits, as soon as there is any; after so many seconds nothing."""
        if not self._entries and not self._missed:
            await self._any_news(seconds)
        if self._missed:
            self._missed = False
            return []
        taken, self._entries = self._entries, []
        return taken

    async def _any_news(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._news = loop.create_future()
        late = loop.call_later(seconds, self._wake)
        try:
            await self._news
        finally:
            late.cancel()
            self._news = None

    def _wake(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)
