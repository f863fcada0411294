"""The audit: refusals noted, rows sealed into a chain, the chain verified."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from domain.audit import GENESIS, Decision, seal
from domain.changes import Change
from domain.errors import DomainError
from domain.ids import SignInId, TenantId, UserId, new_id
from domain.tenants import Permission
from services.account_work import BeginAccounts, SecurityEvent, SecurityEventKind
from services.actor import Actor, Origin, authorize
from services.audit_check import Head, Verification, verified
from services.audit_store import AuditRow, AuditStore, Seal, Sealing, row_of
from services.ports import Clock

KEY_LABEL = "audit seals"  # of the subkey of the server's secret that makes them
BATCH = 500  # rows sealed in one transaction
SEALED_WITHIN = timedelta(seconds=60)

log = logging.getLogger(__name__)


class Audit:
    """`key` makes the seals: it is the server's, and the database never sees it."""

    def __init__(self, store: AuditStore, accounts: BeginAccounts, key: bytes, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._key = key
        self._clock = clock

    async def denied(self, actor: Actor, error: DomainError, action: str, object_id: UUID | None = None) -> None:
        """Leaves one row, in a transaction of its own since the refused one is undone. Under an effect key one for all
        repetitions. Without an object it is the tenant that the refusal is about.

        Where the row can't be written it says so in the log: the refusal stands either way.
        """
        try:
            await self._store.append(self._denial(actor, error, action, object_id or actor.tenant_id))
        except DomainError as trouble:
            facts = {"action": action, "code": error.code, "reason": trouble.code, "user_id": str(actor.user_id)}
            log.error("a refusal is missing in the audit", extra=facts)

    async def tenant_refused(
        self,
        tenant_id: TenantId,
        error: DomainError,
        origin: Origin,
        user_id: UserId | None = None,
        sign_in_id: SignInId | None = None,
    ) -> None:
        """Somebody wanted into a tenant that is not theirs, or not open: who is no actor in it has no row in its audit,
        but one in the security log.
        """
        details = {"tenant_id": str(tenant_id), "code": error.code}
        event = SecurityEvent(SecurityEventKind.TENANT_REFUSED, user_id, sign_in_id, details)
        try:
            async with self._accounts(origin) as work:
                await work.commit(event)
        except DomainError as trouble:
            facts = {**details, "reason": trouble.code, "user_id": str(user_id)}
            log.error("a refusal is missing in the security log", extra=facts)

    async def seal_due(self) -> int:
        """Seals every row that waits for it; how many. A tenant that can't be sealed now doesn't keep the others."""
        sealed = 0
        for tenant_id in await self._store.tenants_to_seal():
            try:
                sealed += await self._seal(tenant_id)
            except DomainError as trouble:
                log.warning("sealing has to wait", extra={"tenant": str(tenant_id), "reason": trouble.code})
        return sealed

    async def verify(self, tenant_id: TenantId, noted: Head | None = None) -> Verification:
        """Goes along the whole chain. `noted` is a head that was written down before: it has to be in it still."""
        async with self._store.chain(tenant_id) as chain:
            overdue = self._clock.now() - SEALED_WITHIN
            return await verified(tenant_id, chain, self._key, noted, overdue)

    async def verification(self, actor: Actor, noted: Head | None = None) -> Verification:
        """Of the actor's own tenant."""
        authorize(actor, Permission.AUDIT_READ)
        return await self.verify(actor.tenant_id, noted)

    async def all_tenants(self) -> list[TenantId]:
        """The erased ones too: their audit is what is left of them."""
        return await self._store.all_tenants()

    async def _seal(self, tenant_id: TenantId) -> int:
        sealed = 0
        while True:
            async with self._store.sealing(tenant_id) as sealing:
                rows = await sealing.unsealed(BATCH)
                await sealing.commit(await self._seals(tenant_id, sealing, rows))
            sealed += len(rows)
            if len(rows) < BATCH:
                return sealed

    async def _seals(self, tenant_id: TenantId, sealing: Sealing, rows: list[AuditRow]) -> list[Seal]:
        head = await sealing.head()
        seq, previous = (head.seq, head.seal) if head else (0, GENESIS)
        made = []
        for row in rows:
            seq += 1
            digest = row.digest()
            previous = seal(self._key, tenant_id, seq, previous, digest)
            made.append(Seal(seq, row.id, digest, previous, self._clock.now()))
        return made

    def _denial(self, actor: Actor, error: DomainError, action: str, object_id: UUID) -> AuditRow:
        change = Change(action, object_id, 0, after=_facts(error))
        key = actor.origin.effect_key
        id = uuid5(actor.tenant_id, f"denied:{key}") if key else new_id()
        return replace(row_of(actor, change, self._clock.now()), id=id, decision=Decision.DENIED, code=error.code)


def _facts(error: DomainError) -> Mapping[str, object]:
    """Not its sentence, which may quote what people wrote."""
    return {**error.details, **({"field": error.field} if error.field else {})}
