"""Media plans as read models: one version with its lines, and the chain of versions."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, select

from domain.errors import NotFound
from domain.ids import CampaignId, PlanId
from domain.tenants import Permission
from server.postgres.campaign_queries import amount, no_campaign
from server.postgres.paging import Order
from server.postgres.tables import campaigns, media_plans, plan_lines, plan_versions
from server.postgres.tenant_reader import AnyRow, AnySelect, TenantReader, same_tenant
from services.actor import Actor, authorize
from services.plan_views import shares
from services.queries import LineView, PlanVersionSummary, PlanView, WeekView
from services.read_models import Page, PageRequest

_current = plan_versions.alias("current_version")
_LATEST_FIRST = Order("plan-versions", (plan_versions.c.number,), descending=True)
_LARGEST_NUMBER = 2**31 - 1


class PlanQueries(TenantReader):
    async def plan(self, actor: Actor, campaign_id: CampaignId, number: int | None = None) -> PlanView:
        """Raises NotFound: `campaign_not_found`, `no_plan`, `plan_version_not_found`."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        return await self._plan(actor, campaigns.c.id == campaign_id, number, no_campaign())

    async def plan_by_id(self, actor: Actor, plan_id: PlanId, number: int | None = None) -> PlanView:
        """Raises NotFound: `no_plan`, `plan_version_not_found`."""
        plan = await self._plan(actor, media_plans.c.id == plan_id, number, _no_plan())
        authorize(actor, Permission.PLAN_READ, plan.campaign_id)
        return plan

    async def plan_versions(self, actor: Actor, campaign_id: CampaignId, page: PageRequest) -> Page[PlanVersionSummary]:
        """Latest first, scenarios among them; empty while there is no plan."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        statement = _LATEST_FIRST.window(_versions(actor, campaign_id), page)
        async with self._reading(actor.tenant_id) as connection:
            rows = (await connection.execute(statement)).all()
            if not rows and not await connection.scalar(_campaign(actor, campaign_id)):
                raise no_campaign()
        return _LATEST_FIRST.page(rows, page, _summary)

    async def _plan(self, actor: Actor, which: ColumnElement[bool], number: int | None, missing: NotFound) -> PlanView:
        async with self._reading(actor.tenant_id) as connection:
            row = (await connection.execute(_version(actor, number).where(which))).first()
            if row is None:
                raise missing
            if row.plan_id is None:
                raise _no_plan()
            if row.number is None:
                raise NotFound(f"The plan has no version {number}.", code="plan_version_not_found", number=number)
            lines = (await connection.execute(_lines(actor, row))).all()
        return _plan_view(row, lines)


def _version(actor: Actor, number: int | None) -> AnySelect:
    """The campaign with its plan and the version, as far as there are any."""
    shown = plan_versions.c.id == media_plans.c.current_version_id
    if number is not None:
        asked = number if 0 < number <= _LARGEST_NUMBER else 0
        shown = and_(plan_versions.c.plan_id == media_plans.c.id, plan_versions.c.number == asked)
    return (
        select(
            campaigns.c.id.label("campaign_id"),
            campaigns.c.name.label("campaign_name"),
            campaigns.c.objective,
            campaigns.c.budget_minor,
            campaigns.c.currency,
            campaigns.c.starts,
            campaigns.c.ends,
            media_plans.c.id.label("plan_id"),
            media_plans.c.version.label("plan_version"),
            _current.c.number.label("current_number"),
            plan_versions.c.id.label("version_id"),
            plan_versions.c.number,
            plan_versions.c.parent_number,
            plan_versions.c.kind,
            plan_versions.c.flighting,
            plan_versions.c.reason,
            plan_versions.c.explanation,
            plan_versions.c.total_minor,
            plan_versions.c.currency.label("plan_currency"),
            plan_versions.c.starts.label("plan_starts"),
            plan_versions.c.ends.label("plan_ends"),
            plan_versions.c.created_at,
        )
        .select_from(campaigns)
        .outerjoin(media_plans, same_tenant(media_plans, campaigns, media_plans.c.campaign_id == campaigns.c.id))
        .outerjoin(plan_versions, same_tenant(plan_versions, media_plans, shown))
        .outerjoin(_current, same_tenant(_current, media_plans, _current.c.id == media_plans.c.current_version_id))
        .where(campaigns.c.tenant_id == actor.tenant_id)
    )


def _lines(actor: Actor, version: AnyRow) -> AnySelect:
    return (
        select(plan_lines)
        .where(plan_lines.c.tenant_id == actor.tenant_id, plan_lines.c.version_id == version.version_id)
        .order_by(plan_lines.c.position)
    )


def _versions(actor: Actor, campaign_id: CampaignId) -> AnySelect:
    of_plan = same_tenant(plan_versions, media_plans, plan_versions.c.plan_id == media_plans.c.id)
    return (
        select(plan_versions, (plan_versions.c.id == media_plans.c.current_version_id).label("current"))
        .join(media_plans, of_plan)
        .where(media_plans.c.tenant_id == actor.tenant_id, media_plans.c.campaign_id == campaign_id)
    )


def _campaign(actor: Actor, campaign_id: CampaignId) -> AnySelect:
    return select(campaigns.c.id).where(campaigns.c.tenant_id == actor.tenant_id, campaigns.c.id == campaign_id)


def _plan_view(row: AnyRow, lines: Sequence[AnyRow]) -> PlanView:
    return PlanView(
        id=row.plan_id,
        campaign_id=row.campaign_id,
        campaign_name=row.campaign_name,
        objective=row.objective,
        campaign_budget=amount(row.budget_minor, row.currency),
        number=row.number,
        current_number=row.current_number,
        kind=row.kind,
        parent_number=row.parent_number,
        flighting=row.flighting,
        reason=row.reason,
        explanation=row.explanation,
        total=amount(row.total_minor, row.plan_currency),
        unspent=amount(row.budget_minor - row.total_minor, row.currency),
        out_of_sync=_drifted(row),
        lines=_line_views(lines),
        created_at=row.created_at,
        version=row.plan_version,
    )


def _drifted(row: AnyRow) -> bool:
    """As `Drift.out_of_sync`: other dates, or less budget than the version spends."""
    moved = (row.starts, row.ends, row.currency) != (row.plan_starts, row.plan_ends, row.plan_currency)
    return moved or row.budget_minor < row.total_minor


def _line_views(rows: Sequence[AnyRow]) -> list[LineView]:
    parts = shares([row.budget_minor for row in rows])
    return [_line_view(row, share) for row, share in zip(rows, parts, strict=True)]


def _line_view(row: AnyRow, share: Decimal) -> LineView:
    return LineView(
        channel=row.channel,
        label=row.channel.label,
        pricing_model=row.pricing_model,
        budget=amount(row.budget_minor, row.currency),
        share=share,
        weeks=[WeekView(starts=week.starts, budget=amount(week.budget_minor, row.currency)) for week in row.weeks],
        impressions=row.impressions,
        clicks=row.clicks,
        conversions=Decimal(row.conversions_hundredths).scaleb(-2),
        source=row.source,
        locked=row.locked,
    )


def _summary(row: AnyRow) -> PlanVersionSummary:
    return PlanVersionSummary(
        plan_id=row.plan_id,
        number=row.number,
        kind=row.kind,
        current=row.current,
        total=amount(row.total_minor, row.currency),
        reason=row.reason,
        created_at=row.created_at,
    )


def _no_plan() -> NotFound:
    return NotFound("There is no plan yet.", code="no_plan")
