"""The tables of LangGraph's checkpoints, made by its own migrations and put behind row-level security."""

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row


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
