"""A plan's line as a read model."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Self

from pydantic import Field

from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.exchange import ForeignCost
from domain.fees import CostBreakdown, FeeBasis, FeeKind
from domain.money import Money, split_minor
from domain.planning.flighting.weeks import FlightPattern
from domain.plans.lines import Audience, ExpectedDelivery, PlanLine
from services.amounts import Amount
from services.read_models import ReadModel


class WeekView(ReadModel):
    starts: date
    budget: Amount


class FeeView(ReadModel):
    kind: FeeKind
    name: str
    basis: FeeBasis
    value: Decimal = Field(description="Percent, or major units of the plan's currency, as the basis says.")
    amount: Amount


class CostsView(ReadModel):
    """gross − agency discount = net media; net media + fees = client cost."""

    gross: Amount
    agency_discount: Amount
    net_media: Amount
    fees: list[FeeView]
    client_cost: Amount

    @classmethod
    def of(cls, costs: CostBreakdown) -> Self:
        return cls(
            gross=Amount.of(costs.gross),
            agency_discount=Amount.of(costs.agency_discount),
            net_media=Amount.of(costs.net_media),
            fees=[
                FeeView(
                    kind=charged.fee.kind,
                    name=charged.fee.name,
                    basis=charged.fee.basis,
                    value=charged.fee.value,
                    amount=Amount.of(charged.amount),
                )
                for charged in costs.fees
            ],
            client_cost=Amount.of(costs.client_cost),
        )


class ForeignView(ReadModel):
    amount: Amount
    rate: Decimal = Field(description="Units of the plan's currency for one of this.")
    source: str
    on: date

    @classmethod
    def of(cls, foreign: ForeignCost) -> Self:
        rate = foreign.rate
        return cls(amount=Amount.of(foreign.amount), rate=rate.rate, source=rate.source, on=rate.date)


class LineView(ReadModel):
    code: str = Field(description="Names the line in every version.")
    channel: Channel
    label: str
    vehicle: str | None = None
    format: str | None = None
    market: str | None = None
    audience: str | None = None
    notes: str | None = None
    pricing_model: PricingModel
    rate: Decimal | None = Field(default=None, description="Agreed price of one unit; null: planned at the benchmark.")
    rate_currency: str | None = None
    unit: str
    quantity: Decimal | None = Field(default=None, description="Units that the net media buys at the rate.")
    budget: Amount
    share: Decimal = Field(description="Percent of the plan's total, to a tenth.")
    costs: CostsView
    foreign: ForeignView | None = None
    start: date | None = Field(default=None, description="Where the line has a flight of its own.")
    end: date | None = None
    flighting: FlightPattern | None = Field(default=None, description="Where the line has one of its own.")
    weeks: list[WeekView]
    impressions: int
    clicks: int
    conversions: Decimal
    completed_views: int = 0
    universe: int | None = Field(default=None, description="People of the target audience.")
    reach: int | None = Field(default=None, description="Of them, how many see it at least once.")
    frequency: Decimal | None = Field(default=None, description="Impressions for each person reached.")
    grp: Decimal | None = Field(default=None, description="100 × impressions / universe.")
    cpa: Amount | None = Field(default=None, description="Budget for each conversion.")
    roas: Decimal | None = Field(default=None, description="Value of the conversions for each unit of budget.")
    source: str
    locked: bool


def line_views(lines: Sequence[PlanLine], worth: Money | None = None) -> list[LineView]:
    """`worth` is what a conversion is worth to the campaign."""
    parts = shares([line.budget.minor for line in lines])
    return [line_view(line, share, worth) for line, share in zip(lines, parts, strict=True)]


def line_view(line: PlanLine, share: Decimal, worth: Money | None = None) -> LineView:
    placement, pricing, flight = line.placement, line.pricing, line.flight
    return LineView(
        code=line.code,
        channel=line.channel,
        label=line.label,
        vehicle=placement.vehicle,
        format=placement.format,
        market=placement.market,
        audience=placement.audience,
        notes=placement.notes,
        pricing_model=pricing.model,
        rate=pricing.rate,
        rate_currency=pricing.currency if pricing.rate is not None else None,
        unit=pricing.unit,
        quantity=_quantity(line),
        budget=Amount.of(line.budget),
        share=share,
        costs=CostsView.of(line.costs),
        foreign=ForeignView.of(line.foreign) if line.foreign else None,
        start=flight.start if flight else None,
        end=flight.end if flight else None,
        flighting=line.flighting,
        weeks=[
            WeekView(starts=week.starts, budget=Amount.of(Money(week.budget_minor, line.budget.currency)))
            for week in line.weeks
        ],
        impressions=line.delivery.impressions,
        clicks=line.delivery.clicks,
        conversions=conversions(line.delivery),
        completed_views=line.delivery.completed_views,
        cpa=cpa(line.budget, line.delivery),
        roas=roas(line.budget, line.delivery, worth),
        source=line.source,
        locked=line.locked,
        **_seen(line.audience, line.delivery.impressions),
    )


def _quantity(line: PlanLine) -> Decimal | None:
    """None where no rate is agreed, or the rate is in a currency that the net media is not."""
    if line.pricing.rate is None or line.pricing.currency != line.costs.net_media.currency:
        return None
    try:
        return round(line.pricing.quantity(line.costs.net_media), 2)
    except InvalidInput:  # a price of nothing buys no number of units
        return None


def _seen(audience: Audience | None, impressions: int) -> dict[str, Decimal | int | None]:
    if audience is None:
        return {}
    reached = audience.reached
    return {
        "universe": audience.universe,
        "reach": reached,
        "frequency": round(Decimal(impressions) / reached, 2) if reached else None,
        "grp": round(Decimal(100 * impressions) / audience.universe, 1),
    }


def shares(amounts: list[int]) -> list[Decimal]:
    """Percentages to a tenth that add up to 100 (all zero where nothing is spent)."""
    if not sum(amounts):
        return [Decimal("0.0")] * len(amounts)
    return [Decimal(tenths).scaleb(-1) for tenths in split_minor(1000, amounts)]


def conversions(delivery: ExpectedDelivery) -> Decimal:
    return Decimal(delivery.conversions_hundredths).scaleb(-2)


def cpa(cost: Money, delivery: ExpectedDelivery) -> Amount | None:
    """None without a conversion, or a cost."""
    if not delivery.conversions_hundredths or not cost.minor:
        return None
    return Amount.of(cost.times(Fraction(100, delivery.conversions_hundredths)))


def roas(cost: Money, delivery: ExpectedDelivery, worth: Money | None) -> Decimal | None:
    """None where nobody said what a conversion is worth, or nothing is spent."""
    if worth is None or not cost.minor or worth.currency != cost.currency:
        return None
    return round(Decimal(worth.minor * delivery.conversions_hundredths) / (100 * cost.minor), 2)
