"""Whoever owns the database cluster can change the audit. Whatever they change, the check finds it.

The database's own locks come first: the product's role can't, and the tables' owner runs into the triggers. So the
tampering here is done as superuser with triggers and foreign keys switched off.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection, errors, sql
from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.audit import Decision, seal
from domain.changes import Change
from domain.ids import TenantId, new_id
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from server.postgres.audit_tables import audit_log
from services.actor import Actor, Origin
from services.audit import Audit
from services.audit_check import Damage, Head, Verification
from services.audit_store import AuditRow, row_of
from tests.conftest import NewActor
from tests.drivers import AUDIT_KEY
from tests.fakes.account_work import InMemoryAccounts
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.security.figures import Figures
from tests.server.postgres.databases import as_tenant

ROWS = 8

Manipulate = Callable[["Chained"], Awaitable[None]]


@dataclass(frozen=True)
class Chained:
    """A tenant's audit of eight sealed rows, and somebody who may do anything to the database."""

    store: PostgresAudit
    audit: Audit
    admin: AsyncConnection
    tenant_id: TenantId
    rows: list[AuditRow]

    async def run(self, statement: str, **values: object) -> None:
        """`:tenant` is theirs; `:row3` the id of the third row."""
        named = {f"row{place}": row.id for place, row in enumerate(self.rows, 1)}
        await self.admin.execute(statement.encode(), {"tenant": self.tenant_id, **named, **values})

    async def found(self, noted: Head | None = None) -> Verification:
        return await self.audit.verify(self.tenant_id, noted)


@pytest.fixture
async def chained(engine: AsyncEngine, admin_url: str, tenant: NewActor) -> AsyncIterator[Chained]:
    actor, clock = await tenant(), FakeClock(datetime.now(UTC))
    store = PostgresAudit(engine)
    audit = Audit(store, PostgresAccounts(engine, clock), AUDIT_KEY, clock)
    rows = [row_of(acting(actor), changed(place), clock.now() + timedelta(seconds=place)) for place in range(ROWS)]
    for row in rows:
        await store.append(row)
    await audit.seal_due()
    async with await AsyncConnection.connect(admin_url, autocommit=True) as admin:
        await admin.execute("SET session_replication_role = replica")
        yield Chained(store, audit, admin, actor.tenant_id, rows)


def acting(actor: Actor) -> Actor:
    return actor.through(Origin(agent="planning", request_id="request", trace_id="t", model="m", prompt="p"))


def changed(place: int) -> Change:
    return Change("campaign.changed", new_id(), place + 1, {"budget": place}, {"budget": place + 1})


async def change_a_row(chained: Chained) -> None:
    await chained.run("""UPDATE audit_log SET after = '{"budget": 1}' WHERE id = %(row3)s""")


async def change_a_row_and_its_digest(chained: Chained) -> None:
    await change_a_row(chained)
    await chained.run("UPDATE audit_seals SET row_digest = %(made)s WHERE audit_id = %(row3)s", made="0" * 64)


async def take_a_row_away(chained: Chained) -> None:
    await chained.run("DELETE FROM audit_log WHERE id = %(row3)s")


async def take_a_seal_away(chained: Chained) -> None:
    await chained.run("DELETE FROM audit_seals WHERE audit_id = %(row3)s")


async def take_a_row_and_its_seal_away(chained: Chained) -> None:
    await take_a_row_away(chained)
    await take_a_seal_away(chained)


async def take_both_away_and_close_the_gap(chained: Chained) -> None:
    await take_a_row_and_its_seal_away(chained)
    for seq in range(4, ROWS + 1):
        own = "tenant_id = %(tenant)s AND seq = %(seq)s"
        await chained.run(f"UPDATE audit_seals SET seq = seq - 1 WHERE {own}", seq=seq)


async def take_the_first_away(chained: Chained) -> None:
    await chained.run("DELETE FROM audit_log WHERE id = %(row1)s")
    await chained.run("DELETE FROM audit_seals WHERE audit_id = %(row1)s")


async def swap_two_rows(chained: Chained) -> None:
    for was, becomes in (("row3", "spare"), ("row4", "row3"), ("spare", "row4")):
        statement = f"UPDATE audit_log SET id = %({becomes})s WHERE id = %({was})s"
        await chained.run(statement, spare=chained.tenant_id)


