"""Who may give whom how much; in memory and on Postgres."""

from datetime import timedelta

import pytest

from domain.delegations import Delegation, DelegationKind
from domain.errors import ApprovalNeeded, Forbidden, InvalidInput, NotFound, StaleVersion
from domain.ids import UserId, new_id
from domain.tenants import Role
from services.actor import Actor
from services.delegations import GiveDelegation
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.approval_world import Workspace, through_agent, workspace
from tests.services.conftest import Product, in_memory, keyed
from tests.services.samples import usd

FULL, EXECUTE, PROPOSE = DelegationKind.FULL, DelegationKind.EXECUTE_ONLY, DelegationKind.PROPOSE_ONLY


@pytest.fixture
async def house(product: Product) -> Workspace:
    """Nothing here is carried out later, so nothing looks at the outbox."""
    apart = in_memory()
    return workspace(product, InMemoryWakeups(apart.database, apart.clock), await product.new_actor())


async def has(house: Workspace, user_id: UserId) -> Delegation | None:
    async with house.product.begin(house.owner) as work:
        return await work.delegations.find(user_id)


async def test_an_owner_gives_changes_and_withdraws(house: Workspace) -> None:
    planner = await house.colleague(Role.PLANNER)
    over = house.product.clock.now() + timedelta(days=30)
    first = await house.delegations.give(
        house.owner, planner.user_id, GiveDelegation(kind=FULL, cap=usd(5_000), markets=[" US "], expires_at=over)
    )
    assert (first.name, first.kind, str(first.cap), first.markets) == ("Bob", FULL, "5,000.00 USD", ["US"])
    assert (first.expires_at, first.granted_by, first.version) == (over, house.owner.user_id, 1)
    second = await house.delegations.give(house.owner, planner.user_id, GiveDelegation(kind=EXECUTE))
    assert (second.kind, second.cap, second.markets, second.expires_at, second.version) == (EXECUTE, None, [], None, 2)
    assert (await house.delegations.withdraw(house.owner, planner.user_id)).version == 2
    assert await has(house, planner.user_id) is None
    with pytest.raises(NotFound) as refused:
        await house.delegations.withdraw(house.owner, planner.user_id)
    assert refused.value.code == "delegation_not_found"


async def test_the_same_command_again_is_done_once(house: Workspace) -> None:
    planner = await house.colleague(Role.PLANNER)
    asked = keyed(house.owner)
    views = [await house.delegations.give(asked, planner.user_id, GiveDelegation(kind=FULL)) for _ in "12"]
    assert views[0] == views[1]
    assert views[0].version == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PLANNER])
async def test_it_needs_the_right(house: Workspace, role: Role) -> None:
    actor, other = await house.colleague(role, 10), await house.colleague(Role.PLANNER)
    for attempt in (
        house.delegations.give(actor, other.user_id, GiveDelegation(kind=PROPOSE)),
        house.delegations.withdraw(actor, other.user_id),
    ):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert refused.value.code == "not_permitted"


async def test_nobody_changes_their_own_but_an_owner(house: Workspace) -> None:
    admin = await house.colleague(Role.ADMIN, 10)
    for attempt in (
        house.delegations.give(admin, admin.user_id, GiveDelegation(kind=PROPOSE)),
        house.delegations.withdraw(admin, admin.user_id),
    ):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert refused.value.code == "own_delegation"
    own = await house.delegations.give(house.owner, house.owner.user_id, GiveDelegation(kind=FULL, cap=usd(1)))
    assert str(own.cap) == "1.00 USD"


async def test_only_an_owner_changes_an_owners(house: Workspace) -> None:
    admin = await house.colleague(Role.ADMIN, kind=FULL)
    with pytest.raises(Forbidden) as refused:
        await house.delegations.give(admin, house.owner.user_id, GiveDelegation(kind=PROPOSE))
    assert refused.value.code == "owner_only"


