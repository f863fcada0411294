"""From an invitation to a member."""

import asyncio
from collections.abc import Awaitable

import pytest

from domain.errors import ApprovalNeeded, Conflict, DomainError, Forbidden, InvalidInput, NotFound, Unauthenticated
from domain.ids import InvitationId, UserId, new_id
from domain.tenants import Permission, Role
from services.account_work import SecurityEventKind
from services.invitations import Offer
from services.ports import WakeupKind
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.conftest import InMemory, Product, keyed
from tests.services.house import PASSWORD, House, address, by_agent, house_of


@pytest.fixture
async def house(product: Product) -> House:
    return await house_of(product)


@pytest.fixture
async def in_mind(memory: InMemory) -> House:
    return await house_of(memory)


async def test_whoever_accepts_is_a_member_with_an_account(house: House) -> None:
    email = address()
    invitation = await house.invite(f" {email.upper()} ", Role.ANALYST)
    assert (invitation.email, invitation.role, invitation.accepted_at) == (email, Role.ANALYST, None)
    link = house.link(invitation)
    assert await house.invited.look(link) == Offer(
        tenant_name="Acme", role=Role.ANALYST, email=email, has_account=False
    )
    joined = await house.accept(link, name=" Bob ")
    assert (joined.tenant_id, joined.role) == (house.owner.tenant_id, Role.ANALYST)
    actor = await house.enter(joined.user_id)
    assert actor.permissions == Role.ANALYST.permissions
    person = await house.person(joined.user_id)
    assert (person.name, person.email.address, person.password_hash) == ("Bob", email, f"plain:{PASSWORD}")
    stored = await house.stored(invitation)
    assert (stored.accepted_by, stored.accepted_at) == (joined.user_id, house.product.clock.now())


async def test_the_letter_is_asked_for_and_the_link_is_nobodys_but_its_readers(
    in_mind: House, memory: InMemory
) -> None:
    invitation = await in_mind.invite(address())
    link = in_mind.link(invitation)
    assert link not in invitation.model_dump_json()
    assert link not in repr(memory.database.rows)
    (wakeup,) = await InMemoryWakeups(memory.database, memory.clock).claim(
        WakeupKind.INVITATION_MAIL, limit=9, retry_after=1
    )
    assert (wakeup.tenant_id, wakeup.id) == (in_mind.owner.tenant_id, invitation.id)


async def test_the_audit_names_the_new_member(in_mind: House, memory: InMemory) -> None:
    joined = await in_mind.accept(in_mind.link(await in_mind.invite(address())))
    told = [(change.action, by.user_id) for by, change in memory.work.audit]
    assert told == [
        ("member.invited", in_mind.owner.user_id),
        ("member.accepted", joined.user_id),
        ("member.joined", joined.user_id),
    ]


async def test_an_account_joins_with_its_own_password(house: House) -> None:
    there = await house_of(house.product)
    joined = await there.accept(there.link(await there.invite(address())))
    email = (await there.person(joined.user_id)).email.address
    link = house.link(await house.invite(email, Role.VIEWER))
    assert (await house.invited.look(link)).has_account
    with pytest.raises(Unauthenticated) as wrong:
        await house.accept(link, "another password")
    assert wrong.value.code == "wrong_credentials"
    assert [(event.kind, event.user_id) for event in house.noted.events] == [
        (SecurityEventKind.SIGN_IN_FAILED, joined.user_id)
    ]
    assert await house.membership(joined.user_id) is None
    again = await house.accept(link, name="Ignored")
    assert again.user_id == joined.user_id
    assert (await house.enter(joined.user_id)).permissions == Role.VIEWER.permissions
    assert (await house.person(joined.user_id)).name == "Bob"


async def test_an_account_without_a_password_joins_when_it_has_signed_in(house: House) -> None:
    there = await house_of(house.product)
    bob = await there.newcomer(Role.PLANNER)
    email = (await there.person(bob.user_id)).email.address
    await there.forget_password(bob.user_id)
    link = house.link(await house.invite(email))
    for password in (PASSWORD, " "):
        with pytest.raises(Unauthenticated) as wrong:
            await house.accept(link, password)
        assert wrong.value.code == "wrong_credentials"
    joined = await house.invited.join(bob.user_id, link)
    assert (joined.user_id, joined.role) == (bob.user_id, Role.PLANNER)


async def test_guessing_an_accounts_password_over_a_link_is_counted(in_mind: House) -> None:
    there = await house_of(in_mind.product)
    bob = await there.newcomer(Role.PLANNER)
    email = (await there.person(bob.user_id)).email.address
    link = in_mind.link(await in_mind.invite(email))
    codes = [await code_of(in_mind.accept(link, f"guess {n}")) for n in range(11)]
    assert codes == ["wrong_credentials"] * 10 + ["rate_limited"]


async def test_nobody_joins_with_somebody_elses_invitation(house: House) -> None:
    there = await house_of(house.product)
    mallory = await there.newcomer(Role.OWNER)
    link = house.link(await house.invite(address(), Role.OWNER))
    with pytest.raises(Forbidden) as refused:
        await house.invited.join(mallory.user_id, link)
    assert refused.value.code == "other_address"
    assert await house.membership(mallory.user_id) is None


