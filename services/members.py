"""Members: invite somebody, change what a member is, take a member out. A tenant always keeps an owner."""

from pydantic import Field

from domain.approvals import Request
from domain.errors import StaleVersion
from domain.ids import InvitationId, UserId
from domain.invitations import Invitation, new_invitation_id
from domain.tenants import Membership, Permission, Role
from domain.users import Email, User
from services.access_views import InvitationView, MemberView
from services.actor import Actor, authorize, must_hold
from services.clearance import clear
from services.commands import Command
from services.gateways import Secrets
from services.invitations import already_member, invitation_token
from services.ports import Clock, WakeupKind
from services.unit_of_work import Begin, UnitOfWork


class Invite(Command):
    email: str = Field(min_length=3, max_length=254)
    role: Role


class ChangeRole(Command):
    role: Role


class Members:
    def __init__(self, begin: Begin, secrets: Secrets, clock: Clock) -> None:
        self._begin = begin
        self._secrets = secrets
        self._clock = clock

    async def invite(self, actor: Actor, command: Invite) -> InvitationView:
        """Leaves the letter to be sent. An invitation that the address had before is no good any more.

        Raises Forbidden `owner_only`, `beyond_own`; Conflict `already_member`.
        """
        authorize(actor, Permission.MEMBER_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(InvitationView):
                return done
            email, now = Email.of(command.email), self._clock.now()
            person = await work.people.with_email(email)
            if person and await work.members.find(person.id):
                raise already_member()
            invitation_id = new_invitation_id()
            digest = self._secrets.digest(invitation_token(self._secrets, actor.tenant_id, invitation_id))
            by_role = await _authority(work, actor)
            invitation, written = Invitation.write(
                invitation_id, actor.tenant_id, email, command.role, digest, by=actor.user_id, by_role=by_role, now=now
            )
            must_hold(actor, command.role.permissions)
            cleared = await clear(work, actor, _request("member.invite", command.model_dump(mode="json")), now)
            earlier = await work.invitations.open_for(email, now)
            replaced = earlier.revoke(now) if earlier else None
            work.invitations.add(invitation)
            await work.wake(WakeupKind.INVITATION_MAIL, invitation.id, now)
            return await work.commit(_invitation_view(invitation), replaced, written, cleared)

    async def revoke_invitation(self, actor: Actor, invitation_id: InvitationId) -> InvitationView:
        """Conflict where it was accepted, revoked before, or has expired."""
        authorize(actor, Permission.MEMBER_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(InvitationView):
                return done
            invitation = await work.invitations.get(invitation_id)
            change = invitation.revoke(self._clock.now())
            return await work.commit(_invitation_view(invitation), change)

    async def change_role(
        self, actor: Actor, user_id: UserId, command: ChangeRole, *, expected: int | None = None
    ) -> MemberView:
        """In force with the member's next request. Raises Forbidden `owner_only`, `beyond_own`; Conflict `last_owner`.

        `expected` is the version of the membership that the caller saw.
        """
        authorize(actor, Permission.MEMBER_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(MemberView):
                return done
            owners, member, person = await self._found(work, user_id, expected)
            asked = _request("member.change_role", {"user_id": str(user_id), "role": command.role}, member.version)
            change = member.change_role(command.role, by=await _authority(work, actor), owners=owners)
            must_hold(actor, command.role.permissions)
            cleared = await clear(work, actor, asked, self._clock.now())
            return await work.commit(_member_view(member, person), change, cleared)

    async def remove(self, actor: Actor, user_id: UserId, *, expected: int | None = None) -> MemberView:
        """With their grants, delegation and tokens; their account stays, and so does what they made.

        Everybody may leave, but for the last owner: Conflict `last_owner`.
        """
        authorize(actor, Permission.SESSION_USE if user_id == actor.user_id else Permission.MEMBER_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(MemberView):
                return done
            owners, member, person = await self._found(work, user_id, expected)
            change = member.leave(by=await _authority(work, actor), owners=owners)
            asked = _request("member.remove", {"user_id": str(user_id)}, member.version)
            cleared = await clear(work, actor, asked, self._clock.now())
            await work.members.remove(member)
            return await work.commit(_member_view(member, person), change, cleared)

    async def _found(self, work: UnitOfWork, user_id: UserId, expected: int | None) -> tuple[int, Membership, User]:
        """The owners are counted, and locked, before anybody is read: what is read then stays true."""
        owners = await work.members.owners()
        member = await work.members.get(user_id)
        if expected is not None and expected != member.version:
            raise StaleVersion(
                f"The membership is at version {member.version} by now, not {expected}.", current=member.version
            )
        return owners, member, await work.people.get(user_id)


async def _authority(work: UnitOfWork, actor: Actor) -> Role:
    """As what the actor acts on members: with fewer rights than an owner's (a service token) as no owner."""
    role = (await work.members.get(actor.user_id)).role
    return Role.ADMIN if role is Role.OWNER and not actor.may(Permission.TENANT_MANAGE) else role


def _request(action: str, arguments: dict[str, object], member_version: int | None = None) -> Request:
    return Request(action, arguments, None, [], {"member": member_version} if member_version else {})


def _invitation_view(invitation: Invitation) -> InvitationView:
    facts = {name: getattr(invitation, name) for name in InvitationView.model_fields}
    return InvitationView.model_validate({**facts, "email": invitation.email.address})


def _member_view(member: Membership, person: User) -> MemberView:
    return MemberView(
        user_id=person.id,
        name=person.name,
        email=person.email.address,
        role=member.role,
        version=member.version,
    )
