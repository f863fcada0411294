"""Conversations as read models. A conversation belongs to one person: a colleague's looks like none."""

from sqlalchemy import ColumnElement, and_, select

from domain.errors import NotFound
from domain.ids import SessionId, TurnId
from domain.tenants import Permission
from server.postgres.paging import Order
from server.postgres.shown_messages import blocks_of, is_shown, words_of
from server.postgres.tables import messages, sessions, turns
from server.postgres.tenant_reader import AnyRow, AnySelect, TenantReader
from services.actor import Actor, authorize
from services.queries import MessageView, SessionView, TurnView
from services.read_models import Page, PageRequest

_LATEST_FIRST = Order("sessions", (sessions.c.updated_at, sessions.c.id), descending=True)
_AS_SAID = Order("messages", (messages.c.seq, messages.c.id))


class SessionQueries(TenantReader):
    async def sessions(self, actor: Actor, search: str | None, page: PageRequest) -> Page[SessionView]:
        """Those with every word of the search in the title."""
        authorize(actor, Permission.SESSION_USE)
        words = [sessions.c.title.icontains(word, autoescape=True) for word in (search or "").split()]
        statement = select(sessions).where(_own(actor), *words)
        rows = await self._rows(actor.tenant_id, _LATEST_FIRST.window(statement, page))
        return _LATEST_FIRST.page(rows, page, SessionView.model_validate)

    async def session(self, actor: Actor, session_id: SessionId) -> SessionView:
        authorize(actor, Permission.SESSION_USE)
        row = await self._row(actor.tenant_id, _one(actor, session_id), _no_session())
        return SessionView.model_validate(row)

    async def messages(self, actor: Actor, session_id: SessionId, page: PageRequest) -> Page[MessageView]:
        """Oldest first: what was said and shown, without the tool calls in between."""
        authorize(actor, Permission.SESSION_USE)
        statement = select(messages).where(
            messages.c.tenant_id == actor.tenant_id,
            messages.c.session_id == session_id,
            is_shown(messages.c.role, messages.c.content),
        )
        statement = _AS_SAID.window(statement, page)
        async with self._reading(actor.tenant_id) as connection:
            if not (await connection.execute(_one(actor, session_id))).first():
                raise _no_session()
            rows = (await connection.execute(statement)).all()
        return _AS_SAID.page(rows, page, message_view)

    async def turn(self, actor: Actor, turn_id: TurnId) -> TurnView:
        authorize(actor, Permission.SESSION_USE)
        of_session = and_(turns.c.tenant_id == sessions.c.tenant_id, turns.c.session_id == sessions.c.id)
        statement = select(turns).join(sessions, of_session).where(_own(actor), turns.c.id == turn_id)
        missing = NotFound("There is no such turn.", code="turn_not_found")
        return TurnView.model_validate(await self._row(actor.tenant_id, statement, missing))


def _own(actor: Actor) -> ColumnElement[bool]:
    return and_(sessions.c.tenant_id == actor.tenant_id, sessions.c.user_id == actor.user_id)


def _one(actor: Actor, session_id: SessionId) -> AnySelect:
    return select(sessions).where(_own(actor), sessions.c.id == session_id)


def _no_session() -> NotFound:
    return NotFound("There is no such conversation.", code="session_not_found")


def message_view(row: AnyRow) -> MessageView:
    return MessageView(
        id=row.id,
        turn_id=row.turn_id,
        role=row.role,
        agent=row.agent,
        text=words_of(row.role, row.content),
        blocks=blocks_of(row.content),
        created_at=row.created_at,
    )
