"""The audit: one row for a refusal, one chain over all rows, and a check that says what is missing in it."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.audit import Decision
from domain.changes import Change
from domain.errors import Forbidden, InvalidInput, NotFound, Unavailable
from domain.ids import SignInId, TenantId, UserId, new_id
from domain.tenants import Permission
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from services.account_work import BeginAccounts, SecurityEvent, SecurityEventKind
from services.actor import Actor, Origin
from services.audit import BATCH, Audit
from services.audit_check import Broken, Damage, Head
from services.audit_store import AuditRow, AuditStore, Link, Sealing, row_of
from tests.drivers import AUDIT_KEY
from tests.fakes.account_work import InMemoryAccounts
from tests.fakes.audit import InMemoryAudit
from tests.fakes.database import InMemoryDatabase
from tests.services.conftest import InMemory, Product, keyed, without

REFUSAL = Forbidden("“Spring” is none of yours.", code="not_permitted", permission="campaign:write")


@dataclass(frozen=True)
class Auditor:
    audit: Audit
    store: AuditStore
    product: Product
    actor: Actor

    async def rows(self, actor: Actor | None = None) -> list[AuditRow]:
        """Those without a seal."""
        async with self.store.sealing((actor or self.actor).tenant_id) as sealing:
            return await sealing.unsealed(1000)

    async def links(self) -> list[Link]:
        async with self.store.chain(self.actor.tenant_id) as chain:
            return await chain.links(None, 1000)

    async def append(self, many: int = 1) -> None:
        for number in range(many):
            change = Change(f"test.{number}", new_id(), 1)
            await self.store.append(row_of(self.actor, change, self.product.clock.now()))


@pytest.fixture
async def auditor(product: Product, engine: AsyncEngine) -> Auditor:
    store: AuditStore
    accounts: BeginAccounts
    if isinstance(product, InMemory):
        store, accounts = InMemoryAudit(product.database), InMemoryAccounts(product.database)
    else:
        store, accounts = PostgresAudit(engine), PostgresAccounts(engine, product.clock)
    return Auditor(Audit(store, accounts, AUDIT_KEY, product.clock), store, product, await product.new_actor())


class AwayFor:
    """A store that a tenant's rows can't be got from, nor brought to."""

    def __init__(self, store: AuditStore, tenant_id: TenantId) -> None:
        self._store = store
        self._tenant_id = tenant_id
        self.tenants_to_seal = store.tenants_to_seal
        self.all_tenants = store.all_tenants
        self.chain = store.chain

    async def append(self, row: AuditRow) -> None:
        raise Unavailable("The database can't be reached.", code="database_unavailable")

    def sealing(self, tenant_id: TenantId) -> AbstractAsyncContextManager[Sealing]:
        if tenant_id == self._tenant_id:
            raise Unavailable("The database can't be reached.", code="database_unavailable")
        return self._store.sealing(tenant_id)


async def test_a_refusal_leaves_one_row(auditor: Auditor) -> None:
    about = new_id()
    actor = auditor.actor.through(Origin(agent="planning", request_id="request 1"))
    await auditor.audit.denied(actor, REFUSAL, "tool.update_campaign", about)
    (row,) = await auditor.rows()
    assert (row.decision, row.code, row.action) == (Decision.DENIED, "not_permitted", "tool.update_campaign")
    assert (row.object_id, row.version, row.user_id) == (about, 0, actor.user_id)
    assert (row.agent, row.request_id, row.at) == ("planning", "request 1", auditor.product.clock.now())
    assert (row.before, row.after) == ({}, {"permission": "campaign:write"})


async def test_what_people_wrote_is_not_kept_with_it(auditor: Auditor) -> None:
    await auditor.audit.denied(auditor.actor, REFUSAL, "http.update_campaign")
    (row,) = await auditor.rows()
    assert "Spring" not in repr(row)


async def test_without_an_object_it_is_about_the_tenant(auditor: Auditor) -> None:
    await auditor.audit.denied(auditor.actor, NotFound("No.", field="name"), "http.invite")
    (row,) = await auditor.rows()
    assert (row.object_id, row.code, row.after) == (auditor.actor.tenant_id, "not_found", {"field": "name"})


async def test_a_repeated_attempt_under_one_key_leaves_one_row(auditor: Auditor) -> None:
    other = keyed(await auditor.product.new_actor())
    mine = keyed(auditor.actor)
    await asyncio.gather(*(auditor.audit.denied(mine, REFUSAL, "tool.x") for _ in range(5)))
    await auditor.audit.denied(keyed(auditor.actor, "turn:another call"), REFUSAL, "tool.x")
    await auditor.audit.denied(other, REFUSAL, "tool.x")
    assert len(await auditor.rows()) == 2
    assert len(await auditor.rows(other)) == 1


async def test_every_attempt_without_a_key_leaves_its_own(auditor: Auditor) -> None:
    for _ in range(3):
        await auditor.audit.denied(auditor.actor, REFUSAL, "http.x")
    assert len(await auditor.rows()) == 3


async def test_who_only_reads_is_noted_too(auditor: Auditor) -> None:
    await auditor.audit.denied(auditor.actor.only_reading(), REFUSAL, "tool.show_campaign")
    assert len(await auditor.rows()) == 1


async def test_a_row_that_cannot_be_written_is_told_in_the_log(
    auditor: Auditor, caplog: pytest.LogCaptureFixture
) -> None:
    store = AwayFor(auditor.store, auditor.actor.tenant_id)
    audit = Audit(store, InMemoryAccounts(InMemoryDatabase()), AUDIT_KEY, auditor.product.clock)
    with caplog.at_level(logging.ERROR):
        await audit.denied(auditor.actor, REFUSAL, "http.x")
    (line,) = caplog.records
    assert (line.message, vars(line)["code"]) == ("a refusal is missing in the audit", "not_permitted")


async def test_every_row_gets_its_place_in_one_chain(auditor: Auditor) -> None:
    await auditor.append(3)
    await auditor.audit.seal_due()
    await auditor.append(2)
    await auditor.audit.seal_due()
    links = await auditor.links()
    assert [link.seal.seq for link in links] == [1, 2, 3, 4, 5]
    assert len({link.seal.audit_id for link in links}) == 5
    assert await auditor.rows() == []


async def test_many_sealers_at_once_make_one_chain(auditor: Auditor) -> None:
    await auditor.append(20)
    await asyncio.gather(*(auditor.audit.seal_due() for _ in range(8)), auditor.append(10))
    await auditor.audit.seal_due()
    assert [link.seal.seq for link in await auditor.links()] == list(range(1, 31))
    found = await auditor.audit.verify(auditor.actor.tenant_id)
    assert (found.intact, found.rows, found.sealed, found.unsealed) == (True, 30, 30, 0)


async def test_more_rows_than_one_transaction_takes(auditor: Auditor) -> None:
    if isinstance(auditor.product, InMemory):
        await auditor.append(BATCH + 1)
        assert await auditor.audit.seal_due() == BATCH + 1
        assert (await auditor.audit.verify(auditor.actor.tenant_id)).sealed == BATCH + 1


async def test_a_tenant_that_cannot_be_sealed_does_not_keep_the_others(
    auditor: Auditor, caplog: pytest.LogCaptureFixture
) -> None:
    other = replace(auditor, actor=await auditor.product.new_actor())
    await auditor.append()
    await other.append()
    store = AwayFor(auditor.store, auditor.actor.tenant_id)
    await Audit(store, InMemoryAccounts(InMemoryDatabase()), AUDIT_KEY, auditor.product.clock).seal_due()
    assert (len(await auditor.links()), len(await other.links())) == (0, 1)
    assert "sealing has to wait" in caplog.messages
    await auditor.audit.seal_due()
    assert len(await auditor.links()) == 1


async def test_an_audit_without_rows_is_intact(auditor: Auditor) -> None:
    found = await auditor.audit.verify(auditor.actor.tenant_id)
    assert (found.intact, found.rows, found.head, found.first_broken) == (True, 0, None, None)


async def test_rows_that_wait_too_long_are_reported(auditor: Auditor) -> None:
    await auditor.append(2)
    waiting = await auditor.audit.verify(auditor.actor.tenant_id)
    assert (waiting.intact, waiting.unsealed, waiting.overdue) == (True, 2, False)
    auditor.product.clock.advance(seconds=61)
    assert (await auditor.audit.verify(auditor.actor.tenant_id)).overdue
    await auditor.audit.seal_due()
    sealed = await auditor.audit.verify(auditor.actor.tenant_id)
    assert (sealed.intact, sealed.unsealed, sealed.overdue, sealed.late) == (True, 0, False, 2)


async def test_another_key_makes_no_seal_of_ours(auditor: Auditor) -> None:
    await auditor.append(2)
    await auditor.audit.seal_due()
    (first, _) = await auditor.links()
    accounts = InMemoryAccounts(InMemoryDatabase())
    found = await Audit(auditor.store, accounts, b"another key", auditor.product.clock).verify(auditor.actor.tenant_id)
    assert found.first_broken == Broken(seq=1, audit_id=first.seal.audit_id, reason=Damage.SEAL_FORGED)


async def test_a_head_that_was_noted_is_found_again(auditor: Auditor) -> None:
    await auditor.append(2)
    await auditor.audit.seal_due()
    noted = (await auditor.audit.verify(auditor.actor.tenant_id)).head
    assert noted
    await auditor.append(2)
    await auditor.audit.seal_due()
    head = Head.of(noted)
    later = await auditor.audit.verify(auditor.actor.tenant_id, head)
    assert later.intact
    assert later.head != noted
    for other in (replace(head, seq=1), replace(head, seq=5), replace(head, seal="0" * 64)):
        found = await auditor.audit.verify(auditor.actor.tenant_id, other)
        assert found.first_broken
        assert (found.first_broken.reason, found.first_broken.seq) == (Damage.HEAD_MISSING, other.seq)


@pytest.mark.parametrize("text", ["", "1", "1:", ":" + "a" * 64, "one:" + "a" * 64, "-1:" + "a" * 64, "1:" + "a" * 63])
def test_a_head_that_is_none(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Head.of(text)
    assert refused.value.code == "bad_head"


async def test_only_who_may_read_the_audit_has_it_verified(auditor: Auditor) -> None:
    assert (await auditor.audit.verification(auditor.actor)).intact
    with pytest.raises(Forbidden):
        await auditor.audit.verification(without(auditor.actor, Permission.AUDIT_READ))


async def test_who_is_in_no_tenant_is_in_the_security_log(memory: InMemory) -> None:
    accounts = InMemoryAccounts(memory.database)
    audit = Audit(InMemoryAudit(memory.database), accounts, AUDIT_KEY, memory.clock)
    tenant, user, sign_in = TenantId(new_id()), UserId(new_id()), SignInId(new_id())
    refused = NotFound("There is no such tenant.", code="tenant_not_found")
    await audit.tenant_refused(tenant, refused, Origin(request_id="request 1"), user, sign_in)
    details = {"tenant_id": str(tenant), "code": "tenant_not_found"}
    event = SecurityEvent(SecurityEventKind.TENANT_REFUSED, user, sign_in, details)
    assert accounts.log == [(Origin(request_id="request 1"), event)]
    assert await audit.all_tenants() == []
