"""Reading for one tenant: a read-only transaction as app_ro, which row-level security confines to it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import NotFound
from domain.ids import TenantId
from server.postgres.engine import begin_with
from server.postgres.errors import domain_errors
from server.postgres.transaction import READING

AnyRow = Row[*tuple[Any, ...]]
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
        with domain_errors():
            async with self._engine.connect() as connection:
                begin_with(connection, {"app.tenant_id": str(tenant_id), **READING})
                yield connection

    async def _rows(self, tenant_id: TenantId, statement: AnySelect, values: Values = None) -> Sequence[AnyRow]:
        async with self._reading(tenant_id) as connection:
            return (await connection.execute(statement, values)).all()

    async def _row(self, tenant_id: TenantId, statement: AnySelect, missing: NotFound, values: Values = None) -> AnyRow:
        async with self._reading(tenant_id) as connection:
            row = (await connection.execute(statement, values)).first()
        if row is None:
            raise missing
        return row
