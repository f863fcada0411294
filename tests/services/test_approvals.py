"""What may not be done yet is asked for, decided by somebody else, and done once; in memory and on Postgres."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.approvals import ApprovalStatus
from domain.campaigns import CampaignStatus, Move
from domain.delegations import DelegationKind
from domain.errors import ApprovalNeeded, Conflict, DomainError, Forbidden, InvalidInput, NotFound
from domain.ids import ApprovalId, TurnId, new_id
from domain.tenants import Permission, Role, TenantSettings
from server.postgres.wakeups import PostgresWakeups
from services.actions import Done, InviteAction
from services.campaigns import MoveCampaign, UpdateCampaign
from services.ports import WakeupKind
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.approval_world import (
    APPROVE,
    CONDITIONS,
    DENY,
    Workspace,
    launch,
    through_agent,
    workspace,
)
from tests.services.conftest import InMemory, Product, keyed
from tests.services.samples import usd


@pytest.fixture
async def house(product: Product, engine: AsyncEngine) -> Workspace:
    wakeups = (
        InMemoryWakeups(product.database, product.clock) if isinstance(product, InMemory) else PostgresWakeups(engine)
    )
    return workspace(product, wakeups, await product.new_actor())


async def test_what_the_delegation_covers_is_done_at_once(house: Workspace) -> None:
    campaign = await house.ready_campaign()
    planner = await house.colleague(Role.PLANNER, 100_000, kind=DelegationKind.EXECUTE_ONLY)
    done = await house.approvals.perform(through_agent(planner), launch(campaign))
    assert done == Done("“Spring” is live now.", campaign.id)
    assert await house.status(campaign.id) is CampaignStatus.LIVE


@pytest.mark.parametrize("cap", [None, 99_999])
async def test_what_it_does_not_cover_waits(house: Workspace, cap: int | None) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER, cap)
    approval = await house.waits(through_agent(planner), launch(campaign))
    assert (approval.title, approval.requester) == ("Launch “Spring” for 100,000.00 USD", "Bob")
    assert (approval.status, str(approval.amount)) == (ApprovalStatus.PENDING, "100,000.00 USD")
    assert await house.status(campaign.id) is CampaignStatus.APPROVED


async def test_a_person_is_told_that_it_needs_approval_and_may_ask(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER, 10)
    with pytest.raises(ApprovalNeeded) as refused:
        await house.product.campaigns.move(planner, campaign.id, MoveCampaign(move=Move.LAUNCH))
    assert (refused.value.code, refused.value.details) == (
        "approval_needed",
        {"action": "campaign.move", "amount": "100000.00", "currency": "USD"},
    )
    approval = await house.approvals.ask(planner, launch(campaign))
    assert approval.status is ApprovalStatus.PENDING


async def test_the_same_call_again_waits_for_the_same_approval(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    call = through_agent(planner)
    first, second = await house.waits(call, launch(campaign)), await house.waits(call, launch(campaign))
    by_hand = [await house.approvals.ask(keyed(planner), launch(campaign)) for _ in "12"]
    assert first.id == second.id
    assert by_hand[0].id == by_hand[1].id != first.id


async def test_once_approved_it_is_done_in_the_requesters_name(house: Workspace) -> None:
    campaign = await house.ready_campaign()
    planner, approver = await house.colleague(Role.PLANNER), await house.colleague(Role.ADMIN, 100_000, name="Eve")
    approval = await house.waits(planner, launch(campaign))
    decided = await house.approvals.decide(approver, approval.id, APPROVE)
    assert (decided.status, decided.decider) == (ApprovalStatus.EXECUTED, "Eve")
    assert await house.status(campaign.id) is CampaignStatus.LIVE
    if isinstance(house.product, InMemory):
        launched = [by for by, change in house.product.work.audit if change.action == "campaign.launch"]
        assert [(by.user_id, by.origin.approval_id) for by in launched] == [(planner.user_id, approval.id)]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.ADMIN])
async def test_who_decides_needs_the_right_and_a_delegation_that_covers_it(house: Workspace, role: Role) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(campaign))
    with pytest.raises(Forbidden) as refused:
        await house.approvals.decide(await house.colleague(role, 99_999), approval.id, APPROVE)
    assert refused.value.code == ("delegation_too_small" if role is Role.ADMIN else "not_permitted")
    assert (await house.stored(approval.id)).status is ApprovalStatus.PENDING
    assert await house.status(campaign.id) is CampaignStatus.APPROVED


async def test_a_right_in_the_campaign_is_enough_to_decide_about_it(house: Workspace) -> None:
    campaign, other = await house.ready_campaign(), await house.ready_campaign("Autumn")
    planner, viewer = await house.colleague(Role.PLANNER), await house.colleague(Role.VIEWER, 100_000)
    here = replace(viewer, grants={campaign.id: frozenset({Permission.PLAN_APPROVE})})
    approval, elsewhere = await house.waits(planner, launch(campaign)), await house.waits(planner, launch(other))
    with pytest.raises(Forbidden):
        await house.approvals.decide(here, elsewhere.id, APPROVE)
    assert (await house.approvals.decide(here, approval.id, APPROVE)).status is ApprovalStatus.EXECUTED


async def test_nobody_approves_their_own_request_above_the_limit(house: Workspace) -> None:
    await house.settle_for(TenantSettings(self_approval_limit_minor=50_000_00))
    admin = await house.colleague(Role.ADMIN, kind=DelegationKind.PROPOSE_ONLY)
    large = await house.waits(admin, launch(await house.ready_campaign()))
    small = await house.waits(admin, launch(await house.ready_campaign("Small", 50_000)))
    await house.delegate(admin.user_id, DelegationKind.FULL, 100_000)
    with pytest.raises(Forbidden) as refused:
        await house.approvals.decide(admin, large.id, APPROVE)
    assert refused.value.code == "own_request"
    assert (await house.approvals.decide(admin, small.id, APPROVE)).status is ApprovalStatus.EXECUTED


async def test_a_model_does_not_answer_what_it_asked_in_the_same_turn(house: Workspace) -> None:
    await house.settle_for(TenantSettings(self_approval_limit_minor=100_000_00))
    admin = await house.colleague(Role.ADMIN, kind=DelegationKind.PROPOSE_ONLY)
    turn = TurnId(new_id())
    approval = await house.waits(through_agent(admin, turn=turn), launch(await house.ready_campaign()))
    await house.delegate(admin.user_id, DelegationKind.FULL, None)
    again = through_agent(admin, turn=turn)
    with pytest.raises(Forbidden) as refused:
        await house.approvals.decide(replace(again, origin=replace(again.origin, effect_key="o")), approval.id, APPROVE)
    assert refused.value.code == "person_required"


async def test_a_denial_and_conditions_do_nothing_and_are_final(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    for verdict, status in ((DENY, ApprovalStatus.DENIED), (CONDITIONS, ApprovalStatus.CONDITIONS)):
        approval = await house.waits(planner, launch(campaign))
        decided = await house.approvals.decide(house.owner, approval.id, verdict)
        assert (decided.status, decided.reason) == (status, verdict.reason)
        assert [one.required for one in decided.conditions] == [one.required for one in verdict.conditions]
        with pytest.raises(Conflict) as refused:
            await house.approvals.decide(house.owner, approval.id, APPROVE)
        assert refused.value.code == "already_decided"
    assert await house.status(campaign.id) is CampaignStatus.APPROVED


async def test_a_request_is_withdrawn_by_who_made_it(house: Workspace) -> None:
    planner = await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(await house.ready_campaign()))
    with pytest.raises(Forbidden):
        await house.approvals.withdraw(house.owner, approval.id)
    assert (await house.approvals.withdraw(planner, approval.id)).status is ApprovalStatus.WITHDRAWN
    with pytest.raises(Conflict):
        await house.approvals.decide(house.owner, approval.id, APPROVE)


async def test_a_request_expires(house: Workspace) -> None:
    planner = await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(await house.ready_campaign()))
    house.product.clock.advance(days=7)
    with pytest.raises(Conflict) as refused:
        await house.approvals.decide(house.owner, approval.id, APPROVE)
    assert refused.value.code == "approval_expired"


async def test_what_changed_meanwhile_is_not_done(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(campaign))
    await house.product.campaigns.update(house.owner, campaign.id, UpdateCampaign(budget=usd(900_000)))
    await house.change_campaign(campaign.id, Move.APPROVE)
    decided = await house.approvals.decide(house.owner, approval.id, APPROVE)
    assert (decided.status, decided.outcome) == (
        ApprovalStatus.FAILED,
        "What was approved has changed since; ask again.",
    )
    assert await house.status(campaign.id) is CampaignStatus.APPROVED


async def test_a_requester_who_lost_the_right_gets_nothing_done(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(campaign))
    async with house.product.begin(house.owner) as work:
        (await work.members.get(planner.user_id)).change_role(Role.ANALYST, by=Role.OWNER, owners=1)
        await work.commit(usd(1))
    decided = await house.approvals.decide(house.owner, approval.id, APPROVE)
    assert (decided.status, decided.outcome) == (ApprovalStatus.FAILED, "This needs the right campaign:write.")
    assert await house.status(campaign.id) is CampaignStatus.APPROVED


async def test_a_row_that_was_tampered_with_is_not_done(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(campaign))
    await _tamper(house, approval.id)
    with pytest.raises(Conflict) as refused:
        await house.approvals.decide(house.owner, approval.id, APPROVE)
    assert refused.value.code == "approval_tampered"
    assert (await house.approvals.decide(house.owner, approval.id, DENY)).title.startswith("A request that was changed")
    assert await house.status(campaign.id) is CampaignStatus.APPROVED


async def test_a_row_tampered_with_after_its_approval_fails(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(campaign))
    await house.approved_by_a_process_that_died(approval.id)
    await _tamper(house, approval.id)
    assert await house.approvals.carry_out(house.owner.tenant_id, approval.id)
    stored = await house.stored(approval.id)
    assert (stored.status, stored.outcome) == (
        ApprovalStatus.FAILED,
        "The request was changed after it was made.",
    )
    assert await house.status(campaign.id) is CampaignStatus.APPROVED


async def test_what_a_dead_process_left_is_finished_by_the_sweep(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(campaign))
    await house.approved_by_a_process_that_died(approval.id)
    await house.approvals.carry_out_due()
    assert (await house.stored(approval.id)).status is ApprovalStatus.EXECUTED
    assert await house.status(campaign.id) is CampaignStatus.LIVE
    await house.approvals.carry_out_due()
    left = await house.wakeups.claim(WakeupKind.APPROVAL, limit=1000, retry_after=0)
    assert approval.id not in [wakeup.id for wakeup in left]


async def test_what_nobody_has_to_approve_is_not_asked_for(house: Workspace) -> None:
    campaign, planner = await house.ready_campaign(), await house.colleague(Role.PLANNER)
    with pytest.raises(InvalidInput) as refused:
        await house.approvals.ask(planner, launch(campaign, Move.PAUSE))
    assert refused.value.code == "no_approval_needed"
    cancel = launch(campaign, Move.CANCEL).model_copy(update={"reason": "no money"})
    assert isinstance(await house.approvals.perform(through_agent(planner), cancel), Done)


async def test_what_is_impossible_or_forbidden_is_refused_before_anybody_is_asked(house: Workspace) -> None:
    draft = await house.product.campaign(house.owner, "Draft")
    ready = await house.ready_campaign()
    planner, viewer = await house.colleague(Role.PLANNER), await house.colleague(Role.VIEWER)
    for actor, campaign, code in ((planner, draft, "illegal_move"), (viewer, ready, "not_permitted")):
        for attempt in (house.approvals.ask, house.approvals.perform):
            with pytest.raises(DomainError) as refused:
                await attempt(actor, launch(campaign))
            assert refused.value.code == code
    with pytest.raises(NotFound):
        await house.approvals.decide(house.owner, ApprovalId(new_id()), APPROVE)


async def test_without_money_at_stake_only_an_agent_needs_a_delegation(house: Workspace) -> None:
    admin = await house.colleague(Role.ADMIN)
    by_hand = await house.approvals.perform(admin, InviteAction(email="ann@example.com", role=Role.VIEWER))
    assert by_hand == Done("ann@example.com is invited as viewer.")
    invite = InviteAction(email="Zed@Example.com", role=Role.PLANNER)
    approval = await house.waits(through_agent(admin), invite)
    assert (approval.title, approval.amount) == ("Invite zed@example.com as planner", None)
    await house.delegate(admin.user_id, DelegationKind.EXECUTE_ONLY, 0)
    assert isinstance(await house.approvals.perform(through_agent(admin), invite), Done)


async def test_another_tenants_approval_is_unknown(house: Workspace) -> None:
    planner = await house.colleague(Role.PLANNER)
    approval = await house.waits(planner, launch(await house.ready_campaign()))
    stranger = await house.product.new_actor()
    for attempt in (
        house.approvals.decide(stranger, approval.id, APPROVE),
        house.approvals.withdraw(stranger, approval.id),
        house.approvals.carry_out(stranger.tenant_id, approval.id),
    ):
        with pytest.raises(NotFound) as refused:
            await attempt
        assert refused.value.code == "approval_not_found"


async def _tamper(house: Workspace, approval_id: ApprovalId) -> None:
    async with house.product.begin(house.owner) as work:
        approval = await work.approvals.get(approval_id)
        approval.arguments = {**approval.arguments, "move": "cancel", "reason": "gone"}
        approval.version += 1
        await work.commit(usd(1))
