"""Media plans as read models: one version with its lines, and the chain of versions."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from domain.approvals import ApprovalStatus
from domain.errors import NotFound
from domain.flights import Flight
from domain.ids import CampaignId, PlanId
from domain.money import Money
from domain.plans.lines import ExpectedDelivery, PlanLine
from domain.plans.media_plans import Drift, Standing, VersionKind, drift_between
from domain.plans.states import state_of
from domain.tenants import Permission
from server.postgres.approval_tables import approvals
from server.postgres.campaign_queries import amount, no_campaign
from server.postgres.paging import Order
from server.postgres.plan_tables import media_plans, plan_lines, plan_versions
from server.postgres.tables import campaigns
from server.postgres.tenant_reader import AnyRow, AnySelect, TenantReader, same_tenant
from services.actor import Actor, authorize
from services.amounts import Amount
from services.line_views import line_views
from services.plan_views import drift_view, sums
from services.queries import PlanRequestView, PlanVersionSummary, PlanView
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
        """Latest first, scenarios that have a name among them; empty while there is no plan."""
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
            asked = (await connection.execute(_request(actor, row))).first()
        return _plan_view(row, lines, asked)


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
            campaigns.c.budget_basis,
            campaigns.c.starts,
            campaigns.c.ends,
            campaigns.c.value_per_conversion_minor,
            campaigns.c.value_per_conversion_currency,
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
            plan_versions.c.budget_minor.label("plan_budget_minor"),
            plan_versions.c.basis,
            plan_versions.c.currency.label("plan_currency"),
            plan_versions.c.starts.label("plan_starts"),
            plan_versions.c.ends.label("plan_ends"),
            plan_versions.c.created_at,
            media_plans.c.scenarios,
            media_plans.c.approved_number,
            campaigns.c.status.label("campaign_status"),
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


def _request(actor: Actor, version: AnyRow) -> AnySelect:
    """The latest request to approve that version."""
    over = and_(approvals.c.status == ApprovalStatus.PENDING, approvals.c.expires_at <= func.now())
    return (
        select(
            approvals.c.id,
            case((over, ApprovalStatus.EXPIRED.value), else_=approvals.c.status).label("status"),
            approvals.c.reason,
            approvals.c.conditions,
            approvals.c.created_at,
        )
        .where(
            approvals.c.tenant_id == actor.tenant_id,
            approvals.c.action == "plan.approve",
            approvals.c.arguments["campaign_id"].astext == str(version.campaign_id),
            approvals.c.versions["plan"].astext == str(version.number),
        )
        .order_by(approvals.c.created_at.desc(), approvals.c.id.desc())
        .limit(1)
    )


def _versions(actor: Actor, campaign_id: CampaignId) -> AnySelect:
    of_plan = same_tenant(plan_versions, media_plans, plan_versions.c.plan_id == media_plans.c.id)
    number = func.jsonb_build_object("number", plan_versions.c.number)
    named = type_coerce(media_plans.c.scenarios, JSONB).contains(func.jsonb_build_array(number))
    return (
        select(
            plan_versions,
            (plan_versions.c.id == media_plans.c.current_version_id).label("current"),
            media_plans.c.scenarios,
            media_plans.c.approved_number,
        )
        .join(media_plans, of_plan)
        .where(
            media_plans.c.tenant_id == actor.tenant_id,
            media_plans.c.campaign_id == campaign_id,
            or_(plan_versions.c.kind == VersionKind.VERSION, named),
        )
    )


def _campaign(actor: Actor, campaign_id: CampaignId) -> AnySelect:
    return select(campaigns.c.id).where(campaigns.c.tenant_id == actor.tenant_id, campaigns.c.id == campaign_id)


def _plan_view(row: AnyRow, lines: Sequence[AnyRow], asked: AnyRow | None) -> PlanView:
    drift, total, worth = _drift(row), Money(row.total_minor, row.plan_currency), _worth(row)
    request = _request_view(asked) if asked else None
    shown = [_line(line) for line in lines]
    return PlanView(
        id=row.plan_id,
        campaign_id=row.campaign_id,
        campaign_name=row.campaign_name,
        objective=row.objective,
        campaign_budget=amount(row.budget_minor, row.currency),
        number=row.number,
        current_number=row.current_number,
        kind=row.kind,
        name=_scenario_name(row),
        state=state_of(
            row.kind,
            row.number,
            row.current_number,
            row.approved_number,
            row.campaign_status,
            request.status if request else None,
        ),
        approved_number=row.approved_number,
        request=request,
        parent_number=row.parent_number,
        flighting=row.flighting.shape,
        pattern=row.flighting,
        reason=row.reason,
        explanation=row.explanation,
        total=Amount.of(total),
        unspent=amount(row.budget_minor - row.total_minor, row.currency),
        out_of_sync=drift.out_of_sync,
        drift=drift_view(drift),
        lines=line_views(shown, worth),
        **sums(shown, total, worth),
        created_at=row.created_at,
        version=row.plan_version,
    )


def _request_view(row: AnyRow) -> PlanRequestView:
    return PlanRequestView(
        id=row.id, status=row.status, reason=row.reason, conditions=row.conditions, created_at=row.created_at
    )


def _scenario_name(row: AnyRow) -> str | None:
    return next((one.name for one in row.scenarios if one.number == row.number), None)


def _drift(row: AnyRow) -> Drift:
    return drift_between(
        Standing(Money(row.plan_budget_minor, row.plan_currency), row.basis, Flight(row.plan_starts, row.plan_ends)),
        Standing(Money(row.budget_minor, row.currency), row.budget_basis, Flight(row.starts, row.ends)),
    )


def _worth(row: AnyRow) -> Money | None:
    minor = row.value_per_conversion_minor
    return None if minor is None else Money(minor, row.value_per_conversion_currency)


def _line(row: AnyRow) -> PlanLine:
    """Not a stored entity: only what a line's view is made of."""
    return PlanLine(
        row.tenant_id,
        row.id,
        row.position,
        row.code,
        row.channel,
        row.pricing,
        Money(row.budget_minor, row.currency),
        row.costs,
        row.weeks,
        ExpectedDelivery(row.impressions, row.clicks, row.conversions_hundredths, row.completed_views),
        row.source,
        row.audience,
        row.placement,
        row.fees,
        row.foreign_cost,
        row.flight,
        row.flighting,
        row.locked,
        row.priced_by_hand,
        row.extension,
    )


def _summary(row: AnyRow) -> PlanVersionSummary:
    return PlanVersionSummary(
        plan_id=row.plan_id,
        number=row.number,
        kind=row.kind,
        name=_scenario_name(row),
        current=row.current,
        approved=row.number == row.approved_number,
        total=amount(row.total_minor, row.currency),
        reason=row.reason,
        created_at=row.created_at,
    )


def _no_plan() -> NotFound:
    return NotFound("There is no plan yet.", code="no_plan")
