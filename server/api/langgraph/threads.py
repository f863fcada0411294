"""The thread that a route names: one's own conversation, by its own id or by the name its client gave it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path

from domain.errors import NotFound
from domain.ids import TurnId
from domain.sessions import TurnStatus
from server.api.auth import Acting, TheApplication
from server.api.langgraph.conversation import Conversation, Run
from server.api.langgraph.views import ThreadViews, is_run, name_of
from server.telemetry import about
from services.actor import Actor
from services.application import Application
from services.session_views import SessionView, TurnView


@dataclass(frozen=True, slots=True)
class Thread:
    application: Application
    actor: Actor
    session: SessionView

    @property
    def id(self) -> str:
        return name_of(self.session)

    async def conversation(self, up_to: int | None = None) -> Conversation:
        """As it was after the event of that number; as it is now."""
        log, at = self.application.thread_log, (self.actor.tenant_id, self.session.id)
        events = await log.events(*at)
        trimmed = await log.snapshot(*at) if events and events[0].seq > 1 else None
        return Conversation.of([one for one in events if up_to is None or one.seq <= up_to], trimmed)

    async def views(self, *, folded: bool = True) -> ThreadViews:
        """Without the log where nothing is asked that is in it."""
        conversation = await self.conversation() if folded else Conversation()
        return ThreadViews(self.actor.tenant_id, self.session, conversation, self.application.clock.now())

    async def now(self) -> "Thread":
        """With what is active in it by now."""
        session = await self.application.queries.session(self.actor, self.session.id)
        return Thread(self.application, self.actor, session)

    async def turn(self, run_id: str) -> TurnView:
        """Raises NotFound `turn_not_found` for a run of another thread too."""
        named = is_run(run_id)
        turn = await self.application.queries.turn(self.actor, TurnId(named)) if named else None
        if turn is None or turn.session_id != self.session.id:
            raise NotFound("There is no such turn.", code="turn_not_found")
        about(turn_id=turn.id)
        return turn


async def thread_of(application: Application, actor: Actor, thread_id: str) -> Thread:
    """Raises NotFound `session_not_found`."""
    if not thread_id.isprintable():
        raise NotFound("There is no such conversation.", code="session_not_found")
    session_id = await application.threads.find(actor, thread_id)
    about(session_id=session_id)
    return Thread(application, actor, await application.queries.session(actor, session_id))


async def the_thread(actor: Acting, application: TheApplication, thread_id: Annotated[str, Path()]) -> Thread:
    return await thread_of(application, actor, thread_id)


TheThread = Annotated[Thread, Depends(the_thread)]


async def the_turn(thread: TheThread, run_id: Annotated[str, Path()]) -> TurnView:
    return await thread.turn(run_id)


TheTurn = Annotated[TurnView, Depends(the_turn)]


def run_of(turn: TurnView, conversation: Conversation) -> Run:
    """A turn that the log tells of, or that was accepted before the part of it that is kept."""
    known = conversation.runs.get(turn.id)
    if known and known.status.ended == turn.status.ended:
        return known
    return Run(turn.id, turn.created_at, known.updated_at if known else turn.created_at, TurnStatus(turn.status))
