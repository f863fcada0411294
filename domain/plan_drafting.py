"""From a brief and what the planner wants to the lines of a plan: allocate, then flight, then forecast."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.exchange import ForeignCost
from domain.ids import LineId, new_id
from domain.media_plans import Draft, PlanVersion
from domain.money import Money
from domain.objectives import Outcome
from domain.plan_brief import LineEconomics, PlanningBrief
from domain.plan_lines import Audience, ExpectedDelivery, FlightWeek, LineSpec, PlanLine
from domain.planning.allocation import Allocation, allocate
from domain.planning.constraints import Allocable
from domain.planning.flighting import FlightPattern, fitted, spread, weeks_of


@dataclass(frozen=True, slots=True)
class LineBounds:
    """What the planner fixed for one line. `kept` pins the amount; it never moves."""

    spec: LineSpec
    minimum: Money | None = None
    maximum: Money | None = None
    kept: Money | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A budget divided over lines, by their codes, and why it fell that way."""

    amounts: Mapping[str, Money]
    explanation: str
    outcome: float
    marginal_return: float  # outcome per extra major unit


def split_budget(brief: PlanningBrief, bounds: Sequence[LineBounds], budget: Money) -> Split:
    """The split with the greatest expected outcome for the campaign's objective, spent to the minor unit."""
    _same_currency(brief, budget)
    _no_line_twice(bounds)
    economics = brief.economics([wanted.spec for wanted in bounds])
    free = [wanted for wanted in bounds if economics[wanted.spec.code].curve() is not None]
    held = _held_amounts(wanted for wanted in bounds if wanted not in free)
    flats = {wanted.spec.code: _flat(economics[wanted.spec.code], wanted) for wanted in free}
    left = _left(budget, held, flats)
    lines = [_allocable(brief, economics[wanted.spec.code], wanted) for wanted in free]
    answer = allocate(left, lines) if free or not held else None
    spent = dict(zip(flats, answer.spend, strict=True)) if answer else {}
    minor = {code: spent[code] + flats[code] for code in spent} | held
    amounts = {w.spec.code: Money(minor[w.spec.code], budget.currency) for w in bounds}
    labels = {wanted.spec.code: wanted.spec.label for wanted in bounds}
    return Split(
        amounts,
        _explain(brief, answer, labels, held) if answer else "",
        answer.outcome if answer else 0.0,
        (answer.marginal_return if answer else 0.0) * _minor_per_major(budget.currency),
    )


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


def optimal_draft(
    brief: PlanningBrief, bounds: Sequence[LineBounds], budget: Money, flighting: FlightPattern, reason: str
) -> Draft:
    split = split_budget(brief, bounds, budget)
    wanted = [(w.spec.kept(w.kept is not None), split.amounts[w.spec.code]) for w in bounds]
    return Draft(build_lines(brief, wanted, flighting), flighting, reason, split.explanation)


def bounds_of(version: PlanVersion, wanted: Iterable[LineBounds], keep: Iterable[str]) -> list[LineBounds]:
    """One per line of the version: kept lines (`keep` are codes) at their amount, the others within what is wanted.

    A line that was kept before stays kept, unless the wish itself sets bounds for it.
    """
    asked = {bounds.spec.code: bounds for bounds in wanted}
    pinned = set(keep)
    for code in (*asked, *pinned):
        version.line(code)
    return [
        LineBounds(line.spec, kept=line.budget)
        if line.code in pinned or (line.locked and line.code not in asked)
        else asked.get(line.code, LineBounds(line.spec))
        for line in version.lines
    ]


def new_specs(brief: PlanningBrief, channels: Sequence[Channel]) -> list[LineSpec]:
    """One plain line per channel, on the advertiser's terms. A market is named where the campaign has exactly one."""
    for channel in channels:
        if channels.count(channel) > 1:
            raise InvalidInput(f"{channel.label} is named twice.", code="duplicate_line", field="channels")
    return [LineSpec(channel.value, channel, fees=brief.terms.fees) for channel in channels]


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
        _foreign(spec, amount),
        spec.flight,
        spec.flighting,
        spec.locked,
        spec.pricing is not None,
        spec.extension,
    )


def _foreign(spec: LineSpec, amount: Money) -> ForeignCost | None:
    """What is paid in the foreign currency for the amount: as agreed while that is its price, else at the same rate."""
    if spec.foreign is None or spec.foreign.in_plan_currency() == amount:
        return spec.foreign
    minor = round(amount.minor / _minor_per_foreign_minor(spec.foreign))
    return replace(spec.foreign, amount=Money(minor, spec.foreign.amount.currency))


