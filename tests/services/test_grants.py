"""A viewer of the tenant who plans one campaign, and nothing else."""

from collections.abc import Awaitable
from datetime import timedelta

import pytest

from domain.campaigns import Move
from domain.errors import ApprovalNeeded, Forbidden, InvalidInput, NotFound
from domain.ids import CampaignId, GrantId, UserId, new_id
from domain.jobs import JobStatus
from domain.tenants import Permission, Role
from services.campaigns import MoveCampaign, UpdateCampaign
from services.grants import GiveGrant
from services.jobs import StartPlanning
from services.plan_commands import DraftPlan, OptimizePlan, WhatIf
from services.tenants import ChangeSettings
from tests.services.conftest import CHANNELS, InMemory, Product
from tests.services.house import House, by_agent, house_of
from tests.services.samples import create
from tests.services.workflow import finish, task_of

_RENAME = UpdateCampaign(name="Renamed")
_DRAFT = DraftPlan(channels=CHANNELS)
_PAUSE = MoveCampaign(move=Move.PAUSE)


@pytest.fixture
async def house(product: Product) -> House:
    return await house_of(product)


async def test_a_granted_campaign_is_worked_on_from_plan_to_archive(house: House) -> None:
    product, spring = house.product, await house.product.campaign(house.owner)
    viewer = await house.newcomer(Role.VIEWER)
    given = await house.grant(viewer.user_id, spring.id)
    assert (given.user_name, given.campaign_name, given.role) == ("Bob", "Spring", Role.PLANNER)
    vera = await house.enter(viewer.user_id)
    assert vera.permissions == Role.VIEWER.permissions
    assert (await product.campaigns.update(vera, spring.id, _RENAME)).name == "Renamed"
    await product.plans.draft(vera, spring.id, _DRAFT)
    await product.plans.optimize(vera, spring.id, OptimizePlan())
    await product.plans.what_if(vera, spring.id, WhatIf())
    job = await product.jobs.start_planning(vera, spring.id, StartPlanning(), session_id=None)
    assert (await product.jobs.cancel(vera, job.id)).id == job.id
    await product.campaigns.move(vera, spring.id, MoveCampaign(move=Move.CANCEL, reason="No money."))
    assert (await product.campaigns.archive(vera, spring.id)).archived


async def test_her_workflow_runs_with_the_grant(house: House) -> None:
    spring, viewer = await house.product.planned(house.owner), await house.newcomer(Role.VIEWER)
    await house.grant(viewer.user_id, spring.campaign_id)
    vera = await house.enter(viewer.user_id)
    job = await house.product.jobs.start_planning(vera, spring.campaign_id, StartPlanning(), session_id=None)
    assert (await finish(house.product, vera, task_of(job, base=1))).status is JobStatus.COMPLETED


async def test_every_other_campaign_stays_as_it_is(house: House) -> None:
    product = house.product
    spring, autumn = await product.planned(house.owner), await product.planned(house.owner, "Autumn")
    viewer = await house.newcomer(Role.VIEWER)
    await house.grant(viewer.user_id, spring.campaign_id)
    vera, other = await house.enter(viewer.user_id), autumn.campaign_id
    running = await product.jobs.start_planning(house.owner, other, StartPlanning(), session_id=None)
    for tried, permission in (
        (product.campaigns.update(vera, other, _RENAME), Permission.CAMPAIGN_WRITE),
        (product.campaigns.move(vera, other, _PAUSE), Permission.CAMPAIGN_WRITE),
        (product.campaigns.archive(vera, other), Permission.CAMPAIGN_ARCHIVE),
        (product.plans.draft(vera, other, _DRAFT), Permission.PLAN_WRITE),
        (product.plans.optimize(vera, other, OptimizePlan()), Permission.PLAN_WRITE),
        (product.jobs.start_planning(vera, other, StartPlanning(), session_id=None), Permission.JOB_RUN),
        (product.jobs.cancel(vera, running.id), Permission.JOB_RUN),
        (product.campaigns.create(vera, create(name="New")), Permission.CAMPAIGN_WRITE),
        (product.tenants.change_settings(vera, ChangeSettings(locale="de-DE")), Permission.SETTINGS_WRITE),
    ):
        await _refused(tried, permission)


