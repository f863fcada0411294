"""Read models of plans built from the entities a command has at hand, so that its answer is what it committed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Self, TypedDict

from pydantic import Field

from domain.campaigns import Campaign
from domain.channels import Channel
from domain.money import Money
from domain.plans.changes import FieldChange, LineDifference, campaign_changes, compare
from domain.plans.lines import ExpectedDelivery, PlanLine
from domain.plans.media_plans import Draft, Drift, MediaPlan, PlanVersion
from domain.plans.states import state_of
from domain.plans.versions import Standing
from services.amounts import Amount
from services.line_views import conversions, cpa, line_views, roas
from services.optimization_views import OptimizationView
from services.queries import DriftView, PlanView
from services.reach_views import PlanReachView, plan_reach
from services.read_models import ReadModel


class WhatIfLine(ReadModel):
    code: str
    channel: Channel
    label: str
    now: Amount
    then: Amount


class WeekMove(ReadModel):
    starts: date
    now: Amount
    then: Amount


class Totals(ReadModel):
    spend: Amount
    impressions: int
    clicks: int
    conversions: Decimal


class WhatIfView(ReadModel):
    budget: Amount
    lines: list[WhatIfLine]
    now: Totals
    then: Totals
    weeks: list[WeekMove] = Field(
        default_factory=list, description="Of other weeks: all lines together, by the first day of each."
    )
    explanation: str
    optimization: OptimizationView


class FieldDelta(ReadModel):
    """One fact as a person reads it; null where there was, or is, none."""

    field: str
    before: str | None
    after: str | None

    @classmethod
    def of(cls, change: FieldChange) -> Self:
        return cls(field=change.field, before=change.before, after=change.after)


class WeekDelta(ReadModel):
    starts: date
    before: Amount
    after: Amount


class LineDelta(ReadModel):
    code: str
    channel: Channel
    label: str
    before: Amount
    after: Amount
    change: Amount
    kind: str = Field(default="changed", description="added, removed, changed or same.")
    fields: list[FieldDelta] = Field(default_factory=list, description="What else changed of the line.")
    weeks: list[WeekDelta] = Field(
        default_factory=list, description="Weeks that changed otherwise than in proportion to the line."
    )


class PlanComparison(ReadModel):
    first: int
    second: int
    reason: str
    lines: list[LineDelta]
    before: Totals
    after: Totals
    campaign: list[FieldDelta] = Field(
        default_factory=list, description="Budget, basis and dates that the versions had to fit."
    )


def plan_view(campaign: Campaign, plan: MediaPlan, version: PlanVersion | None = None) -> PlanView:
    shown = version or plan.current
    drift = shown.drift_from(campaign)
    return PlanView(
        id=plan.id,
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        objective=campaign.objective,
        campaign_budget=Amount.of(campaign.budget),
        number=shown.number,
        current_number=plan.current.number,
        kind=shown.kind,
        name=next((one.name for one in plan.scenarios if one.number == shown.number), None),
        state=state_of(shown.kind, shown.number, plan.current.number, plan.approved_number, campaign.status),
        approved_number=plan.approved_number,
        parent_number=shown.parent_number,
        flighting=shown.flighting.shape,
        pattern=shown.flighting,
        reason=shown.reason,
        explanation=shown.explanation,
        total=Amount.of(shown.total),
        unspent=Amount.of(campaign.budget - shown.total),
        out_of_sync=drift.out_of_sync,
        drift=drift_view(drift),
        lines=line_views(shown.lines, campaign.value_per_conversion),
        **sums(shown.lines, shown.total, campaign.value_per_conversion),
        created_at=shown.created_at,
        version=plan.version,
    )


class _Sums(TypedDict):
    reach: PlanReachView | None
    cpa: Amount | None
    roas: Decimal | None


def sums(lines: Sequence[PlanLine], total: Money, worth: Money | None) -> _Sums:
    """What is not simply added up over lines. `worth` is what a conversion is worth to the campaign."""
    delivery = sum((line.delivery for line in lines), ExpectedDelivery())
    return _Sums(reach=plan_reach(lines), cpa=cpa(total, delivery), roas=roas(total, delivery, worth))


def drift_view(drift: Drift) -> DriftView:
    return DriftView(
        budget=Amount.of(drift.budget) if drift.budget else None,
        start_days=drift.start_days,
        end_days=drift.end_days,
        basis_changed=drift.basis_changed,
    )


def what_if_view(
    current: PlanVersion, draft: Draft, budget: Money, found: OptimizationView, *, reflighted: bool = False
) -> WhatIfView:
    nothing = Money.zero(budget.currency)
    now = {line.code: line.budget for line in current.lines}
    return WhatIfView(
        budget=Amount.of(budget),
        lines=[
            WhatIfLine(
                code=line.code,
                channel=line.channel,
                label=line.label,
                now=Amount.of(now.get(line.code, nothing)),
                then=Amount.of(line.budget),
            )
            for line in draft.lines
        ],
        now=totals(current.lines, budget.currency),
        then=totals(list(draft.lines), budget.currency),
        weeks=_week_moves(current.lines, draft.lines, budget.currency) if reflighted else [],
        explanation=draft.explanation,
        optimization=found,
    )


def _week_moves(now: Sequence[PlanLine], then: Sequence[PlanLine], currency: str) -> list[WeekMove]:
    before, after = _by_week(now), _by_week(then)
    return [
        WeekMove(
            starts=starts,
            now=Amount.of(Money(before[starts], currency)),
            then=Amount.of(Money(after[starts], currency)),
        )
        for starts in sorted(before.keys() | after.keys())
    ]


def _by_week(lines: Sequence[PlanLine]) -> Counter[date]:
    totals: Counter[date] = Counter()
    for line in lines:
        for week in line.weeks:
            totals[week.starts] += week.budget_minor
    return totals


def compare_views(first: PlanVersion, second: PlanVersion, now: Standing | None = None) -> PlanComparison:
    """`now` is what the second has to fit today; left out: what it was made for."""
    return PlanComparison(
        first=first.number,
        second=second.number,
        reason=second.reason,
        campaign=[FieldDelta.of(change) for change in campaign_changes(first.standing, now or second.standing)],
        lines=[_line_delta(difference) for difference in compare(first, second)],
        before=totals(first.lines, first.total.currency),
        after=totals(second.lines, second.total.currency),
    )


def _line_delta(difference: LineDifference) -> LineDelta:
    line = difference.line
    return LineDelta(
        code=line.code,
        channel=line.channel,
        label=line.label,
        before=Amount.of(difference.money_before),
        after=Amount.of(difference.money_after),
        change=Amount.of(difference.change),
        kind=difference.kind,
        fields=[FieldDelta.of(change) for change in difference.fields],
        weeks=[
            WeekDelta(starts=week.starts, before=Amount.of(week.before), after=Amount.of(week.after))
            for week in difference.weeks
        ],
    )


def totals(lines: list[PlanLine], currency: str) -> Totals:
    delivery = sum((line.delivery for line in lines), ExpectedDelivery())
    return Totals(
        spend=Amount.of(Money.sum((line.budget for line in lines), currency)),
        impressions=delivery.impressions,
        clicks=delivery.clicks,
        conversions=conversions(delivery),
    )
