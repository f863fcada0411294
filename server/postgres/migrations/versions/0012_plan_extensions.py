"""Versions of plans keep what an imported document says of the whole plan and has no place of its own."""

from server.postgres.migrations.statements import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """With the default that rows of an older release take; who writes now says it."""
    run(
        "ALTER TABLE plan_versions ADD COLUMN extension jsonb NOT NULL DEFAULT '{}'",
        "ALTER TABLE plan_versions ALTER COLUMN extension DROP DEFAULT",
    )


def downgrade() -> None:
    run("ALTER TABLE plan_versions DROP COLUMN extension")
