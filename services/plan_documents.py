"""From a plan's version and what it was made from to the document of it. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.errors import InvalidInput
from domain.fees import total_costs
from domain.flights import Flight
from domain.money import Money
from domain.naming import NameParts, NamingPattern
from domain.planning.flighting.weeks import DAYS_PER_WEEK
from domain.plans.brief import PlanningBrief
from domain.plans.lines import PlanLine
from domain.plans.media_plans import MOST_LINES, PlanVersion
from domain.plans.states import PlanState
from domain.plans.versions import VersionKind
from services.amounts import Amount
from services.campaigns import view_of
from services.plan_assumptions import assumptions_of, benchmark_notes, curve_notes, rate_notes
from services.plan_document import CostTotals, DocumentLine, FeeTotal, PlanDocument
from services.queries import PlanView

_STANDINGS = {
    PlanState.DRAFT: "Not approved",
    PlanState.SUBMITTED: "Waiting for approval",
    PlanState.APPROVED: "Approved",
    PlanState.DENIED: "Approval denied",
    PlanState.CONDITIONS: "To be approved on conditions",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A version with everything a document says of it."""

    brief: PlanningBrief
    version: PlanVersion
    view: PlanView  # of the same version
    workspace: str
    made_by: str


def plan_document(planned: Planned, now: datetime) -> PlanDocument:
    """Raises InvalidInput `no_lines`, `too_many_lines`."""
    brief, version, view = planned.brief, planned.version, planned.view
    _must_have_lines(version.lines)
    weeks = calendar_weeks(version.lines, brief.first_weekday)
    return PlanDocument(
        workspace=planned.workspace,
        campaign=view_of(brief.campaign, brief.advertiser),
        plan=view,
        standing=_standing(view),
        basis=version.basis,
        budget=Amount.of(version.budget),
        start=version.flight.start,
        end=version.flight.end,
        made_by=planned.made_by,
        exported_at=now,
        weeks=weeks,
        lines=_lines(planned, weeks),
        totals=_totals(version),
        assumptions=assumptions_of(brief, version),
        benchmarks=benchmark_notes(brief, version.lines),
        curves=curve_notes(brief, version.lines),
        rates=rate_notes(version.lines),
        extension=dict(version.extension),
    )


def calendar_weeks(lines: Sequence[PlanLine], first_weekday: int) -> list[date]:
    """The first days of all calendar weeks from the first to the last that any line runs in."""
    starts = [week_of(week.starts, first_weekday) for line in lines for week in line.weeks]
    weeks = (max(starts) - min(starts)).days // DAYS_PER_WEEK + 1
    return [min(starts) + timedelta(weeks=number) for number in range(weeks)]


def by_week(line: PlanLine, weeks: Sequence[date], first_weekday: int) -> list[Money]:
    spent = dict.fromkeys(weeks, 0)
    for week in line.weeks:
        spent[week_of(week.starts, first_weekday)] += week.budget_minor
    return [Money(minor, line.budget.currency) for minor in spent.values()]


def week_of(day: date, first_weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - first_weekday) % DAYS_PER_WEEK)


def _must_have_lines(lines: Sequence[PlanLine]) -> None:
    if not lines:
        raise InvalidInput("The plan has no line to show.", code="no_lines", field="lines")
    if len(lines) > MOST_LINES:
        raise InvalidInput(
            f"A document may have {MOST_LINES} lines, not {len(lines):,}.", code="too_many_lines", field="lines"
        )


def _standing(view: PlanView) -> str:
    if view.kind is VersionKind.SCENARIO:
        return "A scenario, not the plan"
    if view.state is PlanState.SUPERSEDED:
        return f"Superseded by version {view.current_number}"
    return _STANDINGS[view.state]


def _lines(planned: Planned, weeks: Sequence[date]) -> list[DocumentLine]:
    brief, version = planned.brief, planned.version
    names = _names(brief, version)
    return [
        DocumentLine(
            view=view,
            start=_flight(line, version).start,
            end=_flight(line, version).end,
            name=name or line.label,
            utm=str(brief.terms.utm.of(_parts(brief, version, line), line.channel)) if name else None,
            weekly=[money.major for money in by_week(line, weeks, brief.first_weekday)],
            extension=dict(line.extension),
        )
        for line, view, name in zip(version.lines, planned.view.lines, names, strict=True)
    ]


def _names(brief: PlanningBrief, version: PlanVersion) -> Sequence[str | None]:
    if brief.terms.naming is None:
        return [None] * len(version.lines)
    return NamingPattern(brief.terms.naming).names([_parts(brief, version, line) for line in version.lines])


def _parts(brief: PlanningBrief, version: PlanVersion, line: PlanLine) -> NameParts:
    campaign, placement, flight = brief.campaign, line.placement, _flight(line, version)
    return NameParts(
        advertiser=brief.advertiser,
        campaign=campaign.name,
        product=campaign.product,
        objective=campaign.objective,
        line=line.code,
        channel=line.channel,
        vehicle=placement.vehicle,
        format=placement.format,
        market=placement.market,
        audience=placement.audience,
        pricing=line.pricing.model,
        start=flight.start,
        end=flight.end,
    )


def _flight(line: PlanLine, version: PlanVersion) -> Flight:
    return line.flight or version.flight


def _totals(version: PlanVersion) -> CostTotals:
    costs = total_costs((line.costs for line in version.lines), version.total.currency)
    return CostTotals(
        gross=Amount.of(costs.gross),
        agency_discount=Amount.of(costs.agency_discount),
        net_media=Amount.of(costs.net_media),
        fees=[
            FeeTotal(
                name=charged.fee.name,
                basis=charged.fee.basis,
                value=Decimal(charged.fee.value),
                amount=Amount.of(charged.amount),
            )
            for charged in costs.fees
        ],
        fee_total=Amount.of(costs.fee_total),
        client_cost=Amount.of(costs.client_cost),
    )
