"""Scenarios: kept beside the plan, compared, promoted, deleted; the plan itself never moves by them."""

from decimal import Decimal
from typing import Any

import pytest

from domain.channels import Channel
from domain.errors import Conflict, DomainError, InvalidInput, NotFound
from domain.objectives import Outcome
from domain.planning.flighting.weeks import Flighting
from domain.tenants import Permission
from services.campaigns import UpdateCampaign
from services.plan_commands import Edit, LineEdit, RevisePlan
from services.plan_history import How, ResyncPlan
from services.scenarios import SaveScenario
from tests.services.conftest import CHANNELS, InMemory, Product, keyed, without
from tests.services.samples import usd

SEARCH, SOCIAL, DISPLAY = CHANNELS
CUT = LineEdit(channel=SEARCH, action=Edit.DECREASE, amount=usd(1000))


async def test_scenarios_stand_side_by_side_with_a_plan_that_stays(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    more = await product.scenarios.save(
        actor, plan.campaign_id, SaveScenario(name="More", budget_percent=Decimal(20), keep=[DISPLAY])
    )
    cut = await product.scenarios.save(actor, plan.campaign_id, SaveScenario(name="Cut", changes=[CUT]))
    same = await product.scenarios.save(actor, plan.campaign_id, SaveScenario(name="As it is"))
    assert [(one.number, one.budget, one.total) for one in (more, cut, same)] == [
        (2, usd("120000.00"), usd("120000.00")),
        (3, usd("100000.00"), usd("99000.00")),
        (4, usd("100000.00"), usd("100000.00")),
    ]
    listed = await product.scenarios.list(actor, plan.campaign_id)
    assert listed.items == [more, cut, same]
    view = await product.scenarios.compare(actor, plan.campaign_id, ["cut", "More", "4"])
    assert [column.name for column in view.columns] == ["Version 1", "Cut", "More", "As it is"]
    now, less, most, again = view.columns
    assert view.counts is Outcome.CONVERSIONS
    assert less.spend_change == usd("-1000.00")
    assert less.outcome_change == less.figures.outcome - now.figures.outcome < 0 < most.outcome_change
    assert again.figures == now.figures
    assert now.figures.cpa is not None
    assert abs(now.figures.cpa.amount * now.figures.conversions - now.figures.spend.amount) < now.figures.conversions
    by_channel = {line.channel: line.amounts for line in view.lines}
    assert by_channel[DISPLAY][2] == by_channel[DISPLAY][0], "kept"
    async with product.begin(actor) as work:
        current = (await work.plans.of_campaign(plan.campaign_id)).current
    assert (current.number, current.total) == (1, plan.total.money())


async def test_a_promoted_scenario_is_the_new_version(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    await product.scenarios.save(actor, plan.campaign_id, SaveScenario(name="B", changes=[CUT]))
    await product.plans.revise(actor, plan.campaign_id, RevisePlan(flighting=Flighting.FRONT_LOADED))
    promoted = await product.scenarios.promote(actor, plan.campaign_id, "b", expected=3)
    assert (promoted.number, promoted.parent_number, promoted.reason) == (4, 3, "promoted scenario B")
    assert promoted.total == usd("99000.00")
    assert [one.name for one in (await product.scenarios.list(actor, plan.campaign_id)).items] == ["B"]


async def test_what_the_campaign_has_no_room_for_is_not_promoted(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    saved = await memory.scenarios.save(actor, plan.campaign_id, SaveScenario(name="More", budget=usd(150_000)))
    assert (saved.out_of_sync, saved.drift.budget) == (True, usd("-50000.00"))
    before = memory.written()
    with pytest.raises(InvalidInput, match="Raise the budget first") as over:
        await memory.scenarios.promote(actor, plan.campaign_id, "More")
    assert (over.value.code, memory.written()) == ("over_budget", before)
    await memory.campaigns.update(actor, plan.campaign_id, UpdateCampaign(budget=usd(150_000)))
    promoted = await memory.scenarios.promote(actor, plan.campaign_id, "More")
    assert (promoted.total, promoted.out_of_sync) == (usd("150000.00"), False)


async def test_a_scenario_of_a_plan_out_of_sync_is_what_it_was_made_for(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    await memory.campaigns.update(actor, plan.campaign_id, UpdateCampaign(budget=usd(80_000)))
    kept = await memory.scenarios.save(actor, plan.campaign_id, SaveScenario(name="Before"))
    assert (kept.budget, kept.total, kept.out_of_sync) == (usd("100000.00"), usd("100000.00"), True)
    synced = await memory.plan_history.resync(actor, plan.campaign_id, ResyncPlan(how=How.SCALE))
    assert (synced.number, synced.total) == (3, usd("80000.00"))


async def test_a_deleted_scenario_is_gone_and_its_name_free(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    await product.scenarios.save(actor, plan.campaign_id, SaveScenario(name="A"))
    gone = await product.scenarios.delete(keyed(actor), plan.campaign_id, "A")
    assert gone == await product.scenarios.delete(keyed(actor), plan.campaign_id, "A"), "under one key done once"
    assert (await product.scenarios.list(actor, plan.campaign_id)).items == []
    with pytest.raises(NotFound) as missing:
        await product.scenarios.promote(actor, plan.campaign_id, "A")
    assert missing.value.code == "scenario_not_found"
    again = await product.scenarios.save(actor, plan.campaign_id, SaveScenario(name="A"))
    assert again.number == 3


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "a"}, "duplicate_scenario_name"),
    ({"name": "  "}, "empty"),
    ({"name": "B", "budget": usd(10), "budget_percent": Decimal(10)}, "two_budgets"),
    ({"name": "B", "budget": usd(10, "EUR")}, "currency_mismatch"),
    ({"name": "B", "keep": [Channel.RADIO]}, "channel_not_in_plan"),
    ({"name": "B", "changes": [CUT], "budget": usd(10)}, "conditions_and_changes"),
    ({"name": "B", "changes": [LineEdit(channel=SEARCH, action=Edit.INCREASE, amount=usd(1))]}, "over_budget"),
]


@pytest.mark.parametrize(("wanted", "code"), REFUSED, ids=lambda value: str(value)[:40])
async def test_what_can_not_be_saved_changes_nothing(memory: InMemory, wanted: dict[str, Any], code: str) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    with pytest.raises(Conflict) as none:
        await memory.scenarios.compare(actor, plan.campaign_id, [])
    assert none.value.code == "no_scenarios"
    await memory.scenarios.save(actor, plan.campaign_id, SaveScenario(name="A"))
    before = memory.written()
    with pytest.raises(DomainError) as refused:
        await memory.scenarios.save(actor, plan.campaign_id, SaveScenario(**wanted))
    assert (refused.value.code, memory.written()) == (code, before)


async def test_saving_needs_the_right_to_plan(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    with pytest.raises(DomainError) as refused:
        await memory.scenarios.save(without(actor, Permission.PLAN_WRITE), plan.campaign_id, SaveScenario(name="A"))
    assert refused.value.code == "not_permitted"
