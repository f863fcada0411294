"""Scenarios as read models, and several of them side by side with the current plan."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import Field

from domain.channels import Channel
from domain.money import Money
from domain.objectives import Outcome
from domain.plans.brief import PlanningBrief
from domain.plans.lines import ExpectedDelivery, PlanLine
from domain.plans.media_plans import PlanVersion, Scenario
from domain.plans.reach import people_reached
from domain.plans.split import outcome_counted, outcome_of_plan
from services.amounts import Amount
from services.line_views import conversions, cpa, roas
from services.optimization_views import figure
from services.plan_views import drift_view
from services.queries import DriftView
from services.read_models import ReadModel


class ScenarioView(ReadModel):
    name: str
    number: int = Field(description="Of its version: the plan at that number is the scenario.")
    based_on: int | None = Field(description="The version that was current when it was saved.")
    budget: Amount = Field(description="What it was made for.")
    total: Amount
    reason: str
    explanation: str
    out_of_sync: bool = Field(description="The campaign has another budget or other dates than it was made for.")
    drift: DriftView
    created_at: datetime


class ScenarioList(ReadModel):
    items: list[ScenarioView]


class ScenarioFigures(ReadModel):
    """Travels between the steps of a sweep: a field may be added with a default, and none renamed or removed."""

    spend: Amount
    outcome: Decimal = Field(description="Of what the campaign's objective counts; value in major units.")
    impressions: int
    clicks: int
    conversions: Decimal
    reach: int | None = Field(
        default=None, description="People who see it at least once, across lines; null without an audience."
    )
    cpa: Amount | None = Field(description="Spend for each conversion.")
    roas: Decimal | None = Field(description="Value of the conversions for each unit of spend.")


class ScenarioColumn(ReadModel):
    name: str
    number: int
    figures: ScenarioFigures
    spend_change: Amount = Field(description="Against the current plan, as is the next.")
    outcome_change: Decimal


class ScenarioLine(ReadModel):
    code: str
    channel: Channel
    label: str
    amounts: list[Amount | None] = Field(description="One per column; null where the line is not in it.")


class ScenarioComparison(ReadModel):
    """The current plan is the first column."""

    counts: Outcome
    columns: list[ScenarioColumn]
    lines: list[ScenarioLine]


def scenario_view(brief: PlanningBrief, scenario: Scenario, version: PlanVersion) -> ScenarioView:
    drift = version.drift_from(brief.campaign)
    return ScenarioView(
        name=scenario.name,
        number=version.number,
        based_on=version.parent_number,
        budget=Amount.of(version.budget),
        total=Amount.of(version.total),
        reason=version.reason,
        explanation=version.explanation,
        out_of_sync=drift.out_of_sync,
        drift=drift_view(drift),
        created_at=version.created_at,
    )


def scenario_comparison(
    brief: PlanningBrief, current: PlanVersion, others: Sequence[tuple[Scenario, PlanVersion]]
) -> ScenarioComparison:
    shown = [(f"Version {current.number}", current), *((one.name, version) for one, version in others)]
    figures = [figures_of(brief, version.lines) for _, version in shown]
    now = figures[0]
    return ScenarioComparison(
        counts=outcome_counted(brief),
        columns=[
            ScenarioColumn(
                name=name,
                number=version.number,
                figures=found,
                spend_change=Amount.of(found.spend.money() - now.spend.money()),
                outcome_change=found.outcome - now.outcome,
            )
            for (name, version), found in zip(shown, figures, strict=True)
        ],
        lines=_lines([version for _, version in shown]),
    )


def figures_of(brief: PlanningBrief, lines: Sequence[PlanLine]) -> ScenarioFigures:
    spend = Money.sum((line.budget for line in lines), brief.currency)
    delivery = sum((line.delivery for line in lines), ExpectedDelivery())
    economics = brief.economics([line.spec for line in lines])
    outcome = outcome_of_plan(economics, {line.code: line.budget for line in lines})
    people = people_reached(lines)
    return ScenarioFigures(
        spend=Amount.of(spend),
        outcome=figure(outcome, outcome_counted(brief), brief.currency),
        impressions=delivery.impressions,
        clicks=delivery.clicks,
        conversions=conversions(delivery),
        reach=people[1] if people else None,
        cpa=cpa(spend, delivery),
        roas=roas(spend, delivery, brief.campaign.value_per_conversion),
    )


def _lines(versions: Sequence[PlanVersion]) -> list[ScenarioLine]:
    """Every line of any of them, in the order in which they are met."""
    met = {line.code: line for version in reversed(versions) for line in reversed(version.lines)}
    order = dict.fromkeys(line.code for version in versions for line in version.lines)
    by_code = [{line.code: line.budget for line in version.lines} for version in versions]
    return [
        ScenarioLine(
            code=code,
            channel=met[code].channel,
            label=met[code].label,
            amounts=[Amount.of(of[code]) if code in of else None for of in by_code],
        )
        for code in order
    ]
