"""Advertisers, benchmarks and response curves as whoever asks sees them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import Field

from domain.advertisers import Advertiser
from domain.benchmark_overrides import BenchmarkOverride
from domain.channels import Channel, PricingModel
from domain.fees import FeeBasis, FeeKind
from domain.ids import AdvertiserId, BenchmarkId, CampaignId, CurveId, UserId
from domain.money import Money, exponent
from domain.objectives import Outcome
from domain.planning.curves.benchmarks import Benchmark
from domain.planning.curves.response_curves import CurveOrigin
from domain.stored_curves import StoredCurve
from services.read_models import ReadModel


class FeeTermsView(ReadModel):
    kind: FeeKind
    name: str
    basis: FeeBasis
    value: Decimal = Field(description="Percent, or major units of the advertiser's currency, as the basis says.")


class UtmView(ReadModel):
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    utm_term: str | None = None


class AdvertiserView(ReadModel):
    id: AdvertiserId
    name: str
    currency: str | None = Field(description="Its own; fees of money are in it.")
    fees: list[FeeTermsView]
    agency_discount_percent: Decimal = Field(description="Of gross, that is not paid.")
    naming: str | None = Field(description="The pattern that names its lines.")
    utm: UtmView = Field(description="What its links always say.")
    archived: bool
    created_at: datetime
    version: int

    @classmethod
    def of(cls, advertiser: Advertiser) -> Self:
        terms = advertiser.terms
        return cls(
            id=advertiser.id,
            name=advertiser.name,
            currency=terms.currency,
            fees=[FeeTermsView.model_validate(fee) for fee in terms.fees],
            agency_discount_percent=_plain(terms.agency_discount * 100),
            naming=terms.naming,
            utm=UtmView.model_validate({f"utm_{name}": value for name, value in terms.utm.said.items()}),
            archived=advertiser.archived,
            created_at=advertiser.created_at,
            version=advertiser.version,
        )


class BenchmarkView(ReadModel):
    """A tenant's own figures of a channel. What is null is inherited."""

    id: BenchmarkId
    channel: Channel
    market: str | None = Field(description="Null: in every market that has none of its own.")
    currency: str
    valid_from: date | None = Field(description="For flights that start on it or later; null: for all.")
    cpm: Decimal | None = None
    cpp: Decimal | None = None
    ctr: Decimal | None = None
    cvr: Decimal | None = None
    viewability: Decimal | None = None
    completion_rate: Decimal | None = None
    audience: int | None = None
    frequency_cap: Decimal | None = None
    pricing_model: PricingModel | None = None
    source: str
    other_sources: dict[str, str] = Field(default_factory=dict, description="Of figures that come from elsewhere.")
    set_by: UserId
    set_at: datetime
    version: int

    @classmethod
    def of(cls, override: BenchmarkOverride) -> Self:
        own = override.own
        return cls.model_validate(
            {
                "id": override.id,
                "channel": own.channel,
                "market": own.market,
                "currency": own.currency,
                "valid_from": own.valid_from,
                "source": own.source,
                "other_sources": dict(own.other_sources),
                "set_by": override.set_by,
                "set_at": override.set_at,
                "version": override.version,
                **own.figures.said,
            }
        )


class BenchmarkInUse(ReadModel):
    """What a line of the channel is planned with, own figures and inherited ones together."""

    channel: Channel
    label: str
    market: str | None
    currency: str
    cpm: Decimal = Field(description="Major units for a thousand impressions.")
    ctr: Decimal
    cvr: Decimal
    viewability: Decimal
    completion_rate: Decimal | None
    audience: int
    frequency_cap: Decimal
    pricing_model: PricingModel
    source: str = Field(description="Whose figures these are.")

    @classmethod
    def of(cls, found: Benchmark, market: str | None) -> Self:
        major = Decimal(Money(round(found.cpm), found.currency).minor).scaleb(-exponent(found.currency))
        return cls(
            channel=found.channel,
            label=found.channel.label,
            market=market,
            currency=found.currency,
            cpm=major,
            ctr=_decimal(found.ctr),
            cvr=_decimal(found.cvr),
            viewability=_decimal(found.viewability),
            completion_rate=None if found.completion_rate is None else _decimal(found.completion_rate),
            audience=found.audience,
            frequency_cap=_decimal(found.frequency_cap),
            pricing_model=found.pricing_model,
            source=found.source,
        )


class Imported(ReadModel):
    added: int
    changed: int


class CurveView(ReadModel):
    """A stored response curve. Spends are net media in major units, outcomes of value too."""

    id: CurveId
    channel: Channel
    market: str | None
    advertiser_id: AdvertiserId | None
    campaign_id: CampaignId | None
    counts: Outcome
    currency: str
    family: str
    days: int = Field(description="The period it holds for.")
    valid_from: Decimal
    valid_to: Decimal
    origin: CurveOrigin
    source: str
    draws: int = Field(description="How many parameter sets say how sure it is.")
    retired: bool
    created_at: datetime
    version: int

    @classmethod
    def of(cls, stored: StoredCurve) -> Self:
        curve = stored.curve
        places = -exponent(curve.currency)
        return cls(
            id=stored.id,
            channel=stored.channel,
            market=stored.market,
            advertiser_id=stored.advertiser_id,
            campaign_id=stored.campaign_id,
            counts=curve.counts,
            currency=curve.currency,
            family=curve.shape.family,
            days=curve.days,
            valid_from=Decimal(round(curve.valid_from)).scaleb(places),
            valid_to=Decimal(round(curve.valid_to)).scaleb(places),
            origin=curve.origin,
            source=curve.source,
            draws=len(curve.draws),
            retired=stored.retired,
            created_at=stored.created_at,
            version=stored.version,
        )


def _decimal(number: float) -> Decimal:
    return _plain(Decimal(str(number)))


def _plain(number: Decimal) -> Decimal:
    """Without zeros at its end, and never as 1E+1."""
    short = number.normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]  # finite: no word
