"""A plan over the periods of its flight: how much each line has in each of them, with seasons, prices, carry-over."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.errors import InvalidInput
from domain.flights import Flight
from domain.money import Money
from domain.objectives import Outcome
from domain.planning.flighting.weeks import DAYS_PER_WEEK, FlightPattern, Week, weeks_of
from domain.planning.periods.adstock import NO_CARRY_OVER, Adstock
from domain.planning.periods.cuts import (
    Period,
    PeriodLength,
    index_of,
    into_periods,
    into_weeks,
    mostly_in,
    periods_of,
)
from domain.planning.periods.indices import Indices
from domain.planning.periods.lines import PeriodLine
from domain.planning.periods.optimum import optimise_periods
from domain.plans.bounds import LineBounds
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.explanation import counted
from domain.plans.split import outcome_counted, refuse_mixed
from domain.plans.versions import Draft, PlanVersion

ByMonth = Mapping[int, float]  # 1 to 12
LEVEL: ByMonth = {}
_FORGOTTEN = 0.01  # carry-over of less than this is none
_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True)
class YearWishes:
    """`season`, `price` and `paused` are by the line's code; what is not said of a line is level and open.

    retention   the part of a week's media that still works a week later, 0 to below 1
    """

    length: PeriodLength
    budget: Money
    lines: tuple[LineBounds, ...]
    season: Mapping[str, ByMonth] = field(default_factory=dict)
    price: Mapping[str, ByMonth] = field(default_factory=dict)
    paused: Mapping[str, frozenset[int]] = field(default_factory=dict)
    retention: float = 0.0


@dataclass(frozen=True, slots=True)
class YearSplit:
    """Amounts by period for each line that was optimised, flat fees left out, and what they bring."""

    amounts: Mapping[str, Sequence[int]]
    flat_fees: Mapping[str, int]
    counts: Outcome
    outcome: float
    marginal_return: float  # outcome of one more major unit
    gap: float  # how much better another split could be at most, as a part of the outcome
    unspent: int
    unspent_reason: str | None
    extrapolated: Sequence[str]  # codes


def year_split(brief: PlanningBrief, version: PlanVersion, wishes: YearWishes) -> YearSplit:
    """The best split over lines and periods. A kept line, and one without a response curve, keeps its own weeks.

    Raises InvalidInput for what can't hold (`optimise_periods` lists the codes), `nothing_to_optimise` where no line is
    free, `locked_exceeds_budget`.
    """
    refuse_mixed(brief, wishes.budget)
    flight = brief.campaign.flight
    periods = periods_of(flight.start, flight.end, wishes.length, brief.first_weekday)
    economics = brief.economics([one.spec for one in wishes.lines])
    curved = [one for one in wishes.lines if economics[one.spec.code].curve() is not None]
    free = [one for one in curved if one.kept is None]
    if not free:
        raise InvalidInput(
            "No line is free to be optimised: the others are kept, or have no response curve.",
            code="nothing_to_optimise",
            field="keep",
        )
    held = sum(version.line(one.spec.code).budget.minor for one in wishes.lines if one not in free)
    flats = {one.spec.code: economics[one.spec.code].flat_fees.minor for one in free}
    left = wishes.budget.minor - held - sum(flats.values())
    if left < 0:
        raise InvalidInput(
            f"Kept lines and flat fees come to more than the budget of {wishes.budget}.",
            code="locked_exceeds_budget",
            field="budget",
        )
    lines = [_line(one, economics[one.spec.code], periods, wishes, flats[one.spec.code]) for one in free]
    found = optimise_periods(left, [period.days for period in periods], lines)
    return YearSplit(
        {one.spec.code: spend for one, spend in zip(free, found.spend, strict=True)},
        flats,
        outcome_counted(brief),
        found.outcome,
        found.marginal_return * Money.of(1, brief.currency).minor,
        found.gap,
        found.unspent,
        found.unspent_reason,
        found.extrapolated,
    )


def year_draft(brief: PlanningBrief, version: PlanVersion, wishes: YearWishes, split: YearSplit, reason: str) -> Draft:
    """The split as lines whose weeks are fixed; kept lines as they are."""
    flight = brief.campaign.flight
    periods = periods_of(flight.start, flight.end, wishes.length, brief.first_weekday)
    wanted = []
    for one in wishes.lines:
        spec, code = one.spec, one.spec.code
        if code not in split.amounts:
            wanted.append((spec, version.line(code).budget))
            continue
        weeks = _weeks(spec.flight or flight, brief.first_weekday)
        amounts = into_weeks(split.amounts[code], periods, weeks)
        if any(amounts):  # a line that is not bought owes no fee
            first = next(i for i, amount in enumerate(amounts) if amount)
            amounts[first] += split.flat_fees[code]
        fixed = FlightPattern(pinned=tuple((week.start, minor) for week, minor in zip(weeks, amounts, strict=True)))
        wanted.append((replace(spec, flighting=fixed), Money(sum(amounts), brief.currency)))
    lines = build_lines(brief, wanted, version.flighting)
    return Draft(lines, version.flighting, reason, _explained(brief, version, wishes, split))


def totals_of(draft: Draft, brief: PlanningBrief, length: PeriodLength) -> list[tuple[Period, dict[str, int]]]:
    """Minor units by period and the line's code."""
    flight = brief.campaign.flight
    periods = periods_of(flight.start, flight.end, length, brief.first_weekday)
    found: list[tuple[Period, dict[str, int]]] = [(period, {}) for period in periods]
    for line in draft.lines:
        weeks = _weeks(line.flight or flight, brief.first_weekday)
        amounts = into_periods([week.budget_minor for week in line.weeks], weeks, periods)
        for (_, by_code), amount in zip(found, amounts, strict=True):
            by_code[line.code] = amount
    return found


