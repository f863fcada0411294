"""A lease as it is when nobody has extended it for too long."""

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import TurnId
from server.postgres.tables import turns
from tests.agents.conftest import Conversation
from tests.server.postgres.databases import as_tenant


async def lease_runs_out(engine: AsyncEngine, one: Conversation, turn_id: TurnId) -> None:
    async with as_tenant(engine, one.actor.tenant_id) as connection:
        await connection.execute(update(turns).where(turns.c.id == turn_id).values(lease_until=func.now()))
