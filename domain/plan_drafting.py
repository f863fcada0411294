"""From a campaign and what the planner wants to the lines of a plan: allocate, then flight, then forecast."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.campaigns import Campaign
from domain.channels import Channel
from domain.errors import InvalidInput
from domain.ids import LineId, new_id
from domain.media_plans import Draft, ExpectedDelivery, FlightWeek, PlanLine, PlanVersion
from domain.money import Money
from domain.objectives import Outcome
from domain.planning.allocation import Allocation, allocate
from domain.planning.benchmarks import benchmark
from domain.planning.constraints import Allocable
from domain.planning.curves import curve_for
from domain.planning.flighting import Flighting, spread, weeks_of
from domain.planning.forecast import deliver


@dataclass(frozen=True, slots=True)
class ChannelBounds:
    """What the planner fixed for one channel. `kept` pins the amount; it never moves."""

    channel: Channel
    minimum: Money | None = None
    maximum: Money | None = None
    kept: Money | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A budget divided over channels, and why it fell that way."""

    amounts: Mapping[Channel, Money]
    explanation: str
    outcome: float
    marginal_return: float  # outcome per extra major unit


def split_budget(campaign: Campaign, bounds: Sequence[ChannelBounds], budget: Money) -> Split:
    """The split with the greatest expected outcome for the campaign's objective, spent to the minor unit."""
    _same_currency(campaign, budget)
    _no_channel_twice(bounds)
    answer = allocate(budget.minor, [_allocable(campaign, wanted) for wanted in bounds])
    amounts = {
        wanted.channel: Money(minor, budget.currency) for wanted, minor in zip(bounds, answer.spend, strict=True)
    }
    return Split(
        amounts,
        _explain(campaign, answer, [wanted.channel for wanted in bounds], budget.currency),
        answer.outcome,
        answer.marginal_return * _minor_per_major(budget.currency),
    )


def flight_weeks(campaign: Campaign, amount: Money, flighting: Flighting, first_weekday: int) -> tuple[FlightWeek, ...]:
    weeks = weeks_of(campaign.flight.start, campaign.flight.end, first_weekday)
    parts = spread(amount.minor, weeks, flighting)
    return tuple(FlightWeek(week.start, part) for week, part in zip(weeks, parts, strict=True))


def expected_delivery(campaign: Campaign, channel: Channel, amount: Money) -> ExpectedDelivery:
    delivery = deliver(benchmark(channel, amount.currency), amount.minor, campaign.flight.days)
    return ExpectedDelivery(delivery.impressions, delivery.clicks, round(delivery.conversions * 100))


def build_lines(
    campaign: Campaign,
    amounts: Mapping[Channel, Money],
    flighting: Flighting,
    first_weekday: int,
    locked: Iterable[Channel] = (),
) -> tuple[PlanLine, ...]:
    pinned = set(locked)
    return tuple(
        assemble_line(
            campaign,
            position,
            channel,
            amount,
            flight_weeks(campaign, amount, flighting, first_weekday),
            expected_delivery(campaign, channel, amount),
            locked=channel in pinned,
        )
        for position, (channel, amount) in enumerate(amounts.items())
    )


def assemble_line(
    campaign: Campaign,
    position: int,
    channel: Channel,
    amount: Money,
    weeks: tuple[FlightWeek, ...],
    delivery: ExpectedDelivery,
    *,
    locked: bool = False,
) -> PlanLine:
    rates = benchmark(channel, amount.currency)
    return PlanLine(
        campaign.tenant_id,
        LineId(new_id()),
        position,
        channel,
        rates.pricing_model,
        amount,
        weeks,
        delivery,
        rates.source,
        locked,
    )


def optimal_draft(
    campaign: Campaign,
    bounds: Sequence[ChannelBounds],
    budget: Money,
    flighting: Flighting,
    first_weekday: int,
    reason: str,
) -> Draft:
    split = split_budget(campaign, bounds, budget)
    locked = [wanted.channel for wanted in bounds if wanted.kept is not None]
    lines = build_lines(campaign, split.amounts, flighting, first_weekday, locked)
    return Draft(lines, flighting, reason, split.explanation)


def bounds_of(version: PlanVersion, wanted: Iterable[ChannelBounds], keep: Iterable[Channel]) -> list[ChannelBounds]:
    """One per channel of the version: kept lines at their amount, the others within what is wanted.

    A line that was kept before stays kept, unless the wish itself sets bounds for it.
    """
    asked = {bounds.channel: bounds for bounds in wanted}
    pinned = set(keep)
    for channel in (*asked, *pinned):
        if version.line_of(channel) is None:
            raise InvalidInput(f"{channel.label} is not in the plan.", code="channel_not_in_plan", field="channel")
    return [
        ChannelBounds(line.channel, kept=line.budget)
        if line.channel in pinned or (line.locked and line.channel not in asked)
        else asked.get(line.channel, ChannelBounds(line.channel))
        for line in version.lines
    ]


def _allocable(campaign: Campaign, wanted: ChannelBounds) -> Allocable:
    rates = benchmark(wanted.channel, campaign.budget.currency)
    for amount in (wanted.minimum, wanted.maximum, wanted.kept):
        if amount is not None:
            _same_currency(campaign, amount)
    return Allocable(
        wanted.channel.value,
        curve_for(rates, campaign.objective, campaign.flight.days),
        minimum=wanted.minimum.minor if wanted.minimum else 0,
        maximum=wanted.maximum.minor if wanted.maximum else None,
        locked=wanted.kept.minor if wanted.kept else None,
    )


def _explain(campaign: Campaign, answer: Allocation, channels: Sequence[Channel], currency: str) -> str:
    outcome = _counted(campaign).replace("_", " ")
    per_thousand = answer.marginal_return * _minor_per_major(currency) * 1000
    parts = [f"The next 1,000 {currency} would bring about {per_thousand:,.1f} {outcome}."]
    if answer.binding:
        held = ", ".join(f"{Channel(bound.key).label} {_HELD[bound.bound]}" for bound in answer.binding)
        parts.append(f"Held: {held}.")
    if idle := [channel.label for channel, spend in zip(channels, answer.spend, strict=True) if not spend]:
        parts.append(f"Nothing goes to {', '.join(idle)}: the first {currency} there would bring less than elsewhere.")
    if answer.extrapolated:
        names = ", ".join(Channel(key).label for key in answer.extrapolated)
        parts.append(f"Beyond the range its figures speak for: {names}.")
    if answer.unspent:
        parts.append(f"{Money(answer.unspent, currency)} stay unspent: {answer.unspent_reason}")
    return " ".join(parts)


def _counted(campaign: Campaign) -> str:
    """Sales count conversions as long as a conversion has no value of its own."""
    outcome = campaign.objective.outcome
    return Outcome.CONVERSIONS if outcome is Outcome.VALUE else outcome


_HELD = {"minimum": "at its minimum", "maximum": "at its maximum", "locked": "kept as it is"}


def _minor_per_major(currency: str) -> int:
    return Money.of(1, currency).minor


def _same_currency(campaign: Campaign, amount: Money) -> None:
    if amount.currency != campaign.budget.currency:
        raise InvalidInput(
            f"The campaign is in {campaign.budget.currency}; {amount} needs a rate.",
            code="currency_mismatch",
            field="currency",
        )


def _no_channel_twice(bounds: Sequence[ChannelBounds]) -> None:
    channels = [wanted.channel for wanted in bounds]
    for channel in channels:
        if channels.count(channel) > 1:
            raise InvalidInput(f"{channel.label} is named twice.", code="duplicate_line", field="channels")
