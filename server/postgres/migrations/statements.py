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


ERASER = "app_eraser"


def grant_apart(table: str, *rights: str) -> None:
    """To the product's role alone: what agents' and people's questions never need to see."""
    run(f"GRANT {', '.join(('SELECT', *rights))} ON {table} TO app_rw")


def lookup(table: str) -> None:
    """Whoever shows a token may find its row before the tenant is known."""
    shown = "(SELECT nullif(current_setting('app.token_digest', true), ''))"
    run(f"CREATE POLICY by_token ON {table} FOR SELECT USING (token_digest = {shown})")


def in_every_tenant(*statements: str) -> None:
    """Changes of rows, not of tables: their owner sees a tenant's rows only while it stands in that tenant."""
    run(
        "; ".join(
            (
                "DO $$ DECLARE one uuid; BEGIN FOR one IN SELECT id FROM tenants LOOP "
                "PERFORM set_config('app.tenant_id', one::text, true)",
                *statements,
                "END LOOP",
                "END $$",
            )
        )
    )


def erasable(*tables: str) -> None:
    for table in tables:
        run(f"GRANT SELECT, DELETE ON {table} TO {ERASER}")
