"""Runs the revisions on the connection that migrate.py opened, as app_owner."""

from alembic import context

from server.postgres import mapping as mapping  # registers every table
from server.postgres.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=lambda name, kind, _: kind != "table" or name in metadata.tables,
)

with context.begin_transaction():
    context.run_migrations()
