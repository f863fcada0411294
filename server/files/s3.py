"""Files in a bucket of an object store that speaks S3: `{prefix}/{tenant}/{file}`."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from domain.ids import FileId, TenantId
from server.files.refusals import away, no_bytes
from services.gateways import StoredBytes

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta
    from obstore.store import ClientConfig, RetryConfig, S3Config

_PIECE = 1 << 18
_BATCH = 1_000  # objects that one request removes
_CLIENT: "ClientConfig" = {"connect_timeout": timedelta(seconds=3), "timeout": timedelta(seconds=30)}
_RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Without keys they come from the environment or the machine's role, as with every AWS client."""

    name: str
    prefix: str = ""
    endpoint: str | None = None  # None: AWS
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)


class S3Files:
    def __init__(self, bucket: Bucket) -> None:
        config: S3Config = {}
        if bucket.endpoint is not None:
            config["endpoint"] = bucket.endpoint
        if bucket.region is not None:
            config["region"] = bucket.region
        if bucket.access_key_id is not None and bucket.secret_access_key is not None:
            config |= {"access_key_id": bucket.access_key_id, "secret_access_key": bucket.secret_access_key}
        plain = bucket.endpoint is not None and bucket.endpoint.startswith("http://")
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            config=config,
            client_options={**_CLIENT, "allow_http": plain},
            retry_config=_RETRY,
        )

    async def put(self, tenant_id: TenantId, file_id: FileId, pieces: AsyncIterator[bytes]) -> None:
        """A file is small enough to be sent in one request: nothing half sent stays in the bucket unseen."""
        data = b"".join([piece async for piece in pieces])
        with _reached():
            await obstore.put_async(self._store, _key(tenant_id, file_id), data, use_multipart=False)

    async def open(self, tenant_id: TenantId, file_id: FileId) -> AsyncIterator[bytes]:
        with _reached():
            try:
                return _pieces(await obstore.get_async(self._store, _key(tenant_id, file_id)))
            except FileNotFoundError:
                raise no_bytes() from None

    async def remove(self, tenant_id: TenantId, file_id: FileId) -> None:
        await self._remove([_key(tenant_id, file_id)])

    async def remove_tenant(self, tenant_id: TenantId) -> None:
        while keys := [one["path"] for one in await self._some(tenant_id)]:
            await self._remove(keys)

    async def stored(self, tenant_id: TenantId) -> AsyncIterator[StoredBytes]:
        with _reached():
            async for batch in obstore.list(self._store, str(tenant_id)):
                for one in batch:
                    with suppress(ValueError):  # not one of ours
                        yield StoredBytes(FileId(UUID(one["path"].rpartition("/")[2])), one["last_modified"])

    async def _some(self, tenant_id: TenantId) -> "Sequence[ObjectMeta]":
        with _reached():
            async for batch in obstore.list(self._store, str(tenant_id), chunk_size=_BATCH):
                return batch
        return []

    async def _remove(self, keys: list[str]) -> None:
        with _reached(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, keys)


def _key(tenant_id: TenantId, file_id: FileId) -> str:
    """`UUID` again: whatever else were passed as an id would be refused here."""
    return f"{UUID(str(tenant_id))}/{UUID(str(file_id))}"


@contextmanager
def _reached() -> Iterator[None]:
    """A bucket that is missing, or closed to us, is one that can't be reached: nothing a person did is the reason."""
    try:
        yield
    except (BaseError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise away() from error


async def _pieces(found: "GetResult") -> AsyncIterator[bytes]:
    with _reached():
        async for piece in found.stream(min_chunk_size=_PIECE):
            yield bytes(piece)
