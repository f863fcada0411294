"""The product on the real database and one of its planners, as the tests of jobs see them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client, WorkflowHandle

from domain.channels import Channel
from domain.ids import CampaignId, JobId, SessionId
from domain.objectives import Objective
from domain.tenants import Role
from server.clock import SystemClock
from server.postgres.tables import memberships, wakeups
from server.temporal.activities import PlanningActivities
from server.temporal.messages import PlannedVersion, SaveInput
from server.temporal.relay import Relay
from server.temporal.workers import planning_worker
from server.temporal.workflows import MediaPlanningWorkflow
from services.actor import Actor
from services.amounts import Amount
from services.application import Application, Limits, assemble
from services.campaigns import CreateCampaign
from services.events import EventType, Position, SessionEvent
from services.exports import ExportPlan
from services.jobs import StartPlanning
from services.ports import WakeupKind
from services.queries import JobView, PlanVersionSummary
from services.read_models import PageRequest
from services.session_views import MessageView
from services.sessions import OpenSession
from services.sweep_job import SweepBudgets
from services.year_job import PlanYear
from tests.drivers import drivers_on
from tests.fakes.feed import InMemoryFeed
from tests.services.samples import usd

CHANNELS = [Channel.SEARCH, Channel.SOCIAL, Channel.DISPLAY]


def application_on(engine: AsyncEngine) -> Application:
    clock, feed = SystemClock(), InMemoryFeed()
    return assemble(drivers_on(engine, clock, feed), Limits())


@asynccontextmanager
async def relaying(application: Application, client: Client) -> AsyncIterator[None]:
    """The outbox alone: workflows are started, and nobody runs them."""
    relay = asyncio.create_task(Relay(application, client, poll_seconds=0.05, retry_seconds=0.5).run())
    try:
        yield
    finally:
        relay.cancel()
        with suppress(asyncio.CancelledError):
            await relay


@asynccontextmanager
async def working(client: Client, activities: PlanningActivities) -> AsyncIterator[None]:
    async with planning_worker(client, activities):
        yield


@asynccontextmanager
async def running(application: Application, client: Client) -> AsyncIterator[None]:
    """What a worker process does."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(working(client, PlanningActivities(application)))
        await stack.enter_async_context(relaying(application, client))
        yield


@dataclass(frozen=True)
class World:
    application: Application
    client: Client
    actor: Actor
    session_id: SessionId
    engine: AsyncEngine

    @classmethod
    async def of(cls, engine: AsyncEngine, client: Client, actor: Actor) -> "World":
        application = application_on(engine)
        session = await application.sessions.open(actor, OpenSession(title="Talk"))
        return cls(application, client, actor, session.id, engine)

    async def campaign(self, name: str = "Spring") -> CampaignId:
        command = CreateCampaign(
            name=name,
            objective=Objective.TRAFFIC,
            budget=Amount(amount=Decimal("50000.00"), currency="USD"),
            start=date(2031, 3, 3),
            end=date(2031, 4, 27),
        )
        return (await self.application.campaigns.create(self.actor, command)).id

    async def ask(self, campaign_id: CampaignId, channels: list[Channel] | None = None) -> JobView:
        command = StartPlanning(channels=CHANNELS if channels is None else channels)
        return await self.application.jobs.start_planning(self.actor, campaign_id, command, session_id=self.session_id)

    async def ask_others(self, campaign_id: CampaignId) -> dict[str, JobView]:
        """One job of every other kind, for a campaign that has a plan."""
        app, who, here = self.application, self.actor, self.session_id
        sweep = SweepBudgets(lowest=usd(20_000), highest=usd(40_000), steps=3)
        return {
            "sweep": await app.sweep_job.start(who, campaign_id, sweep, session_id=here),
            "year": await app.year_job.start(who, campaign_id, PlanYear(), session_id=here),
            "export": await app.export_job.start(who, campaign_id, ExportPlan(), session_id=here),
        }

    async def job(self, job_id: JobId) -> JobView:
        return await self.application.queries.job(self.actor, job_id)

    async def ended(self, job: JobView) -> JobView:
        while True:
            found = await self.job(job.id)
            if found.status.ended:
                return found
            await asyncio.sleep(0.02)

    async def become(self, role: Role) -> None:
        """As an administrator would decide."""
        setting = text("SELECT set_config('app.tenant_id', :tenant_id, true)")
        async with self.engine.begin() as connection:
            await connection.execute(setting, {"tenant_id": str(self.actor.tenant_id)})
            mine = memberships.c.user_id == self.actor.user_id
            await connection.execute(update(memberships).where(mine).values(role=role))

    async def outbox_is_empty(self) -> None:
        """Waits until nothing is left there for the relay."""
        for_the_relay = wakeups.c.kind.in_([WakeupKind.JOB_START, WakeupKind.JOB_CANCEL])
        count = select(func.count()).where(wakeups.c.tenant_id == self.actor.tenant_id, for_the_relay)
        while True:
            async with self.engine.connect() as connection:
                if not await connection.scalar(count):
                    return
            await asyncio.sleep(0.02)

    def workflow(self, job: JobView) -> WorkflowHandle[MediaPlanningWorkflow, PlannedVersion]:
        return self.client.get_workflow_handle_for(MediaPlanningWorkflow.run, self.workflow_id(job))

    def workflow_id(self, job: JobView) -> str:
        return f"mp-{self.actor.tenant_id}-{job.campaign_id}-{job.id}"

    async def versions(self, campaign_id: CampaignId) -> list[PlanVersionSummary]:
        """Newest first."""
        page = await self.application.queries.plan_versions(self.actor, campaign_id, PageRequest())
        return page.items

    async def messages(self) -> list[MessageView]:
        page = await self.application.queries.messages(self.actor, self.session_id, PageRequest())
        return page.items

    async def events(self) -> list[SessionEvent]:
        """Up to now: `follow` says with a None that it has no more."""
        found = []
        watching = self.application.watching.follow(self.actor.tenant_id, self.session_id, Position())
        async with aclosing(watching) as entries:
            async for seen in entries:
                if seen is None:
                    break
                assert isinstance(seen.entry, SessionEvent)
                found.append(seen.entry)
        return found

    async def job_events(self) -> list[tuple[object, object, object]]:
        """(status, step, percent) of each."""
        events = [event.data for event in await self.events() if event.type is EventType.JOB]
        return [(data["status"], data["step"], data["percent"]) for data in events]


class Held(PlanningActivities):
    """Waits before the version is saved until it is let go."""

    def __init__(self, world: World) -> None:
        super().__init__(world.application)
        self.reached = asyncio.Event()
        self.let_go = asyncio.Event()

    @activity.defn
    async def save(self, given: SaveInput) -> PlannedVersion:
        self.reached.set()
        await self.let_go.wait()
        return await super().save(given)
