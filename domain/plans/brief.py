"""What a plan is made from: the campaign, the terms it is bought on, what media costs and what it brings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from domain.advertisers import AdvertiserTerms
from domain.campaigns import Campaign
from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.fees import CostBreakdown, FeeSchedule, break_down, flat_total, media_share
from domain.flights import Flight
from domain.ids import CurveId
from domain.money import Money, exponent
from domain.objectives import Outcome
from domain.planning.curves.benchmarks import Benchmark, Benchmarks
from domain.planning.curves.forecast import deliver
from domain.planning.curves.response_curves import MILLE, ResponseCurve, curve_for
from domain.plans.lines import Audience, ExpectedDelivery, LineSpec
from domain.pricing import Pricing
from domain.stored_curves import StoredCurve, curve_speaking

TYPED_RATE = "typed rate"


@dataclass(frozen=True, slots=True)
class PlanningBrief:
    campaign: Campaign
    benchmarks: Benchmarks = field(default_factory=Benchmarks)
    terms: AdvertiserTerms = field(default_factory=AdvertiserTerms)
    first_weekday: int = 0
    curves: tuple[StoredCurve, ...] = ()  # that the tenant keeps
    advertiser_today: str | None = None  # its name, whatever it was called when the campaign was made

    @property
    def currency(self) -> str:
        return self.campaign.budget.currency

    def economics(self, specs: Sequence[LineSpec]) -> "dict[str, LineEconomics]":
        """By the line's code. Lines with the same channel, market and audience share that audience equally."""
        sharing = Counter(_shared(spec) for spec in specs)
        spoken_for = {spec.code: self.stored_curve(spec) for spec in specs}
        together = Counter(stored.id for stored in spoken_for.values() if stored)
        return {
            spec.code: LineEconomics(self, spec, sharing[_shared(spec)], _alike(spoken_for[spec.code], together))
            for spec in specs
        }

    @property
    def counts(self) -> Outcome:
        """The outcome of the objective; sales count conversions as long as nobody has said what one is worth."""
        counts = self.campaign.objective.outcome
        unknown = counts is Outcome.VALUE and self.campaign.value_per_conversion is None
        return Outcome.CONVERSIONS if unknown else counts

    @property
    def advertiser(self) -> str | None:
        return self.advertiser_today or self.campaign.advertiser

    @property
    def fees(self) -> FeeSchedule:
        """Of a new line."""
        return self.terms.fees_in(self.currency)

    def market_of(self, spec: LineSpec) -> str | None:
        """A line that names no market runs in the campaign's, where that has one alone."""
        markets = self.campaign.markets
        return spec.placement.market or (markets[0] if len(markets) == 1 else None)

    def stored_curve(self, spec: LineSpec) -> StoredCurve | None:
        return curve_speaking(self.curves, self.campaign, spec.channel, self.market_of(spec), self.counts)


def _shared(spec: LineSpec) -> tuple[Channel, str | None, str | None]:
    return spec.channel, spec.placement.market, spec.placement.audience


def _alike(stored: StoredCurve | None, together: Counter[CurveId]) -> int:
    return together[stored.id] if stored else 1


