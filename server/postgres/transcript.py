"""Messages and events of one tenant's sessions. The session's row hands out the numbers, so they have no gaps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.errors import NotFound
from domain.ids import SessionId, TenantId, TurnId
from server.postgres.statements import Statement
from server.postgres.tables import events as event_log
from server.postgres.tables import messages, sessions
from server.postgres.transaction import Transaction
from services.events import NewEvent, SessionEvent
from services.ports import Clock, Recorded

_COLUMNS = [messages.c[name] for name in Recorded.model_fields]
_TENANT, _SESSION = bindparam("tenant", type_=Uuid), bindparam("session", type_=Uuid)
_TAKEN = (
    update(sessions)
    .where(sessions.c.tenant_id == _TENANT, sessions.c.id == _SESSION)
    .values(last_seq=sessions.c.last_seq + bindparam("count"))
    .returning((sessions.c.last_seq - bindparam("count")).label("before"))
    .cte("taken")
)


def _logging(message: bool) -> Statement:
    """Takes the numbers, and writes under them what is to be written: one statement, so one round trip.

    Nothing is written, and no row comes back, where there is no such session.
    """
    new = (
        func.jsonb_array_elements(bindparam("events", type_=JSONB))
        .table_valued(column("event", JSONB), with_ordinality="place", name="new")
        .render_derived()
    )
    event = new.c.event
    values: dict[str, ColumnElement[object]] = {
        "tenant_id": _TENANT,
        "session_id": _SESSION,
        "seq": _TAKEN.c.before + new.c.place,
        "turn_id": cast(event["turn_id"].astext, Uuid),
        "agent": event["agent"].astext,
        "type": cast(event["type"].astext, Text),
        "data": event["data"],
        "ts": bindparam("now", type_=event_log.c.ts.type),
    }
    rows = select(*values.values()).select_from(_TAKEN.join(new, true()))
    written = [insert(event_log).from_select(list(values), rows).cte("logged")]
    if message:
        given = {one.name: bindparam(f"message_{one.name}", type_=one.type) for one in _COLUMNS if one.name != "seq"}
        row = {**given, "tenant_id": _TENANT, "seq": _TAKEN.c.before + 1}
        written.append(insert(messages).from_select(list(row), select(*row.values()).select_from(_TAKEN)).cte("said"))
    return Statement(select(_TAKEN.c.before).add_cte(*written))


_LOG, _RECORD = _logging(message=False), _logging(message=True)
_OF_TENANT = select(*_COLUMNS).where(messages.c.tenant_id == _TENANT)
_OF_TURN = Statement(_OF_TENANT.where(messages.c.turn_id == bindparam("turn", type_=Uuid)).order_by(messages.c.ordinal))
_OUTSIDE_TURNS = Statement(
    _OF_TENANT.where(
        messages.c.session_id == _SESSION, messages.c.seq > bindparam("after"), messages.c.turn_id.is_(None)
    ).order_by(messages.c.seq)
)


class PostgresTranscript:
    """`written` are the events of this transaction so far, by session."""

    def __init__(self, transaction: Transaction, tenant_id: TenantId, clock: Clock) -> None:
        self._transaction = transaction
        self._tenant_id = tenant_id
        self._clock = clock
        self.written: defaultdict[SessionId, list[SessionEvent]] = defaultdict(list)

    async def record(self, message: Recorded, events: Sequence[NewEvent]) -> list[SessionEvent]:
        given = {f"message_{name}": value for name, value in message if name != "seq"}
        return await self._write(events, {events[0].session_id: given})

    async def log(self, *events: NewEvent) -> list[SessionEvent]:
        return await self._write(events, {})

    async def of_turn(self, turn_id: TurnId) -> list[Recorded]:
        return await self._select(_OF_TURN, {"turn": turn_id})

    async def outside_turns(self, session_id: SessionId, after: int) -> list[Recorded]:
        return await self._select(_OUTSIDE_TURNS, {"session": session_id, "after": after})

    async def _write(
        self, events: Sequence[NewEvent], messages: Mapping[SessionId, Mapping[str, object]]
    ) -> list[SessionEvent]:
        """In one transaction with the number's row locked: whoever writes next waits, so seq order is commit order."""
        await self._transaction.flush()
        now = self._clock.now()
        following: dict[SessionId, int] = {}
        for session_id in sorted({event.session_id for event in events}):
            own = [_row(event) for event in events if event.session_id == session_id]
            values = {"tenant": self._tenant_id, "session": session_id, "count": len(own), "events": own, "now": now}
            message = messages.get(session_id)
            taken = await self._transaction.row(_RECORD if message else _LOG, {**values, **(message or {})})
            if taken is None:
                raise NotFound("There is no such conversation.", code="session_not_found")
            following[session_id] = taken["before"] + 1
        return [self._numbered(event, following, now) for event in events]

    def _numbered(self, event: NewEvent, following: dict[SessionId, int], now: datetime) -> SessionEvent:
        seq = following[event.session_id]
        following[event.session_id] += 1
        numbered = SessionEvent(tenant_id=self._tenant_id, seq=seq, ts=now, **dict(event))
        self.written[event.session_id].append(numbered)
        return numbered

    async def _select(self, statement: Statement, values: Mapping[str, object]) -> list[Recorded]:
        rows = await self._transaction.rows(statement, {"tenant": self._tenant_id, **values})
        return [Recorded(**row) for row in rows]


def _row(event: NewEvent) -> dict[str, object]:
    return {"turn_id": event.turn_id, "agent": event.agent, "type": event.type, "data": event.data}
