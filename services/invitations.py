"""Invitations: from the letter somebody gets to the member they become. Nobody else ever sees the link."""

from typing import Annotated

from pydantic import Field

from domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from domain.ids import InvitationId, TenantId, UserId
from domain.invitations import Invitation
from domain.passwords import accepted, as_compared
from domain.tenants import Membership, Role, TenantStatus
from domain.text import clean_line
from domain.users import Email, User
from services.access_views import InvitationStanding
from services.account_work import BeginAccounts, SecurityEvent, SecurityEventKind
from services.actor import NO_ORIGIN, Actor, Origin, system_actor
from services.commands import Command
from services.gateways import RateLimits, Secrets
from services.ports import Clock, PasswordHasher
from services.queries import Directory
from services.quotas import SIGN_IN_ACCOUNT
from services.read_models import ReadModel
from services.unit_of_work import Begin, UnitOfWork

INVITATION = "invitation"  # the purpose of a link's token; its parts are the tenant's and the invitation's ids

Token = Annotated[str, Field(min_length=1, max_length=200)]


class AcceptInvitation(Command):
    token: Token
    name: str | None = Field(default=None, max_length=200, description="Of a new account; an existing one has its own.")
    password: str = Field(min_length=1, max_length=1_024, description="Chosen for a new account, else the account's.")


class Offer(ReadModel):
    """What somebody is told who holds the link."""

    tenant_name: str
    role: Role
    email: str
    has_account: bool


class Joined(ReadModel):
    user_id: UserId
    tenant_id: TenantId
    role: Role


def invitation_token(secrets: Secrets, tenant_id: TenantId, invitation_id: InvitationId) -> str:
    """For the letter alone."""
    return secrets.token(INVITATION, tenant_id, invitation_id)


class Invited:
    """Those who come with a link: they are no members yet, so nothing here asks for a right."""

    def __init__(
        self,
        begin: Begin,
        accounts: BeginAccounts,
        directory: Directory,
        hasher: PasswordHasher,
        secrets: Secrets,
        rate_limits: RateLimits,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._accounts = accounts
        self._directory = directory
        self._hasher = hasher
        self._secrets = secrets
        self._rate_limits = rate_limits
        self._clock = clock

    async def look(self, token: str) -> Offer:
        """NotFound `invitation_not_found`; Conflict `invitation_used`, `invitation_revoked`, `invitation_expired`."""
        invited = await self._standing(token)
        return Offer.model_validate(invited)

    async def accept(self, command: AcceptInvitation, origin: Origin = NO_ORIGIN) -> Joined:
        """Into a new account, or into the one that the address has: then its password has to be right.

        Raises as `look` does; Unauthenticated `wrong_credentials`; Conflict `already_member`; InvalidInput for a name
        or a password that nobody can have.
        """
        invited = await self._standing(command.token)
        if found := await self._directory.credentials(invited.email):
            await self._check(invited, found[0], command.password, found[1], origin)
            return await self._enrol(invited, found[0], None, origin)
        newcomer = await self._register(invited, command)
        return await self._enrol(invited, newcomer.id, newcomer, origin)

    async def join(self, user_id: UserId, token: str, origin: Origin = NO_ORIGIN) -> Joined:
        """Somebody who has signed in, with the address that was invited: else Forbidden `other_address`."""
        return await self._enrol(await self._standing(token), user_id, None, origin)

    async def _standing(self, token: str) -> InvitationStanding:
        invited = await self._directory.invitation(self._secrets.digest(token))
        if invited is None:
            raise NotFound("There is no such invitation.", code="invitation_not_found")
        async with self._begin(system_actor(invited.tenant_id)) as work:
            await self._open(work, invited)
        return invited

    async def _open(self, work: UnitOfWork, invited: InvitationStanding) -> Invitation:
        if (await work.members.tenant()).status is not TenantStatus.ACTIVE:
            raise Forbidden(f"{invited.tenant_name} is suspended; its data is kept.", code="tenant_suspended")
        invitation = await work.invitations.get(invited.id)
        invitation.must_be_open(self._clock.now())
        return invitation

    async def _check(
        self, invited: InvitationStanding, user_id: UserId, password: str, hashed: str, origin: Origin
    ) -> None:
        await self._rate_limits.take(SIGN_IN_ACCOUNT, invited.email)
        if not hashed or not await self._hasher.matches(as_compared(password), hashed):
            failed = SecurityEvent(SecurityEventKind.SIGN_IN_FAILED, user_id, details={"at": "invitation"})
            async with self._accounts(origin) as work:
                await work.commit(failed)
            raise Unauthenticated("E-mail or password is wrong.", code="wrong_credentials")

    async def _register(self, invited: InvitationStanding, command: AcceptInvitation) -> User:
        if command.name is None:
            raise InvalidInput("A new account needs a name.", code="name_required", field="name")
        name = clean_line(command.name, field="name")
        hashed = await self._hasher.hash(accepted(command.password, name=name, email=invited.email))
        return User.register(Email(invited.email), name, hashed, self._clock.now())

    async def _enrol(
        self, invited: InvitationStanding, user_id: UserId, newcomer: User | None, origin: Origin
    ) -> Joined:
        """One transaction, in the name of the new member."""
        actor = Actor(invited.tenant_id, user_id, frozenset(), origin)  # the invitation is the right
        async with self._begin(actor) as work:
            now = self._clock.now()
            invitation = await self._open(work, invited)
            if newcomer:
                await work.people.add(newcomer)
            user = newcomer or await work.people.get(user_id)
            taken = invitation.accept(user.id, user.email, now)
            if await work.members.find(user.id):
                raise already_member()
            member, joined = Membership.join(invited.tenant_id, user.id, invitation.role, now)
            work.members.add(member)
            result = Joined(user_id=user.id, tenant_id=invited.tenant_id, role=member.role)
            return await work.commit(result, taken, joined)


def already_member() -> Conflict:
    return Conflict("Whoever has that address is a member already.", code="already_member", field="email")
