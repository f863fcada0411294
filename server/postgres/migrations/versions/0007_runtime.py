"""Cancelling where a turn runs, checkpoints that name their lease, summaries, and jobs whose workflow is gone."""

from server.postgres.migrations.statements import in_every_tenant, run

revision = "0007"
down_revision = "0006"

_KINDS = (
    "'turn', 'job_start', 'job_cancel', 'approval', 'audit_seal', 'invitation_mail', 'approval_asked_mail', "
    "'approval_decided_mail', 'password_reset_mail'"
)
_EVENTS = (
    "'user_message', 'turn_started', 'routed', 'agent_started', 'message', 'tool_call', 'tool_result', 'job', "
    "'turn_ended', 'approval'"
)
_ROLES = "'user', 'assistant', 'tool', 'router'"

# Whoever writes a checkpoint by itself calls it first in the same transaction. It waits for whoever takes the turn
# over, and they for it; the state MP001 is a lease lost. Not called any more (ADR 28).
_HOLD_TURN = """
    CREATE FUNCTION hold_turn(tenant uuid, turn uuid, token integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM turns
            WHERE tenant_id = tenant AND id = turn AND attempt = token AND status = 'running' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another process has taken this turn over' USING ERRCODE = 'MP001';
        END IF;
    END $$
"""


def upgrade() -> None:
    run("ALTER TABLE turns ADD COLUMN cancel_asked boolean DEFAULT false NOT NULL", _HOLD_TURN)
    _allow("wakeups", "kind", f"{_KINDS}, 'job_check'")
    _allow("events", "type", f"{_EVENTS}, 'summarised'")
    _allow("messages", "role", f"{_ROLES}, 'summary'")
    in_every_tenant(
        "INSERT INTO wakeups (kind, tenant_id, id, due_at) SELECT 'job_check', tenant_id, id, now() FROM jobs "
        "WHERE status IN ('queued', 'running')"
    )


def downgrade() -> None:
    """What the older release has no word for becomes a routing, which it shows as little."""
    in_every_tenant(
        "UPDATE events SET type = 'routed' WHERE type = 'summarised'",
        "UPDATE messages SET role = 'router' WHERE role = 'summary'",
    )
    run("DELETE FROM wakeups WHERE kind = 'job_check'")
    _allow("messages", "role", _ROLES)
    _allow("events", "type", _EVENTS)
    _allow("wakeups", "kind", _KINDS)
    run("DROP FUNCTION hold_turn", "ALTER TABLE turns DROP COLUMN cancel_asked")


def _allow(table: str, column: str, values: str) -> None:
    name = f"ck_{table}_{column}"
    run(
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({values}))",
    )
