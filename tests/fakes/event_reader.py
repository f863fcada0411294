"""The event log in memory, read back."""

from collections.abc import Collection

from domain.ids import SessionId, TenantId
from services.events import Position, SessionEvent
from tests.fakes.database import InMemoryDatabase, Transaction


class InMemoryEventReader:
    def __init__(self, database: InMemoryDatabase) -> None:
        self._database = database

    async def events_after(
        self, tenant_id: TenantId, session_id: SessionId, position: Position, limit: int
    ) -> list[SessionEvent]:
        events = Transaction(self._database).all("events", tenant_id, session_id)
        return sorted((e for e in events if e.seq > position.seq), key=lambda event: event.seq)[:limit]

    async def recorded(self, tenant_id: TenantId, session_id: SessionId, message_ids: Collection[str]) -> set[str]:
        rows = Transaction(self._database)
        whole = {message.id for message in rows.all("messages", tenant_id, session_id)}
        ended = {str(row.turn.id) for row in rows.all("turns", tenant_id) if row.turn.ended_seq is not None}
        return {one for one in message_ids if one in whole or one.partition(":")[0] in ended}
