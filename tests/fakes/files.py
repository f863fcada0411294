"""Files in memory: their rows, and their bytes."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime

from domain.errors import NotFound, Unavailable
from domain.files import StoredFile
from domain.ids import FileId, TenantId
from services.gateways import StoredBytes
from services.ports import Clock
from tests.fakes.repositories import TenantRepository


class InMemoryFiles(TenantRepository):
    def add(self, file: StoredFile) -> None:
        self._entities.add("files", file.tenant_id, file.id, entity=file)

    async def get(self, file_id: FileId) -> StoredFile:
        file = self._entities.get(StoredFile, "files", self._tenant_id, file_id)
        if file is None:
            raise NotFound("There is no such file.", code="file_not_found")
        return file

    async def remove(self, file: StoredFile) -> None:
        if self._transaction.committed("files", self._tenant_id, file.id) is None:
            raise NotFound("There is no such file.", code="file_not_found")
        self._entities.forget("files", self._tenant_id, file.id)
        self._transaction.delete("files", self._tenant_id, file.id)

    async def used(self) -> int:
        await self._transaction.lock("files", self._tenant_id)
        return sum(file.size for file in self._all())

    async def expired(self, now: datetime, limit: int) -> list[StoredFile]:
        await self._transaction.lock("files", self._tenant_id)
        over = [file for file in self._all() if file.expires_at and file.expires_at <= now]
        return sorted(over, key=lambda file: (file.expires_at, file.id))[:limit]

    async def known(self, file_ids: Collection[FileId]) -> set[FileId]:
        return {file.id for file in self._all() if file.id in file_ids}

    def _all(self) -> list[StoredFile]:
        return self._entities.all(StoredFile, "files", self._tenant_id)


class InMemoryFileStore:
    """`away` makes it a store that can't be reached."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.bytes: dict[tuple[TenantId, FileId], tuple[bytes, datetime]] = {}
        self.away = False

    async def put(self, tenant_id: TenantId, file_id: FileId, pieces: AsyncIterator[bytes]) -> None:
        self._reach()
        data = b"".join([piece async for piece in pieces])
        self.bytes[tenant_id, file_id] = data, self._clock.now()

    async def open(self, tenant_id: TenantId, file_id: FileId) -> AsyncIterator[bytes]:
        self._reach()
        if (tenant_id, file_id) not in self.bytes:
            raise NotFound("There is no such file.", code="file_not_found")
        return _halves(self.bytes[tenant_id, file_id][0])

    async def remove(self, tenant_id: TenantId, file_id: FileId) -> None:
        self._reach()
        self.bytes.pop((tenant_id, file_id), None)

    async def remove_tenant(self, tenant_id: TenantId) -> None:
        self._reach()
        self.bytes = {key: stored for key, stored in self.bytes.items() if key[0] != tenant_id}

    async def stored(self, tenant_id: TenantId) -> AsyncIterator[StoredBytes]:
        self._reach()
        for (owner, file_id), (_, written_at) in list(self.bytes.items()):
            if owner == tenant_id:
                yield StoredBytes(file_id, written_at)

    def _reach(self) -> None:
        if self.away:
            raise Unavailable("The files can't be reached.", code="files_away")


async def _halves(data: bytes) -> AsyncIterator[bytes]:
    middle = len(data) // 2
    yield data[:middle]
    yield data[middle:]