async def test_a_second_invitation_takes_the_place_of_the_first(house: House) -> None:
    email = address()
    first, second = await house.invite(email, Role.ADMIN), await house.invite(email, Role.VIEWER)
    assert (await house.stored(first)).revoked_at == house.product.clock.now()
    assert await code_of(house.accept(house.link(first))) == "invitation_revoked"
    assert (await house.accept(house.link(second))).role is Role.VIEWER


async def test_of_invitations_at_the_same_moment_one_is_open(house: House) -> None:
    email = address()
    written = await asyncio.gather(*(house.invite(email) for _ in range(5)))
    stored = [await house.stored(one) for one in written]
    assert sum(one.revoked_at is None for one in stored) == 1


async def test_an_invitation_is_good_once(house: House) -> None:
    link = house.link(await house.invite(address()))
    codes = await asyncio.gather(*(code_of(house.accept(link)) for _ in range(4)))
    assert sorted(codes) == ["invitation_used"] * 3 + ["joined"]
    assert await code_of(house.invited.look(link)) == "invitation_used"


async def test_a_withdrawn_an_old_and_an_unknown_one_open_nothing(house: House) -> None:
    withdrawn, old = await house.invite(address()), await house.invite(address())
    revoked = await house.members.revoke_invitation(house.owner, withdrawn.id)
    assert revoked.revoked_at == house.product.clock.now()
    house.product.clock.advance(days=7)
    for link, code in (
        (house.link(withdrawn), "invitation_revoked"),
        (house.link(old), "invitation_expired"),
        (house.link(old)[::-1], "invitation_not_found"),
        (house.link(old, (await house.product.new_actor()).tenant_id), "invitation_not_found"),
    ):
        assert await code_of(house.accept(link)) == code
        assert await code_of(house.invited.look(link)) == code
        assert await code_of(house.invited.join(UserId(new_id()), link)) == code
    renewed = await house.invite(old.email)
    assert (await house.accept(house.link(renewed))).role is Role.PLANNER


async def test_revoking_is_for_ones_own_open_invitations(house: House) -> None:
    there = await house_of(house.product)
    theirs, mine = await there.invite(address()), await house.invite(address())
    for id in (theirs.id, InvitationId(new_id())):
        with pytest.raises(NotFound):
            await house.members.revoke_invitation(house.owner, id)
    await house.members.revoke_invitation(house.owner, mine.id)
    assert await code_of(house.members.revoke_invitation(house.owner, mine.id)) == "invitation_revoked"


async def test_members_are_not_invited_again(house: House) -> None:
    bob = await house.newcomer(Role.VIEWER)
    with pytest.raises(Conflict) as refused:
        await house.invite((await house.person(bob.user_id)).email.address)
    assert refused.value.code == "already_member"


async def test_a_suspended_tenant_takes_nobody_in(house: House) -> None:
    link = house.link(await house.invite(address()))
    await house.product.tenants.suspend(house.owner)
    for tried in (house.accept(link), house.invited.look(link)):
        assert await code_of(tried) == "tenant_suspended"


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        (None, PASSWORD, "name_required"),
        ("  ", PASSWORD, "empty"),
        ("Bob", "short", "password_too_short"),
        ("Bob", "password123", "password_guessable"),
    ],
)
async def test_an_account_that_nobody_can_have(in_mind: House, name: str | None, password: str, code: str) -> None:
    link = in_mind.link(await in_mind.invite(address()))
    with pytest.raises(InvalidInput) as refused:
        await in_mind.accept(link, password, name)
    assert refused.value.code == code
    assert (await in_mind.accept(link)).role is Role.PLANNER


async def test_nobody_invites_above_themselves(house: House) -> None:
    admin = await house.newcomer(Role.ADMIN)
    assert await code_of(house.invite(address(), Role.OWNER, by=admin)) == "owner_only"
    assert (await house.invite(address(), Role.ADMIN, by=admin)).invited_by == admin.user_id
    narrow = house.owner.only({Permission.MEMBER_MANAGE})
    assert await code_of(house.invite(address(), Role.OWNER, by=narrow)) == "owner_only"
    assert await code_of(house.invite(address(), Role.VIEWER, by=narrow)) == "beyond_own"


async def test_an_agent_invites_with_its_persons_delegation_alone(in_mind: House, memory: InMemory) -> None:
    assert (await in_mind.invite(address(), by=by_agent(in_mind.owner))).role is Role.PLANNER
    await in_mind.take_delegation(in_mind.owner.user_id)
    before = memory.written()
    with pytest.raises(ApprovalNeeded) as needed:
        await in_mind.invite(address(), by=by_agent(in_mind.owner))
    assert (needed.value.details["action"], memory.written()) == ("member.invite", before)
    assert (await in_mind.invite(address())).role is Role.PLANNER  # with their own hands


async def test_the_same_invitation_under_one_key_is_written_once(in_mind: House, memory: InMemory) -> None:
    actor, email = keyed(in_mind.owner), address()
    assert await in_mind.invite(email, by=actor) == await in_mind.invite(email, by=actor)
    assert memory.actions(actor.tenant_id) == ["member.invited"]


async def code_of(tried: Awaitable[object]) -> str:
    try:
        await tried
    except DomainError as error:
        return error.code
    return "joined"
