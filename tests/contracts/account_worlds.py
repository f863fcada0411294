"""Accounts on the twin in memory and on Postgres, and what their logs say."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import SignInId, UserId
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit_tables import security_log
from server.postgres.wakeups import PostgresWakeups
from services.account_work import BeginAccounts
from services.ports import Wakeups
from tests.conftest import NewActor
from tests.fakes.account_work import InMemoryAccounts
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.fakes.founding import new_owner
from tests.fakes.wakeups import InMemoryWakeups

NOW = datetime.now(UTC).replace(microsecond=0)

# kind, sign-in, request, details
Logged = tuple[str, SignInId | None, str | None, dict[str, str]]


@dataclass(frozen=True)
class Accounts:
    begin: BeginAccounts
    wakeups: Wakeups
    new_user: Callable[[], Awaitable[UserId]]
    log: Callable[[UserId], Awaitable[list[Logged]]]


def in_memory() -> Accounts:
    database, clock = InMemoryDatabase(), FakeClock(NOW)
    begin = InMemoryAccounts(database)

    async def new_user() -> UserId:
        return new_owner(database).user_id

    async def log(user_id: UserId) -> list[Logged]:
        return [
            (event.kind.value, event.sign_in_id, origin.request_id, dict(event.details))
            for origin, event in begin.log
            if event.user_id == user_id
        ]

    return Accounts(begin, InMemoryWakeups(database, clock), new_user, log)


def on_postgres(engine: AsyncEngine, tenant: NewActor) -> Accounts:
    async def new_user() -> UserId:
        return (await tenant()).user_id

    async def log(user_id: UserId) -> list[Logged]:
        c = security_log.c
        query = select(c.event, c.sign_in_id, c.request_id, c.details).where(c.user_id == user_id).order_by(c.id)
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(query)]

    return Accounts(PostgresAccounts(engine, FakeClock(NOW)), PostgresWakeups(engine), new_user, log)
