"""Approving a plan: by who may, for its own total, for this version alone."""

import pytest

from domain.campaigns import CampaignStatus
from domain.delegations import Delegation, DelegationKind
from domain.errors import ApprovalNeeded, Forbidden, IllegalMove, NotFound
from domain.money import Money
from domain.tenants import Permission, Role
from services.amounts import Amount
from services.plan_approval import PlanApproval
from services.plan_commands import OptimizePlan
from tests.services.conftest import InMemory, Product, without


def service(product: Product) -> PlanApproval:
    return PlanApproval(product.begin, product.clock)


async def test_whose_delegation_covers_the_total_approves_it_at_once(product: Product) -> None:
    owner = await product.new_actor()
    plan = await product.planned(owner)
    approved = await service(product).submit(owner, plan.campaign_id)
    assert approved.status is CampaignStatus.APPROVED


async def test_a_planner_without_a_delegation_has_to_ask(memory: InMemory) -> None:
    owner = await memory.new_actor()
    plan = await memory.planned(owner)
    planner = memory.colleague(owner, Role.PLANNER)
    with pytest.raises(ApprovalNeeded) as needed:
        await service(memory).submit(planner, plan.campaign_id)
    assert needed.value.details["action"] == "plan.approve"
    assert needed.value.details["amount"] == str(plan.total.amount)


async def test_a_cap_below_the_total_does_not_cover_it(memory: InMemory) -> None:
    owner = await memory.new_actor()
    plan = await memory.planned(owner)
    planner = memory.colleague(owner, Role.PLANNER)
    total = plan.total.money()
    for cap, covers in ((total.minor - 1, False), (total.minor, True)):
        delegation, _ = Delegation.give(
            owner.tenant_id,
            planner.user_id,
            DelegationKind.EXECUTE_ONLY,
            Money(cap, total.currency),
            [],
            by=owner.user_id,
            now=memory.clock.now(),
        )
        memory.database.rows["delegations"][owner.tenant_id, planner.user_id] = delegation
        if covers:
            assert (await service(memory).submit(planner, plan.campaign_id)).status is CampaignStatus.APPROVED
        else:
            with pytest.raises(ApprovalNeeded):
                await service(memory).submit(planner, plan.campaign_id)


async def test_it_needs_the_right_and_a_plan(memory: InMemory) -> None:
    owner = await memory.new_actor()
    campaign = await memory.campaign(owner)
    with pytest.raises(NotFound) as missing:
        await service(memory).submit(owner, campaign.id)
    assert missing.value.code == "no_plan"
    with pytest.raises(Forbidden) as refused:
        await service(memory).submit(without(owner, Permission.PLAN_SUBMIT), campaign.id)
    assert refused.value.code == "not_permitted"


async def test_a_new_version_needs_approval_again(memory: InMemory) -> None:
    owner = await memory.new_actor()
    plan = await memory.planned(owner)
    await service(memory).submit(owner, plan.campaign_id)
    with pytest.raises(IllegalMove):
        await service(memory).submit(owner, plan.campaign_id)
    await memory.plans.optimize(owner, plan.campaign_id, OptimizePlan(budget=Amount.of(Money(10_000_00, "USD"))))
    assert (await service(memory).submit(owner, plan.campaign_id)).status is CampaignStatus.APPROVED
    assert memory.actions(owner.tenant_id).count("campaign.approve") == 2