async def swap_what_two_rows_say(chained: Chained) -> None:
    await chained.run(
        """
        UPDATE audit_log a SET before = b.before, after = b.after FROM audit_log b
        WHERE (a.id, b.id) IN ((%(row3)s, %(row4)s), (%(row4)s, %(row3)s))
        """
    )


async def swap_two_seals(chained: Chained) -> None:
    for was, becomes in ((3, -3), (4, 3), (-3, 4)):
        own = "tenant_id = %(tenant)s AND seq = %(was)s"
        await chained.run(f"UPDATE audit_seals SET seq = %(becomes)s WHERE {own}", was=was, becomes=becomes)


_PUT_IN = """
    INSERT INTO audit_log (tenant_id, id, at, user_id, action, object_id, version, before, after)
    VALUES (%(tenant)s, %(new)s, now() - interval '1 day', %(tenant)s, 'member.joined', %(tenant)s, 1, '{}', '{}')
"""
_SEAL_IT = """
    INSERT INTO audit_seals (tenant_id, seq, audit_id, row_digest, seal, sealed_at)
    VALUES (%(tenant)s, %(seq)s, %(new)s, %(made)s, %(made)s, now())
"""


async def put_a_row_in(chained: Chained) -> None:
    await chained.run(_PUT_IN, new=new_id())


async def put_a_row_in_and_seal_it(chained: Chained) -> None:
    new = new_id()
    await chained.run(_PUT_IN, new=new)
    await chained.run(_SEAL_IT, new=new, seq=ROWS + 1, made="a" * 64)


async def put_a_row_in_before_all_others(chained: Chained) -> None:
    new = new_id()
    await chained.run(_PUT_IN, new=new)
    await chained.run(_SEAL_IT, new=new, seq=-1, made="a" * 64)


async def cut_the_newest_seals_off(chained: Chained) -> None:
    await chained.run("DELETE FROM audit_seals WHERE tenant_id = %(tenant)s AND seq > 5")


async def move_a_row_to_another_tenant(chained: Chained) -> None:
    await chained.run("UPDATE audit_log SET tenant_id = %(elsewhere)s WHERE id = %(row3)s", elsewhere=new_id())


FOUND: Mapping[str, tuple[Manipulate, Damage]] = {
    manipulate.__name__: (manipulate, damage)
    for manipulate, damage in (
        (change_a_row, Damage.ROW_CHANGED),
        (change_a_row_and_its_digest, Damage.ROW_CHANGED),
        (take_a_row_away, Damage.ROW_MISSING),
        (take_a_seal_away, Damage.SEAL_MISSING),
        (take_a_row_and_its_seal_away, Damage.SEAL_MISSING),
        (take_both_away_and_close_the_gap, Damage.SEAL_FORGED),
        (take_the_first_away, Damage.SEAL_MISSING),
        (swap_two_rows, Damage.ROW_CHANGED),
        (swap_what_two_rows_say, Damage.ROW_CHANGED),
        (swap_two_seals, Damage.SEAL_FORGED),
        (put_a_row_in, Damage.ROW_UNANNOUNCED),
        (put_a_row_in_and_seal_it, Damage.ROW_CHANGED),
        (put_a_row_in_before_all_others, Damage.SEAL_MISSING),
        (cut_the_newest_seals_off, Damage.ROW_UNANNOUNCED),
        (move_a_row_to_another_tenant, Damage.ROW_MISSING),
    )
}


async def test_the_control_what_nobody_touched_is_intact(chained: Chained) -> None:
    found = await chained.found()
    assert (found.intact, found.rows, found.sealed, found.unsealed, found.late) == (True, ROWS, ROWS, 0, 0)
    assert found.head
    assert (await chained.found(Head.of(found.head))).intact


@pytest.mark.parametrize("name", FOUND)
async def test_every_manipulation_is_found_and_the_sealing_does_not_hide_it(
    chained: Chained, figures: Figures, name: str
) -> None:
    manipulate, damage = FOUND[name]
    await manipulate(chained)
    found = await chained.found()
    assert not found.intact
    assert found.first_broken
    assert found.first_broken.reason is damage
    await chained.audit.seal_due()
    assert (await chained.found()).first_broken == found.first_broken
    figures.add("audit_manipulations_found", 1)


