"""Tenants, people, the outbox; and what every write leaves behind: its effect and its audit row."""

from server.postgres.migrations.statements import behind_tenant, drop, grant, run

revision = "0001"
down_revision = None


def upgrade() -> None:
    _tenants()
    _users()
    _wakeups()
    _tenant_profiles()
    _memberships()
    _effects()
    _audit_log()
    run("GRANT SELECT ON alembic_version TO app_rw, app_ro")


def downgrade() -> None:
    drop("audit_log", "effects", "memberships", "tenant_profiles", "wakeups", "users", "tenants")
    run("DROP FUNCTION refuse_change")


def _tenants() -> None:
    run(
        """
        CREATE TABLE tenants (
            id uuid NOT NULL,
            name text NOT NULL,
            status varchar(40) NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_tenants PRIMARY KEY (id),
            CONSTRAINT ck_tenants_status CHECK (status IN ('active', 'suspended'))
        )
        """,
    )
    grant("tenants", "INSERT", "UPDATE")


def _users() -> None:
    run(
        """
        CREATE TABLE users (
            id uuid NOT NULL,
            email text NOT NULL,
            name text NOT NULL,
            password_hash text NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_users PRIMARY KEY (id),
            CONSTRAINT uq_users_email UNIQUE (email)
        )
        """,
    )
    run(
        "GRANT SELECT (id, name, email) ON users TO app_ro",  # password hashes are for signing in alone
        "GRANT SELECT, INSERT, UPDATE ON users TO app_rw",
    )


def _wakeups() -> None:
    run(
        """
        CREATE TABLE wakeups (
            kind varchar(40) NOT NULL,
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            due_at timestamptz NOT NULL,
            CONSTRAINT pk_wakeups PRIMARY KEY (kind, tenant_id, id),
            CONSTRAINT ck_wakeups_kind CHECK (kind IN ('turn', 'job_start', 'job_cancel'))
        )
        """,
        "CREATE INDEX ix_wakeups_kind_due_at ON wakeups (kind, due_at)",
    )
    grant("wakeups", "INSERT", "UPDATE", "DELETE")


def _tenant_profiles() -> None:
    run(
        """
        CREATE TABLE tenant_profiles (
            tenant_id uuid NOT NULL,
            locale text NOT NULL,
            timezone text NOT NULL,
            default_currency text NOT NULL,
            week_start varchar(40) NOT NULL,
            fiscal_year_start integer NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_tenant_profiles PRIMARY KEY (tenant_id),
            CONSTRAINT fk_tenant_profiles_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT ck_tenant_profiles_week_start CHECK (week_start IN ('monday', 'tuesday',
                'wednesday', 'thursday', 'friday', 'saturday', 'sunday'))
        )
        """,
    )
    behind_tenant("tenant_profiles", "INSERT", "UPDATE")


def _memberships() -> None:
    run(
        """
        CREATE TABLE memberships (
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            role varchar(40) NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_memberships PRIMARY KEY (tenant_id, user_id),
            CONSTRAINT fk_memberships_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_memberships_user_id FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT ck_memberships_role CHECK (role IN ('viewer', 'analyst', 'planner', 'admin',
                'owner'))
        )
        """,
    )
    behind_tenant("memberships", "INSERT", "UPDATE", "DELETE")
    run(  # "which tenants am I in?" is asked before there is a tenant
        """
        CREATE POLICY own ON memberships FOR SELECT
            USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
        """
    )


def _effects() -> None:
    run(
        """
        CREATE TABLE effects (
            tenant_id uuid NOT NULL,
            effect_key text NOT NULL,
            action text,
            result jsonb NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_effects PRIMARY KEY (tenant_id, effect_key),
            CONSTRAINT fk_effects_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id)
        )
        """,
    )
    behind_tenant("effects", "INSERT")


def _audit_log() -> None:
    run(
        """
        CREATE TABLE audit_log (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            at timestamptz NOT NULL,
            user_id uuid NOT NULL,
            agent text,
            turn_id uuid,
            request_id text,
            action text NOT NULL,
            object_id uuid NOT NULL,
            version integer NOT NULL,
            before jsonb NOT NULL,
            after jsonb NOT NULL,
            CONSTRAINT pk_audit_log PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_audit_log_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id)
        )
        """,
        "CREATE INDEX ix_audit_log_tenant_id_object_id_id ON audit_log (tenant_id, object_id, id)",
    )
    behind_tenant("audit_log", "INSERT")
    run(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END $$
        """,
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
    )
