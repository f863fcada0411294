"""Tokens for machines. A token acts for the member who made it, with fewer rights, for a limited time."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from domain.changes import Change
from domain.errors import Conflict, Forbidden, InvalidInput
from domain.ids import ServiceTokenId, TenantId, UserId
from domain.tenants import Permission
from domain.text import clean_line

LONGEST = timedelta(days=366)


@dataclass(eq=False)
class ServiceToken:
    tenant_id: TenantId
    id: ServiceTokenId
    name: str
    scopes: list[Permission]
    token_digest: str
    user_id: UserId  # whose rights it can't exceed, now or later
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def write(
        cls,
        id: ServiceTokenId,
        tenant_id: TenantId,
        name: str,
        scopes: Collection[Permission],
        token_digest: str,
        *,
        by: UserId,
        rights: Collection[Permission],
        expires_at: datetime,
        now: datetime,
    ) -> tuple[Self, Change]:
        """`rights` are those of the member who makes it."""
        if not scopes:
            raise InvalidInput("A token needs at least one scope.", code="no_scopes", field="scopes")
        if beyond := sorted(set(scopes) - set(rights)):
            raise Forbidden("A token can't have rights that you lack.", code="scope_beyond_own", scopes=beyond)
        if not now < expires_at <= now + LONGEST:
            raise InvalidInput("A token ends within a year.", code="bad_expiry", field="expires_at")
        named = clean_line(name, field="name", longest=80)
        token = cls(tenant_id, id, named, sorted(set(scopes)), token_digest, by, now, expires_at)
        return token, Change("token.created", id, 1, after={"name": named, "scopes": token.scopes})

    def revoke(self, now: datetime) -> Change:
        if self.revoked_at:
            raise Conflict("The token was revoked before.", code="token_revoked")
        self.revoked_at = now
        self.version += 1
        return Change("token.revoked", self.id, self.version, {"name": self.name})

    def good(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
