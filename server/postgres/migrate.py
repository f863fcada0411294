"""Brings a database to the schema of this code, and says whether one is there."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import AsyncConnection, OperationalError
from sqlalchemy import Connection, text

from domain.errors import Unavailable
from server.postgres import checkpoint_tables
from server.postgres.engine import open_engine
from server.postgres.errors import domain_errors
from server.postgres.roles import prepare_roles

_LOCK = 0x6D65646961  # two migrations of one database at once: the second waits, and finds nothing to do


async def migrate(admin_url: str, app_url: str) -> None:
    """Roles, tables, checkpoint tables. Repeatable. The password of the role app_rw is the one in `app_url`.

    Raises Unavailable `database_unavailable`, or InvalidInput for a URL of another role.
    """
    try:
        admin = await AsyncConnection.connect(admin_url, autocommit=True)
    except OperationalError as error:
        message = f"The database can't be reached: {str(error).strip()}"
        raise Unavailable(message, code="database_unavailable") from error
    async with admin:
        await admin.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        await prepare_roles(admin, app_url)
        await upgrade(admin_url, "head")
        await checkpoint_tables.setup(admin_url)


async def upgrade(admin_url: str, revision: str) -> None:
    await _alembic(admin_url, lambda config: command.upgrade(config, revision))


async def downgrade(admin_url: str, revision: str) -> None:
    """Takes tables away with all that is in them."""
    await _alembic(admin_url, lambda config: command.downgrade(config, revision))


async def schema_is_current(app_url: str) -> bool:
    """False for an empty or an older schema. A newer one is current too: it is migrated before the code is replaced.

    Raises Unavailable where nobody answers or the role may not log in.
    """
    revision = await _revision(app_url)
    known = scripts()
    older = {script.revision for script in known.walk_revisions()} - set(known.get_heads())
    return revision is not None and revision not in older


async def _revision(app_url: str) -> str | None:
    engine = open_engine(app_url, pool_size=1, statement_timeout_ms=5_000)
    try:
        with domain_errors():
            async with engine.connect() as connection:
                if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
                    return None
                found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
                return found
    finally:
        await engine.dispose()


def scripts() -> ScriptDirectory:
    """The revisions this code knows."""
    return ScriptDirectory.from_config(_config())


async def _alembic(admin_url: str, act: Callable[[Config], None]) -> None:
    """All revisions in one transaction: a migration that fails leaves the schema as it was."""
    config = _config()

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        act(config)

    engine = open_engine(admin_url, pool_size=1, statement_timeout_ms=0)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL ROLE app_owner"))
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
