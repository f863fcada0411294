"""Recipients: those who have the right to approve and a delegation, in the tenant or in the campaign."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import Campaign
from domain.delegations import Delegation, DelegationKind
from domain.grants import CampaignGrant
from domain.ids import UserId
from domain.money import Money
from domain.tenants import Membership, Role
from domain.users import Email, User
from server.postgres.recipients import PostgresRecipients
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor
from services.recipients import Recipients
from services.unit_of_work import Begin
from tests.conftest import NewActor
from tests.contracts.samples import DONE, campaign
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.fakes.founding import new_owner
from tests.fakes.recipients import InMemoryRecipients
from tests.fakes.unit_of_work import InMemoryWork, unpublished

NOW = datetime.now(UTC)
CAP = Money(100, "EUR")


@dataclass(frozen=True)
class Written:
    recipients: Recipients
    begin: Begin
    new_actor: Callable[[], Awaitable[Actor]]

    async def colleague(self, actor: Actor, name: str, role: Role, *, delegated: bool = True) -> UserId:
        user = User.register(Email.of(f"{name}-{actor.tenant_id}@example.com"), name, None, NOW)
        user_id, tenant_id = user.id, actor.tenant_id
        async with self.begin(actor) as work:
            await work.people.add(user)
            work.members.add(Membership(tenant_id, user_id, role, NOW))
            await work.commit(DONE)
        if delegated:
            async with self.begin(actor) as work:
                given = Delegation.give(tenant_id, user_id, DelegationKind.FULL, CAP, [], by=actor.user_id, now=NOW)
                work.delegations.add(given[0])
                await work.commit(DONE)
        return user_id

    async def campaign(self, actor: Actor, name: str) -> Campaign:
        made, _ = campaign(actor, name)
        async with self.begin(actor) as work:
            work.campaigns.add(made)
            await work.commit(DONE)
        return made

    async def grant(self, actor: Actor, user_id: UserId, to: Campaign, role: Role, *, days: int | None = None) -> None:
        ends = NOW + timedelta(days=days) if days else None
        given, _ = CampaignGrant.give(actor.tenant_id, user_id, to.id, role, by=actor.user_id, now=NOW, expires_at=ends)
        async with self.begin(actor) as work:
            work.grants.add(given)
            await work.commit(DONE)


@pytest.fixture(params=["memory", "postgres"])
def written(request: pytest.FixtureRequest, engine: AsyncEngine, tenant: NewActor) -> Written:
    clock = FakeClock(NOW)
    if request.param == "postgres":
        return Written(PostgresRecipients(engine), PostgresWork(engine, clock, unpublished), tenant)
    database = InMemoryDatabase()

    async def new_actor() -> Actor:
        return new_owner(database)

    return Written(InMemoryRecipients(database), InMemoryWork(database, clock), new_actor)


async def test_who_has_the_right_and_a_delegation(written: Written) -> None:
    actor, other = await written.new_actor(), await written.new_actor()
    bob = await written.colleague(actor, "Bob", Role.ADMIN)
    await written.colleague(actor, "Cid", Role.ADMIN, delegated=False)
    await written.colleague(actor, "Dan", Role.PLANNER)
    await written.colleague(other, "Eve", Role.ADMIN)
    found = await written.recipients.approvers(actor.tenant_id, None, NOW)
    assert [(one.user.id, one.user.name) for one in found] == [(actor.user_id, "Ada"), (bob, "Bob")]
    assert [one.delegation.cap for one in found] == [None, CAP]
    assert [one.delegation.user_id for one in found] == [one.user.id for one in found]


async def test_a_right_in_the_campaign_counts_while_it_lasts(written: Written) -> None:
    actor = await written.new_actor()
    bob = await written.colleague(actor, "Bob", Role.VIEWER)
    spring, autumn = await written.campaign(actor, "Spring"), await written.campaign(actor, "Autumn")
    await written.grant(actor, bob, spring, Role.ADMIN, days=2)
    await written.grant(actor, bob, autumn, Role.PLANNER)

    async def names(campaign: Campaign | None, days: int = 0) -> list[str]:
        moment = NOW + timedelta(days=days)
        found = await written.recipients.approvers(actor.tenant_id, campaign.id if campaign else None, moment)
        return [one.user.name for one in found]

    assert await names(spring, 1) == ["Ada", "Bob"]
    assert await names(spring, 2) == ["Ada"]
    assert await names(autumn) == await names(None) == ["Ada"]
