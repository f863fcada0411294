"""Accounts on the twins in memory: people with passwords, a clock that stands still, a hasher that counts."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from domain.errors import DomainError, Unauthenticated
from domain.ids import UserId
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.identity.derived import DerivedSecrets
from services.account_work import SecurityEventKind
from services.accounts import Accounts, Entered
from services.gateways import Identified
from services.passwords import Passwords
from services.ports import Wakeup, WakeupKind
from tests.drivers import SERVER_SECRET
from tests.fakes.account_work import InMemoryAccounts
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.fakes.founding import enrol
from tests.fakes.rate_limits import InMemoryRateLimits
from tests.fakes.wakeups import InMemoryWakeups

PASSWORD = "correct horse battery"
ADDRESS = "ada@example.com"


class CountingPasswords:
    """Reversed text as the hash; remembers what it was asked to make and to compare."""

    def __init__(self) -> None:
        self.hashed: list[str] = []
        self.compared: list[str] = []

    async def hash(self, password: str) -> str:
        self.hashed.append(password)
        return password[::-1]

    async def matches(self, password: str, hashed: str) -> bool:
        assert hashed, "what is no hash is refused in no time"
        self.compared.append(password)
        return password[::-1] == hashed


@dataclass(frozen=True)
class AccountWorld:
    database: InMemoryDatabase = field(default_factory=InMemoryDatabase)
    clock: FakeClock = field(default_factory=FakeClock)
    hasher: CountingPasswords = field(default_factory=CountingPasswords)
    secrets: DerivedSecrets = field(default_factory=lambda: DerivedSecrets(SERVER_SECRET))
    begin: InMemoryAccounts = field(init=False)
    accounts: Accounts = field(init=False)
    passwords: Passwords = field(init=False)

    def __post_init__(self) -> None:
        begin, limits = InMemoryAccounts(self.database), InMemoryRateLimits(self.clock)
        parts = (begin, self.hasher, self.secrets, limits, self.clock)
        object.__setattr__(self, "begin", begin)
        object.__setattr__(self, "accounts", Accounts(*parts))
        object.__setattr__(self, "passwords", Passwords(*parts))

    def person(self, email: str = ADDRESS, password: str | None = PASSWORD, name: str = "Ada") -> UserId:
        """A member of a tenant of their own, for whom nobody has hashed anything yet."""
        now = self.clock.now()
        user = User.register(Email.of(email), name, password[::-1] if password else None, now)
        enrol(self.database, Tenant.found("Acme", now), user, Role.OWNER)
        return user.id

    async def enter(self, email: str = ADDRESS, password: str = PASSWORD, device: str = "a browser") -> Entered:
        return await self.accounts.sign_in(email, password, device)

    async def letters_due(self) -> list[Wakeup]:
        wakeups = InMemoryWakeups(self.database, self.clock)
        return await wakeups.claim(WakeupKind.PASSWORD_RESET_MAIL, limit=100, retry_after=0)

    def reset_token(self, reset_id: UUID) -> str:
        return self.secrets.token("password-reset", reset_id)

    @property
    def said(self) -> list[SecurityEventKind]:
        return [event.kind for event in self.begin.events]


def at_google(subject: str = "g-1", email: str | None = ADDRESS, *, verified: bool = True) -> Identified:
    return Identified("google", subject, email, verified, "Ada")


async def refused(attempt: Awaitable[object], kind: type[DomainError] = Unauthenticated) -> str:
    """The code of the refusal."""
    with pytest.raises(kind) as error:
        await attempt
    return error.value.code
