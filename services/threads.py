"""Threads: conversations under names that clients give them.

A client's thread id is kept beside the session's own id. It is unique per tenant and person, so nobody's thread is
somebody else's, whatever they call it.
"""

from uuid import UUID

from domain.errors import Duplicate, InvalidInput, NotFound
from domain.ids import SessionId
from domain.sessions import AgentSession
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.ports import Clock
from services.session_views import SessionView, TurnView
from services.sessions import own_session
from services.unit_of_work import Begin, UnitOfWork

LONGEST_NAME = 200


class Threads:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def open(self, actor: Actor, external_id: str | None) -> SessionView:
        """The person's conversation of that name, a new one where there is none. Without a name always a new one.

        Raises InvalidInput `bad_thread_id` for a name that is empty, too long or not printable.
        """
        authorize(actor, Permission.SESSION_USE)
        if external_id is not None:
            _checked(external_id)
        try:
            return await self._open(actor, external_id)
        except Duplicate:  # somebody was quicker: theirs is the one
            return await self._open(actor, external_id)

    async def find(self, actor: Actor, thread_id: str) -> SessionId:
        """Of a session's own id, or of the name its client gave it. Raises NotFound `session_not_found`."""
        authorize(actor, Permission.SESSION_USE)
        async with self._begin(actor) as work:
            session = await _by_own_id(work, actor, thread_id)
            session = session or await work.sessions.with_external_id(actor.user_id, thread_id)
        if session is None:
            raise NotFound("There is no such conversation.", code="session_not_found")
        return session.id

    async def run(self, actor: Actor, session_id: SessionId, key: str) -> TurnView | None:
        """The turn that was accepted under this key."""
        authorize(actor, Permission.SESSION_USE)
        async with self._begin(actor) as work:
            await own_session(work, actor, session_id)
            turn = await work.turns.by_key(session_id, key)
        return TurnView.model_validate(turn, from_attributes=True) if turn else None

    async def _open(self, actor: Actor, external_id: str | None) -> SessionView:
        async with self._begin(actor) as work:
            if done := await work.earlier(SessionView):
                return done
            if external_id is not None:
                found = await work.sessions.with_external_id(actor.user_id, external_id)
                if found is not None:
                    return SessionView.model_validate(found)
            session, change = AgentSession.open(
                actor.tenant_id, actor.user_id, self._clock.now(), external_id=external_id
            )
            work.sessions.add(session)
            return await work.commit(SessionView.model_validate(session), change)


async def _by_own_id(work: UnitOfWork, actor: Actor, thread_id: str) -> AgentSession | None:
    try:
        session = await work.sessions.get(SessionId(UUID(thread_id)))
    except (ValueError, NotFound):
        return None
    return session if session.user_id == actor.user_id else None


def _checked(external_id: str) -> None:
    if not external_id.strip() or len(external_id) > LONGEST_NAME or not external_id.isprintable():
        raise InvalidInput(
            f"A thread id has 1 to {LONGEST_NAME} printable characters.", code="bad_thread_id", field="threadId"
        )
