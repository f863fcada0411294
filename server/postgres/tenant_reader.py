"""Reading for one tenant: a read-only transaction as app_ro, which row-level security confines to it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import NotFound
from domain.ids import TenantId
from server.postgres.errors import domain_errors

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

# One statement, so one round trip; `true` ends all three with the transaction.
_SCOPE = text(
    "SELECT set_config('app.tenant_id', :tenant_id, true), set_config('role', 'app_ro', true), "
    "set_config('transaction_read_only', 'on', true)"
)


def same_tenant(one: FromClause, other: FromClause, on: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition of a join, which never leaves the tenant."""
    return and_(one.c.tenant_id == other.c.tenant_id, on)


class TenantReader:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def _reading(self, tenant_id: TenantId) -> AsyncIterator[AsyncConnection]:
        """Whatever is read in the block comes from one transaction. Driver errors leave it as domain errors."""
        with domain_errors():
            async with self._engine.connect() as connection:
                await connection.execute(_SCOPE, {"tenant_id": str(tenant_id)})
                yield connection

    async def _rows(self, tenant_id: TenantId, statement: AnySelect) -> Sequence[AnyRow]:
        async with self._reading(tenant_id) as connection:
            return (await connection.execute(statement)).all()

    async def _row(self, tenant_id: TenantId, statement: AnySelect, missing: NotFound) -> AnyRow:
        async with self._reading(tenant_id) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            raise missing
        return row
