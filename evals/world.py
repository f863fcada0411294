"""The world an eval case lives in: the real product on a real database, in a tenant of its own."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from secrets import token_hex

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.journaling import Journals
from agents.leased import LeasedTurns
from agents.models import ChatModels
from agents.runner import TurnRunner
from agents.supervisor import build
from domain.ids import CampaignId, UserId, new_id
from domain.tenants import Role, Tenant
from domain.users import Email, User
from evals.cases import Given, GivenCampaign, GivenMember, GivenPlan, GivenRequest
from evals.conversation import Place
from server.bootstrap import application_of
from server.embedded.parts import start_parts
from server.postgres.checkpoints import TenantPostgresSaver, open_pool
from server.postgres.engine import open_engine
from server.postgres.founding import enrol, found_tenant
from server.postgres.migrate import migrate
from server.settings import Settings
from services.actions import Action, InviteAction, MoveCampaignAction
from services.actor import Actor
from services.amounts import Amount
from services.application import Application
from services.campaigns import CreateCampaign
from services.delegations import GiveDelegation
from services.grants import GiveGrant
from services.members import Invite
from services.plan_commands import DraftPlan
from services.plan_constraints import LineLimit
from services.queries import CampaignView
from services.sessions import OpenSession

CASEY = "Casey Case"  # the person of a case, unless it is the owner

_LEASE_SECONDS, _TURN_SECONDS, _POOL = 30.0, 120.0, 4


class Calendar:
    """The agents' clock: every case says which day it is, at noon."""

    def __init__(self) -> None:
        self.today = date(2026, 3, 2)

    def now(self) -> datetime:
        return datetime.combine(self.today, time(12), UTC)


