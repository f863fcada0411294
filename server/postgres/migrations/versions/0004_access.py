"""Sign-ins, identities, invitations, service tokens and grants on one campaign; a role that may erase a tenant."""

from server.postgres.migrations.statements import ERASER, behind_tenant, drop, erasable, grant_apart, lookup, run

revision = "0004"
down_revision = "0003"

_KINDS = "'turn', 'job_start', 'job_cancel'"
_MORE_KINDS = (
    "'approval', 'audit_seal', 'invitation_mail', 'approval_asked_mail', 'approval_decided_mail', 'password_reset_mail'"
)
_TENANT_TABLES = (
    "plan_lines, plan_versions, media_plans, campaigns, sessions, turns, messages, events, jobs, effects, "
    "tenant_profiles, memberships"
)


def upgrade() -> None:
    run(
        "ALTER TABLE tenants DROP CONSTRAINT ck_tenants_status",
        "ALTER TABLE tenants ADD CONSTRAINT ck_tenants_status CHECK (status IN ('active', 'suspended', 'erased'))",
        "ALTER TABLE tenant_profiles ADD COLUMN self_approval_limit_minor bigint DEFAULT 0 NOT NULL",
        "ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL",
        "ALTER TABLE wakeups DROP CONSTRAINT ck_wakeups_kind",
        f"ALTER TABLE wakeups ADD CONSTRAINT ck_wakeups_kind CHECK (kind IN ({_KINDS}, {_MORE_KINDS}))",
    )
    _accounts()
    _invitations()
    _service_tokens()
    _campaign_grants()
    erasable(*_TENANT_TABLES.split(", "), "invitations", "service_tokens", "campaign_grants")
    run(f"GRANT SELECT, UPDATE (name, status, version) ON tenants TO {ERASER}")
    run(f"GRANT SELECT, UPDATE (email, name, password_hash, version) ON users TO {ERASER}")
    run(f"GRANT SELECT, DELETE ON wakeups, identities, sign_ins, password_resets TO {ERASER}")


def downgrade() -> None:
    run(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ERASER}")
    drop("campaign_grants", "service_tokens", "invitations", "password_resets", "sign_ins", "identities")
    run(
        "DELETE FROM wakeups WHERE kind NOT IN ('turn', 'job_start', 'job_cancel')",
        "ALTER TABLE wakeups DROP CONSTRAINT ck_wakeups_kind",
        f"ALTER TABLE wakeups ADD CONSTRAINT ck_wakeups_kind CHECK (kind IN ({_KINDS}))",
        "UPDATE users SET password_hash = '!' WHERE password_hash IS NULL",
        "ALTER TABLE users ALTER COLUMN password_hash SET NOT NULL",
        "ALTER TABLE tenant_profiles DROP COLUMN self_approval_limit_minor",
        "UPDATE tenants SET status = 'suspended' WHERE status = 'erased'",
        "ALTER TABLE tenants DROP CONSTRAINT ck_tenants_status",
        "ALTER TABLE tenants ADD CONSTRAINT ck_tenants_status CHECK (status IN ('active', 'suspended'))",
    )


def _accounts() -> None:
    run(
        """
        CREATE TABLE identities (
            provider text NOT NULL,
            subject text NOT NULL,
            user_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_identities PRIMARY KEY (provider, subject),
            CONSTRAINT fk_identities_user_id FOREIGN KEY (user_id) REFERENCES users (id)
        )
        """,
        "CREATE INDEX ix_identities_user_id ON identities (user_id)",
        """
        CREATE TABLE sign_ins (
            id uuid NOT NULL,
            user_id uuid NOT NULL,
            device text NOT NULL,
            created_at timestamptz NOT NULL,
            refreshed_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            generation integer NOT NULL,
            ended_at timestamptz,
            end_reason varchar(40),
            version integer NOT NULL,
            CONSTRAINT pk_sign_ins PRIMARY KEY (id),
            CONSTRAINT fk_sign_ins_user_id FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT ck_sign_ins_end_reason CHECK (end_reason IN ('signed_out', 'revoked', 'reused',
                'password_changed', 'removed'))
        )
        """,
        "CREATE INDEX ix_sign_ins_user_id_created_at ON sign_ins (user_id, created_at)",
        """
        CREATE TABLE password_resets (
            id uuid NOT NULL,
            user_id uuid NOT NULL,
            token_digest text NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT pk_password_resets PRIMARY KEY (id),
            CONSTRAINT uq_password_resets_token_digest UNIQUE (token_digest),
            CONSTRAINT fk_password_resets_user_id FOREIGN KEY (user_id) REFERENCES users (id)
        )
        """,
        "CREATE INDEX ix_password_resets_user_id ON password_resets (user_id)",
    )
    grant_apart("identities", "INSERT")
    grant_apart("sign_ins", "INSERT", "UPDATE")
    grant_apart("password_resets", "INSERT", "UPDATE")


def _invitations() -> None:
    run(
        """
        CREATE TABLE invitations (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            email text NOT NULL,
            role varchar(40) NOT NULL,
            token_digest text NOT NULL,
            invited_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            accepted_at timestamptz,
            accepted_by uuid,
            revoked_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT pk_invitations PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_invitations_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_invitations_invited_by FOREIGN KEY (invited_by) REFERENCES users (id),
            CONSTRAINT fk_invitations_accepted_by FOREIGN KEY (accepted_by) REFERENCES users (id),
            CONSTRAINT ck_invitations_role CHECK (role IN ('viewer', 'analyst', 'planner', 'admin', 'owner'))
        )
        """,
        "CREATE UNIQUE INDEX ix_invitations_token_digest ON invitations (token_digest)",
        "CREATE INDEX ix_invitations_tenant_id_created_at_id ON invitations (tenant_id, created_at, id)",
    )
    behind_tenant("invitations", "INSERT", "UPDATE")
    lookup("invitations")


def _service_tokens() -> None:
    run(
        """
        CREATE TABLE service_tokens (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            name text NOT NULL,
            scopes varchar(40)[] NOT NULL,
            token_digest text NOT NULL,
            user_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT pk_service_tokens PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_service_tokens_tenant_id_user_id FOREIGN KEY (tenant_id, user_id)
                REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
        )
        """,
        "CREATE UNIQUE INDEX ix_service_tokens_token_digest ON service_tokens (token_digest)",
    )
    behind_tenant("service_tokens", "INSERT", "UPDATE")
    lookup("service_tokens")


def _campaign_grants() -> None:
    run(
        """
        CREATE TABLE campaign_grants (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            user_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            role varchar(40) NOT NULL,
            granted_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT pk_campaign_grants PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_campaign_grants_tenant_id_user_id_campaign_id UNIQUE (tenant_id, user_id, campaign_id),
            CONSTRAINT fk_campaign_grants_tenant_id_user_id FOREIGN KEY (tenant_id, user_id)
                REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE,
            CONSTRAINT fk_campaign_grants_tenant_id_campaign_id FOREIGN KEY (tenant_id, campaign_id)
                REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
            CONSTRAINT fk_campaign_grants_granted_by FOREIGN KEY (granted_by) REFERENCES users (id),
            CONSTRAINT ck_campaign_grants_role CHECK (role IN ('viewer', 'analyst', 'planner', 'admin', 'owner'))
        )
        """,
    )
    behind_tenant("campaign_grants", "INSERT", "UPDATE", "DELETE")