@pytest.mark.parametrize("column", [column.name for column in audit_log.c if column.name not in ("tenant_id", "id")])
async def test_no_column_can_be_changed_unseen(chained: Chained, figures: Figures, column: str) -> None:
    statement = sql.SQL("UPDATE audit_log SET {} = %s WHERE id = %s").format(sql.Identifier(column))
    await chained.admin.execute(statement, [other_value(column), chained.rows[2].id])
    found = (await chained.found()).first_broken
    assert found
    assert (found.seq, found.audit_id, found.reason) == (3, chained.rows[2].id, Damage.ROW_CHANGED)
    figures.add("audit_manipulations_found", 1)


def other_value(column: str) -> object:
    kind = audit_log.c[column].type
    if isinstance(kind, JSONB):
        return Jsonb({"budget": 2.5})
    values: dict[type, Any] = {str: "x", int: 99, datetime: datetime.now(UTC), Decision: "denied"}
    return values.get(kind.python_type) or new_id()


async def test_a_forged_digest_and_seal_do_not_follow_from_the_one_before(chained: Chained) -> None:
    """Everything right but for the key."""
    await change_a_row(chained)
    async with chained.store.chain(chained.tenant_id) as chain:
        before, link = await chain.links(1, 2)
    assert link.row
    made = seal(b"another key", chained.tenant_id, 3, before.seal.seal, link.row.digest())
    await chained.run(
        "UPDATE audit_seals SET row_digest = %(digest)s, seal = %(made)s WHERE audit_id = %(row3)s",
        digest=link.row.digest(),
        made=made,
    )
    found = (await chained.found()).first_broken
    assert found
    assert (found.seq, found.reason) == (3, Damage.SEAL_FORGED)


async def test_a_row_taken_away_before_it_had_its_seal(chained: Chained) -> None:
    row = row_of(Actor(chained.tenant_id, chained.rows[0].user_id, frozenset()), changed(9), datetime.now(UTC))
    await chained.store.append(row)
    await chained.run("DELETE FROM audit_log WHERE id = %(new)s", new=row.id)
    found = (await chained.found()).first_broken
    assert found
    assert (found.seq, found.audit_id, found.reason) == (None, row.id, Damage.ROW_MISSING)


async def test_an_end_that_was_cut_off_with_its_rows_is_found_by_the_head_that_was_noted(chained: Chained) -> None:
    noted = (await chained.found()).head
    await chained.run("DELETE FROM audit_seals WHERE tenant_id = %(tenant)s AND seq > 5")
    await chained.run("DELETE FROM audit_log WHERE id IN (%(row6)s, %(row7)s, %(row8)s)")
    assert (await chained.found()).intact  # of itself a chain does not know its end
    found = await chained.found(Head.of(noted or ""))
    assert found.first_broken
    assert (found.first_broken.seq, found.first_broken.reason) == (ROWS, Damage.HEAD_MISSING)


async def test_an_end_that_was_sealed_anew_is_found_by_the_head_and_told_as_late(chained: Chained) -> None:
    """Who may write the outbox too gets the server itself to seal what they changed; but not in the past."""
    noted = (await chained.found()).head
    await cut_the_newest_seals_off(chained)
    await chained.run("""UPDATE audit_log SET after = '{"budget": 1}' WHERE id = %(row7)s""")
    announce = "INSERT INTO wakeups SELECT 'audit_seal', tenant_id, id, now() FROM audit_log WHERE id = %(new)s"
    for row in chained.rows[5:]:
        await chained.run(announce, new=row.id)
    later = FakeClock(datetime.now(UTC) + timedelta(minutes=10))
    await Audit(chained.store, InMemoryAccounts(InMemoryDatabase()), AUDIT_KEY, later).seal_due()
    found = await chained.found()
    assert (found.intact, found.late) == (True, 3)
    assert not (await chained.found(Head.of(noted or ""))).intact


@pytest.mark.parametrize("table", ["audit_log", "audit_seals"])
@pytest.mark.parametrize("change", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"])
async def test_neither_the_product_nor_the_owner_can_change_them(
    chained: Chained, engine: AsyncEngine, admin_url: str, table: str, change: str
) -> None:
    async with as_tenant(engine, chained.tenant_id) as connection:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(text(change.format(table)))
    async with await AsyncConnection.connect(admin_url) as owner:
        await owner.execute("SET ROLE app_owner")
        await owner.execute("SELECT set_config('app.tenant_id', %s, false)", [str(chained.tenant_id)])
        with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)):
            await owner.execute(change.format(table).encode())
    assert (await chained.found()).intact
