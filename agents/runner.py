"""Runs turns: one at a time per session, under a lease, belonging to no connection.

A turn of a process that died is found by its wakeup once its lease has run out, and run again from its journal; a
process that is stopped in order hands its turns over at once.
"""

import asyncio
import logging
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from typing import Protocol

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from agents.journaling import Journals
from agents.turn import CompiledGraph
from agents.turn_run import TurnRun
from agents.under_way import UnderWay
from domain.errors import Conflict, DomainError, StaleVersion, Unavailable
from domain.ids import SessionId, TenantId, TurnId
from domain.sessions import TurnStatus
from services.actor import Actor, system_actor
from services.application import Application
from services.ports import Lease, Recorded, Signal, SignalKind, Wakeup, WakeupKind
from services.session_views import TurnView
from services.turns import Ending, PostTurn

log = logging.getLogger(__name__)


class TenantScope(Protocol):
    def __call__(
        self, tenant_id: TenantId, lease: Lease, *, undisturbed: bool = False
    ) -> AbstractContextManager[None]: ...


_CANCELLED = Ending(status=TurnStatus.CANCELLED)
_SWEEP = 50  # sessions that one look takes at a time
_MOST_REMEMBERED = 10_000  # sessions
_MOST_TAKEN_UP = 200  # beside them no lost turns are taken up: there are other processes, and a next look
_RELEASE_SECONDS = 0.5  # so long a process that is stopped waits for the database to hear of it

