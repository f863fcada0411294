"""One transaction on one connection of the pool. It is begun and ended by the driver, and so are its statements run;
SQLAlchemy's own, and entities, share the connection where somebody asks for them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import Any, Self, cast

import asyncpg
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.pool import PoolProxiedConnection

from domain.ids import TenantId
from server.postgres.engine import beginning_with
from server.postgres.errors import domain_error, domain_errors, told_of, unavailable
from server.postgres.statements import Row, Statement

_READING = {"role": "app_ro", "transaction_read_only": "on"}
_NOTHING: Mapping[str, object] = {}


class Transaction:
    """Lasts as long as its block; what is not committed is undone. Errors of the database leave it as DomainErrors."""

    def __init__(self, engine: AsyncEngine, words: str) -> None:
        self._engine = engine
        self._words = words
        self._entities: AsyncSession | None = None
        self._before: list[Callable[[], Awaitable[None]]] = []

    async def __aenter__(self) -> Self:
        with domain_errors():
            self._pooled: PoolProxiedConnection = await self._engine.raw_connection()
        self._driver = cast(asyncpg.Connection, self._pooled.driver_connection)
        try:
            if self._words:
                await self._run(self._driver.execute, self._words)
        except BaseException:  # cancelled ones too
            self._driver.terminate()  # who knows how far it came: nobody may borrow a half begun transaction
            self._pooled.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._end()
        if told := told_of(error):
            raise told from error

    async def rows(self, statement: Statement, values: Mapping[str, object] = _NOTHING) -> list[Row]:
        records = await self._run(self._driver.fetch, statement.sql, *statement.arguments(values))
        return [statement.read(record) for record in records]

    async def row(self, statement: Statement, values: Mapping[str, object] = _NOTHING) -> Row | None:
        record = await self._run(self._driver.fetchrow, statement.sql, *statement.arguments(values))
        return statement.read(record) if record else None

    async def value(self, statement: Statement, values: Mapping[str, object] = _NOTHING) -> object:
        """The first column of the first row, as the driver has it; None where there is none."""
        return await self._run(self._driver.fetchval, statement.sql, *statement.arguments(values))

    async def execute(self, sql: str, values: Sequence[object]) -> None:
        """Somebody else's statement, with the driver's places for values ($1 …)."""
        await self._run(self._driver.fetch, sql, *values)

    @cached_property
    def connection(self) -> AsyncConnection:
        """For SQLAlchemy's statements. It neither begins nor ends anything."""
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        return AsyncConnection(engine, Connection(engine.sync_engine, connection=self._pooled))

    @property
    def entities(self) -> AsyncSession:
        """Made when the first entity is asked for: it costs more than a statement, and many have none."""
        if self._entities is None:
            self._entities = AsyncSession(self.connection, expire_on_commit=False)
        return self._entities

    def before_statements(self, flush: Callable[[], Awaitable[None]]) -> None:
        """Of a repository that writes by itself: after the entities, which its rows may name."""
        self._before.append(flush)

    async def flush(self) -> None:
        """Before a statement that needs what the entities have become."""
        if self._entities is not None:
            await self._entities.flush()
        for flush in self._before:
            await flush()

    async def commit(self) -> None:
        """Raises RuntimeError where a statement has failed before and nobody let that be the end of it."""
        await self.flush()
        if await self._run(self._driver.execute, "COMMIT") != "COMMIT":  # then Postgres has undone it, and says so
            raise RuntimeError("a transaction that has failed can't be committed")

    async def _end(self) -> None:
        """What is not committed is undone; what went wrong before is what is told."""
        if self._entities is not None:
            self._entities.expunge_all()
        try:
            if not self._driver.is_closed() and self._driver.is_in_transaction():
                await self._driver.execute("ROLLBACK")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            self._driver.terminate()
        except BaseException:  # somebody who can't even wait for that
            self._driver.terminate()
            raise
        finally:
            self._pooled.close()

    async def _run(self, do: Callable[..., Awaitable[Any]], *given: object) -> Any:
        """As DomainErrors, wherever they are caught: what fails here, and a connection that is not there any more."""
        try:
            return await do(*given)
        except Exception as error:
            if told := unavailable() if self._driver.is_closed() else domain_error(error):
                raise told from error
            raise


def one_by_one(engine: AsyncEngine) -> Transaction:
    """None at all: each statement is one by itself, with its own one trip. For functions that name their scope."""
    return Transaction(engine, "")


def begun(engine: AsyncEngine, tenant_id: TenantId, *, reading: bool = False) -> Transaction:
    return begun_with(engine, scope(tenant_id, reading=reading))


def scope(tenant_id: TenantId, *, reading: bool = False) -> Mapping[str, str]:
    """Who only reads steps down to a role that can't do more, in a transaction that can't either."""
    return {"app.tenant_id": str(tenant_id), **(_READING if reading else {})}


def begun_with(engine: AsyncEngine, settings: Mapping[str, str]) -> Transaction:
    """The settings hold from its first statement on, and for it alone."""
    return Transaction(engine, beginning_with(settings))
