"""Jobs as read models."""

from sqlalchemy import select

from domain.errors import NotFound
from domain.ids import CampaignId, JobId
from domain.tenants import Permission
from server.postgres.campaign_queries import no_campaign
from server.postgres.paging import Order
from server.postgres.tables import campaigns, jobs
from server.postgres.tenant_reader import TenantReader
from services.actor import Actor, authorize
from services.queries import JobView
from services.read_models import Page, PageRequest

_LATEST_FIRST = Order("jobs", (jobs.c.created_at, jobs.c.id), descending=True)


class JobQueries(TenantReader):
    async def jobs(self, actor: Actor, campaign_id: CampaignId | None, page: PageRequest) -> Page[JobView]:
        """Latest first. Raises NotFound `campaign_not_found` for jobs of a campaign there isn't."""
        authorize(actor, Permission.JOB_READ, campaign_id)
        statement = select(jobs).where(jobs.c.tenant_id == actor.tenant_id)
        if campaign_id is not None:
            statement = statement.where(jobs.c.campaign_id == campaign_id)
        async with self._reading(actor.tenant_id) as connection:
            rows = (await connection.execute(_LATEST_FIRST.window(statement, page))).all()
            if campaign_id is not None and not rows:
                c = campaigns.c
                known = select(c.id).where(c.tenant_id == actor.tenant_id, c.id == campaign_id)
                if await connection.scalar(known) is None:
                    raise no_campaign()
        return _LATEST_FIRST.page(rows, page, JobView.model_validate)

    async def job(self, actor: Actor, job_id: JobId) -> JobView:
        statement = select(jobs).where(jobs.c.tenant_id == actor.tenant_id, jobs.c.id == job_id)
        missing = NotFound("There is no such job.", code="job_not_found")
        job = JobView.model_validate(await self._row(actor.tenant_id, statement, missing))
        authorize(actor, Permission.JOB_READ, job.campaign_id)
        return job

    async def latest_job(self, actor: Actor, campaign_id: CampaignId) -> JobView:
        page = await self.jobs(actor, campaign_id, PageRequest(limit=1))
        if not page.items:
            raise NotFound("This campaign has no job yet.", code="job_not_found")
        return page.items[0]
