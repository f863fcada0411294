"""Files in a folder of this machine: one below it for each tenant, in that one file for each file, named by ids.

A name from outside never becomes a path. A file appears under its name when it is whole (rename), and is for nobody
else on the machine.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from domain.ids import FileId, TenantId
from server.files.refusals import away, no_bytes
from services.gateways import StoredBytes

_PIECE = 1 << 18
_PART = ".part"  # while it is being written


class LocalFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, tenant_id: TenantId, file_id: FileId, pieces: AsyncIterator[bytes]) -> None:
        place = self._place(tenant_id, file_id)
        part = place.with_suffix(_PART)
        with _reached():
            writing = await asyncio.to_thread(_create, self._folder, part)
            try:
                async for piece in pieces:
                    await asyncio.to_thread(writing.write, piece)
                await asyncio.to_thread(_finish, writing, place)
            except BaseException:  # a cancelled one must not leave its part either
                writing.close()
                part.unlink(missing_ok=True)
                raise

    async def open(self, tenant_id: TenantId, file_id: FileId) -> AsyncIterator[bytes]:
        with _reached():
            try:
                return _pieces(await asyncio.to_thread(_opened, self._place(tenant_id, file_id)))
            except FileNotFoundError:
                raise no_bytes() from None

    async def remove(self, tenant_id: TenantId, file_id: FileId) -> None:
        place = self._place(tenant_id, file_id)
        with _reached():
            await asyncio.to_thread(place.unlink, missing_ok=True)
            await asyncio.to_thread(place.with_suffix(_PART).unlink, missing_ok=True)

    async def remove_tenant(self, tenant_id: TenantId) -> None:
        with _reached(), suppress(FileNotFoundError):
            await asyncio.to_thread(shutil.rmtree, self._folder / str(tenant_id))

    async def stored(self, tenant_id: TenantId) -> AsyncIterator[StoredBytes]:
        with _reached():
            found = await asyncio.to_thread(_listed, self._folder / str(tenant_id))
        for one in found:
            yield one

    def _place(self, tenant_id: TenantId, file_id: FileId) -> Path:
        """`UUID` again: whatever else were passed as an id would be refused here."""
        return self._folder / str(UUID(str(tenant_id))) / str(UUID(str(file_id)))


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise away() from error


def _create(folder: Path, part: Path) -> BinaryIO:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.parent.mkdir(mode=0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(part, flags, 0o600), "wb")


def _finish(writing: BinaryIO, place: Path) -> None:
    """On the disk before it has its name: after a power cut it is whole or not there."""
    writing.flush()
    os.fsync(writing.fileno())
    writing.close()
    os.replace(place.with_suffix(_PART), place)


def _opened(place: Path) -> BinaryIO:
    return os.fdopen(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")


async def _pieces(reading: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(reading.read, _PIECE):
            yield piece
    finally:
        reading.close()


def _listed(folder: Path) -> list[StoredBytes]:
    try:
        paths = list(folder.iterdir())
    except FileNotFoundError:  # nothing has been brought yet
        return []
    found = []
    for path in paths:
        with suppress(FileNotFoundError, ValueError):  # removed meanwhile; not one of ours
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(StoredBytes(FileId(UUID(path.stem)), written))
    return found
