"""One turn under its lease, from its claim to its end: kept while it runs, put off where that can't be, ended once."""

import asyncio
import logging
from contextlib import AbstractContextManager
from typing import Protocol

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from agents.journaling import Journals
from agents.turn import CompiledGraph
from agents.turn_run import Taken, TurnRun
from agents.under_way import UnderWay
from domain.errors import Conflict, StaleVersion, Unavailable
from domain.ids import TenantId
from domain.sessions import TurnStatus
from services.actor import system_actor
from services.application import Application
from services.ports import Lease
from services.turns import Ended, Ending

log = logging.getLogger(__name__)

_CANCELLED = Ending(status=TurnStatus.CANCELLED)

while_the_database_is_away = retry(
    retry=retry_if_exception_type(Unavailable),
    wait=wait_random_exponential(multiplier=0.05, max=0.5),
    stop=stop_after_attempt(40),
    reraise=True,
)


class TenantScope(Protocol):
    """What the graph saves within it is written with the turn's end."""

    def __call__(
        self, tenant_id: TenantId, lease: Lease, *, undisturbed: bool = False
    ) -> AbstractContextManager[None]: ...


class LeasedTurns:
    def __init__(
        self,
        application: Application,
        graph: CompiledGraph,
        journals: Journals,
        tenant_scope: TenantScope,
        *,
        lease_seconds: float,
        turn_seconds: float,
        model: str | None = None,
    ) -> None:
        self._app = application
        self._graph = graph
        self._journals = journals
        self._tenant_scope = tenant_scope
        self.lease_seconds = lease_seconds
        self._turn_seconds = turn_seconds
        self._model = model
        self.under_way = UnderWay()

    async def run(self, tenant_id: TenantId, taken: Taken) -> Ended | None:
        """None where it has not ended: somebody else runs it now, or it is put off and anybody's.

        A dependency that is away is waited for, longer after every attempt.
        """
        lease = taken.lease
        try:
            return await self._run(tenant_id, taken)
        except Unavailable as error:
            log.warning("turn put off", extra={"turn_id": str(lease.turn.id), "code": error.code})
            await asyncio.sleep(min(0.1 * 2**lease.turn.attempt, self.lease_seconds))
            await self._release(tenant_id, lease)
            return None

    async def _run(self, tenant_id: TenantId, taken: Taken) -> Ended | None:
        lease = taken.lease
        run = TurnRun(
            self._app, self._graph, self._journals, tenant_id, taken, seconds=self._turn_seconds, model=self._model
        )
        with self._tenant_scope(tenant_id, lease, undisturbed=taken.said is not None):
            ending = _CANCELLED if lease.turn.cancel_asked else await self._to_its_end(tenant_id, lease, run)
            if ending is None:
                return None
            await run.settle(ending)
            return await self._finish(tenant_id, lease, ending.model_copy(update={"usage": run.purse.used}))

    async def _to_its_end(self, tenant_id: TenantId, lease: Lease, run: TurnRun) -> Ending | None:
        """None: somebody else runs the turn now, and writes its state and its ending."""
        turn_id = lease.turn.id
        task = asyncio.create_task(run.to_its_end(), name=f"turn {turn_id}")
        heartbeat = asyncio.create_task(self._keep(tenant_id, lease))
        self.under_way.begin(turn_id, task)
        try:
            await asyncio.wait({task})
        finally:
            heartbeat.cancel()
            if not task.done():  # this process is being stopped
                self.under_way.stop(turn_id)
                await asyncio.wait({task})
            self.under_way.end(turn_id)
        if heartbeat.done() and not heartbeat.cancelled():
            return None
        return _CANCELLED if task.cancelled() else task.result()

    async def _keep(self, tenant_id: TenantId, lease: Lease) -> None:
        """Comes to its end, and stops the turn, only when the lease is lost."""
        while True:
            await asyncio.sleep(self.lease_seconds / 3)
            try:
                kept = await self._app.turns.extend(system_actor(tenant_id), lease)
            except Unavailable:
                continue  # the lease may still hold when the database is back; journal writes check it anyway
            if kept is None or kept.cancel_asked:
                self.under_way.stop(lease.turn.id)
            if kept is None:
                return

    @while_the_database_is_away
    async def _release(self, tenant_id: TenantId, lease: Lease) -> None:
        await self._app.turns.release(system_actor(tenant_id), lease)

    @retry(
        retry=retry_if_exception_type((StaleVersion, Unavailable)),
        wait=wait_random_exponential(multiplier=0.05, max=2),
        stop=stop_after_attempt(8),
        reraise=True,
    )
    async def _finish(self, tenant_id: TenantId, lease: Lease, ending: Ending) -> Ended | None:
        try:
            return await self._app.turns.finish(system_actor(tenant_id), lease, ending)
        except Conflict as conflict:
            if conflict.code != "lease_lost":
                raise
            return None
