"""From stated lines to the lines of a plan: which channel, at which price, for how much, over which weeks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from domain.channels import Channel, PricingModel
from domain.errors import DomainError, InvalidInput
from domain.exchange import ExchangeRate, ForeignCost
from domain.fees import BudgetBasis, Fee, FeeBasis, break_down
from domain.flights import Flight
from domain.money import Money, exponent
from domain.planning.flighting.weeks import DAYS_PER_WEEK, Flighting, FlightPattern, weeks_of
from domain.plans.brief import PlanningBrief
from domain.plans.imports.channels import Channels, Found
from domain.plans.imports.proposal import ImportProblem, StatedLine, error, note, warning
from domain.plans.lines import LineSpec, Placement, code_for
from domain.plans.media_plans import MOST_LINES
from domain.pricing import Pricing
from domain.rates import RATE_DECIMALS

DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
_NEAR = Decimal("0.01")  # of the larger: what rounding explains between a rate times its quantity and a cost


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """`stated` is its cost as the document has it, on the campaign's basis; `amount` the same in the plan's money."""

    row: int
    spec: LineSpec
    stated: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """What a person adds to a document. Rates by the currency they are from."""

    brief: PlanningBrief
    channels: Channels
    rates: Mapping[str, ExchangeRate] = field(default_factory=dict)


@dataclass(slots=True)
class Proposal:
    lines: list[ProposedLine] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)


def proposed(stated: Sequence[StatedLine], terms: ImportTerms) -> Proposal:
    """A line for each that can be one; for each that can't, the reason.

    Raises InvalidInput `too_many_lines`, `no_lines`.
    """
    must_be_few(len(stated))
    if not stated:
        raise InvalidInput("The document has no line of a plan.", code="no_lines", field="file")
    found, taken = Proposal(), set[str]()
    for line in stated:
        try:
            made = _Line(line, terms, found.problems).proposed(taken)
        except DomainError as refused:
            found.problems.append(error(refused.code, refused.message, line.row, refused.field))
            continue
        taken.add(made.spec.code)
        found.lines.append(made)
    return found


def must_be_few(lines: int) -> None:
    if lines > MOST_LINES:
        raise InvalidInput(
            f"The document has {lines:,} lines; a plan may have {MOST_LINES}.", code="too_many_lines", field="file"
        )


class _Line:
    """One stated line on its way. Everything it settles by itself is said in `problems`."""

    def __init__(self, line: StatedLine, terms: ImportTerms, problems: list[ImportProblem]) -> None:
        self._line = line
        self._terms = terms
        self._brief = terms.brief
        self._problems = problems
        self._currency = self._currency_meant()
        self._fees = tuple(_rounded(fee, self._currency) for fee in line.fees)

    def proposed(self, taken: set[str]) -> ProposedLine:
        line, brief = self._line, self._brief
        found = self._terms.channels.of(line)
        self._say_channel(found)
        flight, rate = self._flight(), self._exchange()
        fees = tuple(_converted(fee, rate) for fee in self._fees)
        stated = self._stated()
        foreign = ForeignCost(stated, rate) if rate else None
        amount = foreign.in_plan_currency() if foreign else stated
        placement = Placement(**line.placement)
        code, extension = self._code(found, taken)
        spec = LineSpec(code, found.channel, placement, None, fees, foreign, flight, None, line.locked, extension)
        net = break_down(stated, brief.campaign.budget_basis, self._fees, brief.terms.agency_discount).net_media
        spec = replace(spec, pricing=self._pricing(spec, net), flighting=self._flighting(flight, stated))
        self._compare(stated, net)
        return ProposedLine(line.row, spec, stated, amount)

    def _say_channel(self, found: Found) -> None:
        if found.why:
            code = "channel_unknown" if found.channel is Channel.OTHER else "channel_guessed"
            self._warn(code, found.why, "channel")

    def _currency_meant(self) -> str:
        said, plan = self._line.currency, self._brief.currency
        if said is None:
            return plan
        if said == "$":
            if plan in DOLLARS:
                return plan
            raise InvalidInput(
                "Which dollar is meant? Give the column a currency.", code="ambiguous_currency", field="currency"
            )
        exponent(said)
        return said

    def _exchange(self) -> ExchangeRate | None:
        """A person's rate counts before the document's. Raises `rate_required`: it is asked for, never guessed."""
        plan, line = self._brief.currency, self._line
        if self._currency == plan:
            return None
        if given := self._terms.rates.get(self._currency):
            return given
        if line.exchange is None:
            raise InvalidInput(
                f"The line is in {self._currency}, the plan in {plan}: an exchange rate is needed, with its source and "
                "date.",
                code="rate_required",
                field="exchange",
                currency=self._currency,
            )
        return ExchangeRate(self._currency, plan, line.exchange.rate, line.exchange.source, line.exchange.on)

    def _stated(self) -> Money:
        """What the line costs on the campaign's basis, in its own currency."""
        basis, discount = self._brief.campaign.budget_basis, self._brief.terms.agency_discount
        for named, value in self._costs(basis):
            money = self._money(value, named)
            if named is None or named is basis:
                return money
            return break_down(money, named, self._fees, discount).on(basis)
        raise InvalidInput("What does the line cost?", code="cost_required", field="cost")

    def _costs(self, basis: BudgetBasis) -> Iterator[tuple[BudgetBasis | None, Decimal]]:
        """The one on the campaign's own basis first; then what a price and a quantity, or the weeks, come to."""
        line = self._line
        for named in (basis, None, *(each for each in BudgetBasis if each is not basis)):
            if named in line.costs:
                yield named, line.costs[named]
        if line.weeks:
            yield None, sum((amount for _, amount in line.weeks), Decimal(0))
        if line.pricing_model and line.rate is not None and line.quantity is not None:
            bought = Pricing(line.pricing_model, _rate(line.rate), self._currency).cost(_quantity(line.quantity))
            yield BudgetBasis.NET_MEDIA, bought.major

    def _money(self, value: Decimal, named: BudgetBasis | None) -> Money:
        places = exponent(self._currency)
        if not value.is_finite() or value.adjusted() > 20:
            raise InvalidInput(f"{value} is no amount.", code="not_an_amount", field=named or "cost")
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        if abs(rounded - value) > Decimal("0.000001"):
            self._problems.append(note("rounded", f"{value:f} is rounded to {rounded:f}.", self._line.row, "cost"))
        if rounded < 0:
            raise InvalidInput(f"A line can't cost {rounded:,f}.", code="negative_line", field=named or "cost")
        return Money.of(rounded, self._currency)

    def _flight(self) -> Flight | None:
        line, campaign = self._line, self._brief.campaign.flight
        if line.start is None and line.end is None:
            return None
        flight = Flight(line.start or campaign.start, line.end or campaign.end)
        campaign.must_cover(flight)
        return None if flight == campaign else flight

    def _flighting(self, flight: Flight | None, stated: Money) -> FlightPattern | None:
        """The document's weeks as a shape: they add up to the line, now and when it changes."""
        line = self._line
        if not line.weeks or not any(amount for _, amount in line.weeks):
            return None
        self._must_add_up(stated)
        weights = weights_of(line.weeks, flight or self._brief.campaign.flight, self._brief.first_weekday)
        return FlightPattern(Flighting.CUSTOM, weights)

    def _must_add_up(self, stated: Money) -> None:
        total = sum((amount for _, amount in self._line.weeks), Decimal(0))
        costs = [*self._line.costs.values(), stated.major]
        leeway = Decimal(1).scaleb(-exponent(self._currency)) * len(self._line.weeks)
        if not any(abs(total - cost) <= leeway for cost in costs):
            raise InvalidInput(
                f"The weeks come to {total:,f}, the line costs {stated.major:,f}. Leave out the column of the cost or "
                "those of the weeks, or correct the document.",
                code="weeks_do_not_add_up",
                field="week",
            )

    def _pricing(self, spec: LineSpec, net: Money) -> Pricing | None:
        line = self._line
        model, rate = line.pricing_model, line.rate
        if model and rate is None and line.quantity and net.minor:
            rate = net.major / line.quantity
        if model and rate:
            return Pricing(model, _rate(rate), self._currency)
        if rate is not None and not model:
            self._warn("rate_without_model", f"A rate of {rate:f}, but of what? It is not used.", "rate")
        if self._brief.benchmarks.find(spec.channel, self._brief.currency, spec.placement.market):
            return Pricing(model, None, self._brief.currency) if model else None
        flat = Pricing(PricingModel.FLAT_RATE, _rate(net.major), self._currency)
        text = "No rate, and no benchmark for the channel: taken as bought for what it costs."
        self._problems.append(note("bought_flat", text, line.row, "rate"))
        return flat

    def _compare(self, stated: Money, net: Money) -> None:
        """What the document says of the same cost in other words."""
        line, brief = self._line, self._brief
        basis, discount = brief.campaign.budget_basis, brief.terms.agency_discount
        steps = break_down(stated, basis, self._fees, discount)
        for named, value in line.costs.items():
            ours = steps.on(named or basis).major
            if abs(ours - value) > Decimal("0.02") * max(len(self._fees), 1):
                word = (named or basis).replace("_", " ")
                text = f"The document says {word} {value:,f}; by the advertiser's terms and its fees it is {ours:,f}."
                self._warn("costs_differ", text, named or "cost")
        if line.pricing_model and line.rate and line.quantity:
            bought = Pricing(line.pricing_model, _rate(line.rate), self._currency).cost(_quantity(line.quantity)).major
            if abs(bought - net.major) > _NEAR * max(bought, net.major):
                units = f"{line.quantity.normalize():f} at {line.rate:f}"
                text = f"{units} come to {bought:,f}, not to net media {net.major:,f}."
                self._warn("rate_times_quantity_differs", text, "quantity")

    def _code(self, found: Found, taken: set[str]) -> tuple[str, Mapping[str, object]]:
        """The document's own, where it can be one. What it says otherwise goes along."""
        line, extension = self._line, dict(self._line.extension)
        if found.kept_word:
            extension.setdefault("channel", found.kept_word)
        if line.code is None:
            return code_for(found.channel, taken), extension
        try:
            code = LineSpec(line.code, found.channel).code
        except InvalidInput:
            code = ""
        if not code or code in taken:
            extension.setdefault("id", line.code)
            return code_for(found.channel, taken), extension
        return code, extension

    def _warn(self, code: str, message: str, field: str) -> None:
        self._problems.append(warning(code, message, self._line.row, field))


