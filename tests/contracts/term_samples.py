"""Advertisers, own benchmarks and stored curves, with what a test doesn't care about filled in."""

from datetime import date, datetime
from decimal import Decimal

from domain.advertisers import Advertiser, AdvertiserTerms
from domain.benchmark_overrides import BenchmarkOverride
from domain.campaigns import Campaign
from domain.changes import Change
from domain.channels import Channel, PricingModel
from domain.fees import Fee, FeeBasis, FeeKind
from domain.objectives import Outcome
from domain.planning.curves.own_figures import Figures, OwnBenchmark
from domain.planning.curves.response_curves import CurveOrigin, ResponseCurve
from domain.planning.curves.shapes import Hill, Shape
from domain.stored_curves import StoredCurve
from domain.tracking import UtmDefaults
from services.actor import Actor
from tests.contracts.samples import NOW

TERMS = AdvertiserTerms(
    (
        Fee(FeeKind.AD_SERVING, FeeBasis.CPM, Decimal("0.045")),
        Fee(FeeKind.COMMISSION, FeeBasis.PERCENT_OF_GROSS, Decimal(10), "Agency"),
    ),
    Decimal("0.125"),
    "{advertiser}_{channel}_{start:%Y%m}",
    "EUR",
    UtmDefaults(source="northwind", term="ß"),
)


def advertiser(actor: Actor, name: str = "Northwind", terms: AdvertiserTerms = TERMS) -> tuple[Advertiser, Change]:
    return Advertiser.create(actor.tenant_id, name, terms, by=actor.user_id, now=NOW)


def override(
    actor: Actor,
    channel: Channel = Channel.SEARCH,
    market: str | None = "DE",
    currency: str = "EUR",
    valid_from: date | None = None,
    figures: Figures = Figures(cpm=Decimal("85.50"), audience=10**9, pricing_model=PricingModel.CPC),  # noqa: B008
) -> tuple[BenchmarkOverride, Change]:
    own = OwnBenchmark(channel, market, currency, figures, "2026 actuals", valid_from, {"audience": "panel"})
    return BenchmarkOverride.make(actor.tenant_id, own, by=actor.user_id, now=NOW)


def fitted(
    shape: Shape = Hill(1000, 5_000_000, 1.5),  # noqa: B008
    counts: Outcome = Outcome.VALUE,
    currency: str = "EUR",
    days: int = 84,
    valid_to: float = 10_000_000,
) -> ResponseCurve:
    draws = (Hill(900, 4e6, 1.4), Hill(1100, 6e6, 1.6)) if isinstance(shape, Hill) else ()
    return ResponseCurve(
        counts, currency, shape, valid_to, days, "MMM 2026", valid_from=1000, origin=CurveOrigin.FITTED, draws=draws
    )


def stored(
    actor: Actor,
    curve: ResponseCurve | None = None,
    channel: Channel = Channel.SEARCH,
    market: str | None = None,
    advertiser: Advertiser | None = None,
    campaign: Campaign | None = None,
    now: datetime = NOW,
) -> tuple[StoredCurve, Change]:
    return StoredCurve.add(
        actor.tenant_id,
        channel,
        curve or fitted(),
        by=actor.user_id,
        now=now,
        market=market,
        advertiser_id=advertiser.id if advertiser else None,
        campaign_id=campaign.id if campaign else None,
    )
