"""The same suites against the twins in memory and against Postgres."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from server.postgres.audit_tables import audit_log
from server.postgres.event_reader import PostgresEventReader
from server.postgres.tables import wakeups
from server.postgres.unit_of_work import PostgresWork
from server.postgres.wakeups import PostgresWakeups
from services.actor import Actor
from services.events import SessionEvent
from services.ports import EventReader, WakeupKind, Wakeups
from services.unit_of_work import Begin
from tests.conftest import NewActor
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.fakes.event_reader import InMemoryEventReader
from tests.fakes.founding import new_owner
from tests.fakes.unit_of_work import InMemoryWork
from tests.fakes.wakeups import InMemoryWakeups

# action, object, version, user, agent
AuditRow = tuple[str, UUID, int, UUID, str | None]


@dataclass
class Published:
    batches: list[list[SessionEvent]] = field(default_factory=list)

    async def __call__(self, events: Sequence[SessionEvent]) -> None:
        self.batches.append(list(events))


@dataclass(frozen=True)
class World:
    begin: Begin
    wakeups: Wakeups
    events: EventReader
    new_actor: NewActor
    published: Published
    audit: Callable[[Actor], Awaitable[list[AuditRow]]]
    noted: Callable[[WakeupKind], Awaitable[set[UUID]]]  # whatever has a wakeup, due or not


@pytest.fixture(params=["memory", "postgres"])
def world(request: pytest.FixtureRequest) -> World:
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


@pytest.fixture
def memory_world() -> World:
    database, clock, published = InMemoryDatabase(), FakeClock(datetime.now(UTC)), Published()
    begin = InMemoryWork(database, clock, published)

    async def new_actor() -> Actor:
        return new_owner(database)

    async def audit(actor: Actor) -> list[AuditRow]:
        return [
            (change.action, change.object_id, change.version, by.user_id, by.origin.agent)
            for by, change in begin.audit
            if by.tenant_id == actor.tenant_id
        ]

    async def noted(kind: WakeupKind) -> set[UUID]:
        return {wakeup.id for wakeup in database.rows["wakeups"].values() if wakeup.kind is kind}

    outbox = InMemoryWakeups(database, clock)
    return World(begin, outbox, InMemoryEventReader(database), new_actor, published, audit, noted)


@pytest.fixture
def postgres_world(engine: AsyncEngine, tenant: NewActor) -> World:
    published = Published()
    begin = PostgresWork(engine, FakeClock(datetime.now(UTC)), published)

    async def audit(actor: Actor) -> list[AuditRow]:
        c = audit_log.c
        async with engine.begin() as connection:
            setting = text("SELECT set_config('app.tenant_id', :tenant, true)")
            await connection.execute(setting, {"tenant": str(actor.tenant_id)})
            rows = await connection.execute(select(c.action, c.object_id, c.version, c.user_id, c.agent).order_by(c.id))
            return [tuple(row) for row in rows]

    async def noted(kind: WakeupKind) -> set[UUID]:
        async with engine.connect() as connection:
            return set(await connection.scalars(select(wakeups.c.id).where(wakeups.c.kind == kind)))

    return World(begin, PostgresWakeups(engine), PostgresEventReader(engine), tenant, published, audit, noted)
