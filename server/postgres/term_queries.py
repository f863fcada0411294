"""Advertisers, own benchmarks and stored curves as read models."""

from sqlalchemy import func, or_, select

from domain.advertisers import Advertiser
from domain.benchmark_overrides import BenchmarkOverride
from domain.channels import Channel
from domain.errors import InvalidInput, NotFound
from domain.ids import AdvertiserId, CampaignId, CurveId
from domain.planning.curves.own_figures import OwnBenchmark
from domain.stored_curves import StoredCurve
from domain.tenants import Permission
from server.postgres.paging import Order
from server.postgres.tenant_reader import AnyRow, TenantReader
from server.postgres.term_tables import advertisers, benchmark_overrides, response_curves
from services.actor import Actor, authorize
from services.read_models import Page, PageRequest
from services.term_views import AdvertiserView, BenchmarkView, CurveView

_a, _b, _r = advertisers.c, benchmark_overrides.c, response_curves.c
_BY_NAME = Order("advertisers", (func.lower(_a.name), _a.id))
_BENCHMARKS = Order("benchmarks", (_b.set_at, _b.id), descending=True)
_CURVES = Order("response-curves", (_r.created_at, _r.id), descending=True)


class TermQueries(TenantReader):
    async def advertisers(
        self, actor: Actor, page: PageRequest, *, search: str | None = None, include_archived: bool = False
    ) -> Page[AdvertiserView]:
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = select(advertisers).where(_a.tenant_id == actor.tenant_id)
        for word in (search or "").split():
            statement = statement.where(_a.name.icontains(word, autoescape=True))
        if not include_archived:
            statement = statement.where(_a.archived.is_(False))
        rows = await self._rows(actor.tenant_id, _BY_NAME.window(statement, page))
        return _BY_NAME.page(rows, page, _advertiser)

    async def advertiser(self, actor: Actor, advertiser_id: AdvertiserId) -> AdvertiserView:
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = select(advertisers).where(_a.tenant_id == actor.tenant_id, _a.id == advertiser_id)
        return _advertiser(await self._row(actor.tenant_id, statement, _no_advertiser()))

    async def advertiser_named(self, actor: Actor, text: str) -> AdvertiserView:
        authorize(actor, Permission.CAMPAIGN_READ)
        said = " ".join(text.split()).casefold()
        rows = await self._rows(actor.tenant_id, select(advertisers).where(_a.tenant_id == actor.tenant_id))
        exactly = [row for row in rows if said in (row.name.casefold(), str(row.id))]
        found = exactly or [row for row in rows if said and said in row.name.casefold() and not row.archived]
        if len(found) > 1:
            names = ", ".join(f"“{row.name}”" for row in found[:5])
            raise InvalidInput(f"Several advertisers match “{text}”: {names}. Which one?", code="ambiguous")
        if not found:
            raise _no_advertiser()
        return _advertiser(found[0])

    async def benchmarks(
        self, actor: Actor, page: PageRequest, *, channel: Channel | None = None, currency: str | None = None
    ) -> Page[BenchmarkView]:
        authorize(actor, Permission.PLAN_READ)
        statement = select(benchmark_overrides).where(_b.tenant_id == actor.tenant_id)
        if channel is not None:
            statement = statement.where(_b.channel == channel)
        if currency is not None:
            statement = statement.where(_b.currency == currency.upper())
        rows = await self._rows(actor.tenant_id, _BENCHMARKS.window(statement, page))
        return _BENCHMARKS.page(rows, page, _benchmark)

    async def response_curves(
        self,
        actor: Actor,
        page: PageRequest,
        *,
        channel: Channel | None = None,
        campaign_id: CampaignId | None = None,
        include_retired: bool = False,
    ) -> Page[CurveView]:
        authorize(actor, Permission.PLAN_READ)
        statement = select(response_curves).where(_r.tenant_id == actor.tenant_id)
        if channel is not None:
            statement = statement.where(_r.channel == channel)
        if campaign_id is not None:
            statement = statement.where(or_(_r.campaign_id == campaign_id, _r.campaign_id.is_(None)))
        if not include_retired:
            statement = statement.where(_r.retired.is_(False))
        rows = await self._rows(actor.tenant_id, _CURVES.window(statement, page))
        return _CURVES.page(rows, page, _curve)

    async def response_curve(self, actor: Actor, curve_id: CurveId) -> CurveView:
        authorize(actor, Permission.PLAN_READ)
        statement = select(response_curves).where(_r.tenant_id == actor.tenant_id, _r.id == curve_id)
        missing = NotFound("There is no such curve.", code="curve_not_found")
        return _curve(await self._row(actor.tenant_id, statement, missing))


def _advertiser(row: AnyRow) -> AdvertiserView:
    return AdvertiserView.of(
        Advertiser(
            row.tenant_id, row.id, row.name, row.created_by, row.created_at, row.terms, row.archived, row.version
        )
    )


def _benchmark(row: AnyRow) -> BenchmarkView:
    own = OwnBenchmark(
        row.channel, row.market, row.currency, row.figures, row.source, row.valid_from, row.other_sources
    )
    return BenchmarkView.of(BenchmarkOverride(row.tenant_id, row.id, own, row.set_by, row.set_at, row.version))


def _curve(row: AnyRow) -> CurveView:
    return CurveView.of(
        StoredCurve(
            row.tenant_id,
            row.id,
            row.channel,
            row.curve,
            row.created_by,
            row.created_at,
            row.market,
            row.advertiser_id,
            row.campaign_id,
            row.retired,
            row.version,
        )
    )


def _no_advertiser() -> NotFound:
    return NotFound("There is no such advertiser.", code="advertiser_not_found")