def weights_of(amounts: Sequence[tuple[date, Decimal]], flight: Flight, first_weekday: int) -> tuple[Decimal, ...]:
    """One for each week of the flight: what the document has in it. Raises InvalidInput `week_outside_flight`."""
    weeks = weeks_of(flight.start, flight.end, first_weekday)
    places = {_calendar_week(week.start, first_weekday): place for place, week in enumerate(weeks)}
    weights = [Decimal(0)] * len(weeks)
    for day, amount in amounts:
        place = places.get(_calendar_week(day, first_weekday))
        if place is not None:
            weights[place] += amount
        elif amount:
            raise InvalidInput(
                f"The week of {day} has {amount:,f}, but lies outside the line's flight ({flight}).",
                code="week_outside_flight",
                field="week",
            )
    return tuple(_rate(weight) for weight in weights)


def _calendar_week(day: date, first_weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - first_weekday) % DAYS_PER_WEEK)


def _rounded(fee: Fee, currency: str) -> Fee:
    if fee.basis is not FeeBasis.FLAT:
        return fee
    return replace(fee, value=fee.value.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_EVEN))


def _converted(fee: Fee, rate: ExchangeRate | None) -> Fee:
    """Flat fees are the plan's money."""
    if rate is None or fee.basis is not FeeBasis.FLAT:
        return fee
    return replace(fee, value=rate.convert(Money.of(fee.value, rate.base)).major)


def _rate(value: Decimal) -> Decimal:
    """To as many decimals as a rate has: spreadsheets have sixteen digits of everything."""
    return value.quantize(Decimal(1).scaleb(-RATE_DECIMALS), ROUND_HALF_EVEN)


def _quantity(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-RATE_DECIMALS), ROUND_HALF_EVEN)
