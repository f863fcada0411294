"""A plan through its versions: back, in step with its campaign again, into other campaigns, since its approval."""

from datetime import date
from decimal import Decimal

import pytest

from domain.campaigns import CampaignStatus, Move
from domain.channels import Channel
from domain.errors import Conflict, DomainError, IllegalMove, InvalidInput
from domain.plans.states import PlanState
from services.actor import Actor
from services.amounts import Amount
from services.campaign_copies import CopyCampaign
from services.campaigns import MoveCampaign, UpdateCampaign
from services.plan_commands import Edit, LineEdit, OptimizePlan, RevisePlan
from services.plan_history import CopyPlan, How, ResyncPlan, UndoPlan
from services.queries import PlanView
from tests.services.conftest import CHANNELS, InMemory, Product, keyed
from tests.services.samples import create, usd

SEARCH, SOCIAL, DISPLAY = CHANNELS
CUT = RevisePlan(changes=[LineEdit(channel=SEARCH, action=Edit.DECREASE, amount=usd(1000))])


def amounts(plan: PlanView) -> dict[Channel, Amount]:
    return {line.channel: line.budget for line in plan.lines}


async def changed(product: Product, actor: Actor, plan: PlanView, **wanted: object) -> None:
    await product.campaigns.update(actor, plan.campaign_id, UpdateCampaign.model_validate(wanted))


async def test_undo_is_a_new_version_with_the_old_lines(product: Product) -> None:
    actor = await product.new_actor()
    first = await product.planned(actor)
    second = await product.plans.revise(actor, first.campaign_id, CUT)
    undone = await product.plan_history.undo(actor, first.campaign_id, UndoPlan(), expected=2)
    assert (undone.number, undone.parent_number, undone.reason) == (3, 2, "undone to version 1")
    assert [line.model_dump() for line in undone.lines] == [line.model_dump() for line in first.lines]
    again = await product.plan_history.undo(actor, first.campaign_id, UndoPlan(version=2))
    assert amounts(again) == amounts(second)
    compared = await product.plans.compare(actor, first.campaign_id, 1, 3)
    assert {line.kind for line in compared.lines} == {"same"}


