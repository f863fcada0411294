from dataclasses import replace
from decimal import Decimal

import pytest

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.fees import Fee, FeeBasis, FeeKind
from domain.money import Money
from domain.objectives import Objective
from domain.plans.bounds import Limits, LineBounds
from domain.plans.brief import PlanningBrief
from domain.plans.goals import Goal, GoalKind, split_for_goal
from domain.plans.lines import LineSpec
from domain.plans.split import Split
from domain.plans.splitting import split_budget
from tests.domain.plan_samples import campaign

SEARCH, SOCIAL, CTV = Channel.SEARCH, Channel.SOCIAL, Channel.CTV
CAP = Money.of(2_000_000, "USD")


def brief(objective: Objective = Objective.CONVERSIONS, worth: int | None = None) -> PlanningBrief:
    of = campaign()
    of.objective = objective
    of.value_per_conversion = Money.of(worth, "USD") if worth else None
    return PlanningBrief(of)


def limits(*channels: Channel, fee: int = 0) -> Limits:
    fees = (Fee(FeeKind.AD_SERVING, FeeBasis.FLAT, Decimal(fee)),) if fee else ()
    return Limits(tuple(LineBounds(LineSpec(channel.value, channel, fees=fees)) for channel in channels))


def found(of: PlanningBrief, kind: GoalKind, number: str, over: Limits | None = None, cap: Money | None = CAP) -> Split:
    return split_for_goal(of, over or limits(SEARCH, SOCIAL, CTV), Goal(kind, Decimal(number)), cap)


def test_the_cheapest_budget_brings_the_outcome_and_a_cent_less_does_not() -> None:
    of = brief()
    answer = found(of, GoalKind.CHEAPEST_FOR, "2000", cap=None)
    less = split_budget(of, limits(SEARCH, SOCIAL, CTV), answer.spent - Money(1, "USD"))
    assert answer.outcome >= 2000 > less.outcome
    assert (answer.unspent.minor, answer.unspent_reason) == (0, None)


@pytest.mark.parametrize(
    ("worth", "objective", "kind", "number"),
    [
        (None, Objective.LEADS, GoalKind.TARGET_CPA, "150"),
        (300, Objective.SALES, GoalKind.TARGET_CPA, "150"),
        (300, Objective.LEADS, GoalKind.TARGET_ROAS, "2"),
        (300, Objective.SALES, GoalKind.TARGET_ROAS, "2"),
    ],
)
def test_a_cost_and_a_return_are_one_budget_whatever_is_counted(
    worth: int | None, objective: Objective, kind: GoalKind, number: str
) -> None:
    of = brief(objective, worth)
    answer = found(of, kind, number)
    conversions = answer.outcome / (worth * 100) if worth and objective is Objective.SALES else answer.outcome
    assert answer.spent.minor / conversions == pytest.approx(150_00, rel=1e-6)
    assert answer.unspent_reason is not None
    assert answer.spent + answer.unspent == CAP


def test_flat_fees_are_part_of_the_cost() -> None:
    free, paying = (found(brief(), GoalKind.TARGET_CPA, "150", limits(SEARCH, fee=fee)) for fee in (0, 20_000))
    assert paying.spent < free.spent
    assert paying.spent.minor / paying.outcome == pytest.approx(150_00, rel=1e-6)


def test_a_target_marginal_stops_where_the_next_one_costs_that() -> None:
    answer = found(brief(), GoalKind.TARGET_MARGINAL, "200")
    assert answer.marginal_return == pytest.approx(1 / 200, rel=1e-4)


def test_a_share_holds_of_the_money_that_is_found() -> None:
    over = limits(SEARCH, SOCIAL)
    social = replace(over.lines[1], minimum_percent=Decimal(60))
    answer = found(brief(), GoalKind.CHEAPEST_FOR, "500", Limits((over.lines[0], social)), None)
    assert answer.amounts["social"].minor == pytest.approx(answer.spent.minor * 0.6, abs=1)
    assert [(bound.key, bound.label, bound.held) for bound in answer.binding] == [("social", "Social", "minimum")]


@pytest.mark.parametrize(
    ("of", "kind", "number", "code", "field"),
    [
        (brief(), GoalKind.TARGET_ROAS, "4", "value_per_conversion_required", "value_per_conversion"),
        (brief(Objective.TRAFFIC), GoalKind.TARGET_CPA, "40", "goal_not_for_objective", "target_cpa"),
        (brief(), GoalKind.TARGET_CPA, "1", "target_cost_unreachable", "target_cost"),
        (brief(), GoalKind.CHEAPEST_FOR, "100000000", "goal_unreachable", "outcome"),
        (brief(), GoalKind.TARGET_MARGINAL, "0.01", "target_marginal_unreachable", "target_marginal"),
    ],
)
def test_a_goal_that_cannot_be_is_refused_by_name(
    of: PlanningBrief, kind: GoalKind, number: str, code: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        found(of, kind, number)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("number", ["0", "-1", "NaN", "Infinity"])
def test_a_goal_is_a_number_above_nothing(number: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Goal(GoalKind.TARGET_CPA, Decimal(number))
    assert (refused.value.code, refused.value.field) == ("bad_goal", "target_cpa")
