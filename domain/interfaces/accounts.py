"""Where accounts live, in the domain's words: people, the ways they sign in, and the devices they are signed in on.

Accounts belong to no tenant. `add` and changes become real when the unit of work commits. What is locked stays so until
then; whoever locks several things locks the user first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.ids import SignInId, UserId
from domain.invitations import PasswordReset
from domain.sign_ins import SignIn
from domain.users import Email, Identity, User


class AccountRepository(Protocol):
    async def find(self, user_id: UserId) -> User | None: ...
    async def with_email(self, email: Email) -> User | None: ...
    async def lock(self, user_id: UserId) -> User | None:
        """As it is now, and as nobody else changes it until the transaction ends."""
        ...


class IdentityRepository(Protocol):
    def add(self, identity: Identity) -> None: ...
    async def find(self, provider: str, subject: str) -> Identity | None: ...


class SignInRepository(Protocol):
    def add(self, sign_in: SignIn) -> None: ...
    async def lock(self, sign_in_id: SignInId) -> SignIn | None: ...
    async def lock_open(self, user_id: UserId, now: datetime) -> Sequence[SignIn]:
        """Those of the user that have not ended."""
        ...

    async def latest_open(self, user_id: UserId, now: datetime, limit: int) -> Sequence[SignIn]:
        """Those that have not ended, the one last refreshed first. Not locked: to look at."""
        ...


class PasswordResetRepository(Protocol):
    def add(self, reset: PasswordReset) -> None: ...
    async def find(self, reset_id: UUID) -> PasswordReset | None: ...
    async def with_digest(self, token_digest: str) -> PasswordReset | None: ...
    async def lock_open(self, user_id: UserId, now: datetime) -> Sequence[PasswordReset]:
        """Those of the user that can still be used."""
        ...
