"""How bytes become a file: read and judged, stored, then entered as a row. Without its row nobody can open it."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from domain.changes import Change
from domain.errors import DomainError, Unavailable
from domain.file_contents import inspect
from domain.files import Contents, FileName, FilePurpose, StoredFile, must_fit
from domain.ids import CampaignId, FileId, TenantId, new_id
from services.actor import Actor
from services.file_views import FileView
from services.gateways import FileStore
from services.ports import Clock
from services.unit_of_work import Begin

log = logging.getLogger(__name__)

_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Arrival:
    name: FileName
    purpose: FilePurpose
    content: BinaryIO
    campaign_id: CampaignId | None = None
    expires_at: datetime | None = None
    keyed_by_content: bool = False  # bytes and name are a part of the command that no key has seen


class FileIntake:
    """`limit` of one file and `quota` of a tenant's are bytes."""

    def __init__(self, begin: Begin, store: FileStore, clock: Clock, *, limit: int, quota: int) -> None:
        self._begin = begin
        self._store = store
        self._clock = clock
        self._limit = limit
        self._quota = quota

    async def take(self, actor: Actor, arrival: Arrival) -> FileView:
        contents = await asyncio.to_thread(inspect, arrival.content, arrival.name.kind, self._limit)
        file, change = self._file(actor, arrival, contents)
        await self._store.put(file.tenant_id, file.id, _pieces(arrival.content))
        try:
            view = await self._enter(_keyed(actor, file) if arrival.keyed_by_content else actor, file, change)
        except DomainError as error:
            if not isinstance(error, Unavailable):  # then the row may be there: the upkeep will see
                await let_go(self._store, file.tenant_id, file.id)
            raise
        if view.id != file.id:
            await let_go(self._store, file.tenant_id, file.id)
        return view

    async def _enter(self, actor: Actor, file: StoredFile, change: Change) -> FileView:
        """What the same command entered before, if it did."""
        async with self._begin(actor) as work:
            if done := await work.earlier(FileView):
                return done
            if file.campaign_id:
                await work.campaigns.get(file.campaign_id)
            must_fit(file.size, await work.files.used(), self._quota)
            work.files.add(file)
            return await work.commit(FileView.model_validate(file), change)

    def _file(self, actor: Actor, arrival: Arrival, contents: Contents) -> tuple[StoredFile, Change]:
        return StoredFile.keep(
            actor.tenant_id,
            FileId(new_id()),
            arrival.name,
            contents,
            arrival.purpose,
            by=actor.user_id,
            now=self._clock.now(),
            campaign_id=arrival.campaign_id,
            expires_at=arrival.expires_at,
        )


async def let_go(store: FileStore, tenant_id: TenantId, file_id: FileId) -> None:
    """Bytes of which there is no row. Never raises for a store that is away: the upkeep finds them."""
    try:
        await store.remove(tenant_id, file_id)
    except Unavailable:
        log.warning("bytes of a file stay", extra={"tenant_id": str(tenant_id), "file_id": str(file_id)})


def _keyed(actor: Actor, file: StoredFile) -> Actor:
    key = actor.origin.effect_key
    part = hashlib.sha256(f"{file.sha256} {file.name}".encode()).hexdigest()[:32]
    return actor.through(replace(actor.origin, effect_key=key and f"{key}:{part}"))


async def _pieces(content: BinaryIO) -> AsyncIterator[bytes]:
    await asyncio.to_thread(content.seek, 0)
    while piece := await asyncio.to_thread(content.read, _PIECE):
        yield piece
