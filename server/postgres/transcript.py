"""Messages and events of one tenant's sessions. The session's row hands out the numbers, so they have no gaps."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import NotFound
from domain.ids import SessionId, TenantId, TurnId
from server.postgres.tables import events as event_log
from server.postgres.tables import messages, sessions
from services.events import NewEvent, SessionEvent
from services.ports import Clock, Recorded

_COLUMNS = [messages.c[name] for name in Recorded.model_fields]
_TAKE = (
    update(sessions)
    .where(sessions.c.tenant_id == bindparam("tenant"), sessions.c.id == bindparam("session"))
    .values(last_seq=sessions.c.last_seq + bindparam("count"))
    .returning(sessions.c.last_seq)
)


class PostgresTranscript:
    """`written` are the events of this transaction so far, by session."""

    def __init__(self, session: AsyncSession, tenant_id: TenantId, clock: Clock) -> None:
        self._session = session
        self._tenant_id = tenant_id
        self._clock = clock
        self.written: defaultdict[SessionId, list[SessionEvent]] = defaultdict(list)

    async def record(self, message: Recorded, events: Sequence[NewEvent]) -> list[SessionEvent]:
        numbered = await self._numbered(events)
        row = message.model_copy(update={"seq": numbered[0].seq}).model_dump()
        await self._session.execute(insert(messages), {"tenant_id": self._tenant_id, **row})
        return await self._append(numbered)

    async def log(self, *events: NewEvent) -> list[SessionEvent]:
        return await self._append(await self._numbered(events))

    async def of_turn(self, turn_id: TurnId) -> list[Recorded]:
        return await self._select(messages.c.turn_id == turn_id, messages.c.ordinal)

    async def outside_turns(self, session_id: SessionId, after: int) -> list[Recorded]:
        posted = and_(messages.c.session_id == session_id, messages.c.seq > after, messages.c.turn_id.is_(None))
        return await self._select(posted, messages.c.seq)

    async def _numbered(self, events: Sequence[NewEvent]) -> list[SessionEvent]:
        """In one transaction with the number's row locked: whoever writes next waits, so seq order is commit order."""
        await self._session.flush()
        counts: defaultdict[SessionId, int] = defaultdict(int)
        for event in events:
            counts[event.session_id] += 1
        following = {session: await self._take(session, count) for session, count in sorted(counts.items())}
        now = self._clock.now()
        numbered = []
        for event in events:
            seq = following[event.session_id]
            following[event.session_id] += 1
            numbered.append(SessionEvent(tenant_id=self._tenant_id, seq=seq, ts=now, **dict(event)))
        return numbered

    async def _take(self, session_id: SessionId, count: int) -> int:
        """The first of `count` numbers."""
        values = {"tenant": self._tenant_id, "session": session_id, "count": count}
        last = await self._session.scalar(_TAKE, values)
        if last is None:
            raise NotFound("There is no such conversation.", code="session_not_found")
        return int(last) - count + 1

    async def _append(self, events: list[SessionEvent]) -> list[SessionEvent]:
        if events:
            await self._session.execute(insert(event_log), [event.model_dump() for event in events])
        for event in events:
            self.written[event.session_id].append(event)
        return events

    async def _select(self, condition: ColumnElement[bool], order: ColumnElement[int]) -> list[Recorded]:
        rows = await self._session.execute(
            select(*_COLUMNS).where(messages.c.tenant_id == self._tenant_id, condition).order_by(order)
        )
        return [Recorded(**row) for row in rows.mappings()]
