"""What the revisions are written in: plain SQL, and the one way a table is put behind its tenant."""

from alembic import op

_TENANT = "(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"


def run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement)


def grant(table: str, *rights: str) -> None:
    """To the product's role; the read-only role may always read."""
    run(
        f"GRANT SELECT ON {table} TO app_ro",
        f"GRANT {', '.join(('SELECT', *rights))} ON {table} TO app_rw",
    )


def behind_tenant(table: str, *rights: str) -> None:
    """Row-level security, for the owner too: without `app.tenant_id` nothing is seen and nothing is written.

    The setting is compared as a value computed once; a cast of the column would keep every index from being used.
    """
    run(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} USING (tenant_id = {_TENANT}) WITH CHECK (tenant_id = {_TENANT})",
    )
    grant(table, *rights)


def drop(*tables: str) -> None:
    run(*(f"DROP TABLE {table}" for table in tables))
