"""Campaigns, plans, conversations and jobs in Postgres. Each repository is built for one tenant and transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.campaigns import Campaign
from domain.errors import NotFound
from domain.ids import CampaignId, JobId, SessionId, TenantId, UserId
from domain.jobs import Job
from domain.plans.media_plans import MediaPlan, PlanVersion
from domain.sessions import AgentSession
from server.postgres import mapping as mapping
from server.postgres import plan_tables as plans
from server.postgres import tables as t
from server.postgres.forgetting import forget_conversation, untouched

E = TypeVar("E")
_CALLED = {"session": "conversation"}  # what a person calls it; a colleague's and a missing one sound the same


class TenantRepository:
    def __init__(self, session: AsyncSession, tenant_id: TenantId) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def _by_key(self, entity: type[E], key: UUID, what: str, *, locked: bool = False) -> E:
        found = await self._session.get(
            entity, (self._tenant_id, key), with_for_update=True if locked else None, populate_existing=locked
        )
        if found is None:
            raise NotFound(f"There is no such {_CALLED.get(what, what)}.", code=f"{what.replace(' ', '_')}_not_found")
        return found

    async def _first(self, query: Select[E]) -> E | None:
        found: E | None = (await self._session.scalars(query.limit(1))).first()
        return found


class PostgresCampaigns(TenantRepository):
    def add(self, campaign: Campaign) -> None:
        self._session.add(campaign)

    async def get(self, campaign_id: CampaignId) -> Campaign:
        return await self._by_key(Campaign, campaign_id, "campaign")

    async def is_called(self, name: str) -> bool:
        c = t.campaigns.c
        called = (func.lower(c.name) == func.lower(name), c.archived.is_(False))
        query = select(c.id).where(c.tenant_id == self._tenant_id, *called).limit(1)
        return await self._session.scalar(query) is not None


class PostgresMediaPlans(TenantRepository):
    def add(self, plan: MediaPlan) -> None:
        self._session.add(plan)

    def keep(self, version: PlanVersion) -> None:
        self._session.add(version)

    async def of_campaign(self, campaign_id: CampaignId) -> MediaPlan:
        plan = await self.find_of_campaign(campaign_id)
        if plan is None:
            raise NotFound("The campaign has no plan yet.", code="no_plan")
        return plan

    async def find_of_campaign(self, campaign_id: CampaignId) -> MediaPlan | None:
        query = select(MediaPlan).where(
            plans.media_plans.c.tenant_id == self._tenant_id, plans.media_plans.c.campaign_id == campaign_id
        )
        return await self._first(query)

    async def version(self, plan: MediaPlan, number: int) -> PlanVersion:
        query = select(PlanVersion).where(
            plans.plan_versions.c.tenant_id == self._tenant_id,
            plans.plan_versions.c.plan_id == plan.id,
            plans.plan_versions.c.number == number,
        )
        version = await self._first(query)
        if version is None:
            raise NotFound(f"The plan has no version {number}.", code="plan_version_not_found", number=number)
        return version

    async def versions(self, plan: MediaPlan, numbers: Collection[int]) -> list[PlanVersion]:
        c = plans.plan_versions.c
        of_plan = (c.tenant_id == self._tenant_id, c.plan_id == plan.id, c.number.in_(numbers))
        return list(await self._session.scalars(select(PlanVersion).where(*of_plan).order_by(c.number)))


class PostgresSessions(TenantRepository):
    def add(self, session: AgentSession) -> None:
        self._session.add(session)

    async def get(self, session_id: SessionId) -> AgentSession:
        return await self._by_key(AgentSession, session_id, "session")

    async def with_external_id(self, user_id: UserId, external_id: str) -> AgentSession | None:
        query = select(AgentSession).where(
            t.sessions.c.tenant_id == self._tenant_id,
            t.sessions.c.user_id == user_id,
            t.sessions.c.external_id == external_id,
        )
        return await self._first(query)

    async def remove(self, session: AgentSession) -> None:
        await forget_conversation(self._session, self._tenant_id, session.id)
        await self._session.delete(session)

    async def untouched_since(self, moment: datetime, limit: int) -> list[AgentSession]:
        return list(await self._session.scalars(untouched(self._tenant_id, moment).limit(limit)))


class PostgresJobs(TenantRepository):
    def add(self, job: Job) -> None:
        self._session.add(job)

    async def get(self, job_id: JobId) -> Job:
        return await self._by_key(Job, job_id, "job")
