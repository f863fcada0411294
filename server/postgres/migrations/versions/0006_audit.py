"""Refusals and their reasons in the audit, its chain of seals, and the log of what happened to accounts."""

from server.postgres.migrations.statements import behind_tenant, drop, grant_apart, run

revision = "0006"
down_revision = "0005"

_APPEND_ONLY = """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


# Every write leaves a row in the audit, so where that is refused nothing is written: not by a request either that came
# in before the tenant was erased and waited for it.
_LIVING_TENANT = """
    CREATE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM tenants WHERE id = NEW.tenant_id AND status = 'erased') THEN
            RAISE EXCEPTION 'the tenant is erased' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NEW;
    END $$
"""
_AFTER_ITS_END = """
    CREATE TRIGGER living_tenant BEFORE INSERT ON audit_log
        FOR EACH ROW WHEN (NEW.action <> 'tenant.erased') EXECUTE FUNCTION refuse_erased()
"""

# The rows that are there get their seals as new ones do. Row-level security hides them from whoever names no tenant.
_ANNOUNCE = """
    DO $$
    DECLARE
        one uuid;
    BEGIN
        FOR one IN SELECT id FROM tenants LOOP
            PERFORM set_config('app.tenant_id', one::text, true);
            INSERT INTO wakeups (kind, tenant_id, id, due_at)
                SELECT 'audit_seal', tenant_id, id, at FROM audit_log WHERE tenant_id = one;
        END LOOP;
        PERFORM set_config('app.tenant_id', '', true);
    END $$
"""


def upgrade() -> None:
    run(
        """
        ALTER TABLE audit_log
            ADD COLUMN trace_id text,
            ADD COLUMN model text,
            ADD COLUMN prompt text,
            ADD COLUMN service_token_id uuid,
            ADD COLUMN approval_id uuid,
            ADD COLUMN decision varchar(40) DEFAULT 'allowed' NOT NULL,
            ADD COLUMN code text,
            ADD CONSTRAINT ck_audit_log_decision CHECK (decision IN ('allowed', 'denied'))
        """,
        "CREATE INDEX ix_audit_log_tenant_id_at_id ON audit_log (tenant_id, at, id)",
        """
        CREATE TABLE audit_seals (
            tenant_id uuid NOT NULL,
            seq bigint NOT NULL,
            audit_id uuid NOT NULL,
            row_digest text NOT NULL,
            seal text NOT NULL,
            sealed_at timestamptz NOT NULL,
            CONSTRAINT pk_audit_seals PRIMARY KEY (tenant_id, seq),
            CONSTRAINT uq_audit_seals_tenant_id_audit_id UNIQUE (tenant_id, audit_id),
            CONSTRAINT fk_audit_seals_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_audit_seals_tenant_id_audit_id FOREIGN KEY (tenant_id, audit_id)
                REFERENCES audit_log (tenant_id, id)
        )
        """,
        """
        CREATE TABLE security_log (
            id uuid NOT NULL,
            at timestamptz NOT NULL,
            event text NOT NULL,
            user_id uuid,
            sign_in_id uuid,
            request_id text,
            details jsonb NOT NULL,
            CONSTRAINT pk_security_log PRIMARY KEY (id)
        )
        """,
        "CREATE INDEX ix_security_log_user_id_id ON security_log (user_id, id)",
    )
    run(_LIVING_TENANT, _AFTER_ITS_END)
    behind_tenant("audit_seals", "INSERT")
    grant_apart("security_log", "INSERT")
    run(_APPEND_ONLY.format(table="audit_seals"), _APPEND_ONLY.format(table="security_log"))
    run(_ANNOUNCE)


def downgrade() -> None:
    drop("security_log", "audit_seals")
    run("DELETE FROM wakeups WHERE kind = 'audit_seal'", "DROP INDEX ix_audit_log_tenant_id_at_id")
    run("DROP TRIGGER living_tenant ON audit_log", "DROP FUNCTION refuse_erased")
    run(
        """
        ALTER TABLE audit_log
            DROP COLUMN trace_id, DROP COLUMN model, DROP COLUMN prompt, DROP COLUMN service_token_id,
            DROP COLUMN approval_id, DROP COLUMN decision, DROP COLUMN code
        """
    )
