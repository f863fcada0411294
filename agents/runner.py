"""Runs turns: one at a time per session, under a lease, belonging to no connection.

A turn of a process that died is found by its wakeup once its lease has run out, and run again from its journal.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from agents.journaling import Journals
from agents.turn import CompiledGraph
from agents.turn_run import TurnRun
from domain.errors import Conflict, DomainError, StaleVersion, Unavailable
from domain.ids import SessionId, TenantId, TurnId
from domain.sessions import TurnStatus
from services.actor import system_actor
from services.application import Application
from services.ports import Lease, Wakeup, WakeupKind
from services.turns import Ending

log = logging.getLogger(__name__)

TenantScope = Callable[[TenantId], AbstractContextManager[None]]


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
    ) -> None:
        self._app = application
        self._graph = graph
        self._journals = journals
        self._tenant_scope = tenant_scope
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._turn_seconds = turn_seconds
        self._sessions: dict[SessionId, asyncio.Task[None]] = {}
        self._again: set[SessionId] = set()
        self._running: dict[TurnId, asyncio.Task[Ending]] = {}
        self._draining = False

    def poke(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """There may be a turn to run in this session. Returns at once."""
        if self._draining:
            return
        if session_id in self._sessions:
            self._again.add(session_id)
            return
        task = asyncio.create_task(self._answer_all(tenant_id, session_id), name=f"session {session_id}")
        self._sessions[session_id] = task
        task.add_done_callback(lambda done: self._left(tenant_id, session_id, done))

    async def cancel(self, turn_id: TurnId) -> bool:
        """Stops a turn that runs in this process; False if none does."""
        run = self._running.get(turn_id)
        return run.cancel() if run else False

    async def recover(self) -> None:
        """One sweep over sessions whose turn may have lost its process."""
        for wakeup in await self._app.wakeups.claim(WakeupKind.TURN, limit=50, retry_after=self._lease_seconds):
            session_id = SessionId(wakeup.id)
            if session_id in self._sessions:
                continue
            if await self._waiting(wakeup):
                self.poke(wakeup.tenant_id, session_id)
            else:
                await self._app.wakeups.done(wakeup)

    async def drain(self, grace: float) -> None:
        """Takes no new turn, gives the running ones `grace` seconds; what remains is taken up again by recovery."""
        self._draining = True
        tasks = list(self._sessions.values())
        if not tasks:
            return
        _, unfinished = await asyncio.wait(tasks, timeout=grace)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    def _left(self, tenant_id: TenantId, session_id: SessionId, done: asyncio.Task[None]) -> None:
        del self._sessions[session_id]
        if not done.cancelled() and (error := done.exception()):  # recovery takes the turn up again
            log.error("a session's turns stopped", extra={"session_id": str(session_id)}, exc_info=error)
        if session_id in self._again:
            self._again.discard(session_id)
            self.poke(tenant_id, session_id)

    async def _waiting(self, wakeup: Wakeup) -> bool:
        async with self._app.begin(system_actor(wakeup.tenant_id)) as work:
            return await work.turns.waiting(SessionId(wakeup.id))

    async def _answer_all(self, tenant_id: TenantId, session_id: SessionId) -> None:
        actor = system_actor(tenant_id)
        try:
            while not self._draining and (lease := await self._app.turns.claim(actor, session_id, self._owner)):
                await self._run(tenant_id, lease)
        except DomainError as error:  # the turn keeps its lease and its wakeup: recovery takes it up again
            log.warning("turn put off", extra={"session_id": str(session_id), "code": error.code})

    async def _run(self, tenant_id: TenantId, lease: Lease) -> None:
        run = TurnRun(self._app, self._graph, self._journals, tenant_id, lease, self._turn_seconds)
        turn_id = lease.turn.id
        with self._tenant_scope(tenant_id):
            task = asyncio.create_task(run.to_its_end(), name=f"turn {turn_id}")
            self._running[turn_id] = task
            heartbeat = asyncio.create_task(self._keep(tenant_id, lease, task))
            try:
                await asyncio.wait({task})
            finally:
                heartbeat.cancel()
                self._running.pop(turn_id, None)
                if not task.done():  # this process is being drained: the turn goes back by lease expiry
                    task.cancel()
                    await asyncio.wait({task})
            if heartbeat.done() and not heartbeat.cancelled():
                return  # somebody else runs the turn now, and writes its state and its ending
            ending = Ending(status=TurnStatus.CANCELLED) if task.cancelled() else task.result()
            await run.settle(ending)
        await self._finish(tenant_id, lease, ending)

    async def _keep(self, tenant_id: TenantId, lease: Lease, task: asyncio.Task[Ending]) -> None:
        """Comes to its end, and stops the turn, only when the lease is lost."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                kept = await self._app.turns.extend(system_actor(tenant_id), lease)
            except Unavailable:
                continue  # the lease may still hold when the database is back; journal writes check it anyway
            if not kept:
                task.cancel()
                return

    @retry(
        retry=retry_if_exception_type((StaleVersion, Unavailable)),
        wait=wait_random_exponential(multiplier=0.05, max=2),
        stop=stop_after_attempt(8),
        reraise=True,
    )
    async def _finish(self, tenant_id: TenantId, lease: Lease, ending: Ending) -> None:
        try:
            await self._app.turns.finish(system_actor(tenant_id), lease, ending)
        except Conflict as conflict:
            if conflict.code != "lease_lost":
                raise