@dataclass(frozen=True, slots=True)
class LineEconomics:
    """What money does on one line. Amounts are on the campaign's budget basis, in its currency.

    The tenant's own curve of the outcome that is wanted comes before the one that follows from the benchmark. A channel
    with neither needs a typed rate (`no_benchmark`); it then delivers what that rate buys, and has no response curve.
    """

    brief: PlanningBrief
    spec: LineSpec
    sharing: int = 1  # how many lines have the audience, this one included
    alike: int = 1  # how many lines the stored curve speaks for, this one included
    _stored: StoredCurve | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stored", self.brief.stored_curve(self.spec))

    @property
    def flight(self) -> Flight:
        return self.spec.flight or self.brief.campaign.flight

    @property
    def pricing(self) -> Pricing:
        """As asked for, else as the channel is usually bought, at no agreed rate."""
        if self.spec.pricing is not None:
            return self.spec.pricing
        found = self._found()
        return Pricing(found.pricing_model if found else PricingModel.FLAT_RATE, None, self.brief.currency)

    @property
    def source(self) -> str:
        found = self._found()
        stored = self._stored
        parts = [
            TYPED_RATE if self._typed else "",
            found.source if found else "",
            stored.cited(self.flight.days) if stored else "",
        ]
        return "; ".join(part for part in parts if part)

    @property
    def flat_fees(self) -> Money:
        return flat_total(self.spec.fees, self.brief.currency)

    def costs(self, amount: Money) -> CostBreakdown:
        terms, campaign = self.brief.terms, self.brief.campaign
        return break_down(amount, campaign.budget_basis, self.spec.fees, terms.agency_discount, self._net_cpm())

    def curve(self) -> ResponseCurve | None:
        """Outcome by spend, once the flat fees are taken off it; None with neither a curve nor a benchmark."""
        value = self.brief.campaign.value_per_conversion
        worth = value.minor if value else None
        if stored := self._stored:
            return stored.of_line(self.flight.days, self._share(), self.alike, self.brief.counts, worth)
        rates = self._all_in()
        if rates is None:
            return None
        return curve_for(rates, self.brief.campaign.objective, self.flight.days, value_per_conversion=worth)

    def outcome(self, amount: Money) -> float:
        """By the curve; 0 without one."""
        curve = self.curve()
        return curve.outcome(max(amount.minor - self.flat_fees.minor, 0)) if curve else 0.0

    def delivery(self, amount: Money) -> tuple[ExpectedDelivery, Audience | None]:
        working = max(amount.minor - self.flat_fees.minor, 0)
        rates = self._all_in()
        if rates is None:
            return self._measured(self._bought(amount), None, working)
        found = deliver(rates, working, self.flight.days)
        delivered = ExpectedDelivery(
            found.impressions, found.clicks, round(found.conversions * 100), found.completed_views
        )
        return self._measured(delivered, Audience(rates.audience, min(found.reach, found.impressions)), working)

    def _measured(
        self, delivered: ExpectedDelivery, audience: Audience | None, working: int
    ) -> tuple[ExpectedDelivery, Audience | None]:
        """With the stored curve's word for the outcome that it counts."""
        if self._stored is None or (curve := self.curve()) is None:
            return delivered, audience
        outcome = curve.outcome(working)
        match curve.counts:
            case Outcome.REACH:
                seen = Audience(audience.universe, min(round(outcome), audience.universe)) if audience else None
                return delivered, seen
            case Outcome.CLICKS:
                return replace(delivered, clicks=round(outcome)), audience
            case Outcome.COMPLETED_VIEWS:
                return replace(delivered, completed_views=round(outcome)), audience
            case Outcome.VALUE:
                value = self.brief.campaign.value_per_conversion
                outcome = outcome / value.minor if value else 0
        return replace(delivered, conversions_hundredths=round(outcome * 100)), audience

    @property
    def _typed(self) -> bool:
        return self.spec.pricing is not None and self.spec.pricing.rate is not None

    def _found(self) -> Benchmark | None:
        """Refuses with `no_benchmark` where nothing else says what the line costs or brings."""
        asked = self.spec.channel, self.brief.currency, self.brief.market_of(self.spec)
        enough = self._typed or self._stored is not None
        return self.brief.benchmarks.find(*asked) if enough else self.brief.benchmarks.of(*asked)

    def _priced(self) -> Pricing:
        """The pricing in the plan's currency."""
        pricing = self.pricing
        if pricing.currency == self.brief.currency:
            return pricing
        if self.spec.foreign is None or pricing.currency != self.spec.foreign.amount.currency:
            raise InvalidInput(
                f"{self.spec.label} is bought in {pricing.currency}; a rate to {self.brief.currency} is needed.",
                code="rate_required",
                field="exchange_rate",
            )
        rate = None if pricing.rate is None else round(pricing.rate * self.spec.foreign.rate.rate, 6)
        return replace(pricing, rate=rate, currency=self.brief.currency)

    def _net_cpm(self) -> Fraction | None:
        """Minor units of net media for a thousand impressions; None where the line's price says nothing of them."""
        rates = self._found()
        if rates is not None:
            return self._priced().cpm(rates)
        rate = self._priced().rate if self.pricing.model is PricingModel.CPM else None
        return None if rate is None else Fraction(rate) * 10 ** exponent(self.brief.currency)

    def _all_in(self) -> Benchmark | None:
        """The benchmark at the line's own price, fees and discount included, and with its part of the audience."""
        rates = self._found()
        if rates is None:
            return None
        net = self._priced().cpm(rates)
        return replace(rates, cpm=net / self._share(), audience=max(rates.audience // self.sharing, 1))

    def _share(self) -> Fraction:
        """Net media in one unit of the line's money, once the flat fees are off it."""
        terms, basis = self.brief.terms, self.brief.campaign.budget_basis
        return media_share(
            self.spec.fees, self.brief.currency, self._net_cpm(), basis=basis, discount=terms.agency_discount
        )

    def _bought(self, amount: Money) -> ExpectedDelivery:
        """Without a benchmark: the units that are paid for, and nothing that would follow from them."""
        units = Fraction(self._priced().quantity(self.costs(amount).net_media))
        match self.pricing.model:
            case PricingModel.CPM:
                return ExpectedDelivery(impressions=int(units * MILLE))
            case PricingModel.CPC:
                return ExpectedDelivery(clicks=int(units))
            case PricingModel.CPCV:
                return ExpectedDelivery(completed_views=int(units))
            case PricingModel.CPA:
                return ExpectedDelivery(conversions_hundredths=int(units * 100))
            case _:
                return ExpectedDelivery()
