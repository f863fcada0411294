"""Files end by themselves: those whose time is over, bytes that never became a file, and what an erased tenant left."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel

from domain.errors import DomainError
from domain.files import StoredFile
from domain.ids import FileId, TenantId
from services.actor import system_actor
from services.gateways import FileStore
from services.ports import Clock
from services.unit_of_work import Begin

log = logging.getLogger(__name__)

SomeTenants = Callable[[], Awaitable[list[TenantId]]]

BATCH = 200
UNDER_WAY = timedelta(hours=1)  # bytes of that age that have no row will get none


class Ended(BaseModel):
    files: int


class FileUpkeep:
    def __init__(self, begin: Begin, store: FileStore, living: SomeTenants, erased: SomeTenants, clock: Clock) -> None:
        self._begin = begin
        self._store = store
        self._living = living
        self._erased = erased
        self._clock = clock

    async def clear_due(self) -> None:
        """In every tenant. One where it fails is no reason not to go on with the others."""
        for tenant_id in await self._living():
            try:
                while await self._end(tenant_id) == BATCH:
                    continue
                await self._sweep(tenant_id)
            except DomainError as error:
                log.warning("files stay", extra={"tenant_id": str(tenant_id), "code": error.code})
        for tenant_id in await self._erased():
            await self.forget_tenant(tenant_id)

    async def forget_tenant(self, tenant_id: TenantId) -> None:
        """Never raises for a store that is away: the next round finds what it keeps."""
        try:
            await self._store.remove_tenant(tenant_id)
        except DomainError as error:
            log.warning("files of an erased tenant stay", extra={"tenant_id": str(tenant_id), "code": error.code})

    async def _end(self, tenant_id: TenantId) -> int:
        async with self._begin(system_actor(tenant_id)) as work:
            over: list[StoredFile] = await work.files.expired(self._clock.now(), BATCH)
            if not over:
                return 0
            for file in over:
                await work.files.remove(file)
            await work.commit(Ended(files=len(over)), *(file.removed() for file in over))
        for file in over:
            await self._store.remove(tenant_id, file.id)
        return len(over)

    async def _sweep(self, tenant_id: TenantId) -> None:
        before = self._clock.now() - UNDER_WAY
        old = [one.file_id async for one in self._store.stored(tenant_id) if one.written_at < before]
        for start in range(0, len(old), BATCH):
            await self._remove_unknown(tenant_id, old[start : start + BATCH])

    async def _remove_unknown(self, tenant_id: TenantId, file_ids: list[FileId]) -> None:
        async with self._begin(system_actor(tenant_id).only_reading()) as work:
            known = await work.files.known(file_ids)
        for file_id in file_ids:
            if file_id not in known:
                await self._store.remove(tenant_id, file_id)
