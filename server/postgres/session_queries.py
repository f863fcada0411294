"""Conversations as read models. A conversation belongs to one person: a colleague's looks like none."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from domain.errors import NotFound
from domain.ids import SessionId, TurnId
from domain.tenants import Permission
from server.postgres.paging import Order
from server.postgres.shown_messages import all_words, blocks_of, is_shown, said_in, words_of
from server.postgres.tables import messages, sessions, turns
from server.postgres.tenant_reader import AnyRow, AnySelect, TenantReader
from services.actor import Actor, authorize
from services.attachments import attached_to
from services.read_models import Page, PageRequest
from services.session_views import CallView, MessageView, RecordView, SessionView, TurnView

_LATEST_FIRST = Order("sessions", (sessions.c.updated_at, sessions.c.id), descending=True)
_AS_SAID = Order("messages", (messages.c.seq, messages.c.id))
_AS_RECORDED = Order("transcript", (messages.c.seq, messages.c.id))
_OF_THE_CONVERSATION = ("user", "assistant", "tool")  # who should speak, and what is remembered, is not
_MOST_WORDS = 10


class SessionQueries(TenantReader):
    async def sessions(self, actor: Actor, search: str | None, page: PageRequest) -> Page[SessionView]:
        """Those with every word of the search in the title, or in what was said."""
        authorize(actor, Permission.SESSION_USE)
        words = (search or "").split()[:_MOST_WORDS]
        statement = select(sessions).where(_own(actor), *map(_has, words))
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

    async def transcript(self, actor: Actor, session_id: SessionId, page: PageRequest) -> Page[RecordView]:
        authorize(actor, Permission.SESSION_USE)
        statement = select(messages).where(
            messages.c.tenant_id == actor.tenant_id,
            messages.c.session_id == session_id,
            messages.c.role.in_(_OF_THE_CONVERSATION),
        )
        async with self._reading(actor.tenant_id) as connection:
            if not (await connection.execute(_one(actor, session_id))).first():
                raise _no_session()
            rows = (await connection.execute(_AS_RECORDED.window(statement, page))).all()
        return _AS_RECORDED.page(rows, page, _record_view)

    async def turn(self, actor: Actor, turn_id: TurnId) -> TurnView:
        authorize(actor, Permission.SESSION_USE)
        of_session = and_(turns.c.tenant_id == sessions.c.tenant_id, turns.c.session_id == sessions.c.id)
        statement = select(turns).join(sessions, of_session).where(_own(actor), turns.c.id == turn_id)
        missing = NotFound("There is no such turn.", code="turn_not_found")
        return TurnView.model_validate(await self._row(actor.tenant_id, statement, missing))


def _own(actor: Actor) -> ColumnElement[bool]:
    return and_(sessions.c.tenant_id == actor.tenant_id, sessions.c.user_id == actor.user_id)


def _has(word: str) -> ColumnElement[bool]:
    """Row-level security lets no text index be used; the sessions are one person's, and their messages are few."""
    said = exists().where(
        messages.c.tenant_id == sessions.c.tenant_id,
        messages.c.session_id == sessions.c.id,
        messages.c.role.in_(("user", "assistant")),
        all_words(messages.c.content).icontains(word, autoescape=True),
    )
    return or_(sessions.c.title.icontains(word, autoescape=True), said)


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
        files=attached_to(row.content),
        created_at=row.created_at,
    )


def _record_view(row: AnyRow) -> RecordView:
    """Of a message as langchain-core dumps it (shown_messages.py)."""
    data = row.content.get("data", {})
    calls = data.get("tool_calls") or []
    return RecordView(
        id=row.id,
        turn_id=row.turn_id,
        role=row.role,
        agent=row.agent,
        text=said_in(row.content),
        calls=[CallView(id=str(call["id"]), name=call["name"], arguments=call["args"]) for call in calls],
        tool=data.get("name") if row.role == "tool" else None,
        call_id=row.tool_call_id,
        refused=data.get("status") == "error",
        blocks=blocks_of(row.content),
        created_at=row.created_at,
    )
