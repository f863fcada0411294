"""A tenant with its advertisers, benchmarks and curves, as tests of them use it."""

import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.channels import Channel
from domain.fees import FeeBasis, FeeKind
from domain.ids import FileId
from domain.objectives import Outcome
from server.identity.derived import DerivedSecrets
from services.actor import Actor
from services.advertisers import Advertisers, CreateAdvertiser
from services.benchmark_commands import ImportBenchmarks
from services.benchmarks import OwnBenchmarks
from services.curves import AddCurve, Curves
from services.files import FileRules, Files, UploadFile
from services.plan_commands import DraftPlan, FeeTerms
from services.queries import PlanView
from services.term_views import AdvertiserView
from tests.drivers import SERVER_SECRET
from tests.fakes.files import InMemoryFileStore
from tests.services.conftest import Product
from tests.services.samples import create

SERVING = FeeTerms(kind=FeeKind.AD_SERVING, basis=FeeBasis.PERCENT_OF_NET_MEDIA, value=Decimal(2))
COMMISSION = FeeTerms(kind=FeeKind.COMMISSION, basis=FeeBasis.PERCENT_OF_NET_MEDIA, value=Decimal(10))


@dataclass(frozen=True)
class Desk:
    product: Product
    files: Files
    advertisers: Advertisers
    benchmarks: OwnBenchmarks
    curves: Curves

    async def northwind(self, actor: Actor, **terms: Any) -> AdvertiserView:
        return await self.advertisers.create(actor, CreateAdvertiser(name="Northwind", **terms))

    async def drafted(self, actor: Actor, *channels: Channel, **campaign: Any) -> PlanView:
        made = await self.product.campaigns.create(actor, create(**campaign))
        return await self.product.plans.draft(actor, made.id, DraftPlan(channels=list(channels)))

    async def file(self, actor: Actor, text: str | bytes) -> FileId:
        data = text if isinstance(text, bytes) else text.encode()
        return (await self.files.upload(actor, UploadFile(name="rates.csv"), io.BytesIO(data))).id

    async def bring(self, actor: Actor, text: str | bytes) -> Any:
        return await self.benchmarks.bring(actor, ImportBenchmarks(file_id=await self.file(actor, text)))


def desk_of(product: Product) -> Desk:
    begin, clock = product.begin, product.clock
    store = InMemoryFileStore(clock)
    files = Files(begin, store, DerivedSecrets(SERVER_SECRET), clock, FileRules(), "https://planner.example")
    return Desk(
        product, files, Advertisers(begin, clock), OwnBenchmarks(begin, files, clock), Curves(begin, files, clock)
    )


def hill(**said: Any) -> AddCurve:
    usual: dict[str, Any] = {
        "channel": Channel.SEARCH,
        "counts": Outcome.CONVERSIONS,
        "currency": "USD",
        "days": 61,
        "source": "MMM 2026",
        "family": "hill",
        "parameters": {"ceiling": 1000, "half_saturation": 50_000, "slope": 1.5},
        "valid_to": 80_000,
    }
    return AddCurve(**{**usual, **said})
