"""Answers to questions about a plan that change nothing: what more buys, what a goal costs, which line is worth it."""

from decimal import Decimal
from typing import Self

from pydantic import Field

from domain.channels import Channel
from domain.money import Money
from domain.objectives import Outcome
from domain.plans.brief import PlanningBrief
from domain.plans.explanation import assumptions
from domain.plans.media_plans import PlanVersion
from domain.plans.questions import NEXT, LineReturn
from domain.plans.split import Split, outcome_counted, outcome_of_plan
from services.amounts import Amount
from services.optimization_views import LineMove, figure, line_moves
from services.read_models import ReadModel


class MoreView(ReadModel):
    """The plan as it is, with more money on top or less of it, spent where that does most."""

    number: int
    counts: Outcome = Field(description="What is counted. Value is in major units of the currency.")
    now: Amount
    then: Amount
    change: Amount
    outcome_now: Decimal
    outcome_then: Decimal
    added: Decimal
    cost_per_added: Amount | None = Field(description="Of one more outcome; null where none is added, or it is value.")
    lines: list[LineMove]
    unspent: Amount
    unspent_reason: str | None
    extrapolated: list[str]
    assumptions: list[str]

    @classmethod
    def of(cls, brief: PlanningBrief, version: PlanVersion, split: Split) -> Self:
        economics = brief.economics([line.spec for line in version.lines])
        present = {line.code: line.budget for line in version.lines}
        lines = line_moves(split, economics, economics, present)
        now = sum((line.outcome_before for line in lines), Decimal(0))
        then = sum((line.outcome_after for line in lines), Decimal(0))
        change, added = split.spent - version.total, split.outcome - outcome_of_plan(economics, present)
        return cls(
            number=version.number,
            counts=split.counts,
            now=Amount.of(version.total),
            then=Amount.of(split.spent),
            change=Amount.of(change),
            outcome_now=now,
            outcome_then=then,
            added=then - now,
            cost_per_added=cost_of_one(change, added, split.counts),
            lines=lines,
            unspent=Amount.of(split.unspent),
            unspent_reason=split.unspent_reason,
            extrapolated=list(split.extrapolated),
            assumptions=list(assumptions(brief, economics)),
        )


class CheapestView(ReadModel):
    """The smallest budget that brings an outcome, over the lines of the plan and within the limits asked for."""

    number: int
    counts: Outcome
    goal: Decimal
    budget: Amount
    campaign_budget: Amount
    outcome: Decimal
    cost_per_outcome: Amount | None
    lines: list[LineMove]
    explanation: str
    assumptions: list[str]


class ReturnView(ReadModel):
    code: str
    channel: Channel
    label: str
    budget: Amount
    outcome: Decimal
    next_thousand: Decimal | None = Field(description="Outcome of its next 1,000 major units; null without a curve.")
    cost_per_outcome: Amount | None
    cost_of_next: Amount | None = Field(description="Of one more outcome; null for value.")
    locked: bool


class ReturnsView(ReadModel):
    """The lines of a plan by what their next money brings, the best first."""

    number: int
    counts: Outcome
    lines: list[ReturnView]
    assumptions: list[str]

    @classmethod
    def of(cls, brief: PlanningBrief, version: PlanVersion, found: list[LineReturn]) -> Self:
        counts, currency = outcome_counted(brief), brief.currency
        economics = brief.economics([line.spec for line in version.lines])
        return cls(
            number=version.number,
            counts=counts,
            lines=[_return(each, counts, currency) for each in found],
            assumptions=list(assumptions(brief, economics)),
        )


def _return(found: LineReturn, counts: Outcome, currency: str) -> ReturnView:
    line = found.line
    return ReturnView(
        code=line.code,
        channel=line.channel,
        label=line.label,
        budget=Amount.of(line.budget),
        outcome=figure(found.outcome, counts, currency),
        next_thousand=figure(found.next_outcome, counts, currency) if found.curved else None,
        cost_per_outcome=cost_of_one(line.budget, found.outcome, counts),
        cost_of_next=cost_of_one(Money.of(NEXT, currency), found.next_outcome, counts),
        locked=line.locked,
    )


def cost_of_one(cost: Money, outcome: float, counts: Outcome) -> Amount | None:
    """To the minor unit; None for value, and where there is nothing to divide."""
    if counts is Outcome.VALUE or not outcome or not cost.minor or (outcome < 0) != (cost.minor < 0):
        return None
    return Amount.of(Money(round(cost.minor / outcome), cost.currency))
