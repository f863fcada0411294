"""A running campaign may not get more money than somebody may commit; everything else about it may change."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import CampaignStatus, Move
from domain.delegations import DelegationKind
from domain.errors import ApprovalNeeded
from domain.tenants import Role
from server.postgres.wakeups import PostgresWakeups
from services.actions import UpdateCampaignAction
from services.campaigns import MoveCampaign, UpdateCampaign
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.approval_world import APPROVE, Workspace, through_agent, workspace
from tests.services.conftest import InMemory, Product
from tests.services.samples import usd


@pytest.fixture
async def house(product: Product, engine: AsyncEngine) -> Workspace:
    if isinstance(product, InMemory):
        return workspace(product, InMemoryWakeups(product.database, product.clock), await product.new_actor())
    wakeups = PostgresWakeups(engine)
    return workspace(product, wakeups, await product.new_actor())


async def test_more_money_for_a_running_campaign_waits_and_comes_when_approved(house: Workspace) -> None:
    campaign = await house.ready_campaign()
    planner = await house.colleague(Role.PLANNER, 150_000, kind=DelegationKind.EXECUTE_ONLY)
    approver = await house.colleague(Role.ADMIN, 300_000, name="Eve")
    await house.product.campaigns.move(planner, campaign.id, MoveCampaign(move=Move.LAUNCH))
    more = UpdateCampaign(budget=usd(250_000))
    with pytest.raises(ApprovalNeeded) as needed:
        await house.product.campaigns.update(planner, campaign.id, more)
    assert needed.value.details["amount"] == "250000.00"
    action = UpdateCampaignAction(campaign_id=campaign.id, **more.model_dump())
    approval = await house.waits(through_agent(planner), action)
    assert approval.title == "Raise the budget of “Spring” to 250,000.00 USD"
    await house.approvals.decide(approver, approval.id, APPROVE)
    async with house.product.begin(house.owner) as work:
        assert (await work.campaigns.get(campaign.id)).budget == usd(250_000).money()


async def test_less_money_and_other_changes_need_nobody(house: Workspace) -> None:
    campaign = await house.ready_campaign()
    planner = await house.colleague(Role.PLANNER, 100_000, kind=DelegationKind.EXECUTE_ONLY)
    await house.product.campaigns.move(planner, campaign.id, MoveCampaign(move=Move.LAUNCH))
    for command in (UpdateCampaign(budget=usd(90_000)), UpdateCampaign(name="Autumn")):
        changed = await house.product.campaigns.update(planner, campaign.id, command)
    assert (changed.name, str(changed.budget), changed.status) == ("Autumn", "90,000.00 USD", CampaignStatus.LIVE)


async def test_before_the_launch_a_budget_commits_nothing(house: Workspace) -> None:
    campaign = await house.ready_campaign()
    planner = await house.colleague(Role.PLANNER)
    changed = await house.product.campaigns.update(planner, campaign.id, UpdateCampaign(budget=usd(900_000)))
    assert (str(changed.budget), changed.status) == ("900,000.00 USD", CampaignStatus.PLANNED)
