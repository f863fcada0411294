"""One transaction over accounts, which belong to no tenant: fetch, ask the domain, commit."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.errors import InvalidInput, Unauthenticated
from domain.ids import SignInId, TenantId, UserId
from domain.interfaces.accounts import (
    AccountRepository,
    IdentityRepository,
    PasswordResetRepository,
    SignInRepository,
)
from domain.users import Email, User
from services.actor import NO_ORIGIN, Origin
from services.ports import WakeupKind

NO_TENANT = TenantId(UUID(int=0))  # in the outbox, where an account's notes lie among those of the tenants


class SecurityEventKind(StrEnum):
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SIGN_IN_REVOKED = "sign_in_revoked"
    REFRESH_REUSED = "refresh_reused"
    IDENTITY_LINKED = "identity_linked"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET_ASKED = "password_reset_asked"
    PASSWORD_RESET = "password_reset"
    TENANT_REFUSED = "tenant_refused"  # or it is suspended
    LETTER_UNDELIVERABLE = "letter_undeliverable"


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """What happened to an account. `user_id` is None where nobody has it. No address and no token in `details`."""

    kind: SecurityEventKind
    user_id: UserId | None = None
    sign_in_id: SignInId | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class AccountWork(Protocol):
    """Leaving the block without `commit` undoes everything."""

    @property
    def users(self) -> AccountRepository: ...
    @property
    def identities(self) -> IdentityRepository: ...
    @property
    def sign_ins(self) -> SignInRepository: ...
    @property
    def password_resets(self) -> PasswordResetRepository: ...

    async def commit(self, *events: SecurityEvent) -> None:
        """Makes it real: the entities, and the events in the security log. Raises StaleVersion, Duplicate."""
        ...

    async def wake(self, kind: WakeupKind, id: UUID, due_at: datetime) -> None:
        """Leaves a note in the outbox, in this transaction."""
        ...


class BeginAccounts(Protocol):
    def __call__(self, origin: Origin = NO_ORIGIN) -> AbstractAsyncContextManager[AccountWork]: ...


async def account_of(work: AccountWork, user_id: UserId) -> User:
    """Raises Unauthenticated `no_account`: a token may outlive its account by some minutes."""
    user = await work.users.find(user_id)
    if user is None:
        raise Unauthenticated("There is no such account any more.", code="no_account")
    return user


async def account_with_address(work: AccountWork, typed: str) -> User | None:
    """None also for what is no address at all."""
    try:
        email = Email.of(typed)
    except InvalidInput:
        return None
    return await work.users.with_email(email)
