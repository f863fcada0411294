"""Files in Postgres: the rows. Their bytes are elsewhere."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select

from domain.files import StoredFile
from domain.ids import FileId
from server.postgres.file_tables import files
from server.postgres.repositories import TenantRepository
from services.file_views import no_file


class PostgresFiles(TenantRepository):
    def add(self, file: StoredFile) -> None:
        self._session.add(file)

    async def get(self, file_id: FileId) -> StoredFile:
        return await self._by_key(StoredFile, file_id, "file")

    async def remove(self, file: StoredFile) -> None:
        gone = delete(files).where(files.c.tenant_id == self._tenant_id, files.c.id == file.id).returning(files.c.id)
        if await self._session.scalar(gone) is None:  # somebody else was faster
            raise no_file()

    async def used(self) -> int:
        await self._lock()
        total = select(func.coalesce(func.sum(files.c.size), 0)).where(files.c.tenant_id == self._tenant_id)
        return int(await self._session.scalar(total) or 0)

    async def expired(self, now: datetime, limit: int) -> list[StoredFile]:
        await self._lock()
        over = select(StoredFile).where(files.c.tenant_id == self._tenant_id, files.c.expires_at <= now)
        return list(await self._session.scalars(over.order_by(files.c.expires_at, files.c.id).limit(limit)))

    async def known(self, file_ids: Collection[FileId]) -> set[FileId]:
        asked = select(files.c.id).where(files.c.tenant_id == self._tenant_id, files.c.id.in_(file_ids))
        return {FileId(id) for id in await self._session.scalars(asked)}

    async def _lock(self) -> None:
        """Of the tenant's files as a whole, until the transaction ends."""
        name = func.hashtextextended(f"{self._tenant_id}:files", 0)
        await self._session.execute(select(func.pg_advisory_xact_lock(name)))
