"""The four roles of the database. They belong to the whole cluster, so every step finds out first what is there.

app_owner owns everything and can't log in; app_rw is the product; app_ro is what the product steps
down to for reading, app_eraser what it steps over to for erasing a tenant.
Needs CREATEROLE and the database's ownership, not a superuser.
"""

from psycopg import AsyncConnection, OperationalError, errors, sql
from psycopg.conninfo import conninfo_to_dict

from domain.errors import InvalidInput

OWNER, READ_WRITE, READ_ONLY, ERASER = "app_owner", "app_rw", "app_ro", "app_eraser"


async def prepare_roles(admin: AsyncConnection, app_url: str) -> None:
    """Raises InvalidInput where the product's URL names another role than app_rw, or has no password."""
    password = _password(app_url)
    for role in (OWNER, READ_ONLY, ERASER):
        await _create(admin, role, sql.SQL("NOLOGIN"))
    verifier = admin.pgconn.encrypt_password(password.encode(), READ_WRITE.encode(), b"scram-sha-256").decode()
    login = sql.SQL("LOGIN PASSWORD {}").format(sql.Literal(verifier))
    if not await _create(admin, READ_WRITE, login) and not await _may_log_in(app_url):
        await admin.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(READ_WRITE), login))
    await _grant(admin, READ_ONLY, READ_WRITE)
    await _grant(admin, ERASER, READ_WRITE, inherit=False)  # its rights are had by stepping over, on purpose
    me = str(admin.info.user)
    await _grant(admin, OWNER, me)
    await admin.execute("GRANT USAGE, CREATE ON SCHEMA public TO app_owner")
    await admin.execute("GRANT USAGE ON SCHEMA public TO app_rw, app_ro, app_eraser")


def _password(app_url: str) -> str:
    parts = conninfo_to_dict(app_url)
    if parts.get("user") != READ_WRITE:
        message = f"The database URL must name the role {READ_WRITE}, not {parts.get('user')}."
        raise InvalidInput(message, code="wrong_database_role", field="database_url")
    if not parts.get("password"):
        message = "The database URL needs the password that the role is to have."
        raise InvalidInput(message, code="no_database_password", field="database_url")
    return str(parts["password"])


async def _create(admin: AsyncConnection, role: str, options: sql.Composable) -> bool:
    """False where the role exists: another database of the cluster may have made it, even at this moment."""
    if await _one(admin, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        return False
    try:
        await admin.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), options))
    except (errors.DuplicateObject, errors.UniqueViolation):
        return False
    return True


async def _may_log_in(app_url: str) -> bool:
    try:
        async with await AsyncConnection.connect(app_url):
            return True
    except OperationalError:
        return False


async def _grant(admin: AsyncConnection, role: str, member: str, *, inherit: bool = True) -> None:
    """Whoever makes a role may hand it out, but not take it on without a grant (Postgres 16)."""
    granted = """
        SELECT 1 FROM pg_auth_members g JOIN pg_roles r ON r.oid = g.roleid JOIN pg_roles m ON m.oid = g.member
        WHERE r.rolname = %s AND m.rolname = %s AND g.set_option
    """
    if not await _one(admin, granted, role, member):
        options = sql.SQL("" if inherit else " WITH INHERIT FALSE, SET TRUE")
        await admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(member)) + options)


async def _one(admin: AsyncConnection, query: str, *values: str) -> object:
    cursor = await admin.execute(query.encode(), values)
    return await cursor.fetchone()
