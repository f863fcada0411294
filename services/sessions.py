"""Conversations: open, rename, delete. Reading them is a query (queries.py); talking in them is a turn (turns.py)."""

from typing import Annotated

from pydantic import BaseModel, Field

from domain.errors import NotFound, StaleVersion
from domain.ids import SessionId
from domain.sessions import AgentSession, SessionType
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.commands import Command
from services.estates import TenantTraces
from services.ports import Clock
from services.session_views import SessionView
from services.unit_of_work import Begin, UnitOfWork

Title = Annotated[str, Field(min_length=1, max_length=120)]


class OpenSession(Command):
    title: Title | None = None
    type: SessionType = SessionType.CHAT


class RenameSession(Command):
    title: Title


class Removed(BaseModel):
    id: SessionId


class Sessions:
    def __init__(self, begin: Begin, clock: Clock, traces: TenantTraces) -> None:
        self._begin = begin
        self._clock = clock
        self._traces = traces

    async def open(self, actor: Actor, command: OpenSession) -> SessionView:
        authorize(actor, Permission.SESSION_USE)
        async with self._begin(actor) as work:
            if done := await work.earlier(SessionView):
                return done
            session, change = AgentSession.open(
                actor.tenant_id, actor.user_id, self._clock.now(), title=command.title, type=command.type
            )
            work.sessions.add(session)
            return await work.commit(SessionView.model_validate(session), change)

    async def rename(
        self, actor: Actor, session_id: SessionId, command: RenameSession, *, expected: int | None = None
    ) -> SessionView:
        authorize(actor, Permission.SESSION_USE)
        async with self._begin(actor) as work:
            if done := await work.earlier(SessionView):
                return done
            session = await own_session(work, actor, session_id)
            if expected is not None and expected != session.version:
                raise StaleVersion(
                    f"The conversation is at version {session.version} by now, not {expected}.",
                    current=session.version,
                )
            change = session.rename(command.title, self._clock.now())
            return await work.commit(SessionView.model_validate(session), change)

    async def delete(self, actor: Actor, session_id: SessionId) -> Removed:
        """With everything said in it; campaigns and plans made there stay."""
        authorize(actor, Permission.SESSION_USE)
        async with self._begin(actor) as work:
            if done := await work.earlier(Removed):
                return done
            session = await own_session(work, actor, session_id)
            await work.sessions.remove(session)
            removed = await work.commit(Removed(id=session_id), session.removed())
        await self._traces.forget_session(actor.tenant_id, session_id)
        return removed


async def own_session(work: UnitOfWork, actor: Actor, session_id: SessionId, *, locked: bool = False) -> AgentSession:
    """A conversation belongs to one person: a colleague's looks like none."""
    session = await work.sessions.get(session_id, locked=locked)
    if session.user_id != actor.user_id:
        raise NotFound("There is no such conversation.", code="session_not_found")
    return session
