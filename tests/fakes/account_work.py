"""One transaction over accounts in memory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from domain.errors import Duplicate
from domain.ids import SignInId, UserId
from domain.invitations import PasswordReset
from domain.sign_ins import SignIn
from domain.users import Email, Identity, User
from services.account_work import NO_TENANT, SecurityEvent
from services.actor import NO_ORIGIN, Origin
from services.ports import Wakeup, WakeupKind
from tests.fakes.database import InMemoryDatabase, Transaction
from tests.fakes.entities import Entities
from tests.fakes.wakeups import leave_wakeup


class InMemoryAccounts:
    """Begins units of work over accounts. `log` has the events of all of them in the order of their commits."""

    def __init__(self, database: InMemoryDatabase) -> None:
        self._database = database
        self.log: list[tuple[Origin, SecurityEvent]] = []

    @property
    def events(self) -> list[SecurityEvent]:
        return [event for _, event in self.log]

    @asynccontextmanager
    async def __call__(self, origin: Origin = NO_ORIGIN) -> AsyncIterator["InMemoryAccountWork"]:
        transaction = Transaction(self._database)
        try:
            yield InMemoryAccountWork(transaction, origin, self.log)
        finally:
            transaction.end()


class InMemoryAccountWork:
    def __init__(self, transaction: Transaction, origin: Origin, log: list[tuple[Origin, SecurityEvent]]) -> None:
        entities = Entities(transaction)
        self.users = InMemoryUsers(transaction, entities)
        self.identities = InMemoryIdentities(transaction, entities)
        self.sign_ins = InMemorySignIns(transaction, entities)
        self.password_resets = InMemoryPasswordResets(transaction, entities)
        self._transaction = transaction
        self._entities = entities
        self._origin = origin
        self._log = log

    async def commit(self, *events: SecurityEvent) -> None:
        self._entities.flush()
        self.identities.check()
        self._transaction.commit()
        self._log += [(self._origin, event) for event in events]

    async def wake(self, kind: WakeupKind, id: UUID, due_at: datetime) -> None:
        leave_wakeup(self._transaction, Wakeup(NO_TENANT, kind, id, due_at))


class AccountRows:
    def __init__(self, transaction: Transaction, entities: Entities) -> None:
        self._transaction = transaction
        self._entities = entities

    async def _refresh(self, table: str, key: UUID) -> None:
        """Waits for whoever has the row; what was read before the wait is read anew."""
        await self._transaction.lock(table, key)
        if self._transaction.get(table, key) is not None:
            self._entities.forget(table, key)


class InMemoryUsers(AccountRows):
    async def find(self, user_id: UserId) -> User | None:
        return self._entities.get(User, "users", user_id)

    async def with_email(self, email: Email) -> User | None:
        return next((user for user in self._entities.all(User, "users") if user.email == email), None)

    async def lock(self, user_id: UserId) -> User | None:
        await self._refresh("users", user_id)
        return self._entities.get(User, "users", user_id)


class InMemoryIdentities(AccountRows):
    def __init__(self, transaction: Transaction, entities: Entities) -> None:
        super().__init__(transaction, entities)
        self._added: list[Identity] = []

    def add(self, identity: Identity) -> None:
        self._entities.add("identities", identity.provider, identity.subject, entity=identity)
        self._added.append(identity)

    async def find(self, provider: str, subject: str) -> Identity | None:
        return self._entities.get(Identity, "identities", provider, subject)

    def check(self) -> None:
        for added in self._added:
            if self._transaction.committed("identities", added.provider, added.subject):
                raise Duplicate("It exists already.")


class InMemorySignIns(AccountRows):
    def add(self, sign_in: SignIn) -> None:
        self._entities.add("sign_ins", sign_in.id, entity=sign_in)

    async def lock(self, sign_in_id: SignInId) -> SignIn | None:
        await self._refresh("sign_ins", sign_in_id)
        return self._entities.get(SignIn, "sign_ins", sign_in_id)

    async def lock_open(self, user_id: UserId, now: datetime) -> Sequence[SignIn]:
        for sign_in in self._open(user_id, now):
            await self._refresh("sign_ins", sign_in.id)
        return self._open(user_id, now)

    async def latest_open(self, user_id: UserId, now: datetime, limit: int) -> Sequence[SignIn]:
        found = self._open(user_id, now)
        return sorted(found, key=lambda one: (one.refreshed_at, one.id), reverse=True)[:limit]

    def _open(self, user_id: UserId, now: datetime) -> list[SignIn]:
        return [
            sign_in
            for sign_in in self._entities.all(SignIn, "sign_ins")
            if sign_in.user_id == user_id and sign_in.ended_at is None and now < sign_in.expires_at
        ]


class InMemoryPasswordResets(AccountRows):
    def add(self, reset: PasswordReset) -> None:
        self._entities.add("password_resets", reset.id, entity=reset)

    async def find(self, reset_id: UUID) -> PasswordReset | None:
        return self._entities.get(PasswordReset, "password_resets", reset_id)

    async def with_digest(self, token_digest: str) -> PasswordReset | None:
        resets = self._entities.all(PasswordReset, "password_resets")
        return next((reset for reset in resets if reset.token_digest == token_digest), None)

    async def lock_open(self, user_id: UserId, now: datetime) -> Sequence[PasswordReset]:
        for reset in self._open(user_id, now):
            await self._refresh("password_resets", reset.id)
        return self._open(user_id, now)

    def _open(self, user_id: UserId, now: datetime) -> list[PasswordReset]:
        return [
            reset
            for reset in self._entities.all(PasswordReset, "password_resets")
            if reset.user_id == user_id and reset.used_at is None and now < reset.expires_at
        ]
