"""More kinds of jobs: budgets side by side, a plan by periods, exports of big plans."""

from server.postgres.migrations.statements import in_every_tenant, run

revision = "0014"
down_revision = "0013"

_KINDS = "'media_planning', 'budget_sweep', 'year_plan', 'plan_export'"


def upgrade() -> None:
    _allow(_KINDS)


def downgrade() -> None:
    """The older release knows one kind: what is under way of the others ends."""
    in_every_tenant(
        "UPDATE jobs SET status = 'failed', error = 'This release has no such job.', ended_at = now() "
        "WHERE kind <> 'media_planning' AND status IN ('queued', 'running')",
        "UPDATE jobs SET kind = 'media_planning' WHERE kind <> 'media_planning'",
    )
    _allow("'media_planning'")


def _allow(kinds: str) -> None:
    run(
        "ALTER TABLE jobs DROP CONSTRAINT ck_jobs_kind",
        f"ALTER TABLE jobs ADD CONSTRAINT ck_jobs_kind CHECK (kind IN ({kinds}))",
    )
