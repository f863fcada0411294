"""The aggregates in Postgres. Each repository is built for one tenant, inside one transaction."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, column, delete, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from domain.campaigns import Campaign
from domain.errors import NotFound
from domain.ids import CampaignId, JobId, SessionId, TenantId, UserId
from domain.jobs import Job
from domain.media_plans import MediaPlan, PlanVersion
from domain.sessions import AgentSession
from domain.tenants import Membership, TenantProfile
from server.postgres import mapping as mapping
from server.postgres import tables as t

E = TypeVar("E")
_CHECKPOINTS = [
    table(name, column("tenant_id"), column("thread_id"))
    for name in ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
]


_CALLED = {"session": "conversation"}  # what a person calls it; a colleague's and a missing one sound the same


class _Repository:
    def __init__(self, session: AsyncSession, tenant_id: TenantId) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def _by_key(self, entity: type[E], key: UUID, what: str) -> E:
        found = await self._session.get(entity, (self._tenant_id, key))
        if found is None:
            raise NotFound(f"There is no such {_CALLED.get(what, what)}.", code=f"{what}_not_found")
        return found

    async def _first(self, query: Select[E]) -> E | None:
        found: E | None = (await self._session.scalars(query.limit(1))).first()
        return found


class PostgresCampaigns(_Repository):
    def add(self, campaign: Campaign) -> None:
        self._session.add(campaign)

    async def get(self, campaign_id: CampaignId) -> Campaign:
        return await self._by_key(Campaign, campaign_id, "campaign")


class PostgresMediaPlans(_Repository):
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
            t.media_plans.c.tenant_id == self._tenant_id, t.media_plans.c.campaign_id == campaign_id
        )
        return await self._first(query)

    async def version(self, plan: MediaPlan, number: int) -> PlanVersion:
        query = select(PlanVersion).where(
            t.plan_versions.c.tenant_id == self._tenant_id,
            t.plan_versions.c.plan_id == plan.id,
            t.plan_versions.c.number == number,
        )
        version = await self._first(query)
        if version is None:
            raise NotFound(f"The plan has no version {number}.", code="plan_version_not_found", number=number)
        return version


class PostgresSessions(_Repository):
    def add(self, session: AgentSession) -> None:
        self._session.add(session)

    async def get(self, session_id: SessionId) -> AgentSession:
        return await self._by_key(AgentSession, session_id, "session")

    async def remove(self, session: AgentSession) -> None:
        """The rows of turns, messages and events go by cascade; the checkpoints have no key to cascade on."""
        for checkpoints in _CHECKPOINTS:
            await self._session.execute(
                delete(checkpoints).where(
                    checkpoints.c.tenant_id == self._tenant_id, checkpoints.c.thread_id == str(session.id)
                )
            )
        await self._session.delete(session)


class PostgresJobs(_Repository):
    def add(self, job: Job) -> None:
        self._session.add(job)

    async def get(self, job_id: JobId) -> Job:
        return await self._by_key(Job, job_id, "job")


class PostgresMembers(_Repository):
    def add(self, membership: Membership) -> None:
        self._session.add(membership)

    async def get(self, user_id: UserId) -> Membership:
        return await self._by_key(Membership, user_id, "member")

    async def profile(self) -> TenantProfile:
        profile = await self._session.get(TenantProfile, self._tenant_id)
        if profile is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        return profile

    async def tenant_name(self) -> str:
        name: str | None = await self._session.scalar(select(t.tenants.c.name).where(t.tenants.c.id == self._tenant_id))
        if name is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        return name
