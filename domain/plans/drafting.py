"""From a brief and what the planner wants to the lines of a plan: allocate, then flight, then forecast."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.exchange import ForeignCost
from domain.ids import LineId, new_id
from domain.money import Money
from domain.planning.flighting.weeks import FlightPattern, fitted, spread, weeks_of
from domain.plans.bounds import Limits, LineBounds
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.explanation import explained
from domain.plans.goals import Goal, split_for_goal
from domain.plans.lines import Audience, ExpectedDelivery, FlightWeek, LineSpec, PlanLine
from domain.plans.media_plans import Draft
from domain.plans.split import Split
from domain.plans.splitting import split_budget


@dataclass(frozen=True, slots=True)
class Optimum:
    """A draft, and the split it was made of."""

    draft: Draft
    split: Split


def build_lines(
    brief: PlanningBrief, wanted: Iterable[tuple[LineSpec, Money]], flighting: FlightPattern
) -> tuple[PlanLine, ...]:
    """Lines at these amounts, in this order. A line without a pattern of its own follows `flighting`."""
    each = list(wanted)
    economics = brief.economics([spec for spec, _ in each])
    return tuple(
        assemble_line(
            economics[spec.code],
            position,
            amount,
            flight_weeks(economics[spec.code], amount, flighting),
            *economics[spec.code].delivery(amount),
        )
        for position, (spec, amount) in enumerate(each)
    )


def optimum(
    brief: PlanningBrief,
    limits: Limits,
    budget: Money,
    flighting: FlightPattern,
    reason: str,
    present: Mapping[str, Money] | None = None,
    goal: Goal | None = None,
) -> Optimum:
    """The best plan within the limits, of the whole budget or of as much of it as the goal allows. Refuses what
    `split_budget`, `split_for_goal` and `spread` refuse."""
    if goal:
        split = split_for_goal(brief, limits, goal, budget, present)
    else:
        split = split_budget(brief, limits, budget, present)
    return drafted_from(brief, limits, split, flighting, reason)


def optimal_draft(
    brief: PlanningBrief, bounds: Sequence[LineBounds], budget: Money, flighting: FlightPattern, reason: str
) -> Draft:
    return optimum(brief, Limits(tuple(bounds)), budget, flighting, reason).draft


def drafted_from(brief: PlanningBrief, limits: Limits, split: Split, flighting: FlightPattern, reason: str) -> Optimum:
    wanted = [(one.spec.kept(one.kept is not None), split.amounts[one.spec.code]) for one in limits.lines]
    lines = build_lines(brief, wanted, flighting)
    return Optimum(Draft(lines, flighting, reason, explained(split)), split)


def new_specs(brief: PlanningBrief, channels: Sequence[Channel]) -> list[LineSpec]:
    """One plain line per channel, on the advertiser's terms. A market is named where the campaign has exactly one."""
    for channel in channels:
        if channels.count(channel) > 1:
            raise InvalidInput(f"{channel.label} is named twice.", code="duplicate_line", field="channels")
    return [LineSpec(channel.value, channel, fees=brief.fees) for channel in channels]


def flight_weeks(economics: LineEconomics, amount: Money, flighting: FlightPattern) -> tuple[FlightWeek, ...]:
    economics.brief.campaign.flight.must_cover(economics.flight)
    weeks = weeks_of(economics.flight.start, economics.flight.end, economics.brief.first_weekday)
    parts = spread(amount.minor, weeks, economics.spec.flighting or fitted(flighting, weeks))
    return tuple(FlightWeek(week.start, part) for week, part in zip(weeks, parts, strict=True))


def assemble_line(
    economics: LineEconomics,
    position: int,
    amount: Money,
    weeks: tuple[FlightWeek, ...],
    delivery: ExpectedDelivery,
    audience: Audience | None,
) -> PlanLine:
    spec = economics.spec
    return PlanLine(
        economics.brief.campaign.tenant_id,
        LineId(new_id()),
        position,
        spec.code,
        spec.channel,
        economics.pricing,
        amount,
        economics.costs(amount),
        weeks,
        delivery,
        economics.source,
        audience,
        spec.placement,
        spec.fees,
        foreign_cost(spec, amount),
        spec.flight,
        spec.flighting,
        spec.locked,
        spec.pricing is not None,
        spec.extension,
    )


def foreign_cost(spec: LineSpec, amount: Money) -> ForeignCost | None:
    """What is paid in the foreign currency for the amount: as agreed while that is its price, else at the same rate."""
    if spec.foreign is None or spec.foreign.in_plan_currency() == amount:
        return spec.foreign
    minor = round(amount.minor / _minor_per_foreign_minor(spec.foreign))
    return replace(spec.foreign, amount=Money(minor, spec.foreign.amount.currency))


def _minor_per_foreign_minor(foreign: ForeignCost) -> Fraction:
    ours, theirs = (_minor_per_major(currency) for currency in (foreign.rate.quote, foreign.rate.base))
    return Fraction(foreign.rate.rate) * ours / theirs


def _minor_per_major(currency: str) -> int:
    return Money.of(1, currency).minor
