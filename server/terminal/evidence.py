"""What a conversation left in the database, read from its tables and not through the API."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.errors import Unavailable
from domain.ids import TenantId
from server.embedded.postgres import url_at
from server.postgres.engine import open_engine
from server.postgres.plan_tables import media_plans, plan_lines, plan_versions
from server.postgres.tables import campaigns, jobs, messages
from server.postgres.unit_of_work import enter_tenant
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """Amounts in minor units; `weeks` is what the weeks of all lines add up to."""

    number: int
    total: int
    lines: dict[str, int]
    weeks: int


@dataclass(frozen=True, slots=True)
class Evidence:
    campaign: RowMapping
    current: int
    versions: list[SavedVersion]
    jobs: list[str]  # their states
    messages: int


async def read_evidence(settings: Settings, tenant_id: UUID, campaign_id: UUID, session_id: UUID) -> Evidence:
    """From the database of the settings, or of the embedded part that runs on their home.

    Raises Unavailable where it can't be reached from here, or has no such campaign.
    """
    url = settings.database_url or url_at(settings.home)
    engine = open_engine(url, pool_size=1, statement_timeout_ms=settings.statement_timeout_ms)
    try:
        return await _read(engine, TenantId(tenant_id), campaign_id, session_id)
    finally:
        await engine.dispose()


async def _read(engine: AsyncEngine, tenant_id: TenantId, campaign_id: UUID, session_id: UUID) -> Evidence:
    async with AsyncSession(engine) as database:
        await enter_tenant(database, tenant_id)
        found = await _rows(database, select(campaigns).where(campaigns.c.id == campaign_id))
        if not found:
            raise Unavailable(f"the database has no campaign {campaign_id}", code="campaign_missing")
        (plan,) = await _rows(database, select(media_plans).where(media_plans.c.campaign_id == campaign_id))
        of_plan = select(plan_versions).where(plan_versions.c.plan_id == plan["id"]).order_by(plan_versions.c.number)
        versions = await _rows(database, of_plan)
        lines = await _rows(database, select(plan_lines).order_by(plan_lines.c.position))
        asked = await _rows(database, select(jobs.c.status).where(jobs.c.campaign_id == campaign_id))
        said = select(func.count()).select_from(messages).where(messages.c.session_id == session_id)
        count = await database.scalar(said)
    return Evidence(
        campaign=found[0],
        current=next(version["number"] for version in versions if version["id"] == plan["current_version_id"]),
        versions=[
            _version(version, [one for one in lines if one["version_id"] == version["id"]]) for version in versions
        ],
        jobs=[str(job["status"]) for job in asked],
        messages=count or 0,
    )


def _version(version: RowMapping, lines: list[RowMapping]) -> SavedVersion:
    return SavedVersion(
        number=version["number"],
        total=version["total_minor"],
        lines={str(line["channel"]): line["budget_minor"] for line in lines},
        weeks=sum(week.budget_minor for line in lines for week in line["weeks"]),
    )


async def _rows(database: AsyncSession, query: Select[tuple[object, ...]]) -> list[RowMapping]:
    return list((await database.execute(query)).mappings())
