"""The live feed in memory: what is published goes to everybody who follows at that moment."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence

from domain.ids import SessionId, TenantId
from services.events import EventType, SessionEvent, TextDelta

Entry = SessionEvent | TextDelta
_ENDS_TEXT = (EventType.MESSAGE, EventType.TURN_ENDED)


class InMemoryFeed:
    """`idle_seconds` is how long a follower waits before it gets an empty batch."""

    def __init__(self, idle_seconds: float = 0.02) -> None:
        self._idle_seconds = idle_seconds
        self._followers: defaultdict[tuple[TenantId, SessionId], list[asyncio.Queue[Sequence[Entry]]]]
        self._followers = defaultdict(list)
        self._under_way: defaultdict[tuple[TenantId, SessionId], list[Entry]] = defaultdict(list)

    async def publish(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            under_way = self._under_way[entry.tenant_id, entry.session_id]
            if isinstance(entry, TextDelta) or entry.type is EventType.TURN_STARTED:
                under_way.append(entry)
            elif entry.type in _ENDS_TEXT:
                over = SessionEvent if entry.type is EventType.TURN_ENDED else TextDelta
                under_way[:] = [one for one in under_way if not isinstance(one, TextDelta | over)]
        if entries:
            for queue in self._followers[entries[0].tenant_id, entries[0].session_id]:
                queue.put_nowait(list(entries))

    async def follow(
        self, tenant_id: TenantId, session_id: SessionId, *, near: bool = False
    ) -> AsyncGenerator[Sequence[Entry], None]:
        queue: asyncio.Queue[Sequence[Entry]] = asyncio.Queue()
        followers = self._followers[tenant_id, session_id]
        followers.append(queue)
        try:
            under_way = list(self._under_way[tenant_id, session_id])
            if near and not any(isinstance(one, SessionEvent) for one in under_way):
                yield []
            yield under_way
            while True:
                yield await self._next(queue)
        finally:
            followers.remove(queue)

    async def _next(self, queue: asyncio.Queue[Sequence[Entry]]) -> Sequence[Entry]:
        try:
            return await asyncio.wait_for(queue.get(), self._idle_seconds)
        except TimeoutError:
            return []