def _line(
    bounds: LineBounds, economics: LineEconomics, periods: Sequence[Period], wishes: YearWishes, flat: int
) -> PeriodLine:
    code, flight, curve = bounds.spec.code, economics.flight, economics.curve()
    assert curve is not None
    closed = frozenset(
        i
        for i, period in enumerate(periods)
        if not period.days_in(flight.start, flight.end) or mostly_in(period, wishes.paused.get(code, frozenset()))
    )
    least, most = bounds.room.low(wishes.budget), bounds.room.high(wishes.budget)
    season, price = wishes.season.get(code, LEVEL), wishes.price.get(code, LEVEL)
    return PeriodLine(
        code,
        curve,
        _adstock(wishes.retention, wishes.length),
        Indices(
            tuple(index_of(period, price) for period in periods), tuple(index_of(period, season) for period in periods)
        ),
        minimum=max((least or 0) - flat, 0),
        maximum=None if most is None else max(most - flat, 0),
        blackout=closed,
    )


def _adstock(retention: float, length: PeriodLength) -> Adstock:
    """Geometric; what is kept of a month is what is kept of so many weeks."""
    if not retention:
        return NO_CARRY_OVER
    days = DAYS_PER_WEEK if length is PeriodLength.WEEKS else _MONTH_DAYS
    kept = retention ** (days / DAYS_PER_WEEK)
    lasts = 1 + math.ceil(math.log(_FORGOTTEN) / math.log(kept)) if kept > _FORGOTTEN else 1
    return Adstock.geometric(kept, min(lasts, 26)) if lasts > 1 else NO_CARRY_OVER


def _weeks(flight: Flight, first_weekday: int) -> list[Week]:
    return weeks_of(flight.start, flight.end, first_weekday)


def _explained(brief: PlanningBrief, version: PlanVersion, wishes: YearWishes, split: YearSplit) -> str:
    currency = brief.currency
    after = ", carry-over after the end counted in full" if wishes.retention else ""
    parts = [
        f"Expected over the periods, with seasons and prices: {counted(split.outcome, split.counts, currency)}{after}.",
        f"The next 1,000 {currency} would bring about {counted(split.marginal_return * 1000, split.counts, currency)}.",
    ]
    if split.gap > 0.001:
        parts.append(f"No other split brings more than {split.gap:.1%} beyond this.")
    if split.extrapolated:
        beyond = ", ".join(version.line(code).label for code in split.extrapolated)
        parts.append(f"Beyond the range its figures speak for: {beyond}.")
    if split.unspent and split.unspent_reason:
        parts.append(f"{Money(split.unspent, currency)} stay unspent: {split.unspent_reason}")
    return " ".join(parts)
