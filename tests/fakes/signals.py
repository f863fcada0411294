"""Signals in memory: everybody who listens at that moment hears them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from services.ports import Signal


class InMemorySignals:
    def __init__(self) -> None:
        self._listeners: list[asyncio.Queue[Sequence[Signal]]] = []

    async def announce(self, *signals: Signal) -> None:
        for listener in self._listeners:
            listener.put_nowait(signals)

    async def heard(self) -> AsyncGenerator[Sequence[Signal], None]:
        queue: asyncio.Queue[Sequence[Signal]] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            yield []
            while True:
                yield await queue.get()
        finally:
            self._listeners.remove(queue)


class NoSignals:
    """A carrier that is away, and with it everybody who would listen."""

    async def announce(self, *signals: Signal) -> None:
        """Nobody hears it."""

    async def heard(self) -> AsyncGenerator[Sequence[Signal], None]:
        yield []
        await asyncio.Event().wait()


class Announced(InMemorySignals):
    """Remembers what was announced."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Signal] = []

    async def announce(self, *signals: Signal) -> None:
        self.told += signals
        await super().announce(*signals)
