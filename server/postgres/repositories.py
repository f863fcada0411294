"""Campaigns, plans and jobs in Postgres. Each repository is built for one tenant and transaction."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.campaigns import Campaign
from domain.errors import NotFound
from domain.ids import CampaignId, JobId, TenantId
from domain.jobs import Job
from domain.plans.media_plans import MediaPlan, PlanVersion
from server.postgres import mapping as mapping
from server.postgres import plan_tables as plans
from server.postgres import tables as t

E = TypeVar("E")


class TenantRepository:
    def __init__(self, session: AsyncSession, tenant_id: TenantId) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def _by_key(self, entity: type[E], key: UUID, what: str, *, locked: bool = False) -> E:
        found = await self._session.get(
            entity, (self._tenant_id, key), with_for_update=True if locked else None, populate_existing=locked
        )
        if found is None:
            raise NotFound(f"There is no such {what}.", code=f"{what.replace(' ', '_')}_not_found")
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


class PostgresJobs(TenantRepository):
    def add(self, job: Job) -> None:
        self._session.add(job)

    async def get(self, job_id: JobId) -> Job:
        return await self._by_key(Job, job_id, "job")
