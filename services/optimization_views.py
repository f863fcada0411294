"""What an optimisation did and why, as figures a client can show and an answer can state."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field

from domain.channels import Channel
from domain.money import Money
from domain.objectives import Outcome
from domain.planning.allocation.draws import Interval
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.drafting import Optimum
from domain.plans.explanation import assumptions
from domain.plans.media_plans import PlanVersion
from domain.plans.split import Held, Split
from services.amounts import Amount
from services.read_models import ReadModel

_STEP = Decimal("0.01")
THOUSAND = 1000


class LineMove(ReadModel):
    code: str
    channel: Channel
    label: str
    before: Amount
    after: Amount
    change: Amount
    outcome_before: Decimal
    outcome_after: Decimal


class BindingView(ReadModel):
    """A line or a group that would take or give money without this bound."""

    key: str = Field(description="The line's code, or the group's name.")
    label: str
    held: Held


class IntervalView(ReadModel):
    low: Decimal
    high: Decimal


class UncertaintyView(ReadModel):
    """Nine tenths of the draws of the fitted curves lie between low and high."""

    draws: int
    outcome: IntervalView
    uplift: IntervalView | None
    chance_of_uplift: Decimal | None = Field(description="Share of the draws with more outcome than before, 0 to 1.")


class OptimizationView(ReadModel):
    budget: Amount
    counts: Outcome = Field(description="What was maximised. Value is in major units of the currency.")
    outcome_before: Decimal
    outcome_after: Decimal
    next_thousand: Decimal = Field(description="Outcome of the next 1,000 major units of budget.")
    lines: list[LineMove]
    binding: list[BindingView]
    unspent: Amount
    unspent_reason: str | None
    extrapolated: list[str] = Field(description="Lines beyond the range their figures speak for.")
    uncertainty: UncertaintyView | None = Field(description="Where curves are fitted and have draws.")
    assumptions: list[str]


def optimization_view(brief: PlanningBrief, current: PlanVersion, found: Optimum) -> OptimizationView:
    split = found.split
    now = brief.economics([line.spec for line in current.lines])
    then = brief.economics([line.spec for line in found.draft.lines])
    present = {line.code: line.budget for line in current.lines}
    moves = line_moves(split, now, then, present)
    return OptimizationView(
        budget=Amount.of(split.budget),
        counts=split.counts,
        outcome_before=sum((line.outcome_before for line in moves), Decimal(0)),
        outcome_after=sum((line.outcome_after for line in moves), Decimal(0)),
        next_thousand=figure(split.marginal_return * THOUSAND, split.counts, brief.currency),
        lines=moves,
        binding=[BindingView(key=one.key, label=one.label, held=one.held) for one in split.binding],
        unspent=Amount.of(split.unspent),
        unspent_reason=split.unspent_reason,
        extrapolated=list(split.extrapolated),
        uncertainty=_uncertainty(split),
        assumptions=list(assumptions(brief, then)),
    )


def figure(outcome: float, counts: Outcome, currency: str) -> Decimal:
    """As a plan states it, so that figures of one answer agree: conversions to a hundredth, value in major units, other
    counts whole."""
    if counts is Outcome.VALUE:
        return Money(round(outcome), currency).major
    return Decimal(outcome).quantize(_STEP if counts is Outcome.CONVERSIONS else Decimal(1))


def line_moves(
    split: Split,
    now: Mapping[str, LineEconomics],
    then: Mapping[str, LineEconomics],
    present: Mapping[str, Money],
) -> list[LineMove]:
    moves = []
    for code, after in split.amounts.items():
        before, spec = present.get(code, Money.zero(after.currency)), then[code].spec
        brought = now[code].outcome(before) if code in now else 0.0
        moves.append(
            LineMove(
                code=code,
                channel=spec.channel,
                label=spec.label,
                before=Amount.of(before),
                after=Amount.of(after),
                change=Amount.of(after - before),
                outcome_before=figure(brought, split.counts, after.currency),
                outcome_after=figure(then[code].outcome(after), split.counts, after.currency),
            )
        )
    return moves


def _uncertainty(split: Split) -> UncertaintyView | None:
    known = split.uncertainty
    if known is None:
        return None

    def interval(of: Interval) -> IntervalView:
        low, high = (figure(end, split.counts, split.budget.currency) for end in (of.low, of.high))
        return IntervalView(low=low, high=high)

    chance = known.chance_of_uplift
    return UncertaintyView(
        draws=known.draws,
        outcome=interval(known.outcome),
        uplift=interval(known.uplift) if known.uplift else None,
        chance_of_uplift=None if chance is None else Decimal(chance).quantize(Decimal("0.001")),
    )
