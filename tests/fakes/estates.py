"""What a tenant has in all, in memory; and what is left of it elsewhere."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping

from domain.changes import Change
from domain.errors import NotFound
from domain.ids import SessionId, TenantId
from domain.tenants import Tenant
from services.actor import Actor
from tests.fakes.database import InMemoryDatabase
from tests.fakes.unit_of_work import InMemoryWork

_GLOBAL = ("tenants", "users", "wakeups")


class InMemoryEstates:
    def __init__(self, database: InMemoryDatabase, work: InMemoryWork) -> None:
        self._database = database
        self._work = work

    async def export(self, tenant_id: TenantId) -> AsyncIterator[bytes]:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, rows in self._of(tenant_id).items():
                archive.writestr(f"{name}.ndjson", "".join(f"{row!r}\n" for row in rows.values()))
        return _whole(file.getvalue())

    async def erase(self, actor: Actor, ask: Callable[[Tenant], Change]) -> Mapping[str, int]:
        tenant: Tenant | None = self._database.rows["tenants"].get((actor.tenant_id,))
        if tenant is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        self._work.audit.append((actor, ask(tenant)))
        found = self._of(actor.tenant_id)
        people = [key[1] for key in found.get("memberships", {})]
        for name, rows in found.items():
            for key in rows:
                del self._database.rows[name][key]
        for user_id in people:
            if not any(key[1] == user_id for key in self._database.rows["memberships"]):
                self._database.rows["users"][user_id,].erase()
        return {name: len(rows) for name, rows in found.items()}

    def _of(self, tenant_id: TenantId) -> dict[str, dict[tuple[object, ...], object]]:
        owned = {
            name: {key: row for key, row in rows.items() if key[0] == tenant_id}
            for name, rows in self._database.rows.items()
            if name not in _GLOBAL
        }
        return {name: rows for name, rows in owned.items() if rows}


class InMemoryTraces:
    def __init__(self) -> None:
        self.forgotten: list[TenantId | SessionId] = []

    async def forget_session(self, tenant_id: TenantId, session_id: SessionId) -> None:
        self.forgotten.append(session_id)

    async def forget_tenant(self, tenant_id: TenantId) -> None:
        self.forgotten.append(tenant_id)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data
