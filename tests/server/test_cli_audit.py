"""`mediaplanner audit verify`: its words, its exit status, and the databases it works on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from psycopg import AsyncConnection

from domain.changes import Change
from domain.ids import TenantId, new_id
from domain.tenants import Tenant, TenantSettings
from domain.users import Email, User
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from server.postgres.engine import open_engine
from server.postgres.founding import found_tenant
from server.postgres.migrate import migrate
from services.actor import system_actor
from services.audit import Audit
from services.audit_store import row_of
from tests.drivers import AUDIT_KEY, SERVER_SECRET
from tests.fakes.clock import FakeClock
from tests.server.commands import Ended, mediaplanner
from tests.server.embedded.homes import temporary_home
from tests.server.postgres.databases import empty_database, in_database


@dataclass(frozen=True)
class Database:
    """With the audits of two tenants: three sealed rows of one, one row that waits of the other."""

    admin_url: str
    app_url: str
    sealed: TenantId
    waiting: TenantId

    async def verify(self, *arguments: object, **settings: str) -> Ended:
        known = {"MP_DATABASE_URL": self.app_url, "MP_SERVER_SECRET": SERVER_SECRET.decode()}
        return await mediaplanner("audit", "verify", *map(str, arguments), settings={**known, **settings})

    async def tamper(self, statement: str) -> None:
        async with await AsyncConnection.connect(self.admin_url, autocommit=True) as admin:
            await admin.execute("SET session_replication_role = replica")
            await admin.execute(statement.encode())


@pytest.fixture
async def database(admin_url: str, app_url: str) -> AsyncIterator[Database]:
    async with empty_database(admin_url) as name:
        admin, app = in_database(admin_url, name), in_database(app_url, name)
        await migrate(admin, app)
        engine, clock = open_engine(app, pool_size=2, statement_timeout_ms=20_000), FakeClock(datetime.now(UTC))
        tenants = [Tenant.found(name, clock.now()) for name in ("Acme", "Hooli")]
        for one in tenants:
            owner = User.register(Email.of(f"{new_id()}@example.com"), "Ada", None, clock.now())
            await found_tenant(engine, one, owner, TenantSettings())
        sealed, waiting = (one.id for one in tenants)
        store = PostgresAudit(engine)
        for tenant_id in [sealed, sealed, sealed, waiting]:
            if tenant_id == waiting:
                await Audit(store, PostgresAccounts(engine, clock), AUDIT_KEY, clock).seal_due()
            await store.append(row_of(system_actor(tenant_id), Change("test.done", new_id(), 1), clock.now()))
        await engine.dispose()
        yield Database(admin, app, sealed, waiting)


def told(ended: Ended, tenant_id: TenantId) -> str:
    (line,) = [line for line in ended.output.splitlines() if line.startswith(f"{tenant_id}: ")]
    return line.removeprefix(f"{tenant_id}: ")


async def test_what_is_intact_and_the_head_to_note(database: Database) -> None:
    ended = await database.verify()
    assert (ended.status, ended.errors) == (0, "")
    assert told(ended, database.waiting) == "intact, 1 row, 0 sealed, 1 waiting"
    found, head = told(ended, database.sealed).split("; head ")
    assert (found, head.partition(":")[0]) == ("intact, 3 rows, 3 sealed", "3")
    again = await database.verify("--tenant", database.sealed, "--head", head)
    assert again.output == f"{database.sealed}: intact, 3 rows, 3 sealed; head {head}\n"


async def test_what_was_changed_is_named_and_the_command_fails(database: Database) -> None:
    await database.tamper("UPDATE audit_log SET action = 'test.nothing' WHERE action = 'test.done'")
    ended = await database.verify()
    assert ended.status == 1
    assert ended.errors == "the audit of one tenant is not what was written\n"
    assert told(ended, database.sealed).startswith("BROKEN, at seal 1: the row ")
    assert told(ended, database.sealed).endswith(" was changed after it was written")
    assert (await database.verify("--tenant", database.waiting)).status == 0


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM audit_seals WHERE seq = 2", "seal 2 is missing"),
        ("DELETE FROM audit_log WHERE action = 'test.done'", "was taken away"),
        ("DELETE FROM audit_seals", "has no seal, and nothing that asks for one"),
        ("UPDATE audit_seals SET seal = 'x'", "was not made with this MP_SERVER_SECRET"),
    ],
    ids=["seal", "row", "chain", "forged"],
)
async def test_what_is_missing_is_named(database: Database, statement: str, words: str) -> None:
    await database.tamper(statement)
    ended = await database.verify("--tenant", database.sealed)
    assert ended.status == 1
    assert words in told(ended, database.sealed)


async def test_a_head_that_is_gone(database: Database) -> None:
    ended = await database.verify("--tenant", database.sealed, "--head", f"9:{'a' * 64}")
    assert (ended.status, told(ended, database.sealed)) == (1, "BROKEN, seal 9 is not the one that was noted")


async def test_what_cannot_be_asked_is_one_line(database: Database, admin_url: str) -> None:
    bare = admin_url.replace("/mediaplanner", "/postgres")
    for ended, words in (
        (await database.verify("--head", f"1:{'a' * 64}"), "name it with --tenant"),
        (await database.verify("--tenant", database.sealed, "--head", "1"), "SEQ:SEAL"),
        (await database.verify("--tenant", new_id()), "There is no such tenant."),
        (await database.verify(MP_SERVER_SECRET="short"), "MP_SERVER_SECRET has 5 bytes"),
        (await database.verify(MP_DATABASE_URL=bare), "run `mediaplanner migrate`"),
    ):
        assert ended.status == 1
        assert words in ended.errors
        assert len(ended.errors.splitlines()) == 1
    without = await mediaplanner("audit", "verify", settings={"MP_DATABASE_URL": database.app_url})
    assert (without.status, without.errors) == (1, "MP_SERVER_SECRET is not set.\n")


async def test_on_the_embedded_default_it_starts_the_database_alone() -> None:
    with temporary_home() as home:
        settings = {"MP_HOME": str(home / "data")}
        assert (await mediaplanner("audit", "verify", settings=settings)).status == 1  # there is nothing yet
        owner = ["--email", "ada@example.com", "--name", "Ada", "--tenant", "Acme"]
        made = await mediaplanner(
            "bootstrap-owner", *owner, settings={**settings, "MP_OWNER_PASSWORD": "correct horse battery"}
        )
        assert made.status == 0, made.errors
        ended = await mediaplanner("audit", "verify", settings=settings)
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output.endswith(": intact, 0 rows, 0 sealed\n")
