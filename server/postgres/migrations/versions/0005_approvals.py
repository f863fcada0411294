"""Delegations and approvals; turns that end waiting for one, and what each turn used up."""

from server.postgres.migrations.statements import behind_tenant, drop, erasable, in_every_tenant, run

revision = "0005"
down_revision = "0004"

_STATUSES = "'queued', 'running', 'completed', 'failed', 'cancelled'"
_EVENTS = (
    "'user_message', 'turn_started', 'routed', 'agent_started', 'message', 'tool_call', 'tool_result', 'job', "
    "'turn_ended'"
)


def upgrade() -> None:
    _delegations()
    _approvals()
    erasable("delegations", "approvals")
    run(
        "ALTER TABLE turns DROP CONSTRAINT ck_turns_status",
        f"ALTER TABLE turns ADD CONSTRAINT ck_turns_status CHECK (status IN ({_STATUSES}, 'awaiting_approval'))",
        "ALTER TABLE turns ADD COLUMN model_calls integer DEFAULT 0 NOT NULL",
        "ALTER TABLE turns ADD COLUMN tool_calls integer DEFAULT 0 NOT NULL",
        "ALTER TABLE turns ADD COLUMN tokens integer DEFAULT 0 NOT NULL",
        "ALTER TABLE turns ADD COLUMN cost_micros bigint DEFAULT 0 NOT NULL",
        "CREATE INDEX ix_turns_tenant_id_created_at ON turns (tenant_id, created_at)",
        "ALTER TABLE events DROP CONSTRAINT ck_events_type",
        f"ALTER TABLE events ADD CONSTRAINT ck_events_type CHECK (type IN ({_EVENTS}, 'approval'))",
    )


def downgrade() -> None:
    """Conversations that know of approvals lose those events: the older schema has no place for them."""
    in_every_tenant(
        "DELETE FROM events WHERE type = 'approval'",
        "UPDATE turns SET status = 'completed' WHERE status = 'awaiting_approval'",
    )
    run(
        "ALTER TABLE events DROP CONSTRAINT ck_events_type",
        f"ALTER TABLE events ADD CONSTRAINT ck_events_type CHECK (type IN ({_EVENTS}))",
        "DROP INDEX ix_turns_tenant_id_created_at",
        "ALTER TABLE turns DROP COLUMN cost_micros, DROP COLUMN tokens, DROP COLUMN tool_calls, "
        "DROP COLUMN model_calls",
        "ALTER TABLE turns DROP CONSTRAINT ck_turns_status",
        f"ALTER TABLE turns ADD CONSTRAINT ck_turns_status CHECK (status IN ({_STATUSES}))",
    )
    drop("approvals", "delegations")


def _delegations() -> None:
    run(
        """
        CREATE TABLE delegations (
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            kind varchar(40) NOT NULL,
            cap_minor bigint,
            currency text,
            markets text[] NOT NULL,
            granted_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT pk_delegations PRIMARY KEY (tenant_id, user_id),
            CONSTRAINT fk_delegations_tenant_id_user_id FOREIGN KEY (tenant_id, user_id)
                REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE,
            CONSTRAINT fk_delegations_granted_by FOREIGN KEY (granted_by) REFERENCES users (id),
            CONSTRAINT ck_delegations_kind CHECK (kind IN ('full', 'execute_only', 'propose_only'))
        )
        """,
    )
    behind_tenant("delegations", "INSERT", "UPDATE", "DELETE")


def _approvals() -> None:
    run(
        """
        CREATE TABLE approvals (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            action text NOT NULL,
            arguments jsonb NOT NULL,
            amount_minor bigint,
            currency text,
            markets text[] NOT NULL,
            versions jsonb NOT NULL,
            digest text NOT NULL,
            requested_by uuid NOT NULL,
            session_id uuid,
            turn_id uuid,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            status varchar(40) NOT NULL,
            decided_by uuid,
            decided_at timestamptz,
            reason text,
            conditions jsonb NOT NULL,
            executed_at timestamptz,
            outcome text,
            version integer NOT NULL,
            CONSTRAINT pk_approvals PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_approvals_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_approvals_requested_by FOREIGN KEY (requested_by) REFERENCES users (id),
            CONSTRAINT fk_approvals_decided_by FOREIGN KEY (decided_by) REFERENCES users (id),
            CONSTRAINT fk_approvals_tenant_id_session_id FOREIGN KEY (tenant_id, session_id)
                REFERENCES sessions (tenant_id, id) ON DELETE SET NULL (session_id),
            CONSTRAINT ck_approvals_status CHECK (status IN ('pending', 'approved', 'executed', 'failed',
                'denied', 'conditions', 'withdrawn', 'expired'))
        )
        """,
        "CREATE INDEX ix_approvals_tenant_id_status_created_at_id ON approvals (tenant_id, status, created_at, id)",
        "CREATE INDEX ix_approvals_tenant_id_turn_id ON approvals (tenant_id, turn_id)",
        "CREATE INDEX ix_approvals_tenant_id_session_id ON approvals (tenant_id, session_id)",
    )
    behind_tenant("approvals", "INSERT", "UPDATE")
