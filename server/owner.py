"""The first owner of a database, who invites everybody else: made by a command, with no account to sign in with yet."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import Unavailable
from domain.passwords import accepted
from domain.tenants import Tenant, TenantSettings
from domain.users import Email, User
from server.embedded.parts import start_parts
from server.identity.passwords import Argon2Passwords
from server.postgres.engine import open_engine
from server.postgres.founding import found_tenant
from server.postgres.migrate import migrate, schema_is_current
from server.settings import Settings

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FirstOwner:
    email: str
    name: str
    tenant: str


async def bootstrap_owner(settings: Settings, wanted: FirstOwner, password: str, announce: Announce) -> None:
    """A tenant and its owner, on the database of the settings or on the embedded one.

    Raises Duplicate `duplicate_email` for an address that has an account, InvalidInput for what no name, address or
    password may be, Unavailable `schema_outdated` before `migrate`.
    """
    now = datetime.now(UTC)
    tenant = Tenant.found(wanted.tenant, now)
    owner = User.register(Email.of(wanted.email), wanted.name, None, now)
    chosen = accepted(password, name=owner.name, email=owner.email.address)
    with closing(Argon2Passwords()) as passwords:
        owner.password_hash = await passwords.hash(chosen)
    if settings.database_url:
        if not await schema_is_current(settings.database_url):
            reason = "the database has no schema, or an older one: run `mediaplanner migrate`"
            raise Unavailable(reason, code="schema_outdated")
        await _found(settings.database_url, settings, tenant, owner)
    else:
        async with start_parts(settings.home, redis=False, temporal="off", announce=announce) as parts:
            await migrate(parts.database_admin_url, parts.database_url)
            await _found(parts.database_url, settings, tenant, owner)
    announce(f"{owner.email} is the owner of {tenant.name}")


async def _found(url: str, settings: Settings, tenant: Tenant, owner: User) -> None:
    engine = open_engine(url, pool_size=1, statement_timeout_ms=settings.statement_timeout_ms)
    try:
        await found_tenant(engine, tenant, owner, TenantSettings())
    finally:
        await engine.dispose()
