"""Who may do what in a tenant: what is stored comes back whole, and belongs to its tenant."""

import pytest

from domain.campaigns import Campaign
from domain.errors import Duplicate, NotFound
from domain.ids import ApprovalId, GrantId, InvitationId, ServiceTokenId, UserId, new_id
from domain.invitations import INVITATION_LIFETIME
from domain.tenants import Membership, Permission, Role, Tenant, TenantProfile
from domain.users import Email, User
from services.actor import Actor
from tests.contracts.access_samples import (
    LATER,
    approval,
    delegation,
    grant,
    invitation,
    new_member,
    person,
    service_token,
)
from tests.contracts.conftest import World
from tests.contracts.samples import DONE, NOW, campaign


@pytest.fixture
async def actor(world: World) -> Actor:
    return await world.new_actor()


@pytest.fixture
async def spring(world: World, actor: Actor) -> Campaign:
    made, created = campaign(actor)
    async with world.begin(actor) as work:
        work.campaigns.add(made)
        await work.commit(DONE, created)
    return made


class TestPeople:
    async def test_they_belong_to_no_tenant(self, world: World, actor: Actor) -> None:
        ben = person("Bén 🌷")
        async with world.begin(actor) as work:
            await work.people.add(ben)
            assert await work.people.with_email(ben.email) is ben
            await work.commit(DONE)
        async with world.begin(await world.new_actor()) as work:
            found = await work.people.get(ben.id)
            assert (found.name, found.email, found.password_hash) == ("Bén 🌷", ben.email, "hash")
            assert await work.people.with_email(Email.of(str(ben.email).upper())) is found
            assert await work.people.with_email(Email.of("nobody@example.com")) is None
            with pytest.raises(NotFound) as refused:
                await work.people.get(UserId(new_id()))
        assert refused.value.code == "user_not_found"

    async def test_an_address_is_one_persons(self, world: World, actor: Actor) -> None:
        async with world.begin(actor) as work:
            known = await work.people.get(actor.user_id)
            with pytest.raises(Duplicate) as refused:
                await work.people.add(User.register(known.email, "Eve", None, NOW))
        assert (refused.value.code, refused.value.field) == ("duplicate_email", "email")


class TestMembers:
    async def test_somebody_joins_changes_and_leaves(self, world: World, actor: Actor) -> None:
        ben = await new_member(world.begin, actor)
        async with world.begin(actor) as work:
            member = await work.members.get(ben.id)
            await work.commit(DONE, member.change_role(Role.PLANNER, by=Role.OWNER, owners=1))
        async with world.begin(actor) as work:
            member = await work.members.get(ben.id)
            assert (member.role, member.created_at, member.version) == (Role.PLANNER, NOW, 2)
            await work.members.remove(member)
            await work.commit(DONE, member.leave(by=Role.OWNER, owners=1))
        async with world.begin(actor) as work:
            assert await work.members.find(ben.id) is None
            assert (await work.people.get(ben.id)).name == ben.name
            with pytest.raises(NotFound) as refused:
                await work.members.get(ben.id)
        assert refused.value.code == "member_not_found"

    async def test_who_leaves_leaves_nothing_behind_and_takes_nothing_of_others(
        self, world: World, actor: Actor, spring: Campaign
    ) -> None:
        leaving, staying = [await new_member(world.begin, actor) for _ in range(2)]
        made = {}
        async with world.begin(actor) as work:
            for user in (leaving, staying):
                given, token = grant(actor, user.id, spring.id)[0], service_token(actor, user.id)[0]
                work.grants.add(given)
                work.service_tokens.add(token)
                work.delegations.add(delegation(actor, user.id, None)[0])
                made[user.id] = (given.id, token.id)
            await work.commit(DONE)
        async with world.begin(actor) as work:
            await work.members.remove(await work.members.get(leaving.id))
            await work.commit(DONE)
        async with world.begin(actor) as work:
            assert await work.delegations.find(leaving.id) is None
            assert await work.grants.find(leaving.id, spring.id) is None
            for attempt in (
                work.grants.get(made[leaving.id][0]),
                work.service_tokens.get(made[leaving.id][1]),
            ):
                with pytest.raises(NotFound):
                    await attempt
            assert await work.delegations.find(staying.id)
            assert (await work.grants.get(made[staying.id][0])).user_id == staying.id
            assert (await work.service_tokens.get(made[staying.id][1])).user_id == staying.id

    async def test_a_tenant_is_founded_with_its_first_owner(self, world: World, actor: Actor) -> None:
        tenant = Tenant.found("Söhne 🌷", NOW)
        owner, joined = Membership.join(tenant.id, actor.user_id, Role.OWNER, NOW)
        elsewhere = Actor(tenant.id, actor.user_id, Role.OWNER.permissions)
        async with world.begin(elsewhere) as work:
            await work.members.found(tenant, TenantProfile(tenant.id), owner)
            await work.commit(DONE, tenant.founded(), joined)
        async with world.begin(elsewhere) as work:
            found = await work.members.tenant()
            assert (found.name, found.status, await work.members.tenant_name()) == (tenant.name, "active", "Söhne 🌷")
            assert (await work.members.get(actor.user_id)).role is Role.OWNER
            assert await work.members.owners() == 1
            await work.commit(DONE, found.suspend())
        async with world.begin(elsewhere) as work:
            assert (await work.members.tenant()).status == "suspended"
        async with world.begin(actor) as work:
            assert (await work.members.tenant()).id == actor.tenant_id

    async def test_owners_are_counted_in_their_tenant(self, world: World, actor: Actor) -> None:
        await new_member(world.begin, actor, Role.OWNER)
        await new_member(world.begin, actor, Role.ADMIN)
        await new_member(world.begin, await world.new_actor(), Role.OWNER)
        async with world.begin(actor) as work:
            assert await work.members.owners() == 2


