"""What is done to a turn's row: every step is one statement that compares and sets.

Parameters: tenant, session, turn; token is the attempt of a lease.
"""

from dataclasses import fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Interval,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from domain.sessions import AgentSession, TurnStatus
from server.postgres.event_statements import HELD, SESSION, TENANT, TURN, held, logging, saying, taking
from server.postgres.session_repository import NAMES as SESSION_NAMES
from server.postgres.statements import Statement, constant
from server.postgres.tables import sessions, turns, wakeups
from server.postgres.types import Moment
from server.postgres.wakeups import leaving
from services.budgets import Usage
from services.ports import Turn, WakeupKind

_QUEUED, _RUNNING, _CANCELLED = map(constant, (TurnStatus.QUEUED, TurnStatus.RUNNING, TurnStatus.CANCELLED))
_COLUMNS = [turns.c[name] for name in Turn.model_fields]
_NOW = func.clock_timestamp()  # leases are measured by the database's clock, the one that all replicas share
_LEASED = _NOW + bindparam("seconds", type_=Interval)


def _unfinished(rows: FromClause) -> ColumnElement[bool]:
    return or_(rows.c.status == _QUEUED, rows.c.status == _RUNNING)


_OF_TENANT = turns.c.tenant_id == TENANT
_THIS = and_(_OF_TENANT, turns.c.id == TURN)
_OF_SESSION = and_(_OF_TENANT, turns.c.session_id == SESSION)
_BEGUN = {"status": _RUNNING, "lease_owner": bindparam("owner"), "lease_until": _LEASED}
_GIVEN = {"tenant_id": TENANT, **{name: bindparam(name, type_=turns.c[name].type) for name in Turn.model_fields}}

LOCK = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text), 0))))
ADD = Statement(insert(turns).values(_GIVEN))
GET = Statement(select(*_COLUMNS).where(_THIS))
BY_KEY = Statement(select(*_COLUMNS).where(_OF_SESSION, turns.c.idempotency_key == bindparam("key")))
FORGET_KEY = Statement(update(turns).where(_THIS).values(idempotency_key=cast(turns.c.id, Text)).returning(turns.c.id))
WAITING = Statement(select(exists().where(_OF_SESSION, _unfinished(turns))))
UNFINISHED = Statement(
    select(*_COLUMNS).where(_OF_SESSION, _unfinished(turns)).order_by(turns.c.accepted_seq).with_for_update()
)
HEARD_UP_TO = Statement(
    select(func.max(turns.c.accepted_seq)).where(
        _OF_SESSION, turns.c.accepted_seq < bindparam("before", type_=BigInteger), turns.c.attempt > 0
    )
)
_OLDEST = (
    select(turns.c.id).where(_OF_SESSION, _unfinished(turns)).order_by(turns.c.accepted_seq).limit(1).scalar_subquery()
)
_FREE = or_(turns.c.status == _QUEUED, and_(turns.c.status == _RUNNING, turns.c.lease_until <= _NOW))
CLAIM_NEXT = Statement(
    update(turns)
    .where(_OF_TENANT, turns.c.id == _OLDEST, _FREE)
    .values(attempt=turns.c.attempt + 1, **_BEGUN)
    .returning(*_COLUMNS)
)
EXTEND = Statement(update(turns).where(HELD).values(lease_until=_LEASED).returning(turns.c.cancel_asked))
RELEASE = Statement(update(turns).where(HELD).values(lease_owner=None, lease_until=_NOW).returning(turns.c.id))
HOLD = Statement(
    select(*(sessions.c[one.name] for one in fields(AgentSession)))
    .join_from(turns, sessions, and_(sessions.c.tenant_id == turns.c.tenant_id, sessions.c.id == turns.c.session_id))
    .where(HELD)
    .with_for_update(of=[turns, sessions])
)
"""The turn before its session, as whoever claims it locks them."""
CANCEL_QUEUED = Statement(
    update(turns)
    .where(_THIS, turns.c.status == _QUEUED)
    .values(status=_CANCELLED, ended_seq=bindparam("seq"))
    .returning(turns.c.id)
)
ASK_CANCEL = Statement(
    update(turns).where(_THIS, turns.c.status == _RUNNING).values(cancel_asked=True).returning(turns.c.id)
)


