"""A conversation that is deleted leaves nothing: asked of every table there is, not of those we thought of."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from langgraph.checkpoint.base import empty_checkpoint
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.changes import Change
from domain.ids import CampaignId, SessionId, TenantId, TurnId, new_id
from domain.jobs import Job, JobKind
from domain.sessions import TurnStatus
from server.postgres.checkpoints import CheckpointPool, TenantPostgresSaver, open_pool
from server.postgres.estates import tables_of_tenants
from server.postgres.forgetting import CHECKPOINTS
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor, Origin
from services.ports import WakeupKind
from services.retention import AllTenants, Retention
from services.sessions import Sessions
from tests.conftest import NewActor
from tests.contracts.access_samples import approval
from tests.contracts.leases import end_of
from tests.contracts.samples import DONE, NOW, accept_turn, campaign, message, open_session, said
from tests.fakes.clock import FakeClock
from tests.fakes.estates import InMemoryTraces
from tests.fakes.unit_of_work import unpublished
from tests.server.postgres.databases import as_tenant

HISTORY = {"audit_log", "audit_seals"}  # what was done stays known
STAYS = {"jobs", "approvals", "campaigns"}


@pytest.fixture
def begin(engine: AsyncEngine) -> PostgresWork:
    return PostgresWork(engine, FakeClock(NOW), unpublished)


@pytest.fixture(scope="session")
async def pool(app_url: str) -> AsyncIterator[CheckpointPool]:
    async with open_pool(app_url, size=1) as pool:
        yield pool


FAR_AWAY = datetime(2222, 1, 1, tzinfo=UTC)  # no process of another test takes up what is not due
Filled = Callable[[Actor], Awaitable[tuple[SessionId, TurnId]]]


@pytest.fixture
def filled(begin: PostgresWork, pool: CheckpointPool) -> Filled:
    """Makes a conversation with something of it everywhere: its turn had an effect, asked for an approval, and more."""

    async def fill(actor: Actor) -> tuple[SessionId, TurnId]:
        session_id = await open_session(begin, actor)
        turn = await accept_turn(begin, actor, session_id)
        made, created = campaign(actor, name=f"Spring {new_id()}")
        asked, change = approval(actor, session_id=session_id, turn_id=turn.id)
        job, requested = _job(actor, session_id, made.id)
        origin = Origin(effect_key=f"{turn.id}:call_1", turn_id=turn.id)
        async with begin(actor.through(origin)) as work:
            work.campaigns.add(made)
            work.jobs.add(job)
            work.approvals.add(asked)
            await work.commit(DONE, created, requested, change)
        async with begin(actor) as work:
            lease = await work.turns.claim_next(session_id, "one", 60)
            assert lease
            await work.transcript.record(message(session_id, turn.id, 1), [said(session_id, "yes", turn.id)])
            await work.turns.finish(lease, await work.turns.hold(lease), TurnStatus.COMPLETED, end_of(lease), None)
            await work.wake(WakeupKind.TURN, session_id, FAR_AWAY)
            await work.commit(DONE)
        await _save(pool, actor.tenant_id, session_id)
        return session_id, turn.id

    return fill


def _job(actor: Actor, session_id: SessionId, campaign_id: CampaignId) -> tuple[Job, Change]:
    return Job.request(JobKind.MEDIA_PLANNING, actor.tenant_id, campaign_id, session_id, {}, by=actor.user_id, now=NOW)


async def _save(pool: CheckpointPool, tenant_id: TenantId, session_id: SessionId) -> None:
    saver, made = TenantPostgresSaver(pool), empty_checkpoint()
    made["channel_values"], made["channel_versions"] = {"messages": ["hello"]}, {"messages": "1"}
    with saver.tenant(tenant_id):
        place = {"configurable": {"thread_id": str(session_id), "checkpoint_ns": ""}}
        saved = await saver.aput(place, made, {"source": "loop", "step": 0}, {"messages": "1"})  # type: ignore[arg-type]
        await saver.aput_writes(saved, [("messages", ["hello"])], task_id="task")


async def mentions(engine: AsyncEngine, tenant_id: TenantId, *ids: UUID) -> dict[str, int]:
    """By table, how many rows have one of the ids anywhere."""
    names = [*(str(table.name) for table in tables_of_tenants()), *(table.name for table in CHECKPOINTS), "wakeups"]
    found = {}
    async with as_tenant(engine, tenant_id) as connection:
        for name in names:
            query = text(f"SELECT count(*) FROM {name} AS one WHERE one::text ~ :ids")
            found[name] = int(await connection.scalar(query, {"ids": "|".join(map(str, ids))}) or 0)
    return {name: count for name, count in found.items() if count}


async def rows(engine: AsyncEngine, tenant_id: TenantId, *names: str) -> dict[str, int]:
    async with as_tenant(engine, tenant_id) as connection:
        return {name: int(await connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0) for name in names}


async def test_retention_leaves_nothing_of_a_conversation_and_everything_of_the_others(
    engine: AsyncEngine, begin: PostgresWork, filled: Filled, tenant: NewActor
) -> None:
    actor, neighbour = await tenant(), await tenant()
    old, theirs = await filled(actor), await filled(neighbour)
    before = await mentions(engine, actor.tenant_id, *old)
    assert before.keys() >= {"sessions", "turns", "messages", "events", "effects", "jobs", "approvals", "wakeups"}
    assert before.keys() >= {table.name for table in CHECKPOINTS}
    kept = await mentions(engine, neighbour.tenant_id, *theirs)
    now = FakeClock(datetime.now(UTC))
    retention = Retention(begin, only(actor), InMemoryTraces(), now, keep=timedelta(days=30))
    await retention.clear_due()
    assert (await mentions(engine, actor.tenant_id, *old)).keys() <= HISTORY
    assert await rows(engine, actor.tenant_id, *STAYS) == dict.fromkeys(STAYS, 1)
    assert await mentions(engine, neighbour.tenant_id, *theirs) == kept
    async with as_tenant(engine, actor.tenant_id) as connection:
        last = (await connection.execute(text("SELECT * FROM audit_log ORDER BY id DESC LIMIT 1"))).one()
    assert (last.action, last.object_id, last.user_id) == ("session.deleted", old[0], UUID(int=0))


async def test_deleting_one_leaves_nothing_either(
    engine: AsyncEngine, begin: PostgresWork, filled: Filled, tenant: NewActor
) -> None:
    actor = await tenant()
    gone, other = await filled(actor), await filled(actor)
    kept = await mentions(engine, actor.tenant_id, *other)
    await Sessions(begin, FakeClock(NOW), InMemoryTraces()).delete(actor, gone[0])
    assert (await mentions(engine, actor.tenant_id, *gone)).keys() <= HISTORY
    assert await mentions(engine, actor.tenant_id, *other) == kept


async def test_two_processes_that_clear_at_once_share_the_work(
    engine: AsyncEngine, begin: PostgresWork, tenant: NewActor
) -> None:
    actor = await tenant()
    for _ in range(10):
        await open_session(begin, actor)
    now = FakeClock(datetime.now(UTC))
    sweeps = [Retention(begin, only(actor), InMemoryTraces(), now, keep=timedelta(days=30)) for _ in range(4)]
    await asyncio.gather(*(one.clear_due() for one in sweeps))
    assert await rows(engine, actor.tenant_id, "sessions") == {"sessions": 0}
    async with as_tenant(engine, actor.tenant_id) as connection:
        query = text("SELECT count(*) FROM audit_log WHERE action = 'session.deleted'")
        assert await connection.scalar(query) == 10


def only(actor: Actor) -> AllTenants:
    """The other tests of this database have conversations of their own."""

    async def tenants() -> list[TenantId]:
        return [actor.tenant_id]

    return tenants
