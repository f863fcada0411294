"""The event log in memory, read back."""

from collections.abc import Collection

from domain.ids import SessionId, TenantId
from domain.sessions import AgentSession
from services.events import Position, SessionEvent, Snapshot
from services.ports import Recorded
from services.session_views import MessageView, SessionView
from tests.fakes.database import InMemoryDatabase, Transaction


class InMemoryEventReader:
    def __init__(self, database: InMemoryDatabase) -> None:
        self._database = database

    async def events_after(
        self, tenant_id: TenantId, session_id: SessionId, position: Position, limit: int
    ) -> list[SessionEvent]:
        events = Transaction(self._database).all("events", tenant_id, session_id)
        return sorted((e for e in events if e.seq > position.seq), key=lambda event: event.seq)[:limit]

    async def under_way(self, tenant_id: TenantId, session_id: SessionId, seq: int) -> list[SessionEvent]:
        rows = Transaction(self._database)
        events = sorted(rows.all("events", tenant_id, session_id), key=lambda event: event.seq)
        turns = [row.turn for row in rows.all("turns", tenant_id, session_id)]
        open_then = {turn.id for turn in turns if turn.accepted_seq <= seq and (turn.ended_seq or seq + 1) > seq}
        known = any(event.seq == seq for event in events)
        return [event for event in events if known and event.seq <= seq and event.turn_id in open_then]

    async def recorded(self, tenant_id: TenantId, session_id: SessionId, message_ids: Collection[str]) -> set[str]:
        rows = Transaction(self._database)
        whole = {message.id for message in rows.all("messages", tenant_id, session_id)}
        ended = {str(row.turn.id) for row in rows.all("turns", tenant_id) if row.turn.ended_seq is not None}
        return {one for one in message_ids if one in whole or one.partition(":")[0] in ended}

    async def snapshot(self, tenant_id: TenantId, session_id: SessionId) -> Snapshot | None:
        rows = Transaction(self._database)
        session: AgentSession | None = rows.get("sessions", tenant_id, session_id)
        if session is None:
            return None
        said = [one for one in rows.all("messages", tenant_id, session_id) if one.role in ("user", "assistant")]
        turns = [row.turn for row in rows.all("turns", tenant_id, session_id)]
        return Snapshot(
            seq=int(rows.get("last_seq", tenant_id, session_id) or 0),
            session=SessionView.model_validate(session),
            messages=[_view(one) for one in sorted(said, key=lambda message: message.seq)],
            earlier=False,
            unfinished=[turn.id for turn in turns if not turn.status.ended],
        )


def _view(message: Recorded) -> MessageView:
    """Of words alone: blocks are the database's to tell apart."""
    data = message.content["data"]
    assert isinstance(data, dict)
    return MessageView(
        id=message.id,
        turn_id=message.turn_id,
        role=message.role,
        agent=message.agent,
        text=str(data["content"]),
        created_at=message.created_at,
    )
