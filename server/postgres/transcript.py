"""Messages and events of one tenant's sessions. How they are written is in event_statements.py."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from domain.errors import NotFound
from domain.ids import SessionId, TenantId, TurnId
from server.postgres import event_statements as steps
from server.postgres.errors import lease_lost
from server.postgres.statements import Row, Statement
from server.postgres.transaction import Transaction
from services.events import NewEvent, SessionEvent
from services.ports import Clock, Lease, Recorded


class PostgresTranscript:
    """`written` are the events of this transaction so far, by session."""

    def __init__(self, transaction: Transaction, tenant_id: TenantId, clock: Clock) -> None:
        self._transaction = transaction
        self._tenant_id = tenant_id
        self._clock = clock
        self.written: defaultdict[SessionId, list[SessionEvent]] = defaultdict(list)

    async def record(
        self, message: Recorded, events: Sequence[NewEvent], lease: Lease | None = None
    ) -> list[SessionEvent]:
        step = steps.RECORD_HELD if lease else steps.RECORD
        given = {**of_message(message), **(of_lease(lease) if lease else {})}
        written = await self.write(step, message.session_id, events, given)
        if written is None:
            raise lease_lost() if lease else no_session()
        return written[0]

    async def log(self, *events: NewEvent) -> list[SessionEvent]:
        """The sessions in one order, whoever writes in several: nobody waits for somebody who waits for them."""
        places = sorted(range(len(events)), key=lambda place: events[place].session_id)
        logged: dict[int, SessionEvent] = {}
        for session_id, of_session in groupby(places, key=lambda place: events[place].session_id):
            own = list(of_session)
            written = await self.write(steps.LOG, session_id, [events[place] for place in own], {})
            if written is None:
                raise no_session()
            logged |= zip(own, written[0], strict=True)
        return [logged[place] for place in range(len(events))]

    async def of_turn(self, turn_id: TurnId) -> list[Recorded]:
        return await self._select(steps.OF_TURN, {"turn": turn_id})

    async def outside_turns(self, session_id: SessionId, after: int) -> list[Recorded]:
        return await self._select(steps.OUTSIDE_TURNS, {"session": session_id, "after": after})

    async def write(
        self, step: Statement, session_id: SessionId, events: Sequence[NewEvent], values: Row
    ) -> tuple[list[SessionEvent], Row] | None:
        """In one transaction with the number's row locked: whoever writes next waits, so seq order is commit order.

        The step may write fewer of the events, the first ones. With what else it tells; None where it wrote nothing.
        """
        await self._transaction.flush()
        now = self._clock.now()
        given = {"session": session_id, "count": len(events), "events": [_row(event) for event in events], "now": now}
        told = await self._transaction.row(step, {"tenant": self._tenant_id, **given, **values})
        if told is None:
            return None
        first = told["before"] + 1
        numbered = [
            SessionEvent(tenant_id=self._tenant_id, seq=seq, ts=now, **dict(event))
            for seq, event in enumerate(events[: told["count"]], first)
        ]
        self.written[session_id] += numbered
        return numbered, told

    async def _select(self, statement: Statement, values: Mapping[str, object]) -> list[Recorded]:
        rows = await self._transaction.rows(statement, {"tenant": self._tenant_id, **values})
        return [Recorded(**row) for row in rows]


def _row(event: NewEvent) -> dict[str, object]:
    return {"turn_id": event.turn_id, "agent": event.agent, "type": event.type, "data": event.data}


def of_lease(lease: Lease) -> Row:
    return {"turn": lease.turn.id, "token": lease.turn.attempt}


def of_message(message: Recorded) -> Row:
    return {f"message_{name}": value for name, value in message if name != "seq"}


def no_session() -> NotFound:
    return NotFound("There is no such conversation.", code="session_not_found")
