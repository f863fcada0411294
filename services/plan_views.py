"""Read models of plans built from the entities a command has at hand, so that its answer is what it committed."""

from decimal import Decimal

from domain.campaigns import Campaign
from domain.channels import Channel
from domain.media_plans import Draft, ExpectedDelivery, MediaPlan, PlanLine, PlanVersion, compare
from domain.money import Money, split_minor
from services.amounts import Amount
from services.queries import LineView, PlanView, WeekView
from services.read_models import ReadModel


class WhatIfLine(ReadModel):
    channel: Channel
    label: str
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
    explanation: str


class LineDelta(ReadModel):
    channel: Channel
    label: str
    before: Amount
    after: Amount
    change: Amount


class PlanComparison(ReadModel):
    first: int
    second: int
    reason: str
    lines: list[LineDelta]
    before: Totals
    after: Totals


def plan_view(campaign: Campaign, plan: MediaPlan, version: PlanVersion | None = None) -> PlanView:
    shown = version or plan.current
    return PlanView(
        id=plan.id,
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        objective=campaign.objective,
        campaign_budget=Amount.of(campaign.budget),
        number=shown.number,
        current_number=plan.current.number,
        kind=shown.kind,
        parent_number=shown.parent_number,
        flighting=shown.flighting,
        reason=shown.reason,
        explanation=shown.explanation,
        total=Amount.of(shown.total),
        unspent=Amount.of(campaign.budget - shown.total),
        out_of_sync=shown.drift_from(campaign).out_of_sync,
        lines=line_views(shown.lines),
        created_at=shown.created_at,
        version=plan.version,
    )


def line_views(lines: list[PlanLine]) -> list[LineView]:
    return [
        LineView(
            channel=line.channel,
            label=line.channel.label,
            pricing_model=line.pricing_model,
            budget=Amount.of(line.budget),
            share=share,
            weeks=[
                WeekView(starts=week.starts, budget=Amount.of(Money(week.budget_minor, line.budget.currency)))
                for week in line.weeks
            ],
            impressions=line.delivery.impressions,
            clicks=line.delivery.clicks,
            conversions=conversions(line.delivery),
            source=line.source,
            locked=line.locked,
        )
        for line, share in zip(lines, shares([line.budget.minor for line in lines]), strict=True)
    ]


def shares(amounts: list[int]) -> list[Decimal]:
    """Percentages to a tenth that add up to 100 (all zero where nothing is spent)."""
    if not sum(amounts):
        return [Decimal("0.0")] * len(amounts)
    return [Decimal(tenths).scaleb(-1) for tenths in split_minor(1000, amounts)]


def conversions(delivery: ExpectedDelivery) -> Decimal:
    return Decimal(delivery.conversions_hundredths).scaleb(-2)


def what_if_view(campaign: Campaign, current: PlanVersion, draft: Draft, budget: Money) -> WhatIfView:
    nothing = Money.zero(budget.currency)
    now = {line.channel: line.budget for line in current.lines}
    return WhatIfView(
        budget=Amount.of(budget),
        lines=[
            WhatIfLine(
                channel=line.channel,
                label=line.channel.label,
                now=Amount.of(now.get(line.channel, nothing)),
                then=Amount.of(line.budget),
            )
            for line in draft.lines
        ],
        now=totals(current.lines, budget.currency),
        then=totals(list(draft.lines), budget.currency),
        explanation=draft.explanation,
    )


def compare_views(first: PlanVersion, second: PlanVersion) -> PlanComparison:
    return PlanComparison(
        first=first.number,
        second=second.number,
        reason=second.reason,
        lines=[
            LineDelta(
                channel=difference.channel,
                label=difference.channel.label,
                before=Amount.of(difference.before),
                after=Amount.of(difference.after),
                change=Amount.of(difference.change),
            )
            for difference in compare(first, second)
        ],
        before=totals(first.lines, first.total.currency),
        after=totals(second.lines, second.total.currency),
    )


def totals(lines: list[PlanLine], currency: str) -> Totals:
    delivery = sum((line.delivery for line in lines), ExpectedDelivery())
    return Totals(
        spend=Amount.of(Money.sum((line.budget for line in lines), currency)),
        impressions=delivery.impressions,
        clicks=delivery.clicks,
        conversions=conversions(delivery),
    )
