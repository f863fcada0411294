"""Runs turns: one at a time per session, under a lease, belonging to no connection.

A turn of a process that died is found by its wakeup once its lease has run out, and run again from its journal; a
process that is stopped in order hands its turns over at once.
"""

import asyncio
import logging
from contextlib import aclosing

from agents.leased import LeasedTurns, while_the_database_is_away
from agents.turn_run import Taken
from domain.errors import DomainError
from domain.ids import SessionId, TenantId, TurnId
from services.actor import Actor, system_actor
from services.application import Application
from services.ports import Lease, Signal, SignalKind, Wakeup, WakeupKind
from services.session_views import TurnView
from services.turns import PostTurn

log = logging.getLogger(__name__)

_SWEEP = 50  # sessions that one look takes at a time
_MOST_REMEMBERED = 10_000  # sessions
_MOST_TAKEN_UP = 200  # beside them no lost turns are taken up: there are other processes, and a next look
_RELEASE_SECONDS = 0.5  # so long a process that is stopped waits for the database to hear of it


class TurnRunner:
    def __init__(
        self,
        application: Application,
        turns: LeasedTurns,
        *,
        owner: str,
    ) -> None:
        self._app = application
        self._turns = turns
        self._owner = owner
        self._sessions: dict[SessionId, asyncio.Task[None]] = {}
        self._again: set[SessionId] = set()
        self._taken: dict[SessionId, Taken] = {}
        self._draining: asyncio.Task[None] | None = None
        self._left: set[tuple[TenantId, SessionId]] = set()
        self._ended_at: dict[SessionId, int] = {}  # the last event of sessions whose turns ended here; oldest first

    @property
    def draining(self) -> bool:
        """No turn is begun here any more."""
        return self._draining is not None

    async def answer(
        self, actor: Actor, session_id: SessionId, command: PostTurn, *, key: str | None = None
    ) -> TurnView:
        """As Turns.accept; where nothing waits in the conversation, the message is answered here and at once."""
        owner = None if self.draining or session_id in self._sessions else self._owner
        begun = await self._app.turns.begin(actor, session_id, command, key=key, owner=owner)
        if begun.lease:
            said = begun.said if self._is_undisturbed(begun.lease) else None
            self._taken[session_id] = Taken(begun.lease, actor, said)
        self.poke(actor.tenant_id, session_id)
        return begun.turn

    def poke(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """There may be a turn to run in this session. Returns at once."""
        if self.draining:
            self._left.add((tenant_id, session_id))
            return
        if session_id in self._sessions:
            self._again.add(session_id)
            return
        task = asyncio.create_task(self._answer_all(tenant_id, session_id), name=f"session {session_id}")
        self._sessions[session_id] = task
        task.add_done_callback(lambda done: self._done(tenant_id, session_id, done))

    async def cancel(self, turn_id: TurnId) -> bool:
        """Stops a turn that runs in this process; False if none does."""
        return self._turns.under_way.stop(turn_id)

    async def hear(self) -> None:
        """What is announced, in whichever process, until it is cancelled."""
        async with aclosing(self._app.signals.heard()) as heard:
            async for signals in heard:
                for signal in signals:
                    self._heed(signal)

    async def recover(self) -> None:
        """One sweep over sessions whose turn may have lost its process."""
        while not self.draining and len(self._sessions) < _MOST_TAKEN_UP:
            due = await self._app.wakeups.claim(WakeupKind.TURN, limit=_SWEEP, retry_after=self._turns.lease_seconds)
            for wakeup in due:
                await self._look_after(wakeup)
            if len(due) < _SWEEP:
                return

    async def _look_after(self, wakeup: Wakeup) -> None:
        session_id = SessionId(wakeup.id)
        if session_id in self._sessions:
            return
        if await self._waiting(wakeup):
            self.poke(wakeup.tenant_id, session_id)
        else:
            await self._app.wakeups.done(wakeup)

    def begin_drain(self, grace: float) -> None:
        """From now on no turn is begun here; the running ones have `grace` seconds, then they go on elsewhere."""
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain(grace), name="draining")

    async def drain(self, grace: float) -> None:
        """Until no turn is run here. Everything that was to be is handed over to another process."""
        self.begin_drain(grace)
        assert self._draining
        await self._draining
        left, self._left = self._left, set()
        await asyncio.gather(*(self._let_go(tenant_id, session_id) for tenant_id, session_id in left))

    async def _drain(self, grace: float) -> None:
        tasks = list(self._sessions.values())
        if not tasks:
            return
        _, unfinished = await asyncio.wait(tasks, timeout=grace)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    def _heed(self, signal: Signal) -> None:
        match signal.kind:
            case SignalKind.CANCEL:
                self._turns.under_way.stop(TurnId(signal.id))
            case SignalKind.WAITING if not self.draining:
                self.poke(signal.tenant_id, SessionId(signal.id))

    def _done(self, tenant_id: TenantId, session_id: SessionId, done: asyncio.Task[None]) -> None:
        del self._sessions[session_id]
        if self.draining and (session_id in self._taken or not done.cancelled()):
            self._left.add((tenant_id, session_id))
        if not done.cancelled() and (error := done.exception()):  # recovery takes the turn up again
            log.error("a session's turns stopped", extra={"session_id": str(session_id)}, exc_info=error)
        if session_id in self._again:
            self._again.discard(session_id)
            self.poke(tenant_id, session_id)

    async def _waiting(self, wakeup: Wakeup) -> bool:
        async with self._app.begin(system_actor(wakeup.tenant_id)) as work:
            return await work.turns.waiting(SessionId(wakeup.id))

    async def _answer_all(self, tenant_id: TenantId, session_id: SessionId) -> None:
        try:
            waits = True
            while waits and not self.draining and (taken := await self._next(tenant_id, session_id)):
                try:
                    ended = await self._turns.run(tenant_id, taken)
                except asyncio.CancelledError:  # this process is being stopped
                    await self._let_go(tenant_id, session_id, taken.lease)
                    raise
                waits = ended is None or ended.another_waits
                if ended:
                    self._note_end(ended.turn)
        except DomainError as error:  # the turn keeps its lease and its wakeup: recovery takes it up again
            log.warning("turn left to be found", extra={"session_id": str(session_id), "code": error.code})

    async def _next(self, tenant_id: TenantId, session_id: SessionId) -> Taken | None:
        if taken := self._taken.pop(session_id, None):
            return taken
        lease = await self._claim(tenant_id, session_id)
        return Taken(lease) if lease else None

    @while_the_database_is_away
    async def _claim(self, tenant_id: TenantId, session_id: SessionId) -> Lease | None:
        return await self._app.turns.claim(system_actor(tenant_id), session_id, self._owner)

    async def _let_go(self, tenant_id: TenantId, session_id: SessionId, lease: Lease | None = None) -> None:
        """As soon as can be; where the database does not hear of it in time, the lease runs out by itself."""
        actor = system_actor(tenant_id)
        if lease is None and (taken := self._taken.pop(session_id, None)):
            lease = taken.lease
        try:
            async with asyncio.timeout(_RELEASE_SECONDS):
                if lease:
                    await self._app.turns.release(actor, lease)
                await self._app.turns.hand_over(actor, session_id)
        except (DomainError, TimeoutError):
            log.warning("a turn is left to be found", extra={"session_id": str(session_id)})

    def _note_end(self, turn: TurnView) -> None:
        self._ended_at.pop(turn.session_id, None)
        if turn.ended_seq is not None:
            self._ended_at[turn.session_id] = turn.ended_seq
        if len(self._ended_at) > _MOST_REMEMBERED:
            del self._ended_at[next(iter(self._ended_at))]

    def _is_undisturbed(self, lease: Lease) -> bool:
        """Its message is the first thing that happened in its conversation after the end of a turn that ran here."""
        return self._ended_at.get(lease.turn.session_id) == lease.turn.accepted_seq - 1
