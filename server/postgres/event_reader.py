"""The durable events of a session, which messages its transcript has, and what stands in place of lost events."""

from collections.abc import Collection, Sequence

from sqlalchemy import ARRAY, Integer, Text, Uuid, and_, bindparam, cast, func, or_, select

from domain.ids import SessionId, TenantId
from domain.sessions import TurnStatus
from server.postgres.session_queries import message_view
from server.postgres.shown_messages import is_shown
from server.postgres.statements import Statement
from server.postgres.tables import events, messages, sessions, turns
from server.postgres.tenant_reader import AnyRow, AnySelect, TenantReader
from services.events import Position, SessionEvent, Snapshot
from services.session_views import SessionView

LATEST_MESSAGES = 100
_LARGEST_SEQ = 2**63 - 1  # a client may send any number
_AFTER = Statement(
    select(events)
    .where(
        events.c.tenant_id == bindparam("tenant"),
        events.c.session_id == bindparam("session"),
        events.c.seq > bindparam("after"),
    )
    .order_by(events.c.seq)
    .limit(bindparam("most", type_=Integer))
)


class PostgresEventReader(TenantReader):
    """Made with the engine. Whether the caller may watch the session is decided before."""

    async def events_after(
        self, tenant_id: TenantId, session_id: SessionId, position: Position, limit: int
    ) -> list[SessionEvent]:
        """At most `limit`, in order. The position's offset doesn't matter: no event has its place below a seq."""
        values = {
            "tenant": tenant_id,
            "session": session_id,
            "after": min(position.seq, _LARGEST_SEQ),
            "most": limit,
        }
        return [SessionEvent(**row) for row in await self._made_rows(tenant_id, _AFTER, values)]

    async def under_way(self, tenant_id: TenantId, session_id: SessionId, seq: int) -> list[SessionEvent]:
        up_to = min(seq, _LARGEST_SEQ)
        of_session = and_(events.c.tenant_id == tenant_id, events.c.session_id == session_id)
        statement = (
            select(events)
            .join(turns, and_(turns.c.tenant_id == events.c.tenant_id, turns.c.id == events.c.turn_id))
            .where(
                of_session,
                events.c.seq.between(turns.c.accepted_seq, up_to),
                turns.c.session_id == session_id,
                or_(turns.c.ended_seq.is_(None), turns.c.ended_seq > up_to),
            )
            .order_by(events.c.seq)
        )
        there = select(events.c.seq).where(of_session, events.c.seq == up_to)
        rows = await self._rows(tenant_id, statement) if await self._rows(tenant_id, there) else []
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

    async def snapshot(self, tenant_id: TenantId, session_id: SessionId) -> Snapshot | None:
        async with self._reading(tenant_id) as connection:
            session = (await connection.execute(_session(tenant_id, session_id))).first()
            if session is None:
                return None
            latest = (await connection.execute(_latest(tenant_id, session_id, session.last_seq))).all()
        return _snapshot(session, latest)


def _session(tenant_id: TenantId, session_id: SessionId) -> AnySelect:
    """With its unfinished turns, in one statement: they fit the number."""
    unfinished = (
        select(func.coalesce(func.array_agg(turns.c.id), cast([], ARRAY(Uuid))))
        .where(
            turns.c.tenant_id == tenant_id,
            turns.c.session_id == session_id,
            or_(turns.c.status == TurnStatus.QUEUED, turns.c.status == TurnStatus.RUNNING),
        )
        .scalar_subquery()
    )
    return select(sessions, unfinished.label("unfinished")).where(
        sessions.c.tenant_id == tenant_id, sessions.c.id == session_id
    )


def _latest(tenant_id: TenantId, session_id: SessionId, seq: int) -> AnySelect:
    """One more than are shown, the latest first; none of those that came after the number."""
    return (
        select(messages)
        .where(
            messages.c.tenant_id == tenant_id,
            messages.c.session_id == session_id,
            messages.c.seq <= seq,
            is_shown(messages.c.role, messages.c.content),
        )
        .order_by(messages.c.seq.desc())
        .limit(LATEST_MESSAGES + 1)
    )


def _snapshot(session: AnyRow, latest: Sequence[AnyRow]) -> Snapshot:
    return Snapshot(
        seq=session.last_seq,
        session=SessionView.model_validate(session),
        messages=[message_view(row) for row in reversed(latest[:LATEST_MESSAGES])],
        earlier=len(latest) > LATEST_MESSAGES,
        unfinished=session.unfinished,
    )
