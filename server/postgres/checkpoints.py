"""LangGraph's checkpoints behind the same row-level security as every other table.

The graph is compiled once and runs for many tenants, so the tenant comes from the run: whoever runs the graph
enters `saver.tenant(tenant_id, lease)` around it. Threads are named by session ids, which the server makes, so the
stock keys stay. With a lease nothing is written once somebody else has taken the turn over.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncConnection, AsyncCursor, DatabaseError, OperationalError, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from domain.errors import Unavailable
from domain.ids import TenantId
from server.postgres.turns import lease_lost
from services.ports import Lease

CheckpointPool = AsyncConnectionPool[AsyncConnection[DictRow]]


@dataclass(frozen=True, slots=True)
class _Scope:
    tenant_id: TenantId
    lease: Lease | None


_scope: ContextVar[_Scope | None] = ContextVar("checkpoint_scope", default=None)


class TenantPostgresSaver(AsyncPostgresSaver):
    """The stock saver on a pool, every cursor in a transaction of its own that sees one tenant.

    Made inside the running event loop. Deserialises messages and JSON primitives only, whatever
    LANGGRAPH_STRICT_MSGPACK says.
    """

    def __init__(self, pool: CheckpointPool) -> None:
        super().__init__(pool, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        self._pool = pool

    @contextmanager
    def tenant(self, tenant_id: TenantId, lease: Lease | None = None) -> Iterator[None]:
        """Whose checkpoints this task, and the tasks it starts, read and write until the block ends.

        With a lease every write raises Conflict `lease_lost` once it is somebody else's.
        """
        token = _scope.set(_Scope(tenant_id, lease))
        try:
            yield
        finally:
            _scope.reset(token)

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[AsyncCursor[DictRow]]:
        """Without the stock saver's lock, which lets one query run at a time.

        With `pipeline` nothing is read, and the whole transaction travels at once. Raises RuntimeError
        outside a tenant's block: an unscoped statement would fail on some paths and find nothing on others.
        """
        scope = _scope.get()
        if scope is None:
            raise RuntimeError("checkpoints belong to a tenant: enter saver.tenant(…) first")
        with _domain_errors():
            async with self._transaction(scope, pipeline=pipeline) as cur:
                yield cur

    @asynccontextmanager
    async def _transaction(self, scope: _Scope, *, pipeline: bool) -> AsyncIterator[AsyncCursor[DictRow]]:
        async with self._pool.connection() as connection:
            if pipeline:
                async with (
                    connection.pipeline(),
                    connection.transaction(),
                    connection.cursor(binary=True) as cur,
                ):
                    await cur.execute(_entering(scope))
                    yield cur
            else:
                async with connection.transaction(), connection.cursor(binary=True) as cur:
                    await cur.execute(_SNAPSHOT.format(sql.Literal(str(scope.tenant_id))), binary=False)
                    yield cur


@contextmanager
def _domain_errors() -> Iterator[None]:
    """So that a turn is put off, and not failed, while Postgres restarts."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable("The database can't be reached.", code="database_unavailable") from error
    except DatabaseError as error:
        if error.sqlstate == _LEASE_LOST:
            raise lease_lost() from error
        raise


def _entering(scope: _Scope) -> sql.Composed:
    """The first statement of a write. One with a lease locks its turn, or fails, and with it all that follows."""
    tenant = _SCOPE.format(sql.Literal(str(scope.tenant_id)))
    if scope.lease is None:
        return sql.SQL("SELECT {}").format(tenant)
    turn = scope.lease.turn
    return _HOLD.format(tenant=tenant, turn=sql.Literal(str(turn.id)), token=sql.Literal(turn.attempt))


_LEASE_LOST = "MP001"  # raised by hold_turn (migration 0007)
_SCOPE = sql.SQL("set_config('app.tenant_id', {}, true)")
_HOLD = sql.SQL("SELECT hold_turn({tenant}::uuid, {turn}::uuid, {token})")
# `aprune` asks for REPEATABLE READ itself; by then it is too late, since setting the tenant was a query.
_SNAPSHOT = sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT set_config('app.tenant_id', {}, true)")


def open_pool(app_url: str, size: int, *, wait_seconds: float = 10.0) -> CheckpointPool:
    """At most `size` connections as app_rw. Opened and closed with `async with`."""
    return AsyncConnectionPool(
        app_url,
        kwargs={"autocommit": True, "prepare_threshold": None, "row_factory": dict_row},
        min_size=1,
        max_size=size,
        timeout=wait_seconds,
        open=False,
        check=AsyncConnectionPool.check_connection,
        name="checkpoints",
    )


async def setup(admin_url: str) -> None:
    """Makes or upgrades the checkpoint tables as app_owner, behind row-level security. Repeatable.

    Part of the migration step, after alembic (which makes the roles) and outside its transaction: the stock
    saver's own migrations contain CREATE INDEX CONCURRENTLY. The caller keeps two at once apart.
    """
    async with await AsyncConnection.connect(admin_url, autocommit=True, row_factory=dict_row) as connection:
        await connection.execute("SET ROLE app_owner")
        await AsyncPostgresSaver(connection).setup()
        async with connection.transaction():
            for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
                names = {"table": sql.Identifier(table), "index": sql.Identifier(f"{table}_tenant_id_idx")}
                for statement in _ROW_SECURITY:
                    await connection.execute(statement.format(**names))
            await connection.execute(_VERSION_GRANTS)


_TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
_ROW_SECURITY = [
    sql.SQL(statement)
    for statement in (
        f"ALTER TABLE {{table}} ADD COLUMN IF NOT EXISTS tenant_id uuid NOT NULL DEFAULT ({_TENANT})",
        "CREATE INDEX IF NOT EXISTS {index} ON {table} (tenant_id, thread_id)",
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        "DROP POLICY IF EXISTS tenant ON {table}",
        f"CREATE POLICY tenant ON {{table}} USING (tenant_id = (SELECT {_TENANT})) "
        f"WITH CHECK (tenant_id = (SELECT {_TENANT}))",
        "REVOKE ALL ON {table} FROM app_rw, app_ro, app_eraser",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO app_rw",
        "GRANT SELECT ON {table} TO app_ro",
        "GRANT SELECT, DELETE ON {table} TO app_eraser",
    )
]
_VERSION_GRANTS = (
    "REVOKE ALL ON checkpoint_migrations FROM app_rw, app_ro; GRANT SELECT ON checkpoint_migrations TO app_rw"
)
