"""`mediaplanner audit verify`: whether the audit in the database is what was written there."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from domain.ids import TenantId
from server.clock import SystemClock
from server.embedded.parts import start_parts
from server.embedded.server_secret import server_secret
from server.identity.derived import DerivedSecrets
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from server.postgres.engine import open_engine
from server.postgres.migrate import schema_is_current
from server.settings import Settings
from services.audit import KEY_LABEL, Audit
from services.audit_check import Broken, Damage, Head, Verification

Announce = Callable[[str], None]

_TOLD = {
    Damage.ROW_CHANGED: "was changed after it was written",
    Damage.ROW_MISSING: "was taken away",
    Damage.ROW_UNANNOUNCED: "has no seal, and nothing that asks for one: it was put in, or its seal was taken away",
    Damage.SEAL_FORGED: "has a seal that was not made with this MP_SERVER_SECRET",
}


async def verify(settings: Settings, tenant_id: UUID | None, head: str | None, announce: Announce) -> None:
    """A line for each tenant, or for the one. Changes nothing.

    Raises Conflict `audit_broken` where one doesn't hold; NotFound for a tenant there isn't; InvalidInput, Unavailable.
    """
    if head and tenant_id is None:
        raise InvalidInput("A head belongs to one tenant: name it with --tenant.", code="head_of_whom", field="head")
    noted = Head.of(head) if head else None
    broken = 0
    async with _audit(settings, announce) as audit:
        for one in await _wanted(audit, tenant_id):
            found = await audit.verify(one, noted)
            broken += not found.intact
            announce(f"{one}: {_line(found)}")
    if broken:
        whose = "one tenant" if broken == 1 else f"{broken} tenants"
        raise Conflict(f"the audit of {whose} is not what was written", code="audit_broken")


async def _wanted(audit: Audit, tenant_id: UUID | None) -> Sequence[TenantId]:
    known = await audit.all_tenants()
    if tenant_id is None:
        return known
    if tenant_id not in known:
        raise NotFound("There is no such tenant.", code="tenant_not_found")
    return [TenantId(tenant_id)]


@asynccontextmanager
async def _audit(settings: Settings, announce: Announce) -> AsyncIterator[Audit]:
    """On the database of the settings, or on the embedded one, which it starts."""
    given = settings.server_secret.get_secret_value() if settings.server_secret else None
    if settings.database_url:
        if given is None:
            raise InvalidInput("MP_SERVER_SECRET is not set.", code="setting_missing", field="server_secret")
        async with _audit_on(settings.database_url, given) as audit:
            yield audit
        return
    async with (
        start_parts(settings.home, redis=False, temporal="off", announce=announce) as parts,
        _audit_on(parts.database_url, given or server_secret(settings.home)) as audit,
    ):
        yield audit


@asynccontextmanager
async def _audit_on(url: str, secret: str) -> AsyncIterator[Audit]:
    if not await schema_is_current(url):
        reason = "the database has no schema, or an older one: run `mediaplanner migrate`"
        raise Unavailable(reason, code="schema_outdated")
    key, clock = DerivedSecrets(secret.encode()).subkey(KEY_LABEL), SystemClock()
    engine = open_engine(url, pool_size=1, statement_timeout_ms=0)
    try:
        yield Audit(PostgresAudit(engine), PostgresAccounts(engine, clock), key, clock)
    finally:
        await engine.dispose()


def _line(found: Verification) -> str:
    if found.first_broken:
        return f"BROKEN, {_damage(found.first_broken)}"
    facts = ["1 row" if found.rows == 1 else f"{found.rows} rows", f"{found.sealed} sealed"]
    if found.unsealed:
        facts.append(f"{found.unsealed} waiting" + (" for more than a minute" if found.overdue else ""))
    if found.late:
        facts.append(f"{found.late} sealed late")
    return f"intact, {', '.join(facts)}" + (f"; head {found.head}" if found.head else "")


def _damage(broken: Broken) -> str:
    if broken.reason is Damage.SEAL_MISSING:
        return f"seal {broken.seq} is missing"
    if broken.reason is Damage.HEAD_MISSING:
        return f"seal {broken.seq} is not the one that was noted"
    where = f"at seal {broken.seq}: " if broken.seq is not None else ""
    return f"{where}the row {broken.audit_id} {_TOLD[broken.reason]}"
