"""Conversations that nobody has touched for a long time end by themselves, with everything said in them.

Campaigns, plans, jobs and approvals made there stay, and so does what the audit says of them.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel

from domain.errors import DomainError
from domain.ids import TenantId
from services.actor import system_actor
from services.estates import TenantTraces
from services.ports import Clock
from services.unit_of_work import Begin

log = logging.getLogger(__name__)

AllTenants = Callable[[], Awaitable[list[TenantId]]]

BATCH = 200


class Cleared(BaseModel):
    sessions: int


class Retention:
    """`keep` is how long a conversation stays after it was last touched; without it they stay until deleted."""

    def __init__(
        self, begin: Begin, all_tenants: AllTenants, traces: TenantTraces, clock: Clock, *, keep: timedelta | None
    ) -> None:
        self._begin = begin
        self._all_tenants = all_tenants
        self._traces = traces
        self._clock = clock
        self._keep = keep

    async def clear_due(self) -> None:
        """In every tenant, batch by batch. A tenant where it fails is no reason not to go on with the others."""
        if self._keep is None:
            return
        for tenant_id in await self._all_tenants():
            try:
                while await self._clear(tenant_id, self._keep) == BATCH:
                    continue
            except DomainError as error:
                log.warning("old conversations stay", extra={"tenant_id": str(tenant_id), "code": error.code})

    async def _clear(self, tenant_id: TenantId, keep: timedelta) -> int:
        async with self._begin(system_actor(tenant_id)) as work:
            old = await work.sessions.untouched_since(self._clock.now() - keep, BATCH)
            if not old:
                return 0
            for session in old:
                await work.sessions.remove(session)
            await work.commit(Cleared(sessions=len(old)), *(session.removed() for session in old))
        for session in old:
            await self._traces.forget_session(tenant_id, session.id)
        return len(old)