async def test_an_invitation_comes_back_whole(world: World, actor: Actor) -> None:
    made, written = invitation(actor)
    async with world.begin(actor) as work:
        work.invitations.add(made)
        await work.commit(DONE, written)
    async with world.begin(actor) as work:
        found = await work.invitations.get(made.id)
        assert (found.email, found.role, found.token_digest) == (made.email, Role.PLANNER, made.token_digest)
        assert (found.invited_by, found.created_at, found.expires_at) == (
            *(actor.user_id, NOW),
            NOW + INVITATION_LIFETIME,
        )
        await work.commit(DONE, found.accept(actor.user_id, made.email, NOW))
    async with world.begin(actor) as work:
        found = await work.invitations.get(made.id)
    assert (found.accepted_at, found.accepted_by, found.revoked_at, found.version) == (NOW, actor.user_id, None, 2)


async def test_the_open_invitation_of_an_address(world: World, actor: Actor) -> None:
    address = f"{new_id()}@example.com"
    email = Email.of(address)
    made = [invitation(actor, address)[0] for _ in range(3)]
    made[0].revoke(NOW)
    made[1].accept(actor.user_id, email, NOW)
    async with world.begin(actor) as work:
        for one in (*made, invitation(actor, address, NOW - INVITATION_LIFETIME)[0]):
            work.invitations.add(one)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        found = await work.invitations.open_for(email, NOW)
        assert found
        assert found.id == made[2].id
        assert await work.invitations.open_for(email, NOW + INVITATION_LIFETIME) is None
        assert await work.invitations.open_for(Email.of("nobody@example.com"), NOW) is None
    async with world.begin(await world.new_actor()) as work:
        assert await work.invitations.open_for(email, NOW) is None


async def test_a_service_token_comes_back_whole(world: World, actor: Actor) -> None:
    made, created = service_token(actor)
    async with world.begin(actor) as work:
        work.service_tokens.add(made)
        await work.commit(DONE, created)
    async with world.begin(actor) as work:
        found = await work.service_tokens.get(made.id)
        assert (found.name, found.token_digest, found.user_id) == (made.name, made.token_digest, actor.user_id)
        assert found.scopes == [Permission.CAMPAIGN_READ, Permission.PERFORMANCE_IMPORT]
        assert (found.created_at, found.expires_at) == (NOW, LATER)
        await work.commit(DONE, found.revoke(NOW))
    async with world.begin(actor) as work:
        assert (await work.service_tokens.get(made.id)).revoked_at == NOW


async def test_a_grant_is_found_by_person_and_campaign_and_may_be_replaced(
    world: World, actor: Actor, spring: Campaign
) -> None:
    ben = await new_member(world.begin, actor)
    first, given = grant(actor, ben.id, spring.id)
    async with world.begin(actor) as work:
        work.grants.add(first)
        await work.commit(DONE, given)
    async with world.begin(actor) as work:
        found = await work.grants.find(ben.id, spring.id)
        assert found is await work.grants.get(first.id)
        assert (found.role, found.granted_by, found.expires_at) == (Role.PLANNER, actor.user_id, LATER)
        assert await work.grants.find(actor.user_id, spring.id) is None
        await work.grants.remove(found)
        second, given = grant(actor, ben.id, spring.id)
        work.grants.add(second)
        await work.commit(DONE, found.withdrawn(), given)
    async with world.begin(actor) as work:
        found = await work.grants.find(ben.id, spring.id)
        assert found
        assert found.id == second.id
        with pytest.raises(NotFound) as refused:
            await work.grants.get(first.id)
    assert refused.value.code == "grant_not_found"


async def test_nothing_of_another_tenant_is_found(world: World, actor: Actor, spring: Campaign) -> None:
    ben = await new_member(world.begin, actor)
    given, token = grant(actor, ben.id, spring.id)[0], service_token(actor, ben.id)[0]
    invited, asked = invitation(actor)[0], approval(actor)[0]
    async with world.begin(actor) as work:
        work.grants.add(given)
        work.service_tokens.add(token)
        work.invitations.add(invited)
        work.approvals.add(asked)
        work.delegations.add(delegation(actor, ben.id, None)[0])
        await work.commit(DONE)
    async with world.begin(await world.new_actor()) as work:
        assert await work.members.find(ben.id) is None
        assert await work.delegations.find(ben.id) is None
        assert await work.grants.find(ben.id, spring.id) is None
        for attempt in (
            work.grants.get(GrantId(given.id)),
            work.service_tokens.get(ServiceTokenId(token.id)),
            work.invitations.get(InvitationId(invited.id)),
            work.approvals.get(ApprovalId(asked.id)),
            work.members.get(ben.id),
        ):
            with pytest.raises(NotFound):
                await attempt
