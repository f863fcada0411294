"""What the database holds of one tenant and one conversation, read past the product's own queries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.ids import SessionId, TenantId
from domain.money import Money
from evals.access_facts import Access, read_access
from server.postgres.plan_tables import media_plans, plan_lines, plan_versions
from server.postgres.tables import campaigns, jobs, sessions, tenant_profiles
from server.postgres.unit_of_work import enter_tenant


@dataclass(frozen=True)
class Version:
    number: int
    kind: str
    flighting: str
    total: Money
    lines: Mapping[str, Money]
    locked: frozenset[str]
    impressions: int
    clicks: int
    conversions: Decimal
    weeks: Mapping[date, Money]  # of all lines together, by first day
    sound: bool  # the weeks add up to the lines, the lines to the total


@dataclass(frozen=True)
class Plan:
    current: int
    versions: Mapping[int, Version]

    @property
    def latest(self) -> Version:
        return self.versions[self.current]


@dataclass(frozen=True)
class JobFact:
    campaign: str
    status: str
    channels: frozenset[str]


@dataclass(frozen=True)
class Facts:
    """`campaigns` and `plans` by the campaign's name; names are unique but for the archive's."""

    campaigns: Mapping[str, Mapping[str, Any]]
    plans: Mapping[str, Plan]
    jobs: Sequence[JobFact]
    settings: Mapping[str, Any]
    session: Mapping[str, Any]
    access: Access = field(default_factory=Access)


async def read_facts(engine: AsyncEngine, tenant_id: TenantId, session_id: SessionId) -> Facts:
    async with AsyncSession(engine) as database:
        await enter_tenant(database, tenant_id)
        names: dict[Any, str] = {}
        found: dict[str, Mapping[str, Any]] = {}
        for row in await _rows(database, select(campaigns).order_by(campaigns.c.archived, campaigns.c.id)):
            names[row["id"]] = _unused(row["name"], found)
            found[names[row["id"]]] = _campaign(row)
        versions = await _versions(database)
        plans = {names[row["campaign_id"]]: _plan(row, versions) for row in await _rows(database, select(media_plans))}
        asked = await _rows(database, select(jobs).order_by(jobs.c.created_at))
        (profile,) = await _rows(database, select(tenant_profiles))
        (session,) = await _rows(database, select(sessions).where(sessions.c.id == session_id))
        access = await read_access(database)
    return Facts(
        campaigns=found,
        plans=plans,
        jobs=[
            JobFact(names[row["campaign_id"]], row["status"], frozenset(row["arguments"].get("channels", [])))
            for row in asked
        ],
        settings={key: value for key, value in profile.items() if key not in ("tenant_id", "version")},
        session={
            "title": session["title"],
            "active_agent": session["active_agent"],
            "active_campaign": names.get(session["active_campaign_id"]),
        },
        access=access,
    )


async def _rows(database: AsyncSession, query: Select[Any]) -> Sequence[RowMapping]:
    found: Sequence[RowMapping] = (await database.execute(query)).mappings().all()
    return found


async def _versions(database: AsyncSession) -> list[tuple[RowMapping, Version]]:
    lines = await _rows(database, select(plan_lines).order_by(plan_lines.c.position))
    rows = await _rows(database, select(plan_versions).order_by(plan_versions.c.number))
    return [(row, _version(row, [line for line in lines if line["version_id"] == row["id"]])) for row in rows]


def _plan(plan: RowMapping, versions: Sequence[tuple[RowMapping, Version]]) -> Plan:
    own = [(row, version) for row, version in versions if row["plan_id"] == plan["id"]]
    current = next(version.number for row, version in own if row["id"] == plan["current_version_id"])
    return Plan(current, {version.number: version for _, version in own})


def _version(row: RowMapping, lines: Sequence[RowMapping]) -> Version:
    weeks: Counter[date] = Counter()
    for line in lines:
        for week in line["weeks"]:
            weeks[week.starts] += week.budget_minor
    weeks_fit = all(sum(week.budget_minor for week in line["weeks"]) == line["budget_minor"] for line in lines)
    return Version(
        number=row["number"],
        kind=row["kind"],
        flighting=row["flighting"].shape,
        total=Money(row["total_minor"], row["currency"]),
        lines={line["channel"]: Money(line["budget_minor"], line["currency"]) for line in lines},
        locked=frozenset(line["channel"] for line in lines if line["locked"]),
        impressions=sum(line["impressions"] for line in lines),
        clicks=sum(line["clicks"] for line in lines),
        conversions=Decimal(sum(line["conversions_hundredths"] for line in lines)).scaleb(-2),
        weeks={starts: Money(minor, row["currency"]) for starts, minor in weeks.items()},
        sound=weeks_fit and sum(line["budget_minor"] for line in lines) == row["total_minor"],
    )


def _campaign(row: RowMapping) -> Mapping[str, Any]:
    facts = {name: row[name] for name in ("objective", "advertiser", "product", "kpi", "status", "status_reason")}
    return {
        **facts,
        "budget": Money(row["budget_minor"], row["currency"]),
        "start": row["starts"],
        "end": row["ends"],
        "markets": list(row["markets"]),
        "archived": row["archived"],
    }


def _unused(name: str, taken: Mapping[str, object]) -> str:
    while name in taken:
        name += " (again)"
    return name
