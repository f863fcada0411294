"""What is planned and budgeted, added up: one row per group and currency, since currencies don't mix."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    case,
    cast,
    column,
    func,
    null,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.campaigns import CampaignStatus
from domain.tenants import Permission
from server.postgres.campaign_queries import amount
from server.postgres.plan_tables import media_plans, plan_lines, plan_versions
from server.postgres.tables import campaigns
from server.postgres.tenant_reader import AnyRow, AnySelect, TenantReader, same_tenant
from services.actor import Actor, authorize
from services.queries import BudgetGrouping, BudgetRow


class BudgetQueries(TenantReader):
    async def budget_overview(self, actor: Actor, by: BudgetGrouping) -> list[BudgetRow]:
        """Campaigns by name, channels by spend, months as `2026-03`, states as a campaign passes through them."""
        authorize(actor, Permission.PLAN_READ)
        rows = await self._rows(actor.tenant_id, _GROUPINGS[by](actor))
        return [_budget_row(row, by) for row in rows]


def _by_campaign(actor: Actor) -> AnySelect:
    name = campaigns.c.name
    return _totals(actor, name).group_by(campaigns.c.id, name).order_by(func.lower(name), campaigns.c.id)


def _by_status(actor: Actor) -> AnySelect:
    status = campaigns.c.status
    order = case({status: place for place, status in enumerate(CampaignStatus)}, value=status)
    return _totals(actor, status).group_by(status).order_by(order, campaigns.c.currency)


def _by_channel(actor: Actor) -> AnySelect:
    channel, planned = plan_lines.c.channel, func.sum(plan_lines.c.budget_minor)
    statement = _parts(actor, channel, planned, _lines_of_current())
    return statement.order_by(campaigns.c.currency, planned.desc(), "group")


def _by_month(actor: Actor) -> AnySelect:
    """A week counts in the month it starts in; the first one starts with the flight."""
    weeks = func.jsonb_array_elements(type_coerce(plan_lines.c.weeks, JSONB))
    week = weeks.table_valued(column("pair", JSONB), name="week").render_derived()  # see types.Weeks
    starts = func.greatest(cast(week.c.pair[0].astext, Date), plan_versions.c.starts)
    month = func.to_char(starts, "YYYY-MM")
    planned = func.sum(cast(week.c.pair[1].astext, BigInteger))
    lines = _lines_of_current().join(week, true())
    return _parts(actor, month, planned, lines).order_by("group", campaigns.c.currency)


_GROUPINGS = {
    BudgetGrouping.CAMPAIGN: _by_campaign,
    BudgetGrouping.STATUS: _by_status,
    BudgetGrouping.CHANNEL: _by_channel,
    BudgetGrouping.MONTH: _by_month,
}


def _totals(actor: Actor, group: ColumnElement[Any]) -> AnySelect:
    """Whole campaigns, those without a plan too."""
    return (
        select(
            group.label("group"),
            campaigns.c.currency,
            func.count().label("campaigns"),
            func.sum(func.coalesce(plan_versions.c.total_minor, 0)).label("planned"),
            func.sum(campaigns.c.budget_minor).label("budget"),
        )
        .select_from(_current_versions(outer=True))
        .where(*_counted(actor))
        .group_by(campaigns.c.currency)
    )


def _parts(actor: Actor, group: ColumnElement[Any], planned: ColumnElement[Any], of: FromClause) -> AnySelect:
    """Parts of plans. A campaign's budget isn't split like them, so there is none."""
    return (
        select(
            group.label("group"),
            campaigns.c.currency,
            func.count(campaigns.c.id.distinct()).label("campaigns"),
            planned.label("planned"),
            null().label("budget"),
        )
        .select_from(of)
        .where(*_counted(actor))
        .group_by("group", campaigns.c.currency)
    )


def _counted(actor: Actor) -> list[ColumnElement[bool]]:
    return [campaigns.c.tenant_id == actor.tenant_id, campaigns.c.archived.is_(False)]


def _current_versions(*, outer: bool = False) -> FromClause:
    of_campaign = same_tenant(media_plans, campaigns, media_plans.c.campaign_id == campaigns.c.id)
    current = same_tenant(plan_versions, media_plans, plan_versions.c.id == media_plans.c.current_version_id)
    return campaigns.join(media_plans, of_campaign, isouter=outer).join(plan_versions, current, isouter=outer)


def _lines_of_current() -> FromClause:
    of_version = same_tenant(plan_lines, plan_versions, plan_lines.c.version_id == plan_versions.c.id)
    return _current_versions().join(plan_lines, of_version)


def _budget_row(row: AnyRow, by: BudgetGrouping) -> BudgetRow:
    return BudgetRow(
        group=row.group.label if by is BudgetGrouping.CHANNEL else str(row.group),
        currency=row.currency,
        campaigns=row.campaigns,
        planned=amount(row.planned, row.currency),
        budget=None if row.budget is None else amount(row.budget, row.currency),
    )
