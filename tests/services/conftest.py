"""The services on the twins in memory, and on Postgres where the transaction is what matters."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.channels import Channel
from domain.ids import CampaignId, SessionId, TenantId, new_id
from domain.tenants import Permission, Role, Tenant, TenantSettings
from domain.users import Email, User
from server.postgres.directory import PostgresDirectory
from server.postgres.event_reader import PostgresEventReader
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor, Origin
from services.campaign_copies import CampaignCopies
from services.campaigns import Campaigns
from services.events import EventType, Position, SessionEvent
from services.jobs import Jobs
from services.plan_approval import PlanApproval
from services.plan_commands import DraftPlan
from services.plan_history import PlanHistory
from services.plan_questions import PlanQuestions
from services.planning_job import PlanningJob
from services.plans import Plans
from services.ports import EventReader, Recorded
from services.queries import CampaignView, Directory, PlanView
from services.scenarios import Scenarios
from services.sessions import OpenSession, Sessions
from services.sweep_job import SweepJob
from services.tenants import Tenants
from services.turns import Turns
from services.unit_of_work import Begin
from services.year_job import YearJob
from tests.conftest import NewActor
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.fakes.directory import InMemoryDirectory
from tests.fakes.estates import InMemoryTraces
from tests.fakes.event_reader import InMemoryEventReader
from tests.fakes.founding import enrol, new_owner
from tests.fakes.signals import Announced
from tests.fakes.unit_of_work import InMemoryWork, Publish, unpublished
from tests.services.samples import create

LEASE_SECONDS = 15.0
MESSAGE_LIMIT = 200
CHANNELS = [Channel.SEARCH, Channel.SOCIAL, Channel.DISPLAY]


@dataclass(frozen=True)
class Product:
    """Every service over one way to begin units of work."""

    begin: Begin
    clock: FakeClock
    events: EventReader
    new_actor: Callable[[], Awaitable[Actor]]
    directory: Directory
    signals: Announced = field(default_factory=Announced, kw_only=True)
    traces: InMemoryTraces = field(default_factory=InMemoryTraces, kw_only=True)
    campaigns: Campaigns = field(init=False)
    campaign_copies: CampaignCopies = field(init=False)
    plans: Plans = field(init=False)
    plan_history: PlanHistory = field(init=False)
    plan_approval: PlanApproval = field(init=False)
    scenarios: Scenarios = field(init=False)
    plan_questions: PlanQuestions = field(init=False)
    sessions: Sessions = field(init=False)
    turns: Turns = field(init=False)
    jobs: Jobs = field(init=False)
    planning_job: PlanningJob = field(init=False)
    sweep_job: SweepJob = field(init=False)
    year_job: YearJob = field(init=False)
    tenants: Tenants = field(init=False)

    def __post_init__(self) -> None:
        jobs = Jobs(self.begin, self.clock)
        parts = {
            "campaigns": Campaigns(self.begin, self.clock),
            "campaign_copies": CampaignCopies(self.begin, self.clock),
            "plans": Plans(self.begin, self.clock),
            "plan_history": PlanHistory(self.begin, self.clock),
            "plan_approval": PlanApproval(self.begin, self.clock),
            "scenarios": Scenarios(self.begin, self.clock),
            "plan_questions": PlanQuestions(self.begin),
            "sessions": Sessions(self.begin, self.clock, self.traces),
            "turns": Turns(
                self.begin, self.clock, self.signals, lease_seconds=LEASE_SECONDS, message_limit=MESSAGE_LIMIT
            ),
            "jobs": jobs,
            "planning_job": PlanningJob(self.begin, self.clock, jobs),
            "sweep_job": SweepJob(self.begin, self.clock, jobs),
            "year_job": YearJob(self.begin, self.clock, jobs),
            "tenants": Tenants(self.begin, self.directory, self.clock),
        }
        for name, service in parts.items():
            object.__setattr__(self, name, service)

    async def campaign(self, actor: Actor, name: str = "Spring") -> CampaignView:
        return await self.campaigns.create(actor, create(name=name))

    async def planned(self, actor: Actor, name: str = "Spring") -> PlanView:
        campaign = await self.campaign(actor, name)
        return await self.plans.draft(actor, campaign.id, DraftPlan(channels=CHANNELS))

    async def session(self, actor: Actor) -> SessionId:
        return (await self.sessions.open(actor, OpenSession())).id

    async def log(self, actor: Actor, session_id: SessionId) -> list[SessionEvent]:
        return await self.events.events_after(actor.tenant_id, session_id, Position(), 1000)

    async def types(self, actor: Actor, session_id: SessionId) -> list[EventType]:
        return [event.type for event in await self.log(actor, session_id)]

    async def posted(self, actor: Actor, session_id: SessionId) -> list[Recorded]:
        async with self.begin(actor) as work:
            return await work.transcript.outside_turns(session_id, 0)

    async def latest_number(self, actor: Actor, campaign_id: CampaignId) -> int:
        async with self.begin(actor) as work:
            return (await work.plans.of_campaign(campaign_id)).latest_number


@dataclass(frozen=True)
class InMemory(Product):
    database: InMemoryDatabase = field(default_factory=InMemoryDatabase)
    work: InMemoryWork = field(kw_only=True)

    def owner(self, settings: TenantSettings = TenantSettings()) -> Actor:  # noqa: B008  frozen
        return new_owner(self.database, settings)

    def colleague(self, actor: Actor, role: Role = Role.PLANNER) -> Actor:
        tenant = self.database.rows["tenants"][actor.tenant_id,]
        assert isinstance(tenant, Tenant)
        user = User.register(Email.of(f"{new_id()}@example.com"), "Bob", "no password", self.clock.now())
        enrol(self.database, tenant, user, role)
        return Actor(tenant.id, user.id, role.permissions)

    def written(self) -> dict[str, dict[tuple[object, ...], object]]:
        """All rows: rows are replaced, never changed."""
        return {table: dict(rows) for table, rows in self.database.rows.items() if rows}

    def actions(self, tenant_id: TenantId) -> list[str]:
        return [change.action for by, change in self.work.audit if by.tenant_id == tenant_id]


def in_memory(publish: Publish = unpublished) -> InMemory:
    database, clock = InMemoryDatabase(), FakeClock()
    work = InMemoryWork(database, clock, publish)

    async def new_actor() -> Actor:
        return new_owner(database)

    directory = InMemoryDirectory(database)
    return InMemory(work, clock, InMemoryEventReader(database), new_actor, directory, database, work=work)


@pytest.fixture
def memory() -> InMemory:
    return in_memory()


@pytest.fixture
def on_postgres(engine: AsyncEngine, tenant: NewActor) -> Product:
    clock = FakeClock(datetime.now(UTC))
    work, directory = PostgresWork(engine, clock, unpublished), PostgresDirectory(engine)
    return Product(work, clock, PostgresEventReader(engine), tenant, directory)


@pytest.fixture(params=["memory", "on_postgres"])
def product(request: pytest.FixtureRequest) -> Product:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def keyed(actor: Actor, key: str = "turn:call") -> Actor:
    return actor.through(Origin(effect_key=key))


def without(actor: Actor, permission: Permission) -> Actor:
    return replace(actor, permissions=actor.permissions - {permission})
