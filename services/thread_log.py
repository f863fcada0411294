"""A conversation's whole log, for whoever renders its state. Text under way is not in it (watching.py)."""

from domain.ids import SessionId, TenantId
from services.events import Position, SessionEvent, Snapshot
from services.ports import EventReader

BATCH = 500


class ThreadLog:
    """Whether the caller may see the session is decided before."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader

    async def events(self, tenant_id: TenantId, session_id: SessionId) -> list[SessionEvent]:
        """In order. A log that was trimmed begins later than with 1."""
        found: list[SessionEvent] = []
        while True:
            after = Position(seq=found[-1].seq if found else 0)
            events = await self._reader.events_after(tenant_id, session_id, after, BATCH)
            found += events
            if len(events) < BATCH:
                return found

    async def under_way(self, tenant_id: TenantId, session_id: SessionId, position: Position) -> list[SessionEvent]:
        """What a reader who has the log up to there is in the middle of."""
        return await self._reader.under_way(tenant_id, session_id, position.seq) if position.seq else []

    async def snapshot(self, tenant_id: TenantId, session_id: SessionId) -> Snapshot | None:
        """What stands in for the part that was trimmed. None: there is no such session any more."""
        return await self._reader.snapshot(tenant_id, session_id)