_while_the_database_is_away = retry(
    retry=retry_if_exception_type(Unavailable),
    wait=wait_random_exponential(multiplier=0.05, max=0.5),
    stop=stop_after_attempt(40),
    reraise=True,
)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A turn that is ours. `by` is whoever has just `said` it; of others it is looked up who they are by now."""

    lease: Lease
    by: Actor | None = None
    said: Recorded | None = None


class TurnRunner:
    def __init__(
        self,
        application: Application,
        graph: CompiledGraph,
        journals: Journals,
        tenant_scope: TenantScope,
        *,
        owner: str,
        lease_seconds: float,
        turn_seconds: float,
        model: str | None = None,
    ) -> None:
        self._app = application
        self._graph = graph
        self._journals = journals
        self._tenant_scope = tenant_scope
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._turn_seconds = turn_seconds
        self._model = model
        self._sessions: dict[SessionId, asyncio.Task[None]] = {}
        self._again: set[SessionId] = set()
        self._taken: dict[SessionId, _Taken] = {}
        self._running = UnderWay()
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
            self._taken[session_id] = _Taken(begun.lease, actor, begun.said)
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
        return self._running.stop(turn_id)

    async def hear(self) -> None:
        """What is announced, in whichever process, until it is cancelled."""
        async with aclosing(self._app.signals.heard()) as heard:
            async for signals in heard:
                for signal in signals:
                    self._heed(signal)

    async def recover(self) -> None:
        """One sweep over sessions whose turn may have lost its process."""
        while not self.draining and len(self._sessions) < _MOST_TAKEN_UP:
            due = await self._app.wakeups.claim(WakeupKind.TURN, limit=_SWEEP, retry_after=self._lease_seconds)
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
                self._running.stop(TurnId(signal.id))
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
                    waits = await self._run_or_put_off(tenant_id, taken)
                except asyncio.CancelledError:  # this process is being stopped
                    await self._let_go(tenant_id, session_id, taken.lease)
                    raise
        except DomainError as error:  # the turn keeps its lease and its wakeup: recovery takes it up again
            log.warning("turn left to be found", extra={"session_id": str(session_id), "code": error.code})

    async def _next(self, tenant_id: TenantId, session_id: SessionId) -> "_Taken | None":
        if taken := self._taken.pop(session_id, None):
            return taken
        lease = await self._claim(tenant_id, session_id)
        return _Taken(lease) if lease else None

    async def _run_or_put_off(self, tenant_id: TenantId, taken: "_Taken") -> bool:
        """A dependency that is away is waited for, longer after every attempt; then the turn is anybody's.

        Does a turn wait in the session?
        """
        lease = taken.lease
        try:
            return await self._run(tenant_id, taken)
        except Unavailable as error:
            log.warning("turn put off", extra={"turn_id": str(lease.turn.id), "code": error.code})
            await asyncio.sleep(min(0.1 * 2**lease.turn.attempt, self._lease_seconds))
            await self._release(tenant_id, lease)
            return True

    async def _run(self, tenant_id: TenantId, taken: "_Taken") -> bool:
        lease, undisturbed = taken.lease, self._is_undisturbed(taken)
        run = TurnRun(
            self._app,
            self._graph,
            self._journals,
            tenant_id,
            lease,
            self._turn_seconds,
            self._model,
            taken.by,
            taken.said if undisturbed else None,
        )
        with self._tenant_scope(tenant_id, lease, undisturbed=undisturbed):
            ending = _CANCELLED if lease.turn.cancel_asked else await self._to_its_end(tenant_id, lease, run)
            if ending is None:
                return True
            await run.settle(ending)
            return await self._finish(tenant_id, lease, ending.model_copy(update={"usage": run.purse.used}))

    async def _to_its_end(self, tenant_id: TenantId, lease: Lease, run: TurnRun) -> Ending | None:
        """None: somebody else runs the turn now, and writes its state and its ending."""
        turn_id = lease.turn.id
        task = asyncio.create_task(run.to_its_end(), name=f"turn {turn_id}")
        heartbeat = asyncio.create_task(self._keep(tenant_id, lease))
        self._running.begin(turn_id, task)
        try:
            await asyncio.wait({task})
        finally:
            heartbeat.cancel()
            if not task.done():  # this process is being stopped
                self._running.stop(turn_id)
                await asyncio.wait({task})
            self._running.end(turn_id)
        if heartbeat.done() and not heartbeat.cancelled():
            return None
        return _CANCELLED if task.cancelled() else task.result()

    async def _keep(self, tenant_id: TenantId, lease: Lease) -> None:
        """Comes to its end, and stops the turn, only when the lease is lost."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                kept = await self._app.turns.extend(system_actor(tenant_id), lease)
            except Unavailable:
                continue  # the lease may still hold when the database is back; journal writes check it anyway
            if kept is None or kept.cancel_asked:
                self._running.stop(lease.turn.id)
            if kept is None:
                return

    @_while_the_database_is_away
    async def _claim(self, tenant_id: TenantId, session_id: SessionId) -> Lease | None:
        return await self._app.turns.claim(system_actor(tenant_id), session_id, self._owner)

    @_while_the_database_is_away
    async def _release(self, tenant_id: TenantId, lease: Lease) -> None:
        await self._app.turns.release(system_actor(tenant_id), lease)

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

    @retry(
        retry=retry_if_exception_type((StaleVersion, Unavailable)),
        wait=wait_random_exponential(multiplier=0.05, max=2),
        stop=stop_after_attempt(8),
        reraise=True,
    )
    async def _finish(self, tenant_id: TenantId, lease: Lease, ending: Ending) -> bool:
        try:
            ended = await self._app.turns.finish(system_actor(tenant_id), lease, ending)
        except Conflict as conflict:
            if conflict.code != "lease_lost":
                raise
            return True
        self._note_end(ended.turn)
        return ended.another_waits

    def _note_end(self, turn: TurnView) -> None:
        self._ended_at.pop(turn.session_id, None)
        if turn.ended_seq is not None:
            self._ended_at[turn.session_id] = turn.ended_seq
        if len(self._ended_at) > _MOST_REMEMBERED:
            del self._ended_at[next(iter(self._ended_at))]

    def _is_undisturbed(self, taken: _Taken) -> bool:
        """The message is the first thing that happened in its conversation after the end of a turn that ran here."""
        turn = taken.lease.turn
        return taken.by is not None and self._ended_at.get(turn.session_id) == turn.accepted_seq - 1