def _minor_per_foreign_minor(foreign: ForeignCost) -> Fraction:
    ours, theirs = (_minor_per_major(currency) for currency in (foreign.rate.quote, foreign.rate.base))
    return Fraction(foreign.rate.rate) * ours / theirs


def _allocable(brief: PlanningBrief, economics: LineEconomics, wanted: LineBounds) -> Allocable:
    """In money that is left for media once the line's flat fees are taken off."""
    curve = economics.curve()
    assert curve is not None
    flat = _flat(economics, wanted)

    def less_flat(amount: Money | None) -> int | None:
        if amount is None:
            return None
        _same_currency(brief, amount)
        return max(amount.minor - flat, 0)

    return Allocable(
        wanted.spec.code,
        curve,
        minimum=less_flat(wanted.minimum) or 0,
        maximum=less_flat(wanted.maximum),
        locked=less_flat(wanted.kept),
    )


def _left(budget: Money, held: Mapping[str, int], flats: Mapping[str, int]) -> int:
    """For the lines that can be optimised, once what is given and the flat fees are taken off."""
    left = budget.minor - sum(held.values()) - sum(flats.values())
    if left < 0:
        taken = Money(budget.minor - left, budget.currency)
        raise InvalidInput(
            f"Fixed amounts and flat fees come to {taken}, above the budget of {budget}.",
            code="locked_exceeds_budget",
            field="budget",
        )
    return left


def _flat(economics: LineEconomics, wanted: LineBounds) -> int:
    """A line that is kept at nothing owes no fee."""
    return 0 if wanted.kept is not None and not wanted.kept.minor else economics.flat_fees.minor


def _held_amounts(lines: Iterable[LineBounds]) -> dict[str, int]:
    """A line without a response curve has only the amount it was given."""
    held = {}
    for wanted in lines:
        if wanted.kept is None:
            raise InvalidInput(
                f"There is no benchmark for {wanted.spec.label}, so its budget can't be optimised; give it an amount.",
                code="no_benchmark",
                field="channel",
                line=wanted.spec.code,
            )
        held[wanted.spec.code] = wanted.kept.minor
    return held


def _explain(brief: PlanningBrief, answer: Allocation, labels: Mapping[str, str], held: Mapping[str, int]) -> str:
    currency = brief.currency
    per_thousand = answer.marginal_return * _minor_per_major(currency) * 1000
    parts = [f"The next 1,000 {currency} would bring about {_counted(brief, per_thousand)}."]
    if answer.binding:
        binding = ", ".join(f"{labels[bound.key]} {_HELD[bound.bound]}" for bound in answer.binding)
        parts.append(f"Held: {binding}.")
    free = [code for code in labels if code not in held]
    if idle := [labels[code] for code, spend in zip(free, answer.spend, strict=True) if not spend]:
        parts.append(f"Nothing goes to {', '.join(idle)}: the first {currency} there would bring less than elsewhere.")
    if answer.extrapolated:
        names = ", ".join(labels[code] for code in answer.extrapolated)
        parts.append(f"Beyond the range its figures speak for: {names}.")
    if held:
        parts.append(f"Without a response curve, so left as they are: {', '.join(labels[code] for code in held)}.")
    if answer.unspent:
        parts.append(f"{Money(answer.unspent, currency)} stay unspent: {answer.unspent_reason}")
    return " ".join(parts)


def _counted(brief: PlanningBrief, outcome: float) -> str:
    """Sales count conversions as long as a conversion has no value of its own."""
    counts = brief.campaign.objective.outcome
    if counts is not Outcome.VALUE:
        return f"{outcome:,.1f} {counts.value.replace('_', ' ')}"
    if brief.campaign.value_per_conversion is None:
        return f"{outcome:,.1f} conversions"
    return f"{Money(round(outcome), brief.currency)} of value"


_HELD = {"minimum": "at its minimum", "maximum": "at its maximum", "locked": "kept as it is"}


def _minor_per_major(currency: str) -> int:
    return Money.of(1, currency).minor


def _same_currency(brief: PlanningBrief, amount: Money) -> None:
    if amount.currency != brief.currency:
        raise InvalidInput(
            f"The campaign is in {brief.currency}; {amount} needs a rate.", code="currency_mismatch", field="currency"
        )


def _no_line_twice(bounds: Sequence[LineBounds]) -> None:
    codes = [wanted.spec.code for wanted in bounds]
    for wanted in bounds:
        if codes.count(wanted.spec.code) > 1:
            raise InvalidInput(f"{wanted.spec.label} is named twice.", code="duplicate_line", field="channels")
