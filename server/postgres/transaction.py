"""One transaction on one connection: statements go straight to it, entities have a session on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from domain.ids import TenantId
from server.postgres.engine import begin_with

READING = {"role": "app_ro", "transaction_read_only": "on"}


class Transaction:
    """The session is made when the first entity is asked for: it costs more than a statement, and many have none."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.execute = connection.execute
        self.scalar = connection.scalar
        self._entities: AsyncSession | None = None

    @property
    def entities(self) -> AsyncSession:
        if self._entities is None:
            self._entities = AsyncSession(self.connection, expire_on_commit=False)
        return self._entities

    async def flush(self) -> None:
        """Before a statement that needs what the entities have become."""
        if self._entities is not None:
            await self._entities.flush()

    async def commit(self) -> None:
        await self.flush()
        await self.connection.commit()

    async def close(self) -> None:
        if self._entities is not None:
            await self._entities.close()


@asynccontextmanager
async def begun(engine: AsyncEngine, tenant_id: TenantId, *, reading: bool = False) -> AsyncIterator[Transaction]:
    """Who only reads steps down to a role that can't do more, in a transaction that can't either."""
    async with engine.connect() as connection:
        begin_with(connection, {"app.tenant_id": str(tenant_id), **(READING if reading else {})})
        transaction = Transaction(connection)
        try:
            yield transaction
        finally:
            await transaction.close()
