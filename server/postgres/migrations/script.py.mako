"""${message}"""

from server.postgres.migrations.statements import run

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    run(${upgrades if upgrades else ""})


def downgrade() -> None:
    run(${downgrades if downgrades else ""})