@pytest.mark.parametrize(
    "wanted",
    [
        GiveDelegation(kind=FULL),
        GiveDelegation(kind=FULL, cap=usd(10_001)),
        GiveDelegation(kind=EXECUTE, cap=usd(1, "EUR")),
    ],
    ids=["no cap", "above", "other currency"],
)
async def test_nobody_gives_more_than_they_have(house: Workspace, wanted: GiveDelegation) -> None:
    admin, planner = await house.colleague(Role.ADMIN, 10_000), await house.colleague(Role.PLANNER)
    with pytest.raises(Forbidden) as refused:
        await house.delegations.give(admin, planner.user_id, wanted)
    assert refused.value.code == "beyond_your_own"
    assert await has(house, planner.user_id) is None


async def test_what_one_has_one_gives(house: Workspace) -> None:
    admin, planner = await house.colleague(Role.ADMIN), await house.colleague(Role.PLANNER)
    await house.delegate(admin.user_id, FULL, 10_000, ["US", "DE"])
    given = await house.delegations.give(
        admin, planner.user_id, GiveDelegation(kind=FULL, cap=usd(10_000), markets=["DE"])
    )
    assert given.markets == ["DE"]
    with pytest.raises(Forbidden):
        await house.delegations.give(admin, planner.user_id, GiveDelegation(kind=FULL, cap=usd(1), markets=["FR"]))


async def test_who_has_none_lets_others_only_propose(house: Workspace) -> None:
    admin, planner = await house.colleague(Role.ADMIN), await house.colleague(Role.PLANNER, 500)
    with pytest.raises(Forbidden):
        await house.delegations.give(admin, planner.user_id, GiveDelegation(kind=EXECUTE, cap=usd(0)))
    given = await house.delegations.give(admin, planner.user_id, GiveDelegation(kind=PROPOSE))
    assert given.kind is PROPOSE


async def test_an_agent_needs_its_persons_delegation(house: Workspace) -> None:
    admin, planner = await house.colleague(Role.ADMIN), await house.colleague(Role.PLANNER)
    wanted = GiveDelegation(kind=PROPOSE)
    with pytest.raises(ApprovalNeeded) as needed:
        await house.delegations.give(through_agent(admin), planner.user_id, wanted)
    assert needed.value.details["action"] == "delegation.give"
    await house.delegate(admin.user_id, EXECUTE, 0)
    assert await house.delegations.give(through_agent(admin), planner.user_id, wanted)


async def test_somebody_elses_change_is_seen(house: Workspace) -> None:
    planner = await house.colleague(Role.PLANNER, 10)
    wanted = GiveDelegation(kind=PROPOSE)
    with pytest.raises(StaleVersion):
        await house.delegations.give(house.owner, planner.user_id, wanted, expected=2)
    with pytest.raises(StaleVersion):
        await house.delegations.withdraw(house.owner, planner.user_id, expected=7)
    assert (await house.delegations.give(house.owner, planner.user_id, wanted, expected=1)).version == 2


async def test_what_makes_no_sense_is_refused(house: Workspace) -> None:
    planner = await house.colleague(Role.PLANNER)
    late = house.product.clock.now() - timedelta(seconds=1)
    cases: list[tuple[GiveDelegation, str]] = [
        (GiveDelegation(kind=FULL, cap=usd(-1)), "bad_cap"),
        (GiveDelegation(kind=FULL, cap=usd(1, "XYZ")), "unknown_currency"),
        (GiveDelegation(kind=FULL, markets=["U\u202eS"]), "control_characters"),
        (GiveDelegation(kind=FULL, expires_at=late), "bad_expiry"),
    ]
    for wanted, code in cases:
        with pytest.raises(InvalidInput) as refused:
            await house.delegations.give(house.owner, planner.user_id, wanted)
        assert refused.value.code == code


async def test_who_is_no_member_gets_none(house: Workspace) -> None:
    stranger: Actor = await house.product.new_actor()
    for user_id in (stranger.user_id, UserId(new_id())):
        with pytest.raises(NotFound) as refused:
            await house.delegations.give(house.owner, user_id, GiveDelegation(kind=PROPOSE))
        assert refused.value.code == "member_not_found"
