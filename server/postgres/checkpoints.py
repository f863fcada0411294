"""LangGraph's checkpoints behind the same row-level security as every other table.

Whoever runs the graph enters `saver.tenant(tenant_id, lease)` around it. Threads are named by session ids, which the
server makes, so the stock keys stay. What a turn saves is written with its end (PostgresTurns.finish).
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString, cast

import orjson
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_serializable_checkpoint_metadata,
)
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncClientCursor, AsyncConnection, AsyncCursor, OperationalError, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from domain.errors import Unavailable
from domain.ids import TenantId
from server.postgres.checkpoint_scope import Scope, entered, scope_of_run
from server.postgres.kept_checkpoints import KeptCheckpoints, copied
from services.ports import Lease

CheckpointPool = AsyncConnectionPool[AsyncConnection[DictRow]]


class TenantPostgresSaver(AsyncPostgresSaver):
    """The stock saver on a pool, every cursor in a transaction of its own that sees one tenant.

    Made inside the running event loop. Deserialises messages and JSON primitives only, whatever
    LANGGRAPH_STRICT_MSGPACK says.
    """

    def __init__(self, pool: CheckpointPool) -> None:
        super().__init__(pool, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        self._pool = pool
        self._kept = KeptCheckpoints()

    @contextmanager
    def tenant(self, tenant_id: TenantId, lease: Lease | None = None, *, undisturbed: bool = False) -> Iterator[None]:
        """Whose checkpoints this task, and the tasks it starts, read and write until the block ends.

        With a lease, what is saved waits for whoever ends the turn within the block. `undisturbed`: nothing has
        happened in the conversation since this process ended its last turn, so what was saved then need not be read.
        """
        with entered(Scope(tenant_id, lease, undisturbed)):
            yield

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The latest of a thread in one message there and one back: every turn asks for it. Others the stock way."""
        if get_checkpoint_id(config):
            return await super().aget_tuple(config)
        ours, place = scope_of_run(), config["configurable"]
        if (saved := ours.unwritten.latest) and saved.config["configurable"]["thread_id"] == place["thread_id"]:
            return copied(saved)
        if ours.undisturbed and (kept := self._kept.get(place["thread_id"])):
            return kept
        values = str(ours.tenant_id), place["thread_id"], place.get("checkpoint_ns", "")
        with _domain_errors():
            async with self._pool.connection() as connection, AsyncClientCursor(connection) as cur:
                await cur.execute(f"{_ENTER}; {_executed(_LATEST)}", values)
                cur.nextset()  # behind the tenant's name
                row = await cur.fetchone()
        return self._tuple_of(row) if row else None

    def _tuple_of(self, row: DictRow) -> CheckpointTuple:
        thread, namespace, parent = row["thread_id"], row["checkpoint_ns"], row["parent_checkpoint_id"]
        checkpoint: Checkpoint = row["checkpoint"]
        checkpoint["channel_values"] = {**checkpoint["channel_values"], **self._load_blobs(row["channel_values"])}
        return CheckpointTuple(
            _place(thread, namespace, row["checkpoint_id"]),
            checkpoint,
            row["metadata"],
            _place(thread, namespace, parent) if parent else None,
            self._load_writes(row["pending_writes"]),
        )

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As the stock saver does, but for its way to a thread and back, which takes longer than what is done there."""
        place, values = config["configurable"], checkpoint["channel_values"]
        thread, namespace = place["thread_id"], place["checkpoint_ns"]
        apart = {name: value for name, value in values.items() if not isinstance(value, _INLINE)}
        inline = {name: value for name, value in values.items() if name not in apart}
        changed = {name: version for name, version in new_versions.items() if name in apart}
        async with self._cursor(pipeline=True) as cur:
            await cur.executemany(self.UPSERT_CHECKPOINT_BLOBS_SQL, self._dump_blobs(thread, namespace, apart, changed))
            told = orjson.dumps(get_serializable_checkpoint_metadata(config, metadata)).decode()
            kept = orjson.dumps({**checkpoint, "channel_values": inline}).decode()
            before = place.get("checkpoint_id")
            await cur.execute(self.UPSERT_CHECKPOINTS_SQL, (thread, namespace, checkpoint["id"], before, kept, told))
        written = _place(thread, namespace, checkpoint["id"])
        if (ours := scope_of_run()).lease:
            ours.unwritten.latest = CheckpointTuple(written, checkpoint, metadata, config if before else None, [])
            self._kept.keep(thread, ours.unwritten.latest)
        return written

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        self._kept.forget(config["configurable"]["thread_id"])
        await super().aput_writes(config, writes, task_id, task_path)
        latest = scope_of_run().unwritten.latest
        if latest and latest.checkpoint["id"] == config["configurable"]["checkpoint_id"]:
            assert latest.pending_writes is not None, "set when it was saved"
            latest.pending_writes.extend((task_id, channel, value) for channel, value in writes)

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[AsyncCursor[DictRow]]:
        """Without the stock saver's lock, which lets one query run at a time.

        With `pipeline` nothing is read, and all that is written travels at once, or waits for the turn's end. Raises
        RuntimeError outside a tenant's block: an unscoped statement would fail on some paths and find nothing on
        others.
        """
        ours = scope_of_run()
        with _domain_errors():
            async with self._writing(ours) if pipeline else self._reading(ours) as cur:
                yield cur

    @asynccontextmanager
    async def _writing(self, ours: Scope) -> AsyncIterator[AsyncCursor[DictRow]]:
        gathered = _Gathered()
        yield cast(AsyncCursor[DictRow], gathered)
        if ours.lease:
            ours.unwritten.add(gathered.writes)
            return
        statements = ";".join([_ENTER, *(_executed(statement) for statement, _ in gathered.writes)])
        values = [str(ours.tenant_id), *(value for _, values in gathered.writes for value in values)]
        async with self._pool.connection() as connection, AsyncClientCursor(connection) as cur:
            await cur.execute(statements, values)

    @asynccontextmanager
    async def _reading(self, ours: Scope) -> AsyncIterator[AsyncCursor[DictRow]]:
        async with (
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor(binary=True) as cur,
        ):
            await cur.execute(_SNAPSHOT.format(sql.Literal(str(ours.tenant_id))), binary=False)
            yield cur


def _place(thread: str, namespace: str, checkpoint_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": namespace, "checkpoint_id": checkpoint_id}}


class _Gathered:
    """Statements of a write, in the place of a cursor. They are sent in one message, which is one transaction, with
    their values in it: a message of several statements takes no parameters.
    """

    def __init__(self) -> None:
        self.writes: list[tuple[LiteralString, Sequence[object]]] = []

    async def execute(self, query: LiteralString, params: Sequence[object] = ()) -> None:
        self.writes.append((query, params))

    async def executemany(self, query: LiteralString, params: Iterable[Sequence[object]]) -> None:
        self.writes += [(query, values) for values in params]


@contextmanager
def _domain_errors() -> Iterator[None]:
    """So that a turn is put off, and not failed, while Postgres restarts."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable("The database can't be reached.", code="database_unavailable") from error


