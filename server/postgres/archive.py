"""A tenant as one zip archive: a file of JSON lines per table, all of one moment, without secrets; and its files."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from sqlalchemy import Table, column, func, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import NotFound
from domain.ids import FileId, TenantId
from server.postgres.errors import domain_errors
from server.postgres.file_tables import files
from server.postgres.tables import memberships, tenants, users
from server.postgres.tenant_reader import AnySelect
from services.gateways import FileStore

FORMAT = 1
SECRET = frozenset({"token_digest"})  # columns; password hashes are of no tenant

_BATCH = 500
_PIECE = 256 * 1024
# REPEATABLE READ needs the transaction's first statement to be this one, and READ ONLY is how it was begun.
_SCOPE = text("SELECT set_config('app.tenant_id', :tenant_id, true), set_config('role', 'app_ro', true)")
_THREADS = table("checkpoints", column("tenant_id"), column("thread_id"))


async def archived(
    engine: AsyncEngine, tenant_id: TenantId, tables: Sequence[Table], at: datetime, store: FileStore
) -> IO[bytes]:
    """Finished, at its beginning; to be closed. The file has no name, so nothing of it stays behind."""
    file = await asyncio.to_thread(TemporaryFile)
    try:
        with domain_errors():
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                await connection.execute(_SCOPE, {"tenant_id": str(tenant_id)})
                await _fill(file, connection, tenant_id, tables, at, store)
        await asyncio.to_thread(file.seek, 0)
    except BaseException:  # a cancelled export must not keep its file either
        file.close()
        raise
    return file


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        file.close()


async def _fill(
    file: IO[bytes],
    connection: AsyncConnection,
    tenant_id: TenantId,
    tables: Sequence[Table],
    at: datetime,
    store: FileStore,
) -> None:
    counts = {}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, statement in _contents(tenant_id, tables):
            counts[name] = await _add(archive, name, connection, statement)
        tenant = (await connection.execute(select(tenants).where(tenants.c.id == tenant_id))).mappings().one()
        manifest = {"format": FORMAT, "exported_at": at, "tenant": _plain(tenant), "rows": counts}
        manifest["missing_files"] = await _add_files(archive, connection, tenant_id, store)
        await asyncio.to_thread(archive.writestr, "manifest.json", _json(manifest, orjson.OPT_INDENT_2))


def _contents(tenant_id: TenantId, tables: Sequence[Table]) -> Iterable[tuple[str, AnySelect]]:
    yield "people", _people(tenant_id)
    for one in tables:
        shown = [each for each in one.c if each.name not in SECRET]
        yield str(one.name), select(*shown).where(one.c.tenant_id == tenant_id).order_by(*one.primary_key)
    yield "checkpoint_threads", _threads(tenant_id)


def _people(tenant_id: TenantId) -> AnySelect:
    return (
        select(users.c.id, users.c.name, users.c.email, memberships.c.role)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.tenant_id == tenant_id)
        .order_by(users.c.id)
    )


def _threads(tenant_id: TenantId) -> AnySelect:
    """Which conversations have states of their agents; what was said in them is among the messages."""
    thread = _THREADS.c.thread_id
    counted = select(thread, func.count().label("checkpoints")).where(_THREADS.c.tenant_id == tenant_id)
    return counted.group_by(thread).order_by(thread)


async def _add(archive: ZipFile, name: str, connection: AsyncConnection, statement: AnySelect) -> int:
    """In batches, compressed beside the event loop."""
    count = 0
    with archive.open(f"{name}.ndjson", "w", force_zip64=True) as entry:
        async with connection.stream(statement.execution_options(yield_per=_BATCH)) as result:
            async for rows in result.mappings().partitions():
                await asyncio.to_thread(_write, entry, rows)
                count += len(rows)
    return count


async def _add_files(
    archive: ZipFile, connection: AsyncConnection, tenant_id: TenantId, store: FileStore
) -> list[FileId]:
    """As `files/{id}/{name}`. Those that somebody has removed since the archive's moment are what is returned."""
    missing = []
    kept = select(files.c.id, files.c.name).where(files.c.tenant_id == tenant_id).order_by(files.c.id)
    for id, name in (await connection.execute(kept)).all():
        try:
            pieces = await store.open(tenant_id, id)
        except NotFound:
            missing.append(id)
            continue
        with archive.open(f"files/{id}/{name}", "w", force_zip64=True) as entry:
            async for piece in pieces:
                await asyncio.to_thread(entry.write, piece)
    return missing


def _write(entry: IO[bytes], rows: Sequence[Mapping[Any, Any]]) -> None:
    entry.write(b"".join(_json(_plain(row), orjson.OPT_APPEND_NEWLINE) for row in rows))


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Names of columns are text of a kind that the encoder doesn't take for text."""
    return {str(name): value for name, value in row.items()}


def _json(value: object, option: int) -> bytes:
    return orjson.dumps(value, default=str, option=option)  # the driver's ids are no UUIDs to the encoder
