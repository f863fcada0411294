"""One leased turn, from its journal to its ending. Every way it can end is decided here."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.errors import GraphRecursionError

from agents.context import RunContext
from agents.journaling import Journals, restored
from agents.turn import CompiledGraph, run_turn, thread
from agents.typing_out import TypingOut
from domain.errors import BudgetSpent, Conflict, DomainError, Unavailable
from domain.ids import TenantId
from domain.sessions import TurnStatus
from domain.tenants import TenantSettings
from services.actor import NO_ORIGIN, Actor, system_actor
from services.application import Application
from services.attachments import attached_to
from services.budgets import NOTHING, Purse
from services.journal import ASIDE, TurnJournal, used_by
from services.ports import Lease, Recorded
from services.turns import Ending

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that is ours. `by` is whoever has just posted it; of others it is looked up who they are by now. `said` is
    their message, where it is all that has happened in the conversation since the turn before.
    """

    lease: Lease
    by: Actor | None = None
    said: Recorded | None = None


class TurnRun:
    def __init__(
        self,
        application: Application,
        graph: CompiledGraph,
        journals: Journals,
        tenant_id: TenantId,
        taken: Taken,
        *,
        seconds: float,
        model: str | None,
    ) -> None:
        self._app = application
        self._graph = graph
        self._journals = journals
        self._tenant_id = tenant_id
        self._lease = taken.lease
        self._seconds = seconds
        self._model = model
        self._by = taken.by
        self._said = taken.said
        self.purse = Purse(application.budgets)

    async def to_its_end(self) -> Ending:
        """What the turn did wrong is its ending, not an error. Raises Unavailable or `lease_lost` to put it off."""
        turn = self._lease.turn
        if turn.attempt > MOST_ATTEMPTS:
            return _failed(BudgetSpent(f"This turn was tried {MOST_ATTEMPTS} times.", code="attempts_spent"))
        try:
            async with asyncio.timeout(self._seconds):
                return await self._answer()
        except TimeoutError:
            return _failed(BudgetSpent(f"This turn took longer than {self._seconds:g} seconds.", code="turn_timed_out"))
        except GraphRecursionError:
            return _failed(BudgetSpent("This turn took more steps than a turn may take.", code="steps_spent"))
        except (Unavailable, Conflict) as error:
            if isinstance(error, Unavailable) or error.code == "lease_lost":
                raise
            return _failed(error)
        except DomainError as error:
            return _failed(error)
        except Exception:  # the boundary of a turn: whatever a model or tool throws ends this turn only
            log.exception("turn failed", extra={"turn_id": str(turn.id), "session_id": str(turn.session_id)})
            return _failed(
                DomainError("Something went wrong on our side. What was finished before is kept.", code="internal")
            )

    async def settle(self, ending: Ending) -> None:
        """After a turn that did not complete: what it finished enters the state, so that the next turn knows of it."""
        if ending.status is TurnStatus.COMPLETED:
            return
        async with self._app.begin(system_actor(self._tenant_id)) as work:
            rows = await work.transcript.of_turn(self._lease.turn.id)
        if self.purse.used == NOTHING:  # it never came so far as to read them
            self.purse.restore(used_by(rows))
        said = [row for row in rows[1:] if row.role not in ASIDE]
        messages = closed([*map(restored, [rows[0], *said])])
        await self._graph.aupdate_state(
            thread(self._lease.turn.session_id), {"messages": messages}, as_node="workspace"
        )

    async def _answer(self) -> Ending:
        actor = await self._actor()
        opening = await self._app.queries.opening(actor, self._lease.turn.session_id, self._app.clock.now())
        rows, posted = ([self._said], []) if self._said else await self._recorded(actor)
        purse = Purse(self._app.budgets, opening.used_in_session, opening.used_today)
        journal = TurnJournal(self._app.begin, self._app.clock, actor, self._lease, rows, purse)
        self.purse = journal.purse
        typing = TypingOut(self._app.feed, self._tenant_id, self._lease, journal)
        news = [*map(restored, posted), restored(rows[0])]
        self._journals.open(journal, typing.add, opening.around)
        try:
            context = self._context(actor, opening.around.settings, rows[0])
            active = await run_turn(self._graph, news, context, self._lease.turn.session_id)
            return Ending(status=TurnStatus.COMPLETED, state=dict(active))
        finally:
            self._journals.close(journal)
            await typing.close()

    async def _actor(self) -> Actor:
        """The person, with what they may do now. A machine that acts for them has said what it had to say."""
        if self._by and self._by.origin.service_token_id is None:
            return self._by.through(NO_ORIGIN)
        return await self._app.sign_in.enter(self._lease.turn.user_id, self._tenant_id)

    def _context(self, actor: Actor, settings: TenantSettings, said: Recorded) -> RunContext:
        return RunContext(
            tenant_id=actor.tenant_id,
            user_id=actor.user_id,
            permissions=actor.permissions,
            grants=dict(actor.grants),
            timezone=settings.timezone,
            locale=settings.locale,
            session_id=self._lease.turn.session_id,
            turn_id=self._lease.turn.id,
            model=self._model,
            files=tuple(file.id for file in attached_to(said.content)),
        )

    async def _recorded(self, actor: Actor) -> tuple[list[Recorded], list[Recorded]]:
        """The turn's own rows so far, the person's message first; and what jobs posted since the turn before."""
        turn = self._lease.turn
        async with self._app.begin(actor.only_reading()) as work:
            rows = await work.transcript.of_turn(turn.id)
            heard = await work.turns.heard_up_to(turn.session_id, turn.accepted_seq)
            return rows, await work.transcript.outside_turns(turn.session_id, heard)


def closed(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """With a "cancelled" result for every tool call that got none: providers refuse a call without an answer."""
    answered = {message.tool_call_id for message in messages if isinstance(message, ToolMessage)}
    whole: list[BaseMessage] = []
    for message in messages:
        whole.append(message)
        if isinstance(message, AIMessage):
            whole += [
                ToolMessage("Cancelled before it was done.", name=call["name"], tool_call_id=call["id"], status="error")
                for call in message.tool_calls
                if call["id"] not in answered
            ]
    return whole


def _failed(error: DomainError) -> Ending:
    return Ending(status=TurnStatus.FAILED, error_code=error.code, error_message=error.message)
