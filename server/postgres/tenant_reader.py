"""Reading for one tenant: a read-only transaction as app_ro, which row-level security confines to it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_
from sqlalchemy import Row as AnyTuple
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import NotFound
from domain.ids import TenantId
from server.postgres.statements import Row, Statement
from server.postgres.transaction import begun

AnyRow = AnyTuple[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]
Values = Mapping[str, object] | None  # of the parameters that a statement was built with


def same_tenant(one: FromClause, other: FromClause, on: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition of a join, which never leaves the tenant."""
    return and_(one.c.tenant_id == other.c.tenant_id, on)


class TenantReader:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def _reading(self, tenant_id: TenantId) -> AsyncIterator[AsyncConnection]:
        """Whatever is read in the block comes from one transaction. Driver errors leave it as domain errors."""
        async with begun(self._engine, tenant_id, reading=True) as transaction:
            yield transaction.connection

    async def _made_rows(self, tenant_id: TenantId, statement: Statement, values: Mapping[str, object]) -> list[Row]:
        """Of a statement that was made once, for what is asked with every turn."""
        async with begun(self._engine, tenant_id, reading=True) as transaction:
            return await transaction.rows(statement, values)

    async def _made_row(
        self, tenant_id: TenantId, statement: Statement, missing: NotFound, values: Mapping[str, object]
    ) -> SimpleNamespace:
        rows = await self._made_rows(tenant_id, statement, values)
        if not rows:
            raise missing
        return SimpleNamespace(**rows[0])

    async def _rows(self, tenant_id: TenantId, statement: AnySelect, values: Values = None) -> Sequence[AnyRow]:
        async with self._reading(tenant_id) as connection:
            return (await connection.execute(statement, values)).all()

    async def _row(self, tenant_id: TenantId, statement: AnySelect, missing: NotFound, values: Values = None) -> AnyRow:
        async with self._reading(tenant_id) as connection:
            row = (await connection.execute(statement, values)).first()
        if row is None:
            raise missing
        return row
