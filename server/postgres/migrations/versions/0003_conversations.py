"""Conversations: sessions, their turns, messages and events; and the jobs they start."""

from server.postgres.migrations.statements import behind_tenant, drop, run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _sessions()
    _turns()
    _messages()
    _events()
    _jobs()


def downgrade() -> None:
    drop("jobs", "events", "messages", "turns", "sessions")


def _sessions() -> None:
    run(
        """
        CREATE TABLE sessions (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            user_id uuid NOT NULL,
            external_id text,
            title text NOT NULL,
            type varchar(40) NOT NULL,
            active_agent varchar(40),
            active_campaign_id uuid,
            last_seq bigint DEFAULT 0 NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_sessions PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_sessions_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_sessions_tenant_id_active_campaign_id FOREIGN KEY (tenant_id,
                active_campaign_id) REFERENCES campaigns (tenant_id, id),
            CONSTRAINT uq_sessions_tenant_id_user_id_external_id UNIQUE (tenant_id, user_id, external_id),
            CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT ck_sessions_type CHECK (type IN ('chat', 'eval')),
            CONSTRAINT ck_sessions_active_agent CHECK (active_agent IN ('workspace', 'planning',
                'insights'))
        )
        """,
        "CREATE INDEX ix_sessions_tenant_id_user_id_updated_at_id ON sessions (tenant_id, user_id, updated_at, id)",
    )
    behind_tenant("sessions", "INSERT", "UPDATE", "DELETE")


def _turns() -> None:
    run(
        """
        CREATE TABLE turns (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            session_id uuid NOT NULL,
            user_id uuid NOT NULL,
            message text NOT NULL,
            idempotency_key text NOT NULL,
            body_digest text NOT NULL,
            accepted_seq bigint NOT NULL,
            status varchar(40) NOT NULL,
            created_at timestamptz NOT NULL,
            attempt integer NOT NULL,
            ended_seq bigint,
            error text,
            lease_owner text,
            lease_until timestamptz,
            CONSTRAINT pk_turns PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_turns_tenant_id_session_id_idempotency_key UNIQUE (tenant_id, session_id,
                idempotency_key),
            CONSTRAINT fk_turns_tenant_id_session_id FOREIGN KEY (tenant_id, session_id) REFERENCES
                sessions (tenant_id, id) ON DELETE CASCADE,
            CONSTRAINT fk_turns_user_id FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT ck_turns_status CHECK (status IN ('queued', 'running', 'completed', 'failed',
                'cancelled'))
        )
        """,
        """
        CREATE INDEX ix_turns_unfinished ON turns (tenant_id, session_id, accepted_seq)
            WHERE status IN ('queued', 'running')
        """,
        "CREATE UNIQUE INDEX uq_turns_one_running ON turns (tenant_id, session_id) WHERE status = 'running'",
    )
    behind_tenant("turns", "INSERT", "UPDATE")


def _messages() -> None:
    run(
        """
        CREATE TABLE messages (
            tenant_id uuid NOT NULL,
            session_id uuid NOT NULL,
            id text NOT NULL,
            turn_id uuid,
            ordinal integer NOT NULL,
            role text NOT NULL,
            agent text,
            call integer,
            tool_call_id text,
            content jsonb NOT NULL,
            seq bigint NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_messages PRIMARY KEY (tenant_id, session_id, id),
            CONSTRAINT uq_messages_tenant_id_turn_id_ordinal UNIQUE (tenant_id, turn_id, ordinal),
            CONSTRAINT uq_messages_tenant_id_turn_id_agent_call UNIQUE (tenant_id, turn_id, agent, call),
            CONSTRAINT uq_messages_tenant_id_turn_id_tool_call_id UNIQUE (tenant_id, turn_id, tool_call_id),
            CONSTRAINT fk_messages_tenant_id_session_id FOREIGN KEY (tenant_id, session_id) REFERENCES
                sessions (tenant_id, id) ON DELETE CASCADE,
            CONSTRAINT fk_messages_tenant_id_turn_id FOREIGN KEY (tenant_id, turn_id) REFERENCES turns
                (tenant_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT ck_messages_role CHECK (role IN ('user', 'assistant', 'tool', 'router'))
        )
        """,
        "CREATE INDEX ix_messages_tenant_id_session_id_seq ON messages (tenant_id, session_id, seq)",
    )
    behind_tenant("messages", "INSERT")


def _events() -> None:
    run(
        """
        CREATE TABLE events (
            tenant_id uuid NOT NULL,
            session_id uuid NOT NULL,
            seq bigint NOT NULL,
            turn_id uuid,
            agent text,
            type varchar(40) NOT NULL,
            data jsonb NOT NULL,
            ts timestamptz NOT NULL,
            CONSTRAINT pk_events PRIMARY KEY (tenant_id, session_id, seq),
            CONSTRAINT fk_events_tenant_id_session_id FOREIGN KEY (tenant_id, session_id) REFERENCES
                sessions (tenant_id, id) ON DELETE CASCADE,
            CONSTRAINT ck_events_type CHECK (type IN ('user_message', 'turn_started', 'routed',
                'agent_started', 'message', 'tool_call', 'tool_result', 'job', 'turn_ended'))
        )
        """,
    )
    behind_tenant("events", "INSERT")


def _jobs() -> None:
    run(
        """
        CREATE TABLE jobs (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            kind varchar(40) NOT NULL,
            campaign_id uuid NOT NULL,
            session_id uuid,
            requested_by uuid NOT NULL,
            arguments jsonb NOT NULL,
            status varchar(40) NOT NULL,
            step text,
            percent integer NOT NULL,
            result jsonb,
            error text,
            created_at timestamptz NOT NULL,
            ended_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT pk_jobs PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_jobs_tenant_id_campaign_id FOREIGN KEY (tenant_id, campaign_id) REFERENCES
                campaigns (tenant_id, id),
            CONSTRAINT fk_jobs_tenant_id_session_id FOREIGN KEY (tenant_id, session_id) REFERENCES
                sessions (tenant_id, id) ON DELETE SET NULL (session_id),
            CONSTRAINT ck_jobs_percent CHECK (percent BETWEEN 0 AND 100),
            CONSTRAINT ck_jobs_kind CHECK (kind IN ('media_planning')),
            CONSTRAINT fk_jobs_requested_by FOREIGN KEY (requested_by) REFERENCES users (id),
            CONSTRAINT ck_jobs_status CHECK (status IN ('queued', 'running', 'completed', 'failed',
                'cancelled'))
        )
        """,
        "CREATE INDEX ix_jobs_tenant_id_campaign_id_created_at_id ON jobs (tenant_id, campaign_id, created_at, id)",
        "CREATE INDEX ix_jobs_tenant_id_session_id ON jobs (tenant_id, session_id)",
    )
    behind_tenant("jobs", "INSERT", "UPDATE")