_INLINE = (str, int, float, bool, type(None))  # values that stay in a checkpoint's row; the others are blobs
_ENTER = "SELECT set_config('app.tenant_id', %s, true)"
_LATEST = (
    f"{AsyncPostgresSaver.SELECT_SQL} WHERE thread_id = %s AND checkpoint_ns = %s ORDER BY checkpoint_id DESC LIMIT 1"
)
# What every turn sends: planned once for a connection, since planning takes longer than carrying out.
_PREPARED: dict[LiteralString, LiteralString] = {
    _LATEST: "latest_checkpoint",
    AsyncPostgresSaver.UPSERT_CHECKPOINTS_SQL: "put_checkpoint",
    AsyncPostgresSaver.UPSERT_CHECKPOINT_BLOBS_SQL: "put_blob",
}


def _executed(statement: LiteralString) -> LiteralString:
    """The statement by its name, if it has one."""
    name = _PREPARED.get(statement)
    return f"EXECUTE {name} ({', '.join(['%s'] * statement.count('%s'))})" if name else statement


async def _prepare(connection: AsyncConnection[DictRow]) -> None:
    for statement, name in _PREPARED.items():
        places = (f"${number + 1}" for number in range(statement.count("%s")))
        await connection.execute(f"PREPARE {name} AS {statement.replace('%s', '{}').format(*places)}")


# `aprune` asks for REPEATABLE READ itself; by then it is too late, since setting the tenant was a query.
_SNAPSHOT = sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT set_config('app.tenant_id', {}, true)")


def open_pool(app_url: str, size: int, *, wait_seconds: float = 10.0) -> CheckpointPool:
    """At most `size` connections as app_rw. Opened and closed with `async with`."""
    return AsyncConnectionPool(
        app_url,
        kwargs={"autocommit": True, "prepare_threshold": None, "row_factory": dict_row},
        configure=_prepare,
        min_size=1,
        max_size=size,
        timeout=wait_seconds,
        open=False,
        check=_is_open,
        name="checkpoints",
    )


async def _is_open(connection: AsyncConnection[DictRow]) -> None:
    """Raises OperationalError for a connection that was closed while it waited, and the pool takes another. What the
    server said last, and then the end, lies in the socket: asking it would be a round trip for every checkpoint.
    """
    for _ in ("its last words", "the end"):
        connection.pgconn.consume_input()
