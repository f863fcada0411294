"""A budget divided over the lines of a plan, and what can be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.errors import InvalidInput
from domain.money import Money
from domain.objectives import Outcome
from domain.planning.allocation.draws import Uncertainty
from domain.plans.brief import LineEconomics, PlanningBrief

Held = Literal["minimum", "maximum", "locked", "minimum_buy", "group_minimum", "group_maximum"]


@dataclass(frozen=True, slots=True)
class Binding:
    """A line (by its code) or a group (by its name) that would take or give money without this bound."""

    key: str
    label: str
    held: Held


@dataclass(frozen=True, slots=True)
class Split:
    """A budget divided over lines, by their codes, and what can be said of it.

    counts           the outcome that was maximised
    outcome          in its unit; an outcome of VALUE in minor units. Lines without a curve bring nothing to it
    marginal_return  outcome per extra major unit; 0 where no line can take it
    unspent_reason   a clause; None where everything is spent
    idle             labels of lines that could have money and get none
    unbought         labels of lines whose flat fees would cost more than the line brings
    extrapolated     labels of lines beyond the range their figures speak for
    uncurved         labels of lines without a response curve, left as they are
    uncertainty      where curves have draws
    """

    amounts: Mapping[str, Money]
    budget: Money
    counts: Outcome
    outcome: float
    marginal_return: float
    binding: tuple[Binding, ...] = ()
    unspent_reason: str | None = None
    idle: tuple[str, ...] = ()
    unbought: tuple[str, ...] = ()
    extrapolated: tuple[str, ...] = ()
    uncurved: tuple[str, ...] = ()
    uncertainty: Uncertainty | None = None

    @property
    def spent(self) -> Money:
        return Money.sum(self.amounts.values(), self.budget.currency)

    @property
    def unspent(self) -> Money:
        return self.budget - self.spent


def outcome_counted(brief: PlanningBrief) -> Outcome:
    """Sales count conversions as long as a conversion has no value of its own."""
    counts = brief.campaign.objective.outcome
    if counts is Outcome.VALUE and brief.campaign.value_per_conversion is None:
        return Outcome.CONVERSIONS
    return counts


def outcome_of_plan(economics: Mapping[str, LineEconomics], amounts: Mapping[str, Money]) -> float:
    """What the lines bring at these amounts, by the curves a split climbs."""
    return sum(economics[code].outcome(amount) for code, amount in amounts.items())


def refuse_mixed(brief: PlanningBrief, amount: Money) -> None:
    if amount.currency != brief.currency:
        raise InvalidInput(
            f"The campaign is in {brief.currency}; {amount} needs a rate.", code="currency_mismatch", field="currency"
        )