class World:
    def __init__(self, application: Application, calendar: Calendar, engine: AsyncEngine, saver: TenantPostgresSaver):
        self.application = application
        self.calendar = calendar
        self.engine = engine
        self._saver = saver

    @asynccontextmanager
    async def speaking(self, models: ChatModels) -> AsyncIterator[TurnRunner]:
        """Turns are answered by these models until the block ends."""
        journals = Journals()
        graph = build(replace(self.application, clock=self.calendar), models, journals)
        turns = LeasedTurns(
            self.application,
            graph.compile(checkpointer=self._saver),
            journals,
            self._saver.tenant,
            lease_seconds=_LEASE_SECONDS,
            turn_seconds=_TURN_SECONDS,
        )
        runner = TurnRunner(self.application, turns, owner=f"evals of {models.name}")
        try:
            yield runner
        finally:
            await runner.drain(1.0)

    async def found(self, given: Given) -> Place:
        """Makes what is given. The person of the case comes into a house that somebody else has furnished."""
        now = datetime.now(UTC)
        tenant, owner = Tenant.found("Eval Agency", now), _person("Olivia Owner")
        await found_tenant(self.engine, tenant, owner, given.settings)
        furnisher = Actor(tenant.id, owner.id, Role.OWNER.permissions)
        for campaign in given.campaigns:
            await self._furnish(furnisher, campaign)
        people = await self._people(tenant, furnisher, given)
        person = people.get(CASEY, owner.id)
        actor = await self.application.sign_in.enter(person, tenant.id)
        session = await self.application.sessions.open(actor, OpenSession())
        return Place(actor, session.id, {**people, owner.name: owner.id})

    async def _people(self, tenant: Tenant, furnisher: Actor, given: Given) -> dict[str, UserId]:
        """The members beside the owner, with what they may do and what they have asked for."""
        own = [] if given.role is Role.OWNER else [_casey(given)]
        people = {one.name: await self._enrol(tenant, furnisher, one) for one in [*own, *given.members]}
        for email, role in given.invitations.items():
            await self.application.members.invite(furnisher, Invite(email=email, role=role))
        for request in given.requests:
            by = people.get(request.by, furnisher.user_id)
            asking = await self.application.sign_in.enter(by, tenant.id)
            await self.application.approvals.ask(asking, await self._action(furnisher, request))
        return people

    async def _enrol(self, tenant: Tenant, furnisher: Actor, given: GivenMember) -> UserId:
        user, now = _person(given.name, given.email), datetime.now(UTC)
        await enrol(self.engine, tenant, user, given.role, now)
        if given.delegation:
            delegation = GiveDelegation.model_validate(given.delegation.model_dump())
            await self.application.delegations.give(furnisher, user.id, delegation)
        for campaign, role in given.grants.items():
            grant = GiveGrant(user_id=user.id, campaign_id=await self._campaign(furnisher, campaign), role=role)
            await self.application.grants.give(furnisher, grant)
        return user.id

    async def _action(self, furnisher: Actor, request: GivenRequest) -> Action:
        if request.invite:
            return InviteAction(email=request.invite, role=request.role)
        assert request.campaign, "a move is of a campaign"
        campaign = await self._campaign(furnisher, request.campaign)
        return MoveCampaignAction.model_validate({"campaign_id": campaign, "move": request.move})

    async def _campaign(self, actor: Actor, name: str) -> CampaignId:
        return (await self.application.queries.campaigns_named(actor, name))[0].id

    async def _furnish(self, actor: Actor, given: GivenCampaign) -> None:
        facts = given.model_dump(exclude={"plan", "moves", "archived"})
        view = await self.application.campaigns.create(actor, CreateCampaign.model_validate(facts))
        if given.plan:
            await self._plan(actor, view, given.plan)
        await self._move(actor, view.id, given)

    async def _plan(self, actor: Actor, campaign: CampaignView, given: GivenPlan) -> None:
        """Where least and most are the same, the optimum is what was given."""
        currency = campaign.budget.currency
        exact = [
            LineLimit(channel=channel, amount=Amount.model_validate({"amount": amount, "currency": currency}))
            for channel, amount in given.lines.items()
        ]
        draft = DraftPlan(channels=list(given.lines), flighting=given.flighting, minimums=exact, maximums=exact)
        await self.application.plans.draft(actor, campaign.id, draft)

    async def _move(self, actor: Actor, campaign_id: CampaignId, given: GivenCampaign) -> None:
        """Approval is nothing a person asks for, so this goes past the service."""
        if not (given.moves or given.archived):
            return
        async with self.application.begin(actor) as work:
            campaign = await work.campaigns.get(campaign_id)
            for move in given.moves:
                campaign.move(move, reason="as given")
            if given.archived:
                campaign.archive()
            await work.commit(Amount.of(campaign.budget))


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncIterator[World]:
    """On the database and Redis of the settings, or on parts of its own in a folder that is gone afterwards."""
    async with _with_parts(settings) as reached:
        found = reached.model_copy(update={"server_secret": reached.server_secret or SecretStr(token_hex(32))})
        assert found.database_url, "either given or that of a part"
        engine = open_engine(found.database_url, pool_size=_POOL, statement_timeout_ms=found.statement_timeout_ms)
        async with application_of(found) as application, open_pool(found.database_url, _POOL) as pool:
            try:
                yield World(application, Calendar(), engine, TenantPostgresSaver(pool))
            finally:
                await engine.dispose()


@asynccontextmanager
async def _with_parts(settings: Settings) -> AsyncIterator[Settings]:
    if settings.database_url and settings.redis_url:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="mp-evals-", dir="/tmp") as folder:
        async with start_parts(Path(folder), temporal="off", announce=lambda _: None) as parts:
            await migrate(parts.database_admin_url, parts.database_url)
            yield settings.model_copy(update={"database_url": parts.database_url, "redis_url": parts.redis_url})


def _person(name: str, email: str | None = None) -> User:
    return User.register(Email.of(email or f"{new_id()}@example.com"), name, "!", datetime.now(UTC))


def _casey(given: Given) -> GivenMember:
    return GivenMember(name=CASEY, role=given.role, delegation=given.delegation, grants=given.grants)