async def test_a_grant_ends_when_it_says_and_when_it_is_withdrawn(house: House) -> None:
    spring, now = await house.product.campaign(house.owner), house.product.clock.now()
    viewer = await house.newcomer(Role.VIEWER)
    week = GiveGrant(
        user_id=viewer.user_id, campaign_id=spring.id, role=Role.PLANNER, expires_at=now + timedelta(days=7)
    )
    await house.grants.give(house.owner, week)
    assert spring.id in (await house.enter(viewer.user_id)).grants
    house.product.clock.advance(days=7)
    vera = await house.enter(viewer.user_id)
    assert vera.grants == {}
    await _refused(house.product.campaigns.update(vera, spring.id, _RENAME), Permission.CAMPAIGN_WRITE)
    again = await house.grant(viewer.user_id, spring.id)
    assert spring.id in (await house.enter(viewer.user_id)).grants
    assert (await house.grants.withdraw(house.owner, again.id)).id == again.id
    assert (await house.enter(viewer.user_id)).grants == {}
    with pytest.raises(NotFound) as unknown:
        await house.grants.withdraw(house.owner, again.id)
    assert unknown.value.code == "grant_not_found"


async def test_a_second_grant_takes_the_place_of_the_first(house: House) -> None:
    spring, viewer = await house.product.campaign(house.owner), await house.newcomer(Role.VIEWER)
    await house.grant(viewer.user_id, spring.id)
    await house.grant(viewer.user_id, spring.id, Role.ANALYST)
    (rights,) = (await house.enter(viewer.user_id)).grants.values()
    assert Permission.JOB_RUN in rights
    assert Permission.PLAN_WRITE not in rights


async def test_a_campaign_gives_no_rights_in_the_tenant(house: House) -> None:
    spring, viewer = await house.product.campaign(house.owner), await house.newcomer(Role.VIEWER)
    await house.grant(viewer.user_id, spring.id, Role.ADMIN)
    vera = await house.enter(viewer.user_id)
    assert vera.may(Permission.PLAN_APPROVE, spring.id)
    assert not vera.somewhere & {Permission.MEMBER_MANAGE, Permission.GRANT_MANAGE, Permission.SETTINGS_WRITE}
    with pytest.raises(InvalidInput) as refused:
        await house.grant(viewer.user_id, spring.id, Role.OWNER)
    assert refused.value.code == "bad_role"


async def test_nobody_grants_what_they_lack(house: House) -> None:
    spring, viewer = await house.product.campaign(house.owner), await house.newcomer(Role.VIEWER)
    wanted = GiveGrant(user_id=viewer.user_id, campaign_id=spring.id, role=Role.PLANNER)
    with pytest.raises(Forbidden) as refused:
        await house.grants.give(house.owner.only({Permission.GRANT_MANAGE, *Role.ANALYST.permissions}), wanted)
    assert refused.value.code == "beyond_own"
    assert Permission.PLAN_WRITE in refused.value.details["permissions"]  # type: ignore[operator]
    planner = await house.newcomer(Role.PLANNER)
    await _refused(house.grants.give(planner, wanted), Permission.GRANT_MANAGE)
    await house.grant(planner.user_id, spring.id, Role.ADMIN)
    promoted = await house.enter(planner.user_id)
    await _refused(house.grants.give(promoted, wanted), Permission.GRANT_MANAGE)


async def test_only_what_is_in_the_tenant_is_granted(house: House) -> None:
    theirs = await house_of(house.product)
    spring, foreign = await house.product.campaign(house.owner), await house.product.campaign(theirs.owner)
    bob = await house.newcomer(Role.VIEWER)
    for user_id, campaign_id, code in (
        (bob.user_id, foreign.id, "campaign_not_found"),
        (bob.user_id, CampaignId(new_id()), "campaign_not_found"),
        (theirs.owner.user_id, spring.id, "member_not_found"),
        (UserId(new_id()), spring.id, "member_not_found"),
    ):
        with pytest.raises(NotFound) as unknown:
            await house.grant(user_id, campaign_id)
        assert unknown.value.code == code
    with pytest.raises(NotFound):
        await house.grants.withdraw(house.owner, GrantId(new_id()))


async def test_an_agent_grants_with_its_persons_delegation_alone(memory: InMemory) -> None:
    house = await house_of(memory)
    spring, viewer = await memory.campaign(house.owner), await house.newcomer(Role.VIEWER)
    wanted = GiveGrant(user_id=viewer.user_id, campaign_id=spring.id, role=Role.PLANNER)
    await house.take_delegation(house.owner.user_id)
    before = memory.written()
    with pytest.raises(ApprovalNeeded) as needed:
        await house.grants.give(by_agent(house.owner), wanted)
    assert (needed.value.details["action"], memory.written()) == ("grant.give", before)
    assert (await house.grants.give(house.owner, wanted)).role is Role.PLANNER


async def _refused(tried: Awaitable[object], permission: Permission) -> None:
    with pytest.raises(Forbidden) as refused:
        await tried
    assert (refused.value.code, refused.value.details["permission"]) == ("not_permitted", permission)
