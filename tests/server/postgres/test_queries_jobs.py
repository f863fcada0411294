"""Jobs as read models."""

from collections.abc import Awaitable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound
from domain.ids import CampaignId, JobId, new_id
from domain.jobs import JobKind, JobStatus
from server.postgres.queries import PostgresQueries
from services.read_models import PageRequest
from tests.server.postgres.rows import Rows

ALL = PageRequest()


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine)


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


async def code_of(refused: Awaitable[object]) -> str:
    with pytest.raises(NotFound) as refusal:
        await refused
    return refusal.value.code


async def test_a_job_is_shown_whole(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id, session_id = await rows.campaign("Spring"), await rows.session()
    job_id = await rows.job(campaign_id, session_id=session_id, result={"plan_number": 2}, step="saving")
    job = await queries.job(rows.actor, job_id)
    assert (job.id, job.campaign_id, job.session_id) == (job_id, campaign_id, session_id)
    assert (job.kind, job.status, job.percent) == (JobKind.MEDIA_PLANNING, JobStatus.QUEUED, 0)
    assert (job.result, job.step, job.error, job.ended_at) == ({"plan_number": 2}, "saving", None, None)


async def test_jobs_are_listed_latest_first_and_by_campaign(queries: PostgresQueries, rows: Rows) -> None:
    spring, autumn = await rows.campaign("Spring"), await rows.campaign("Autumn")
    first, second = await rows.job(spring), await rows.job(spring, hours=1)
    third = await rows.job(autumn, hours=2)
    page = await queries.jobs(rows.actor, None, PageRequest(limit=2))
    rest = await queries.jobs(rows.actor, None, PageRequest(limit=2, cursor=page.next_cursor))
    assert [job.id for job in [*page.items, *rest.items]] == [third, second, first]
    assert rest.next_cursor is None
    assert [job.id for job in (await queries.jobs(rows.actor, spring, ALL)).items] == [second, first]
    assert (await queries.latest_job(rows.actor, spring)).id == second


async def test_what_there_is_not_is_named(queries: PostgresQueries, rows: Rows, engine: AsyncEngine) -> None:
    idle = await rows.campaign("Idle")
    stranger = await Rows.of_new_tenant(engine)
    busy = await stranger.campaign("Busy")
    theirs = await stranger.job(busy)
    assert (await queries.jobs(rows.actor, idle, ALL)).items == []
    assert await code_of(queries.latest_job(rows.actor, idle)) == "job_not_found"
    for job_id in (theirs, JobId(new_id())):
        assert await code_of(queries.job(rows.actor, job_id)) == "job_not_found"
    for campaign_id in (busy, CampaignId(new_id())):
        assert await code_of(queries.jobs(rows.actor, campaign_id, ALL)) == "campaign_not_found"
        assert await code_of(queries.latest_job(rows.actor, campaign_id)) == "campaign_not_found"
    assert (await queries.jobs(rows.actor, None, ALL)).items == []
