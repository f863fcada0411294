"""What a tenant has in all: taken along as one file, or erased for good."""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Protocol

from pydantic import BaseModel, Field

from domain.changes import Change
from domain.errors import InvalidInput
from domain.ids import SessionId, TenantId
from domain.tenants import Permission, Tenant
from services.access_views import TenantView
from services.actor import Actor, authorize, must_be_in_person
from services.commands import Command
from services.file_upkeep import FileUpkeep
from services.unit_of_work import Begin


class EraseTenant(Command):
    name: str = Field(min_length=1, max_length=200, description="The tenant's name, typed again.")


class Erased(BaseModel):
    tenant_id: TenantId
    rows: dict[str, int] = Field(description="How many of each kind there were.")


class EstateStore(Protocol):
    async def export(self, tenant_id: TenantId) -> AsyncIterator[bytes]:
        """A zip archive, complete before its first piece: everything as it was at one moment."""
        ...

    async def erase(self, actor: Actor, ask: Callable[[Tenant], Change]) -> Mapping[str, int]:
        """Everything of the actor's tenant but its audit, in one transaction; the rows by table.

        `ask` is put to the tenant, which nobody else changes meanwhile; its change is audited with the rows. People
        who are in no other tenant are made nameless.
        """
        ...


class TenantTraces(Protocol):
    """What is left of a tenant, or of one of its conversations, outside of the database."""

    async def forget_session(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """Never raises, as below."""
        ...

    async def forget_tenant(self, tenant_id: TenantId) -> None:
        """Never raises for a store that is away: what it holds ends by itself."""
        ...


class Estates:
    def __init__(self, begin: Begin, store: EstateStore, traces: TenantTraces, files: FileUpkeep) -> None:
        self._begin = begin
        self._store = store
        self._traces = traces
        self._files = files

    async def export(self, actor: Actor) -> AsyncIterator[bytes]:
        """The pieces of a zip archive. That it was asked for is in the audit, whether or not it arrives."""
        authorize(actor, Permission.TENANT_MANAGE)
        async with self._begin(actor) as work:
            tenant = await work.members.tenant()
            await work.commit(TenantView.model_validate(tenant), tenant.exported())
        return await self._store.export(actor.tenant_id)

    async def erase(self, actor: Actor, command: EraseTenant) -> Erased:
        """For good. Raises InvalidInput `name_mismatch`, and Forbidden `person_required` for whoever is none."""
        authorize(actor, Permission.TENANT_MANAGE)
        must_be_in_person(actor)
        rows = await self._store.erase(actor, partial(_agreed, command))
        await self._traces.forget_tenant(actor.tenant_id)
        await self._files.forget_tenant(actor.tenant_id)
        return Erased(tenant_id=actor.tenant_id, rows=dict(rows))


def _agreed(command: EraseTenant, tenant: Tenant) -> Change:
    if command.name.strip() != tenant.name:
        raise InvalidInput("That is not the name of the workspace.", code="name_mismatch", field="name")
    return tenant.erase()
