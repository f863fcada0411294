"""Advertisers, own benchmarks and stored curves in memory."""

from datetime import date

from domain.advertisers import Advertiser
from domain.benchmark_overrides import BenchmarkOverride
from domain.campaigns import Campaign
from domain.errors import Duplicate, NotFound, StaleVersion
from domain.ids import AdvertiserId, BenchmarkId, CurveId
from domain.stored_curves import StoredCurve
from tests.fakes.repositories import TenantRepository


class InMemoryAdvertisers(TenantRepository):
    def add(self, advertiser: Advertiser) -> None:
        self._entities.add("advertisers", advertiser.tenant_id, advertiser.id, entity=advertiser)

    async def get(self, advertiser_id: AdvertiserId) -> Advertiser:
        advertiser = self._entities.get(Advertiser, "advertisers", self._tenant_id, advertiser_id)
        if advertiser is None:
            raise NotFound("There is no such advertiser.", code="advertiser_not_found")
        return advertiser

    async def named(self, name: str) -> Advertiser | None:
        await self._transaction.lock("advertiser", self._tenant_id, name.lower())
        each = self._entities.all(Advertiser, "advertisers", self._tenant_id)
        return next((one for one in each if one.name.lower() == name.lower()), None)

    def check(self) -> None:
        names = [one.name.lower() for one in self._transaction.all("advertisers", self._tenant_id)]
        if len(set(names)) < len(names):
            raise Duplicate("There is an advertiser of that name.", code="duplicate_advertiser_name", field="name")


class InMemoryBenchmarks(TenantRepository):
    def add(self, override: BenchmarkOverride) -> None:
        self._entities.add("benchmark_overrides", override.tenant_id, override.id, entity=override)

    async def get(self, benchmark_id: BenchmarkId) -> BenchmarkOverride:
        override = self._entities.get(BenchmarkOverride, "benchmark_overrides", self._tenant_id, benchmark_id)
        if override is None:
            raise NotFound("There is no such benchmark.", code="benchmark_not_found")
        return override

    async def remove(self, override: BenchmarkOverride) -> None:
        self._entities.forget("benchmark_overrides", self._tenant_id, override.id)
        self._transaction.delete("benchmark_overrides", self._tenant_id, override.id)

    async def in_currency(self, currency: str) -> list[BenchmarkOverride]:
        each = self._entities.all(BenchmarkOverride, "benchmark_overrides", self._tenant_id)
        return sorted((one for one in each if one.own.currency == currency), key=lambda one: one.id)

    async def all(self) -> list[BenchmarkOverride]:
        each = self._entities.all(BenchmarkOverride, "benchmark_overrides", self._tenant_id)
        return sorted(
            each,
            key=lambda one: (
                one.own.currency,
                one.own.channel,
                one.own.market or "",
                one.own.valid_from or date.min,
            ),
        )

    def check(self) -> None:
        keys = [one.own.key for one in self._transaction.all("benchmark_overrides", self._tenant_id)]
        if len(set(keys)) < len(keys):
            raise StaleVersion("Somebody else changed it in the meantime.")


class InMemoryCurves(TenantRepository):
    def add(self, curve: StoredCurve) -> None:
        self._entities.add("response_curves", curve.tenant_id, curve.id, entity=curve)

    async def get(self, curve_id: CurveId) -> StoredCurve:
        curve = self._entities.get(StoredCurve, "response_curves", self._tenant_id, curve_id)
        if curve is None:
            raise NotFound("There is no such curve.", code="curve_not_found")
        return curve

    async def speaking_for(self, campaign: Campaign) -> list[StoredCurve]:
        each = self._entities.all(StoredCurve, "response_curves", self._tenant_id)
        return sorted((one for one in each if one.speaks_for(campaign)), key=lambda one: (one.created_at, one.id))
