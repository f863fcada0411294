"""Invitations into a tenant, and links that let somebody set a new password. Both are good once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from domain.changes import Change
from domain.errors import Conflict, Forbidden
from domain.ids import InvitationId, TenantId, UserId, new_id
from domain.tenants import Role
from domain.users import Email

INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(minutes=30)


@dataclass(eq=False)
class Invitation:
    tenant_id: TenantId
    id: InvitationId
    email: Email
    role: Role
    token_digest: str
    invited_by: UserId
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    accepted_by: UserId | None = None
    revoked_at: datetime | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def write(
        cls,
        id: InvitationId,
        tenant_id: TenantId,
        email: Email,
        role: Role,
        token_digest: str,
        *,
        by: UserId,
        by_role: Role,
        now: datetime,
    ) -> tuple[Self, Change]:
        """The id comes from the caller: the token is derived from it."""
        if role is Role.OWNER and by_role is not Role.OWNER:
            raise Forbidden("Only an owner invites owners.", code="owner_only")
        invitation = cls(tenant_id, id, email, role, token_digest, by, now, now + INVITATION_LIFETIME)
        return invitation, Change("member.invited", id, 1, after={"email": email.address, "role": role})

    def accept(self, user_id: UserId, email: Email, now: datetime) -> Change:
        self.must_be_open(now)
        if email != self.email:
            raise Forbidden("The invitation is for another address.", code="other_address")
        self.accepted_at, self.accepted_by = now, user_id
        self.version += 1
        return Change("member.accepted", self.id, self.version, after={"user_id": str(user_id), "role": self.role})

    def revoke(self, now: datetime) -> Change:
        self.must_be_open(now)
        self.revoked_at = now
        self.version += 1
        return Change("member.invitation_revoked", self.id, self.version, {"email": self.email.address})

    def must_be_open(self, now: datetime) -> None:
        if self.accepted_at:
            raise Conflict("The invitation was accepted before.", code="invitation_used")
        if self.revoked_at:
            raise Conflict("The invitation was withdrawn.", code="invitation_revoked")
        if now >= self.expires_at:
            raise Conflict("The invitation has expired; ask for another one.", code="invitation_expired")


@dataclass(eq=False)
class PasswordReset:
    id: UUID
    user_id: UserId
    token_digest: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def write(cls, id: UUID, user_id: UserId, token_digest: str, now: datetime) -> Self:
        return cls(id, user_id, token_digest, now, now + RESET_LIFETIME)

    def use(self, now: datetime) -> None:
        self.must_be_open(now)
        self.used_at = now
        self.version += 1

    def must_be_open(self, now: datetime) -> None:
        if self.used_at or now >= self.expires_at:
            raise Conflict("The link was used or has expired; ask for another one.", code="reset_expired")


def new_invitation_id() -> InvitationId:
    return InvitationId(new_id())
