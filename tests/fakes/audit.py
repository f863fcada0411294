"""The audit in memory: what a column of JSON does to a value is done here too."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from domain.ids import TenantId
from services.audit import SEALED_WITHIN
from services.audit_store import AuditRow, Link, Seal, Tally
from services.ports import Wakeup, WakeupKind
from tests.fakes.database import InMemoryDatabase, Transaction

_ROWS, _SEALS, _NOTES = "audit_log", "audit_seals", "wakeups"


def keep(transaction: Transaction, row: AuditRow) -> None:
    """With the note that it needs a seal."""
    before, after = (json.loads(json.dumps(facts, default=str)) for facts in (row.before, row.after))
    transaction.put(_ROWS, row.tenant_id, row.id, row=replace(row, before=before, after=after))
    note = Wakeup(row.tenant_id, WakeupKind.AUDIT_SEAL, row.id, row.at)
    transaction.put(_NOTES, note.kind, note.tenant_id, note.id, row=note)


class InMemoryAudit:
    def __init__(self, database: InMemoryDatabase) -> None:
        self._database = database

    def rows(self, tenant_id: TenantId) -> list[AuditRow]:
        """For tests to read: the oldest first."""
        return sorted(Transaction(self._database).all(_ROWS, tenant_id), key=_age)

    async def append(self, row: AuditRow) -> None:
        transaction = Transaction(self._database)
        if transaction.get(_ROWS, row.tenant_id, row.id) is None:
            keep(transaction, row)
        transaction.commit()

    async def tenants_to_seal(self) -> list[TenantId]:
        notes = Transaction(self._database).all(_NOTES, WakeupKind.AUDIT_SEAL)
        return list(dict.fromkeys(note.tenant_id for note in notes))

    async def all_tenants(self) -> list[TenantId]:
        return sorted(tenant.id for tenant in Transaction(self._database).all("tenants"))

    @asynccontextmanager
    async def sealing(self, tenant_id: TenantId) -> AsyncIterator["InMemorySealing"]:
        transaction = Transaction(self._database)
        await transaction.lock(_SEALS, tenant_id)
        try:
            yield InMemorySealing(transaction, tenant_id)
        finally:
            transaction.end()

    @asynccontextmanager
    async def chain(self, tenant_id: TenantId) -> AsyncIterator["InMemoryChain"]:
        yield InMemoryChain(Transaction(self._database), tenant_id)


class _Audit:
    def __init__(self, transaction: Transaction, tenant_id: TenantId) -> None:
        self._transaction = transaction
        self._tenant_id = tenant_id

    def _seals(self) -> list[Seal]:
        return sorted(self._transaction.all(_SEALS, self._tenant_id), key=lambda seal: seal.seq)

    def _bare(self) -> list[AuditRow]:
        sealed = {seal.audit_id for seal in self._seals()}
        rows = self._transaction.all(_ROWS, self._tenant_id)
        return sorted((row for row in rows if row.id not in sealed), key=_age)

    def _announced(self, row: AuditRow) -> bool:
        return self._transaction.get(_NOTES, WakeupKind.AUDIT_SEAL, self._tenant_id, row.id) is not None


class InMemorySealing(_Audit):
    async def head(self) -> Seal | None:
        return next(reversed(self._seals()), None)

    async def unsealed(self, limit: int) -> list[AuditRow]:
        return [row for row in self._bare() if self._announced(row)][:limit]

    async def commit(self, seals: Sequence[Seal]) -> None:
        for seal in seals:
            self._transaction.put(_SEALS, self._tenant_id, seal.seq, row=seal)
        for seal in self._seals():
            self._transaction.delete(_NOTES, WakeupKind.AUDIT_SEAL, self._tenant_id, seal.audit_id)
        self._transaction.commit()


class InMemoryChain(_Audit):
    async def links(self, after: int | None, limit: int) -> list[Link]:
        seals = [seal for seal in self._seals() if after is None or seal.seq > after]
        return [Link(seal, self._row(seal)) for seal in seals[:limit]]

    async def tally(self) -> Tally:
        bare, seals = self._bare(), self._seals()
        rows = {row.id: row for row in self._transaction.all(_ROWS, self._tenant_id)}
        waiting = [row for row in bare if self._announced(row)]
        notes = self._transaction.all(_NOTES, WakeupKind.AUDIT_SEAL, self._tenant_id)
        return Tally(
            rows=len(rows),
            sealed=len(seals),
            waiting=len(waiting),
            waiting_since=waiting[0].at if waiting else None,
            late=sum(s.audit_id in rows and s.sealed_at > rows[s.audit_id].at + SEALED_WITHIN for s in seals),
            unannounced=next((row.id for row in bare if not self._announced(row)), None),
            lost=min((note.id for note in notes if note.id not in rows), default=None),
        )

    def _row(self, seal: Seal) -> AuditRow | None:
        found: AuditRow | None = self._transaction.get(_ROWS, self._tenant_id, seal.audit_id)
        return found


def _age(row: AuditRow) -> tuple[object, object]:
    return row.at, row.id
