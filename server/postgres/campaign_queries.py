"""Campaigns as read models: a page of them, one, and those that a name may mean."""

from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import ColumnElement, Text, func, or_, select

from domain.errors import NotFound
from domain.ids import CampaignId
from domain.money import exponent
from domain.tenants import Permission
from server.postgres.campaign_names import nearest
from server.postgres.paging import Order
from server.postgres.tables import campaigns
from server.postgres.tenant_reader import AnyRow, TenantReader
from server.postgres.term_tables import advertisers
from services.actor import Actor, authorize
from services.amounts import Amount
from services.queries import CampaignFilter, CampaignMatch, CampaignSort, CampaignView
from services.read_models import Page, PageRequest

_c = campaigns.c
_TODAY = select(advertisers.c.name).where(advertisers.c.tenant_id == _c.tenant_id, advertisers.c.id == _c.advertiser_id)
# An advertiser goes by its name of today, whatever it was called when the campaign was made.
ADVERTISER_NAME = func.coalesce(_TODAY.scalar_subquery(), _c.advertiser, type_=Text()).label("advertiser_name")
_ORDERS = {
    CampaignSort.NEWEST: Order("campaigns-newest", (_c.created_at, _c.id), descending=True),
    CampaignSort.OLDEST: Order("campaigns-oldest", (_c.created_at, _c.id)),
    CampaignSort.NAME: Order("campaigns-name", (func.lower(_c.name, type_=Text()), _c.id)),
    CampaignSort.START: Order("campaigns-start", (_c.starts, _c.id)),
    # Without a rate no currency is more than another: the largest budgets of each.
    CampaignSort.BUDGET: Order("campaigns-budget", (_c.currency, -_c.budget_minor, _c.id)),
}


class CampaignQueries(TenantReader):
    async def campaigns(self, actor: Actor, wanted: CampaignFilter, page: PageRequest) -> Page[CampaignView]:
        authorize(actor, Permission.CAMPAIGN_READ)
        order = _ORDERS[wanted.sort]
        statement = select(campaigns, ADVERTISER_NAME).where(_c.tenant_id == actor.tenant_id, *_conditions(wanted))
        rows = await self._rows(actor.tenant_id, order.window(statement, page))
        return order.page(rows, page, campaign_view)

    async def campaign(self, actor: Actor, campaign_id: CampaignId) -> CampaignView:
        authorize(actor, Permission.CAMPAIGN_READ, campaign_id)
        statement = select(campaigns, ADVERTISER_NAME).where(_c.tenant_id == actor.tenant_id, _c.id == campaign_id)
        return campaign_view(await self._row(actor.tenant_id, statement, no_campaign()))

    async def campaigns_named(self, actor: Actor, text: str) -> list[CampaignMatch]:
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = select(_c.id, _c.name, _c.archived).where(_c.tenant_id == actor.tenant_id)
        if campaign_id := _as_id(text):
            statement = statement.where(_c.id == campaign_id)
        rows = await self._rows(actor.tenant_id, statement)
        named = [CampaignMatch(id=row.id, name=row.name, score=1, archived=row.archived) for row in rows]
        return named if campaign_id else nearest(text, named)


def campaign_view(row: AnyRow | SimpleNamespace) -> CampaignView:
    return CampaignView(
        id=row.id,
        name=row.name,
        advertiser=row.advertiser_name,
        advertiser_id=row.advertiser_id,
        product=row.product,
        objective=row.objective,
        budget=amount(row.budget_minor, row.currency),
        budget_basis=row.budget_basis,
        start=row.starts,
        end=row.ends,
        kpi=row.kpi,
        kpi_target=row.kpi_target,
        value_per_conversion=_worth(row),
        audiences=row.audiences,
        markets=row.markets,
        status=row.status,
        status_reason=row.status_reason,
        archived=row.archived,
        created_at=row.created_at,
        version=row.version,
    )


def _worth(row: AnyRow | SimpleNamespace) -> Amount | None:
    minor: int | None = row.value_per_conversion_minor
    return None if minor is None else amount(minor, row.value_per_conversion_currency)


def amount(minor: int | Decimal, currency: str) -> Amount:
    """Also for sums, which may be larger than a Money can be."""
    return Amount(amount=Decimal(minor).scaleb(-exponent(currency)), currency=currency)


def no_campaign() -> NotFound:
    return NotFound("There is no such campaign.", code="campaign_not_found")


def _conditions(wanted: CampaignFilter) -> list[ColumnElement[bool]]:
    """Every word of the search must be in the name or the advertiser."""
    conditions = [
        or_(_c.name.icontains(word, autoescape=True), ADVERTISER_NAME.icontains(word, autoescape=True))
        for word in (wanted.search or "").split()
    ]
    if wanted.status:
        conditions.append(_c.status == wanted.status)
    if not wanted.include_archived:
        conditions.append(_c.archived.is_(False))
    return conditions


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
