"""Questions about a plan, and goals, through the services."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.objectives import Objective
from domain.planning.flighting.weeks import FlightPattern
from services.campaigns import UpdateCampaign
from services.plan_commands import OptimizePlan, RevisePlan, WhatIf
from services.plan_constraints import LineLimit
from services.plan_flights import DaySpan, FlightChange
from services.plan_questions import AskCheapest, AskMore
from services.reach_views import AskReach
from tests.services.conftest import InMemory
from tests.services.samples import usd


async def test_questions_change_nothing_and_agree_with_the_plan(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    before = memory.written()
    ask = memory.plan_questions
    more = await ask.more(actor, plan.campaign_id, AskMore(percent=Decimal(10)))
    assert (more.now, more.then, more.change) == (plan.total, usd("110000.00"), usd("10000.00"))
    assert more.outcome_now == pytest.approx(sum(line.conversions for line in plan.lines), abs=Decimal("0.05"))
    assert more.added == more.outcome_then - more.outcome_now > 0
    returns = await ask.returns(actor, plan.campaign_id)
    assert [line.next_thousand for line in returns.lines] == sorted(
        (line.next_thousand or 0 for line in returns.lines), reverse=True
    )
    reach = await ask.reach(actor, plan.campaign_id, AskReach(cap=1))
    assert plan.reach
    assert (reach.total.universe, reach.total.grp) == (plan.reach.universe, plan.reach.grp)
    assert reach.total.reach[0] == pytest.approx(plan.reach.reach, abs=2)
    assert reach.total.reach == sorted(reach.total.reach, reverse=True)
    assert memory.written() == before


async def test_the_cheapest_budget_is_the_one_that_an_optimisation_needs(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    wish = AskCheapest(outcome=Decimal(500), minimums=[LineLimit(channel=Channel.SOCIAL, percent=Decimal(20))])
    asked = await memory.plan_questions.cheapest(actor, plan.campaign_id, wish)
    assert asked.outcome >= 500
    saved = await memory.plans.optimize(
        actor, plan.campaign_id, OptimizePlan(cheapest_for=Decimal(500), minimums=wish.minimums)
    )
    assert saved.total == asked.budget
    assert saved.explanation.endswith("stay unspent: the goal needs no more.")
    assert {line.after for line in asked.lines} == {line.budget for line in saved.lines}


async def test_a_cost_target_leaves_the_rest_unspent_and_says_why(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    saved = await memory.plans.optimize(actor, plan.campaign_id, OptimizePlan(target_cpa=usd(80)))
    assert saved.cpa
    assert saved.cpa.amount == pytest.approx(80, abs=Decimal("0.02"))
    assert saved.unspent.amount > 0
    assert saved.optimization
    assert saved.optimization.unspent_reason == "more would raise the average cost per conversion above the target."


async def test_a_return_needs_a_value_and_then_holds(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    four = OptimizePlan(target_roas=Decimal(2))
    with pytest.raises(InvalidInput) as refused:
        await memory.plans.optimize(actor, plan.campaign_id, four)
    assert refused.value.code == "value_per_conversion_required"
    worth = UpdateCampaign(objective=Objective.SALES, value_per_conversion=usd(160))
    await memory.campaigns.update(actor, plan.campaign_id, worth)
    saved = await memory.plans.optimize(actor, plan.campaign_id, four)
    assert saved.roas == pytest.approx(2, abs=Decimal("0.01"))
    assert all(line.roas for line in saved.lines if line.budget.amount)


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (WhatIf(target_cpa=usd(40), target_roas=Decimal(4)), "two_goals", "target_roas"),
        (WhatIf(target_cpa=usd(40, "EUR")), "currency_mismatch", "currency"),
        (WhatIf(cheapest_for=Decimal(10**9)), "goal_unreachable", "outcome"),
    ],
)
async def test_a_goal_that_cannot_be_is_refused(memory: InMemory, command: WhatIf, code: str, field: str) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    with pytest.raises(InvalidInput) as refused:
        await memory.plans.what_if(actor, plan.campaign_id, command)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("asked", [AskMore(), AskMore(percent=Decimal(1), amount=usd(1))])
async def test_more_is_a_percentage_or_an_amount(memory: InMemory, asked: AskMore) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    with pytest.raises(InvalidInput) as refused:
        await memory.plan_questions.more(actor, plan.campaign_id, asked)
    assert refused.value.code == "amount_required"


async def test_other_weeks_are_tried_and_then_kept(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    first = plan.lines[0].weeks[1].starts
    pause = FlightChange(pause=[DaySpan(start=first, end=first + timedelta(days=6))])
    tried = await memory.plans.what_if(actor, plan.campaign_id, WhatIf(flights=[pause]))
    assert [(line.now, line.then) for line in tried.lines] == [(line.budget, line.budget) for line in plan.lines]
    assert {week.starts for week in tried.weeks if not week.then.amount} == {first}
    assert sum(week.then.amount for week in tried.weeks) == plan.total.amount
    both = await memory.plans.what_if(actor, plan.campaign_id, WhatIf(flights=[pause], budget=usd(50_000)))
    assert sum(week.then.amount for week in both.weeks) == 50_000
    saved = await memory.plans.revise(actor, plan.campaign_id, RevisePlan(flights=[pause]))
    assert (saved.total, saved.pattern) == (plan.total, FlightPattern(blackout=(first,)))
    assert all(week.budget.amount == 0 for line in saved.lines for week in line.weeks if week.starts == first)
