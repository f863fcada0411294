"""Campaigns, plans, conversations and jobs in memory."""

from collections.abc import Collection
from datetime import datetime

from domain.approvals import Approval
from domain.campaigns import Campaign
from domain.errors import Duplicate, NotFound, StaleVersion
from domain.ids import CampaignId, JobId, SessionId, TenantId, UserId
from domain.jobs import Job
from domain.plans.media_plans import MediaPlan, PlanVersion
from domain.sessions import AgentSession
from services.ports import WakeupKind
from tests.fakes.database import Transaction
from tests.fakes.entities import Entities


class TenantRepository:
    def __init__(self, transaction: Transaction, entities: Entities, tenant_id: TenantId) -> None:
        self._transaction = transaction
        self._entities = entities
        self._tenant_id = tenant_id


class InMemoryCampaigns(TenantRepository):
    def add(self, campaign: Campaign) -> None:
        self._entities.add("campaigns", campaign.tenant_id, campaign.id, entity=campaign)

    async def get(self, campaign_id: CampaignId) -> Campaign:
        campaign = self._entities.get(Campaign, "campaigns", self._tenant_id, campaign_id)
        if campaign is None:
            raise NotFound("There is no such campaign.", code="campaign_not_found")
        return campaign

    async def is_called(self, name: str) -> bool:
        campaigns = self._entities.all(Campaign, "campaigns", self._tenant_id)
        return any(not one.archived and one.name.lower() == name.lower() for one in campaigns)

    def check(self) -> None:
        """Names are unique among the campaigns that are not archived, whatever their case."""
        names: set[str] = set()
        for campaign in self._transaction.all("campaigns", self._tenant_id):
            name = campaign.name.lower()
            if not campaign.archived and name in names:
                raise Duplicate("There is a campaign of that name.", code="duplicate_campaign_name", field="name")
            if not campaign.archived:
                names.add(name)


class InMemoryMediaPlans(TenantRepository):
    def add(self, plan: MediaPlan) -> None:
        self._entities.add("media_plans", plan.tenant_id, plan.id, entity=plan)

    def keep(self, version: PlanVersion) -> None:
        self._entities.add("plan_versions", version.tenant_id, version.plan_id, version.number, entity=version)

    async def of_campaign(self, campaign_id: CampaignId) -> MediaPlan:
        plan = await self.find_of_campaign(campaign_id)
        if plan is None:
            raise NotFound("The campaign has no plan yet.", code="no_plan")
        return plan

    async def find_of_campaign(self, campaign_id: CampaignId) -> MediaPlan | None:
        plans = self._entities.all(MediaPlan, "media_plans", self._tenant_id)
        return next((plan for plan in plans if plan.campaign_id == campaign_id), None)

    async def version(self, plan: MediaPlan, number: int) -> PlanVersion:
        if number == plan.current.number:
            return plan.current
        version = self._entities.get(PlanVersion, "plan_versions", self._tenant_id, plan.id, number)
        if version is None:
            raise NotFound(f"The plan has no version {number}.", code="plan_version_not_found", number=number)
        return version

    async def versions(self, plan: MediaPlan, numbers: Collection[int]) -> list[PlanVersion]:
        there = range(1, plan.latest_number + 1)
        return [await self.version(plan, number) for number in sorted(set(numbers) & set(there))]

    def check(self) -> None:
        """Stores the current versions, and refuses a second plan of a campaign."""
        campaigns: set[CampaignId] = set()
        for plan in list(self._transaction.all("media_plans", self._tenant_id)):
            if plan.campaign_id in campaigns:
                raise StaleVersion("Somebody else changed it in the meantime.")
            campaigns.add(plan.campaign_id)
            current = plan.current
            self._transaction.put("plan_versions", self._tenant_id, plan.id, current.number, row=current)


class InMemorySessions(TenantRepository):
    def add(self, session: AgentSession) -> None:
        self._entities.add("sessions", session.tenant_id, session.id, entity=session)

    async def get(self, session_id: SessionId, *, locked: bool = False) -> AgentSession:
        if locked:
            await self._transaction.lock("session", session_id)
        session = self._entities.get(AgentSession, "sessions", self._tenant_id, session_id)
        if session is None:
            raise NotFound("There is no such conversation.", code="session_not_found")
        return session

    async def with_external_id(self, user_id: UserId, external_id: str) -> AgentSession | None:
        sessions = self._entities.all(AgentSession, "sessions", self._tenant_id)
        called_so = ((one.user_id, one.external_id) == (user_id, external_id) for one in sessions)
        return next((one for one, matches in zip(sessions, called_so, strict=True) if matches), None)

    def check(self) -> None:
        """What clients call a conversation is unique per person."""
        names = set[tuple[UserId, str]]()
        for session in self._transaction.all("sessions", self._tenant_id):
            if session.external_id is None:
                continue
            if (session.user_id, session.external_id) in names:
                raise Duplicate("It exists already.")
            names.add((session.user_id, session.external_id))

    async def remove(self, session: AgentSession) -> None:
        turns = {str(row.turn.id) for row in self._transaction.all("turns", self._tenant_id, session.id)}
        self._entities.forget("sessions", self._tenant_id, session.id)
        for table in ("sessions", "messages", "events", "turns", "last_seq"):
            self._transaction.delete(table, self._tenant_id, session.id)
        for approval in self._entities.all(Approval, "approvals", self._tenant_id):
            if approval.session_id == session.id:
                approval.session_id = None
            if str(approval.turn_id) in turns:
                approval.turn_id = None
        for key in list(self._transaction.keys("effects", self._tenant_id)):
            if str(key[1]).partition(":")[0] in turns:
                self._transaction.delete("effects", *key)
        self._transaction.delete("wakeups", WakeupKind.TURN, self._tenant_id, session.id)

    async def untouched_since(self, moment: datetime, limit: int) -> list[AgentSession]:
        sessions = self._entities.all(AgentSession, "sessions", self._tenant_id)
        found = [one for one in sessions if one.updated_at < moment and self._is_quiet(one.id, moment)]
        return sorted(found, key=lambda session: session.updated_at)[:limit]

    def _is_quiet(self, session_id: SessionId, moment: datetime) -> bool:
        turns = [row.turn for row in self._transaction.all("turns", self._tenant_id, session_id)]
        events = self._transaction.all("events", self._tenant_id, session_id)
        return all(turn.status.ended for turn in turns) and all(event.ts < moment for event in events)


class InMemoryJobs(TenantRepository):
    def add(self, job: Job) -> None:
        self._entities.add("jobs", job.tenant_id, job.id, entity=job)

    async def get(self, job_id: JobId) -> Job:
        job = self._entities.get(Job, "jobs", self._tenant_id, job_id)
        if job is None:
            raise NotFound("There is no such job.", code="job_not_found")
        return job
