"""People. A user is global; what they may do depends on the tenant (tenants.py)."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from domain.errors import InvalidInput
from domain.ids import UserId, new_id
from domain.text import clean_line


@dataclass(frozen=True, slots=True)
class Email:
    """An address as a sign-in name: compared without regard to case."""

    address: str

    def __post_init__(self) -> None:
        if len(self.address) > 254 or not _ADDRESS.fullmatch(self.address):
            raise InvalidInput(f"{self.address[:80]!r} is not an e-mail address.", code="bad_email", field="email")

    @classmethod
    def of(cls, typed: str) -> Self:
        return cls(typed.strip().lower())

    def __str__(self) -> str:
        return self.address


_ADDRESS = re.compile(r"[^@\s\"'<>()\\,;:]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(eq=False)
class User:
    id: UserId
    email: Email
    name: str
    password_hash: str | None  # None: signs in through an identity provider alone
    created_at: datetime
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def register(cls, email: Email, name: str, password_hash: str | None, now: datetime) -> Self:
        return cls(UserId(new_id()), email, clean_line(name, field="name"), password_hash, now)

    def take_password(self, password_hash: str) -> None:
        self.password_hash = password_hash
        self.version += 1

    def erase(self) -> None:
        """Nothing of the person is left but the id, which the audit names, and nobody signs in as it again."""
        self.email, self.name, self.password_hash = Email(f"erased-{self.id}@erased.invalid"), "Erased", None
        self.version += 1


@dataclass(eq=False)
class Identity:
    """An account at an identity provider that may sign in as this user. Its subject never changes."""

    provider: str
    subject: str
    user_id: UserId
    created_at: datetime
