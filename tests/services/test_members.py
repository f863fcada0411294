"""What members are, and that they leave."""

import pytest

from domain.delegations import DelegationKind
from domain.errors import ApprovalNeeded, Conflict, Forbidden, NotFound, StaleVersion, Unauthenticated
from domain.ids import UserId, new_id
from domain.tenants import Permission, Role
from services.delegations import Delegations, GiveDelegation
from services.members import ChangeRole
from tests.services.conftest import InMemory, Product
from tests.services.house import House, by_agent, house_of

PLANNER, OWNER, VIEWER = ChangeRole(role=Role.PLANNER), ChangeRole(role=Role.OWNER), ChangeRole(role=Role.VIEWER)


@pytest.fixture
async def house(product: Product) -> House:
    return await house_of(product)


@pytest.fixture
async def in_mind(memory: InMemory) -> House:
    return await house_of(memory)


async def test_a_role_is_in_force_with_the_next_request(house: House) -> None:
    bob = await house.newcomer(Role.VIEWER)
    view = await house.members.change_role(house.owner, bob.user_id, PLANNER, expected=1)
    assert (view.user_id, view.name, view.role, view.version) == (bob.user_id, "Bob", Role.PLANNER, 2)
    assert (await house.enter(bob.user_id)).permissions == Role.PLANNER.permissions
    with pytest.raises(StaleVersion) as stale:
        await house.members.change_role(house.owner, bob.user_id, VIEWER, expected=1)
    assert stale.value.details == {"current": 2}
    with pytest.raises(Conflict) as same:
        await house.members.change_role(house.owner, bob.user_id, PLANNER)
    assert same.value.code == "same_role"


async def test_the_last_owner_stays_one(house: House) -> None:
    with pytest.raises(Conflict) as refused:
        await house.members.change_role(house.owner, house.owner.user_id, PLANNER)
    assert refused.value.code == "last_owner"
    with pytest.raises(Conflict) as kept:
        await house.members.remove(house.owner, house.owner.user_id)
    assert kept.value.code == "last_owner"
    other = await house.newcomer(Role.OWNER)
    await house.members.change_role(other, house.owner.user_id, PLANNER)
    with pytest.raises(Conflict):
        await house.members.remove(other, other.user_id)


async def test_owners_are_made_and_unmade_by_owners(house: House) -> None:
    admin, bob = await house.newcomer(Role.ADMIN), await house.newcomer(Role.VIEWER)
    refused = [
        house.members.change_role(admin, bob.user_id, OWNER),
        house.members.change_role(admin, house.owner.user_id, VIEWER),
        house.members.remove(admin, house.owner.user_id),
    ]
    for tried in refused:
        with pytest.raises(Forbidden) as forbidden:
            await tried
        assert forbidden.value.code == "owner_only"
    assert (await house.members.change_role(house.owner, bob.user_id, OWNER)).role is Role.OWNER
    assert (await house.members.remove(house.owner, bob.user_id)).role is Role.OWNER


async def test_with_fewer_rights_than_an_owner_one_acts_as_no_owner(house: House) -> None:
    """A machine with an owner's token for members alone."""
    second, bob = await house.newcomer(Role.OWNER), await house.newcomer(Role.VIEWER)
    narrow = house.owner.only({Permission.MEMBER_MANAGE})
    for tried in (
        house.members.remove(narrow, second.user_id),
        house.members.change_role(narrow, second.user_id, VIEWER),
    ):
        with pytest.raises(Forbidden) as refused:
            await tried
        assert refused.value.code == "owner_only"
    with pytest.raises(Forbidden) as beyond:
        await house.members.change_role(narrow, bob.user_id, PLANNER)
    assert beyond.value.code == "beyond_own"
    await house.members.remove(narrow, bob.user_id)


async def test_who_is_removed_is_nobody_here_and_still_has_an_account(house: House) -> None:
    bob = await house.newcomer(Role.ADMIN)
    campaign = await house.product.campaign(house.owner)
    await house.grant(bob.user_id, campaign.id)
    delegations = Delegations(house.product.begin, house.product.clock)
    await delegations.give(house.owner, bob.user_id, GiveDelegation(kind=DelegationKind.FULL))
    token = await house.token(Permission.PLAN_READ, by=bob)
    view = await house.members.remove(house.owner, bob.user_id)
    assert (view.user_id, view.role) == (bob.user_id, Role.ADMIN)
    with pytest.raises(NotFound) as refused:
        await house.enter(bob.user_id)
    assert refused.value.code == "tenant_not_found"
    with pytest.raises(Unauthenticated):
        await house.tokens.enter(token.token, house.owner.tenant_id)
    async with house.product.begin(house.owner) as work:
        assert await work.grants.find(bob.user_id, campaign.id) is None
        assert await work.delegations.find(bob.user_id) is None
    person = await house.person(bob.user_id)
    back = await house.accept(house.link(await house.invite(person.email.address, Role.VIEWER)))
    assert back.user_id == bob.user_id
    assert (await house.enter(bob.user_id)).grants == {}


async def test_everybody_may_leave_and_nobody_may_be_shown_out_by_a_colleague(house: House) -> None:
    bob, eve = await house.newcomer(Role.VIEWER), await house.newcomer(Role.PLANNER)
    with pytest.raises(Forbidden) as refused:
        await house.members.remove(eve, bob.user_id)
    assert refused.value.details["permission"] == Permission.MEMBER_MANAGE
    assert (await house.members.remove(bob, bob.user_id)).user_id == bob.user_id
    with pytest.raises(NotFound):
        await house.members.remove(house.owner, bob.user_id)


async def test_other_tenants_people_are_unknown(house: House) -> None:
    theirs = await house_of(house.product)
    for user_id in (theirs.owner.user_id, UserId(new_id())):
        for tried in (
            house.members.change_role(house.owner, user_id, PLANNER),
            house.members.remove(house.owner, user_id),
        ):
            with pytest.raises(NotFound) as unknown:
                await tried
            assert unknown.value.code == "member_not_found"


async def test_an_agent_changes_members_with_its_persons_delegation_alone(in_mind: House, memory: InMemory) -> None:
    bob, agent = await in_mind.newcomer(Role.VIEWER), by_agent(in_mind.owner)
    assert (await in_mind.members.change_role(agent, bob.user_id, PLANNER)).role is Role.PLANNER
    await in_mind.take_delegation(in_mind.owner.user_id)
    before = memory.written()
    for tried, action in (
        (in_mind.members.change_role(agent, bob.user_id, VIEWER), "member.change_role"),
        (in_mind.members.remove(agent, bob.user_id), "member.remove"),
    ):
        with pytest.raises(ApprovalNeeded) as needed:
            await tried
        assert (needed.value.details["action"], memory.written()) == (action, before)
    await in_mind.members.remove(in_mind.owner, bob.user_id)
