"""How events get into a session's log: the session's row hands out the numbers, so they have no gaps.

Parameters: tenant, session, now; events as jsonb and their count; of a message its columns, as message_….; of a lease
turn, and token, which is its attempt.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    column,
    exists,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.sessions import TurnStatus
from server.postgres.statements import Statement, constant
from server.postgres.tables import events as event_log
from server.postgres.tables import messages, sessions, turns
from services.ports import Recorded

MESSAGE_COLUMNS = [messages.c[name] for name in Recorded.model_fields]
TENANT, SESSION, TURN = (bindparam(name, type_=Uuid) for name in ("tenant", "session", "turn"))
COUNT = bindparam("count", type_=Integer)
HELD = and_(
    turns.c.tenant_id == TENANT,
    turns.c.id == TURN,
    turns.c.attempt == bindparam("token"),
    turns.c.status == constant(TurnStatus.RUNNING),
)
_UNCHANGED: Mapping[str, ColumnElement[Any]] = {}


def held() -> ColumnElement[bool]:
    """The lease is still ours, and stays so until the transaction ends."""
    return exists(select(select(turns.c.id).where(HELD).with_for_update().cte("held").c.id))


def taking(
    condition: ColumnElement[bool],
    *,
    changed: Mapping[str, ColumnElement[Any]] = _UNCHANGED,
    count: ColumnElement[int] = COUNT,
) -> CTE:
    """The numbers, under the lock of the session's row. No row where there is no such session."""
    return (
        update(sessions)
        .where(sessions.c.tenant_id == TENANT, sessions.c.id == SESSION, condition)
        .values(last_seq=sessions.c.last_seq + count, **changed)
        .returning((sessions.c.last_seq - count).label("before"), count.label("count"))
        .cte("taken")
    )


def logging(taken: CTE) -> CTE:
    """As many of the events as numbers were taken, under those."""
    new = (
        func.jsonb_array_elements(bindparam("events", type_=JSONB))
        .table_valued(column("event", JSONB), with_ordinality="place", name="new")
        .render_derived()
    )
    event = new.c.event
    values: dict[str, ColumnElement[object]] = {
        "tenant_id": TENANT,
        "session_id": SESSION,
        "seq": taken.c.before + new.c.place,
        "turn_id": cast(event["turn_id"].astext, Uuid),
        "agent": event["agent"].astext,
        "type": cast(event["type"].astext, Text),
        "data": event["data"],
        "ts": bindparam("now", type_=event_log.c.ts.type),
    }
    rows = select(*values.values()).select_from(taken.join(new, new.c.place <= taken.c.count))
    return insert(event_log).from_select(list(values), rows).cte("logged")


def saying(taken: CTE) -> CTE:
    given = {one.name: bindparam(f"message_{one.name}", type_=one.type) for one in MESSAGE_COLUMNS if one.name != "seq"}
    row = {**given, "tenant_id": TENANT, "seq": taken.c.before + 1}
    return insert(messages).from_select(list(row), select(*row.values()).select_from(taken)).cte("said")


def _writing(condition: ColumnElement[bool], *, message: bool) -> Statement:
    """One statement, so one round trip."""
    taken = taking(condition)
    written = [logging(taken), *([saying(taken)] if message else [])]
    return Statement(select(taken).add_cte(*written))


LOG, RECORD = _writing(true(), message=False), _writing(true(), message=True)
RECORD_HELD = _writing(held(), message=True)
_OF_TENANT = select(*MESSAGE_COLUMNS).where(messages.c.tenant_id == TENANT)
OF_TURN = Statement(_OF_TENANT.where(messages.c.turn_id == TURN).order_by(messages.c.ordinal))
OUTSIDE_TURNS = Statement(
    _OF_TENANT.where(
        messages.c.session_id == SESSION, messages.c.seq > bindparam("after"), messages.c.turn_id.is_(None)
    ).order_by(messages.c.seq)
)