def _accepting() -> Statement:
    """Records the message with its event and adds the turn, with a note that the session is to be looked after once a
    lease on it would have ended. Where it `may_begin` and no other turn waits, it has begun: its second event is logged
    too. Tells the number before the first one, and whether it has `begun`.

    For whoever has locked the session's row before, if it may begin.
    """
    waits = exists().where(_OF_SESSION, _unfinished(turns))
    begins = and_(bindparam("may_begin", type_=Boolean), ~waits)
    asked = select(case((begins, 2), else_=1).label("events")).cte("asked")
    taken = taking(true(), count=select(asked.c.events).scalar_subquery())
    begun = taken.c.count == 2
    of_lease = {name: case((begun, value)) for name, value in _BEGUN.items() if name != "status"}
    row = {
        **_GIVEN,
        "accepted_seq": taken.c.before + 1,
        "status": case((begun, _RUNNING), else_=_QUEUED),
        "attempt": case((begun, 1), else_=0),
        **of_lease,
    }
    added = insert(turns).from_select(list(row), select(*row.values()).select_from(taken)).cte("added")
    note = leaving(kind=constant(WakeupKind.TURN), tenant_id=TENANT, id=SESSION, due_at=_LEASED).cte("note")
    told = select(taken, begun.label("begun")).select_from(taken)
    return Statement(told.add_cte(saying(taken), logging(taken), added, note))


ACCEPT = _accepting()


def _finishing() -> Statement:
    """Logs the end and ends the turn, with what its session has become, and takes away the note that the session is to
    be looked after if no other turn waits there. Tells the number before the event's, and whether one waits.

    Whoever accepts one leaves its note under the session's lock, which whoever ends one has taken before this.
    """
    taken = taking(held(), changed={name: bindparam(f"session_{name}") for name in SESSION_NAMES})
    ended = (
        update(turns)
        .where(HELD)
        .values(
            status=bindparam("ended_status"),
            ended_seq=taken.c.before + 1,
            error=bindparam("why"),
            lease_owner=None,
            lease_until=None,
            **{one.name: bindparam(one.name) for one in fields(Usage)},
        )
        .returning(turns.c.id)
        .cte("ended")
    )
    others = turns.alias("others")
    waits = exists().where(
        others.c.tenant_id == TENANT, others.c.session_id == SESSION, _unfinished(others), others.c.id != TURN
    )
    note = (
        delete(wakeups)
        .where(
            wakeups.c.kind == constant(WakeupKind.TURN),
            wakeups.c.tenant_id == TENANT,
            wakeups.c.id == SESSION,
            exists(select(ended.c.id)),
            ~waits,
        )
        .returning(wakeups.c.id)
        .cte("note")
    )
    told = select(taken, waits.label("waits")).select_from(taken)
    return Statement(told.add_cte(logging(taken), ended, note))


FINISH = _finishing()


def _sums(prefix: str) -> list[ColumnElement[Any]]:
    return [func.coalesce(func.sum(turns.c[one.name]), 0).label(f"{prefix}_{one.name}") for one in fields(Usage)]


_IN_SESSION = select(*_sums("session")).where(_OF_SESSION).subquery("in_session")
_SINCE = (
    select(*_sums("day"))
    .where(_OF_TENANT, turns.c.created_at >= bindparam("midnight", type_=Moment))
    .subquery("since_midnight")
)
USED = Statement(select(_IN_SESSION, _SINCE).join_from(_IN_SESSION, _SINCE, true()))
"""What turns that have ended used up: a row of session_… and day_…."""
