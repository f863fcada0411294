"""Advertisers, own benchmarks and stored curves in Postgres."""

from sqlalchemy import func, or_, select

from domain.advertisers import Advertiser
from domain.benchmark_overrides import BenchmarkOverride
from domain.campaigns import Campaign
from domain.ids import AdvertiserId, BenchmarkId, CurveId
from domain.stored_curves import StoredCurve
from server.postgres import mapping as mapping
from server.postgres.repositories import TenantRepository
from server.postgres.term_tables import advertisers, benchmark_overrides, response_curves


class PostgresAdvertisers(TenantRepository):
    def add(self, advertiser: Advertiser) -> None:
        self._session.add(advertiser)

    async def get(self, advertiser_id: AdvertiserId) -> Advertiser:
        return await self._by_key(Advertiser, advertiser_id, "advertiser")

    async def named(self, name: str) -> Advertiser | None:
        lock = func.hashtextextended(f"{self._tenant_id}:advertiser:{name.lower()}", 0)
        await self._session.execute(select(func.pg_advisory_xact_lock(lock)))
        called = func.lower(advertisers.c.name) == func.lower(name)
        return await self._first(select(Advertiser).where(advertisers.c.tenant_id == self._tenant_id, called))


class PostgresBenchmarks(TenantRepository):
    def add(self, override: BenchmarkOverride) -> None:
        self._session.add(override)

    async def get(self, benchmark_id: BenchmarkId) -> BenchmarkOverride:
        return await self._by_key(BenchmarkOverride, benchmark_id, "benchmark")

    async def remove(self, override: BenchmarkOverride) -> None:
        await self._session.delete(override)

    async def in_currency(self, currency: str) -> list[BenchmarkOverride]:
        c = benchmark_overrides.c
        rows = select(BenchmarkOverride).where(c.tenant_id == self._tenant_id, c.currency == currency)
        return list(await self._session.scalars(rows.order_by(c.id)))

    async def all(self) -> list[BenchmarkOverride]:
        c = benchmark_overrides.c
        rows = select(BenchmarkOverride).where(c.tenant_id == self._tenant_id)
        in_order = rows.order_by(c.currency, c.channel, c.market.nulls_first(), c.valid_from.nulls_first())
        return list(await self._session.scalars(in_order))


class PostgresCurves(TenantRepository):
    def add(self, curve: StoredCurve) -> None:
        self._session.add(curve)

    async def get(self, curve_id: CurveId) -> StoredCurve:
        return await self._by_key(StoredCurve, curve_id, "curve")

    async def speaking_for(self, campaign: Campaign) -> list[StoredCurve]:
        c = response_curves.c
        rows = select(StoredCurve).where(
            c.tenant_id == self._tenant_id,
            c.retired.is_(False),
            func.jsonb_extract_path_text(c.curve, "currency") == campaign.budget.currency,
            or_(c.advertiser_id.is_(None), c.advertiser_id == campaign.advertiser_id),
            or_(c.campaign_id.is_(None), c.campaign_id == campaign.id),
        )
        return list(await self._session.scalars(rows.order_by(c.created_at, c.id)))
