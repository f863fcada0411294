"""What a plan is made from: the campaign, the terms it is bought on, what media costs and what it brings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from domain.advertisers import AdvertiserTerms
from domain.campaigns import Campaign
from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.fees import CostBreakdown, break_down, flat_total, media_share
from domain.flights import Flight
from domain.money import Money, exponent
from domain.plan_lines import Audience, ExpectedDelivery, LineSpec
from domain.planning.benchmarks import Benchmark, Benchmarks
from domain.planning.curves import MILLE, ResponseCurve, curve_for
from domain.planning.forecast import deliver
from domain.pricing import Pricing

TYPED_RATE = "typed rate"


@dataclass(frozen=True, slots=True)
class PlanningBrief:
    campaign: Campaign
    benchmarks: Benchmarks = field(default_factory=Benchmarks)
    terms: AdvertiserTerms = field(default_factory=AdvertiserTerms)
    first_weekday: int = 0

    @property
    def currency(self) -> str:
        return self.campaign.budget.currency

    def economics(self, specs: Sequence[LineSpec]) -> "dict[str, LineEconomics]":
        """By the line's code. Lines with the same channel, market and audience share that audience equally."""
        sharing = Counter(_shared(spec) for spec in specs)
        return {spec.code: LineEconomics(self, spec, sharing[_shared(spec)]) for spec in specs}


def _shared(spec: LineSpec) -> tuple[Channel, str | None, str | None]:
    return spec.channel, spec.placement.market, spec.placement.audience


@dataclass(frozen=True, slots=True)
class LineEconomics:
    """What money does on one line. Amounts are on the campaign's budget basis, in its currency.

    A channel without a benchmark needs a typed rate (`no_benchmark`); it then delivers what that rate buys, and has no
    response curve.
    """

    brief: PlanningBrief
    spec: LineSpec
    sharing: int = 1  # how many lines have the audience, this one included

    @property
    def flight(self) -> Flight:
        return self.spec.flight or self.brief.campaign.flight

    @property
    def pricing(self) -> Pricing:
        """As asked for, else as the channel is usually bought, at no agreed rate."""
        if self.spec.pricing is not None:
            return self.spec.pricing
        return Pricing(self._benchmark().pricing_model, None, self.brief.currency)

    @property
    def source(self) -> str:
        found = self._found()
        typed = [TYPED_RATE] if self._typed else []
        return "; ".join([*typed, *([found.source] if found else [])])

    @property
    def flat_fees(self) -> Money:
        return flat_total(self.spec.fees, self.brief.currency)

    def costs(self, amount: Money) -> CostBreakdown:
        terms, campaign = self.brief.terms, self.brief.campaign
        return break_down(amount, campaign.budget_basis, self.spec.fees, terms.agency_discount, self._net_cpm())

    def curve(self) -> ResponseCurve | None:
        """Outcome by spend, once the flat fees are taken off it; None without a benchmark."""
        rates = self._all_in()
        if rates is None:
            return None
        value = self.brief.campaign.value_per_conversion
        return curve_for(
            rates,
            self.brief.campaign.objective,
            self.flight.days,
            value_per_conversion=value.minor if value else None,
        )

    def outcome(self, amount: Money) -> float:
        """By the curve; 0 without one."""
        curve = self.curve()
        return curve.outcome(max(amount.minor - self.flat_fees.minor, 0)) if curve else 0.0

    def delivery(self, amount: Money) -> tuple[ExpectedDelivery, Audience | None]:
        working = max(amount.minor - self.flat_fees.minor, 0)
        rates = self._all_in()
        if rates is None:
            return self._bought(amount), None
        found = deliver(rates, working, self.flight.days)
        delivered = ExpectedDelivery(
            found.impressions, found.clicks, round(found.conversions * 100), found.completed_views
        )
        return delivered, Audience(rates.audience, min(found.reach, found.impressions))

    @property
    def _typed(self) -> bool:
        return self.spec.pricing is not None and self.spec.pricing.rate is not None

    def _found(self) -> Benchmark | None:
        if self._typed:
            return self.brief.benchmarks.find(self.spec.channel, self.brief.currency, self.spec.placement.market)
        return self._benchmark()

    def _benchmark(self) -> Benchmark:
        return self.brief.benchmarks.of(self.spec.channel, self.brief.currency, self.spec.placement.market)

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
        terms, basis = self.brief.terms, self.brief.campaign.budget_basis
        share = media_share(self.spec.fees, self.brief.currency, net, basis=basis, discount=terms.agency_discount)
        return replace(rates, cpm=net / share, audience=max(rates.audience // self.sharing, 1))

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
