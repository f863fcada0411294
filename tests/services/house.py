"""A tenant whose people come and go."""

from dataclasses import dataclass
from datetime import timedelta

from domain.ids import CampaignId, TenantId, UserId, new_id
from domain.invitations import Invitation
from domain.money import Money
from domain.tenants import Membership, Permission, Role
from domain.users import User
from server.identity.derived import DerivedSecrets
from services.access_views import GrantView, InvitationView
from services.actor import Actor, Origin, system_actor
from services.amounts import Amount
from services.grants import GiveGrant, Grants
from services.invitations import AcceptInvitation, Invited, Joined, invitation_token
from services.members import Invite, Members
from services.service_tokens import CreateToken, NewToken, ServiceTokens
from services.sign_in import SignIn
from tests.drivers import SERVER_SECRET, PlainPasswords
from tests.fakes.account_work import InMemoryAccounts
from tests.fakes.database import InMemoryDatabase
from tests.fakes.rate_limits import InMemoryRateLimits
from tests.services.conftest import Product

PASSWORD = "four words at random"
SECRETS = DerivedSecrets(SERVER_SECRET)


@dataclass(frozen=True)
class House:
    product: Product
    owner: Actor
    sign_in: SignIn
    members: Members
    invited: Invited
    grants: Grants
    tokens: ServiceTokens
    noted: InMemoryAccounts  # for its log alone

    async def invite(self, email: str, role: Role = Role.PLANNER, *, by: Actor | None = None) -> InvitationView:
        return await self.members.invite(by or self.owner, Invite(email=email, role=role))

    def link(self, invitation: InvitationView, tenant_id: TenantId | None = None) -> str:
        return invitation_token(SECRETS, tenant_id or self.owner.tenant_id, invitation.id)

    async def accept(self, link: str, password: str = PASSWORD, name: str | None = "Bob") -> Joined:
        return await self.invited.accept(AcceptInvitation(token=link, name=name, password=password))

    async def newcomer(self, role: Role) -> Actor:
        joined = await self.accept(self.link(await self.invite(address(), role)))
        return await self.enter(joined.user_id)

    async def enter(self, user_id: UserId) -> Actor:
        return await self.sign_in.enter(user_id, self.owner.tenant_id)

    async def grant(self, user_id: UserId, campaign_id: CampaignId, role: Role = Role.PLANNER) -> GrantView:
        return await self.grants.give(self.owner, GiveGrant(user_id=user_id, campaign_id=campaign_id, role=role))

    async def token(self, *scopes: Permission, by: Actor | None = None, days: int = 30) -> NewToken:
        ends = self.product.clock.now() + timedelta(days=days)
        return await self.tokens.create(
            by or self.owner, CreateToken(name="Report", scopes=list(scopes), expires_at=ends)
        )

    async def stored(self, invitation: InvitationView) -> Invitation:
        async with self.product.begin(self.owner) as work:
            return await work.invitations.get(invitation.id)

    async def person(self, user_id: UserId) -> User:
        async with self.product.begin(self.owner) as work:
            return await work.people.get(user_id)

    async def membership(self, user_id: UserId) -> Membership | None:
        async with self.product.begin(self.owner) as work:
            return await work.members.find(user_id)

    async def take_delegation(self, user_id: UserId) -> None:
        async with self.product.begin(system_actor(self.owner.tenant_id)) as work:
            delegation = await work.delegations.find(user_id)
            assert delegation
            await work.delegations.remove(delegation)
            await work.commit(Amount.of(Money.zero("USD")))

    async def forget_password(self, user_id: UserId) -> None:
        async with self.product.begin(system_actor(self.owner.tenant_id)) as work:
            person = await work.people.get(user_id)
            person.password_hash = None
            person.version += 1
            await work.commit(Amount.of(Money.zero("USD")))


async def house_of(product: Product) -> House:
    begin, clock, noted = product.begin, product.clock, InMemoryAccounts(InMemoryDatabase())
    return House(
        product,
        await product.new_actor(),
        SignIn(product.directory, clock),
        Members(begin, SECRETS, clock),
        Invited(begin, noted, product.directory, PlainPasswords(), SECRETS, InMemoryRateLimits(clock), clock),
        Grants(begin, clock),
        ServiceTokens(begin, product.directory, SECRETS, clock),
        noted,
    )


def address() -> str:
    return f"{new_id()}@example.com"


def by_agent(actor: Actor) -> Actor:
    return actor.through(Origin(agent="workspace"))
