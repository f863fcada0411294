"""Lines of one version carried into another: as they are, in proportion, or along with moved dates."""

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from functools import partial

from domain.campaigns import Campaign
from domain.errors import Conflict, InvalidInput
from domain.flights import Flight
from domain.ids import LineId, new_id
from domain.money import Money, split_minor
from domain.planning.flighting.moved import moved_pattern
from domain.planning.flighting.weeks import FlightPattern, weeks_of
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines, foreign_cost
from domain.plans.lines import FlightWeek, LineSpec, PlanLine
from domain.plans.versions import Draft, PlanVersion


def as_it_was(campaign: Campaign, version: PlanVersion, reason: str) -> Draft:
    """The same lines, weeks and expectations, for the campaign of today.

    What a line costs stays; only where the budget is counted on another basis, so is the line. A line keeps the dates
    it had. Raises InvalidInput `over_budget`, `flight_outside_campaign` where the campaign has no room for it any more.
    """
    lines = [_recorded(campaign, version, line) for line in version.lines]
    total = Money.sum((line.budget for line in lines), campaign.budget.currency)
    if total > campaign.budget:
        raise InvalidInput(
            f"Version {version.number} adds up to {total}, {total - campaign.budget} over the budget of "
            f"{campaign.budget}. Raise the budget first, or scale or optimise the plan.",
            code="over_budget",
            field="budget",
        )
    return Draft(tuple(lines), version.flighting, reason, extension=version.extension)


def same_lines(version: PlanVersion, reason: str) -> Draft:
    """The version again, for what it was made for."""
    lines = tuple(replace(line, id=LineId(new_id())) for line in version.lines)
    return Draft(lines, version.flighting, reason, version.explanation, version.extension)


def scaled(brief: PlanningBrief, version: PlanVersion, reason: str, *, along: bool = False) -> Draft:
    """Every line in proportion, so that the plan takes the same share of today's budget; locked lines stay.

    Flighted again over today's dates. Raises Conflict `nothing_to_scale`, InvalidInput `locked_exceeds_budget`.
    """
    wanted = moved(brief, version, along=along)
    total = brief.campaign.budget.times(Fraction(version.total.minor, version.budget.minor))
    amounts = _in_proportion(wanted.lines, total)
    lines = build_lines(brief, zip((spec for spec, _ in wanted.lines), amounts, strict=True), wanted.flighting)
    return Draft(lines, wanted.flighting, reason)


def copied(brief: PlanningBrief, version: PlanVersion, reason: str, *, scale: bool) -> Draft:
    """The lines in another campaign, over its dates: at the same amounts, or in proportion to its budget."""
    if scale:
        return scaled(brief, version, reason, along=True)
    wanted = moved(brief, version, along=True)
    return Draft(build_lines(brief, wanted.lines, wanted.flighting), wanted.flighting, reason)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a version wants, on other dates than it was made for."""

    lines: list[tuple[LineSpec, Money]]
    flighting: FlightPattern


def moved(brief: PlanningBrief, version: PlanVersion, *, along: bool = False) -> Moved:
    """In the campaign's dates and on its basis.

    Where the whole flight moved (or `along`, into another campaign's), a line with dates of its own moves by the same
    days, and its fixed weeks with it; it keeps those that are in the flight. Raises InvalidInput
    `flight_outside_campaign` where none is.
    """
    _same_currency(version, brief.campaign)
    before, now = version.flight, brief.campaign.flight
    by = now.start - before.start if along or now.days == before.days else timedelta(0)
    weeks = partial(weeks_of, first_weekday=brief.first_weekday)

    def laid(pattern: FlightPattern, was: Flight, becomes: Flight) -> FlightPattern:
        there = weeks(becomes.start, becomes.end)
        return moved_pattern(pattern, weeks(was.start, was.end), there, along=along or bool(by))

    lines = []
    for line in version.lines:
        flight = _moved_flight(line, by, now)
        own = laid(line.flighting, line.flight or before, flight or now) if line.flighting else None
        lines.append((replace(line.spec, flight=flight, flighting=own), _counted(line, version, brief.campaign)))
    return Moved(lines, laid(version.flighting, before, now))


def _recorded(campaign: Campaign, version: PlanVersion, line: PlanLine) -> PlanLine:
    _same_currency(version, campaign)
    flight = line.flight or version.flight
    if not campaign.flight.covers(flight):
        raise InvalidInput(
            f"{line.label} runs from {flight} in version {version.number}, the campaign from {campaign.flight}. "
            "Change the campaign's dates first, or scale or optimise the plan over the new ones.",
            code="flight_outside_campaign",
            field="dates",
        )
    amount = _counted(line, version, campaign)
    return replace(
        line,
        id=LineId(new_id()),
        budget=amount,
        weeks=_weeks_of(line, amount),
        foreign=foreign_cost(line.spec, amount),
        flight=None if flight == campaign.flight else flight,
    )


def _weeks_of(line: PlanLine, amount: Money) -> tuple[FlightWeek, ...]:
    if amount == line.budget:
        return line.weeks
    weights = [week.budget_minor for week in line.weeks]
    parts = split_minor(amount.minor, weights if any(weights) else [1] * len(weights))
    return tuple(FlightWeek(week.starts, part) for week, part in zip(line.weeks, parts, strict=True))


def _counted(line: PlanLine, version: PlanVersion, campaign: Campaign) -> Money:
    basis = campaign.budget_basis
    return line.budget if basis is version.basis else line.costs.on(basis)


def _in_proportion(wanted: list[tuple[LineSpec, Money]], total: Money) -> list[Money]:
    held = Money.sum((amount for spec, amount in wanted if spec.locked), total.currency)
    left = total - held
    if left.minor < 0:
        raise InvalidInput(
            f"The locked lines come to {held}, above the {total} that the plan would have.",
            code="locked_exceeds_budget",
            field="budget",
        )
    weights = [0 if spec.locked else amount.minor for spec, amount in wanted]
    if not any(weights):
        raise Conflict(
            "No line can be scaled: what is not locked has nothing. Optimise the plan, or keep it.",
            code="nothing_to_scale",
        )
    parts = left.split(weights)
    return [amount if spec.locked else part for (spec, amount), part in zip(wanted, parts, strict=True)]


def _moved_flight(line: PlanLine, by: timedelta, now: Flight) -> Flight | None:
    if line.flight is None:
        return None
    start, end = max(line.flight.start + by, now.start), min(line.flight.end + by, now.end)
    if start >= end:
        raise InvalidInput(
            f"{line.label} has dates of its own, {line.flight}, and none of them is in {now}. Change them first.",
            code="flight_outside_campaign",
            field="dates",
        )
    return None if (start, end) == (now.start, now.end) else Flight(start, end)


def _same_currency(version: PlanVersion, campaign: Campaign) -> None:
    if version.total.currency != campaign.budget.currency:
        raise InvalidInput(
            f"The plan is in {version.total.currency} and “{campaign.name}” in {campaign.budget.currency}.",
            code="currency_mismatch",
            field="currency",
        )
