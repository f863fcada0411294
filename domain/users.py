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
    password_hash: str
    created_at: datetime
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def register(cls, email: Email, name: str, password_hash: str, now: datetime) -> Self:
        return cls(UserId(new_id()), email, clean_line(name, field="name"), password_hash, now)
