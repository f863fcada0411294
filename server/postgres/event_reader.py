"""The durable events of a session, and which messages its transcript has."""

from collections.abc import Collection

from sqlalchemy import Text, cast, select

from domain.ids import SessionId, TenantId
from server.postgres.tables import events, messages, turns
from server.postgres.tenant_reader import TenantReader
from services.events import Position, SessionEvent

_LARGEST_SEQ = 2**63 - 1  # a client may send any number


class PostgresEventReader(TenantReader):
    """Made with the engine. Whether the caller may watch the session is decided before."""

    async def events_after(
        self, tenant_id: TenantId, session_id: SessionId, position: Position, limit: int
    ) -> list[SessionEvent]:
        """At most `limit`, in order. The position's offset doesn't matter: no event has its place below a seq."""
        statement = (
            select(events)
            .where(
                events.c.tenant_id == tenant_id,
                events.c.session_id == session_id,
                events.c.seq > min(position.seq, _LARGEST_SEQ),
            )
            .order_by(events.c.seq)
            .limit(limit)
        )
        rows = await self._rows(tenant_id, statement)
        return [SessionEvent.model_validate(row, from_attributes=True) for row in rows]

    async def recorded(self, tenant_id: TenantId, session_id: SessionId, message_ids: Collection[str]) -> set[str]:
        written = select(messages.c.id).where(
            messages.c.tenant_id == tenant_id,
            messages.c.session_id == session_id,
            messages.c.id.in_(message_ids),
        )
        of_turns = {message_id.partition(":")[0] for message_id in message_ids}
        ended = select(cast(turns.c.id, Text)).where(
            turns.c.tenant_id == tenant_id,
            turns.c.session_id == session_id,
            cast(turns.c.id, Text).in_(of_turns),
            turns.c.ended_seq.is_not(None),
        )
        found = {row[0] for row in await self._rows(tenant_id, select(written.union_all(ended).subquery()))}
        return {one for one in message_ids if one in found or one.partition(":")[0] in found}
