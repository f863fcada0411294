"""What a tenant has in all, in Postgres: one archive of it, or nothing of it any more.

Which tables there are comes from the metadata, so a new one is taken along and erased without being named here.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Table, delete, exists, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.changes import Change
from domain.errors import NotFound
from domain.ids import TenantId, UserId
from domain.tenants import Tenant
from domain.users import User
from server.postgres import access_tables as access
from server.postgres.archive import archived, pieces
from server.postgres.forgetting import CHECKPOINTS
from server.postgres.metadata import metadata
from server.postgres.tables import memberships, wakeups
from server.postgres.transaction import begun
from server.postgres.unit_of_work import PostgresUnitOfWork
from services.access_views import TenantView
from services.actor import Actor
from services.events import SessionEvent
from services.gateways import FileStore
from services.ports import Clock, WakeupKind

KEPT = frozenset({"audit_log", "audit_seals"})  # what was done stays known, and that nobody changed it

_STEP_OVER = text("SELECT set_config('role', 'app_eraser', true), set_config('statement_timeout', '0', true)")
_STEP_BACK = text("SELECT set_config('role', 'none', true)")
_AS_PERSON = text("SELECT set_config('app.user_id', :user_id, true)")


def tables_of_tenants() -> list[Table]:
    """Whoever is pointed to comes before who points to them."""
    return [one for one in metadata.sorted_tables if "tenant_id" in one.c and one is not wakeups]


class PostgresEstates:
    def __init__(self, engine: AsyncEngine, clock: Clock, files: FileStore) -> None:
        self._engine = engine
        self._clock = clock
        self._files = files

    async def export(self, tenant_id: TenantId) -> AsyncIterator[bytes]:
        return pieces(await archived(self._engine, tenant_id, tables_of_tenants(), self._clock.now(), self._files))

    async def erase(self, actor: Actor, ask: Callable[[Tenant], Change]) -> Mapping[str, int]:
        """Waits for whoever writes to the tenant; who comes later finds it erased (migration 0006)."""
        by = actor.through(replace(actor.origin, effect_key=None))  # the note of the effect would be a row again
        async with begun(self._engine, actor.tenant_id) as transaction:
            session = transaction.entities
            tenant = await session.get(Tenant, actor.tenant_id, with_for_update=True)
            if tenant is None:
                raise NotFound("There is no such tenant.", code="tenant_not_found")
            change = ask(tenant)
            rows = await _cleared(session, actor.tenant_id)
            erased = replace(change, after={**change.after, "rows": rows})
            work = PostgresUnitOfWork(transaction, by, self._clock, _unwatched)
            await work.commit(TenantView.model_validate(tenant), erased)
        return rows


async def _cleared(session: AsyncSession, tenant_id: TenantId) -> dict[str, int]:
    """As the role that may; the rows of each table, without those that had none."""
    await session.flush()
    await session.execute(_STEP_OVER)
    people = list(await session.scalars(select(memberships.c.user_id).where(memberships.c.tenant_id == tenant_id)))
    connection, rows = await session.connection(), {}
    for one in [*CHECKPOINTS, *reversed(tables_of_tenants())]:
        if one.name not in KEPT:
            rows[str(one.name)] = (await connection.execute(delete(one).where(one.c.tenant_id == tenant_id))).rowcount
    await session.execute(
        delete(wakeups).where(wakeups.c.tenant_id == tenant_id, wakeups.c.kind != WakeupKind.AUDIT_SEAL)
    )
    for user_id in sorted(people):
        await _forget_stranger(session, user_id)
    await session.execute(_STEP_BACK)
    return {name: count for name, count in rows.items() if count}


async def _forget_stranger(session: AsyncSession, user_id: UserId) -> None:
    """Whoever is in no tenant any more. They are locked before the others are asked for: two tenants that are erased
    at the same moment would each take the other's word.
    """
    user = await session.get(User, user_id, with_for_update=True, populate_existing=True)
    await session.execute(_AS_PERSON, {"user_id": str(user_id)})
    elsewhere = await session.scalar(select(exists().where(memberships.c.user_id == user_id)))
    await session.execute(_AS_PERSON, {"user_id": ""})
    if user is None or elsewhere:
        return
    for ways_in in (access.password_resets, access.sign_ins, access.identities):
        await session.execute(delete(ways_in).where(ways_in.c.user_id == user_id))
    user.erase()
    await session.flush()


async def _unwatched(_: Sequence[SessionEvent]) -> None:
    """Nothing was said."""
