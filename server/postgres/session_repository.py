"""Conversations in Postgres, read and written with every turn: by statements, without a mapper."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import Uuid, bindparam, delete, insert, select, update

from domain.errors import NotFound, StaleVersion
from domain.ids import SessionId, TenantId, UserId
from domain.sessions import AgentSession
from server.postgres.errors import STALE
from server.postgres.forgetting import forget_conversation, untouched
from server.postgres.statements import Row, Statement
from server.postgres.tables import sessions
from server.postgres.transaction import Transaction

NAMES = [one.name for one in fields(AgentSession)]
_COLUMNS = [sessions.c[name] for name in NAMES]
_TENANT, _ID = bindparam("tenant", type_=Uuid), bindparam("session", type_=Uuid)
_OF_TENANT = select(*_COLUMNS).where(sessions.c.tenant_id == _TENANT)
_AS_READ = (sessions.c.tenant_id == _TENANT, sessions.c.id == _ID, sessions.c.version == bindparam("read"))

_GET = Statement(_OF_TENANT.where(sessions.c.id == _ID))
_GET_LOCKED = Statement(_OF_TENANT.where(sessions.c.id == _ID).with_for_update(key_share=True))
_CALLED = Statement(
    _OF_TENANT.where(sessions.c.user_id == bindparam("user"), sessions.c.external_id == bindparam("external"))
)
_UNTOUCHED = Statement(untouched(_OF_TENANT, bindparam("moment"), bindparam("most")))
_ADD = Statement(insert(sessions).values({name: bindparam(name) for name in NAMES}))
_CHANGE = Statement(
    update(sessions).where(*_AS_READ).values({name: bindparam(name) for name in NAMES}).returning(sessions.c.id)
)
_REMOVE = Statement(delete(sessions).where(*_AS_READ).returning(sessions.c.id))


class PostgresSessions:
    """What was added or changed is written with the next `flush`; one that others have changed since is stale."""

    def __init__(self, transaction: Transaction, tenant_id: TenantId) -> None:
        self._transaction = transaction
        self._tenant_id = tenant_id
        self._new: list[AgentSession] = []
        self._read: dict[SessionId, tuple[AgentSession, Row]] = {}  # as it is now, and as it was read
        transaction.before_statements(self._flush)

    def add(self, session: AgentSession) -> None:
        self._new.append(session)

    async def get(self, session_id: SessionId, *, locked: bool = False) -> AgentSession:
        if session_id in self._read and not locked:
            return self._read[session_id][0]
        found = await self._row(_GET_LOCKED if locked else _GET, session=session_id)
        if found is None:
            raise NotFound("There is no such conversation.", code="session_not_found")
        return self.know(found)

    async def with_external_id(self, user_id: UserId, external_id: str) -> AgentSession | None:
        found = await self._row(_CALLED, user=user_id, external=external_id)
        return self.know(found) if found else None

    async def remove(self, session: AgentSession) -> None:
        _, read = self._read.pop(session.id)
        await forget_conversation(self._transaction.entities, self._tenant_id, session.id)
        await self._written(_REMOVE, read)

    async def untouched_since(self, moment: datetime, limit: int) -> list[AgentSession]:
        values = {"tenant": self._tenant_id, "moment": moment, "most": limit}
        return [self.know(row) for row in await self._transaction.rows(_UNTOUCHED, values)]

    def written_along(self, session: AgentSession) -> Row:
        """What it has become, for a statement that writes it along with something else, under its lock."""
        now = _values(session)
        self._read[session.id] = session, now
        return now

    async def _flush(self) -> None:
        added, self._new = self._new, []
        for session in added:
            await self._transaction.row(_ADD, _values(session))
            self._read[session.id] = session, _values(session)
        for session, read in list(self._read.values()):
            if (now := _values(session)) != read:
                await self._written(_CHANGE, read, **now)
                self._read[session.id] = session, now

    async def _written(self, statement: Statement, read: Row, **values: object) -> None:
        if await self._row(statement, session=read["id"], read=read["version"], **values) is None:
            raise StaleVersion(STALE)

    def know(self, row: Row) -> AgentSession:
        """What has been read along with something else; the first reading stands."""
        kept, _ = self._read.setdefault(row["id"], (AgentSession(**row), row))
        return kept

    async def _row(self, statement: Statement, **values: object) -> Row | None:
        return await self._transaction.row(statement, {"tenant": self._tenant_id, **values})


def _values(session: AgentSession) -> Row:
    return {name: getattr(session, name) for name in NAMES}