async def test_undo_under_one_key_is_done_once(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    await product.plans.revise(actor, plan.campaign_id, CUT)
    once = [await product.plan_history.undo(keyed(actor), plan.campaign_id, UndoPlan()) for _ in range(2)]
    assert once[0] == once[1]
    assert await product.latest_number(actor, plan.campaign_id) == 3


async def test_what_can_not_be_undone_is_refused_and_changes_nothing(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    refusals = [(UndoPlan(), "single_version"), (UndoPlan(version=1), "nothing_to_undo")]
    for command, code in [*refusals, (UndoPlan(version=9), "plan_version_not_found")]:
        with pytest.raises(DomainError) as refused:
            await memory.plan_history.undo(actor, plan.campaign_id, command)
        assert refused.value.code == code
    await memory.plans.revise(actor, plan.campaign_id, CUT)
    await changed(memory, actor, plan, budget=usd(60_000))
    before = memory.written()
    with pytest.raises(InvalidInput, match="Raise the budget first") as over:
        await memory.plan_history.undo(actor, plan.campaign_id, UndoPlan())
    assert (over.value.code, memory.written()) == ("over_budget", before)


@pytest.mark.parametrize("how", [How.SCALE, How.OPTIMIZE])
async def test_a_plan_is_brought_in_step_to_the_cent(memory: InMemory, how: How) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    kept = await memory.plans.optimize(actor, plan.campaign_id, OptimizePlan(keep=[DISPLAY]))
    await changed(memory, actor, plan, budget=usd("77777.77"), end=date(2027, 4, 10))
    drifted = await memory.plans.revise(actor, plan.campaign_id, CUT_MUCH) if how is How.OPTIMIZE else kept
    synced = await memory.plan_history.resync(actor, plan.campaign_id, ResyncPlan(how=how))
    assert (synced.out_of_sync, synced.total, synced.number) == (False, usd("77777.77"), drifted.number + 1)
    assert amounts(synced)[DISPLAY] == amounts(kept)[DISPLAY]
    for line in synced.lines:
        assert sum(week.budget.amount for week in line.weeks) == line.budget.amount
        assert line.weeks[-1].starts <= date(2027, 4, 10)


CUT_MUCH = RevisePlan(changes=[LineEdit(channel=SEARCH, action=Edit.SET, amount=usd(10))])


async def test_a_plan_is_kept_for_what_the_campaign_is_now(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    await changed(memory, actor, plan, budget=usd(150_000))
    kept = await memory.plan_history.resync(actor, plan.campaign_id, ResyncPlan(how=How.KEEP))
    assert (kept.out_of_sync, kept.unspent, amounts(kept)) == (False, usd("50000.00"), amounts(plan))
    with pytest.raises(Conflict) as fits:
        await memory.plan_history.resync(actor, plan.campaign_id, ResyncPlan(how=How.KEEP))
    assert fits.value.code == "in_sync"
    await changed(memory, actor, plan, budget=usd(50_000))
    with pytest.raises(InvalidInput) as over:
        await memory.plan_history.resync(actor, plan.campaign_id, ResyncPlan(how=How.KEEP))
    assert over.value.code == "over_budget"


async def test_a_plan_is_copied_into_another_campaign(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    autumn = await product.campaigns.create(
        actor, create(name="Autumn", budget=usd(250_000), start=date(2027, 9, 1), end=date(2027, 9, 30))
    )
    copy = await product.plan_history.copy(actor, plan.campaign_id, autumn.id, CopyPlan())
    assert (copy.campaign_id, copy.number, copy.reason) == (autumn.id, 1, "copied from “Spring”, version 1")
    assert (amounts(copy), copy.unspent) == (amounts(plan), usd("150000.00"))
    scaled = await product.plan_history.copy(actor, plan.campaign_id, autumn.id, CopyPlan(scale=True))
    assert (scaled.number, scaled.total, scaled.out_of_sync) == (2, usd("250000.00"), False)
    with pytest.raises(InvalidInput) as itself:
        await product.plan_history.copy(actor, autumn.id, autumn.id, CopyPlan())
    assert itself.value.code == "same_campaign"
    async with product.begin(actor) as work:
        assert (await work.campaigns.get(autumn.id)).status is CampaignStatus.PLANNED


async def test_a_campaign_is_copied_to_other_dates(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    copies = [
        await product.campaign_copies.copy(actor, plan.campaign_id, CopyCampaign(start=date(2027, 9, 1)))
        for _ in range(2)
    ]
    assert [copy.campaign.name for copy in copies] == ["Spring (copy)", "Spring (copy 2)"]
    made = copies[0].campaign
    assert (made.start, made.end, made.status, made.version) == (date(2027, 9, 1), date(2027, 10, 31), "planned", 2)
    found = copies[0].plan
    assert found is not None
    assert (amounts(found), found.out_of_sync, found.reason) == (
        amounts(plan),
        False,
        "copied from “Spring”, version 1",
    )
    assert found.lines[0].weeks[0].starts == date(2027, 9, 1)


async def test_a_copy_follows_its_own_budget_and_may_go_without_a_plan(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    half = CopyCampaign(name="Half", budget=usd(50_000), end=date(2027, 12, 31))
    copy = await memory.campaign_copies.copy(actor, plan.campaign_id, half)
    assert copy.plan is not None
    assert (copy.plan.total, copy.campaign.start, copy.plan.campaign_budget) == (
        usd("50000.00"),
        date(2027, 11, 1),
        usd("50000.00"),
    )
    bare = await memory.campaign_copies.copy(actor, plan.campaign_id, CopyCampaign(with_plan=False))
    assert (bare.plan, bare.campaign.status) == (None, "draft")


async def test_what_changed_since_the_approval(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    with pytest.raises(Conflict) as never:
        await product.plan_history.changes_since_approval(actor, plan.campaign_id)
    assert never.value.code == "never_approved"
    await product.plan_approval.submit(actor, plan.campaign_id)
    same = await product.plan_history.changes_since_approval(actor, plan.campaign_id)
    assert (same.first, same.second, {line.kind for line in same.lines}) == (1, 1, {"same"})
    revised = await product.plans.revise(actor, plan.campaign_id, CUT)
    assert (revised.state, revised.approved_number) == (PlanState.DRAFT, 1)
    await changed(product, actor, plan, end=date(2027, 5, 2))
    since = await product.plan_history.changes_since_approval(actor, plan.campaign_id)
    assert (since.first, since.second) == (1, 2)
    assert [line.change.amount for line in since.lines] == [Decimal("-1000.00"), 0, 0]
    assert [(change.field, change.after) for change in since.campaign] == [("dates", "2027-03-01 to 2027-05-02")]


async def test_a_running_campaigns_new_version_is_approved_while_it_runs(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    await memory.plan_approval.submit(actor, plan.campaign_id)
    await memory.campaigns.move(actor, plan.campaign_id, MoveCampaign(move=Move.LAUNCH))
    with pytest.raises(IllegalMove):
        await memory.plan_approval.submit(actor, plan.campaign_id)
    revised = await memory.plans.revise(actor, plan.campaign_id, CUT)
    assert revised.state is PlanState.DRAFT
    approved = await memory.plan_approval.submit(actor, plan.campaign_id)
    assert approved.status is CampaignStatus.LIVE
    async with memory.begin(actor) as work:
        assert (await work.plans.of_campaign(plan.campaign_id)).approved_number == 2
