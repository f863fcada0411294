"""What the product asks of the world outside: post, counters, identities, secrets, files."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.files import FileKind
from domain.ids import FileId, TenantId
from domain.plans.imports.document import PlanDocumentRead
from domain.plans.imports.proposal import Table
from services.plan_document import PlanDocument


class LetterKind(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_DECIDED = "approval_decided"


class Letter(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: UUID  # the same letter sent twice has the same id
    kind: LetterKind
    to: str
    subject: str
    text: str


class Post(Protocol):
    async def send(self, letter: Letter) -> None:
        """Raises Unavailable `post_away` where trying again may help, InvalidInput `undeliverable` where it won't."""
        ...


@dataclass(frozen=True, slots=True)
class Quota:
    """A token bucket: `burst` at once, then `per_minute` more a minute."""

    name: str
    burst: int
    per_minute: int


class RateLimits(Protocol):
    async def take(self, quota: Quota, key: str) -> None:
        """Raises LimitExceeded `rate_limited` with `retry_after` (whole seconds) in its details.

        Where the counters can't be reached it lets the request pass: being away must not lock everybody out.
        """
        ...

    async def take_each(self, *wanted: tuple[Quota, str]) -> None:
        """As `take`, of each in turn. The first that is refused is told, and those behind it are not counted."""
        ...


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what it has to bring back (kept by it in a cookie, unreadable to scripts)."""

    url: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Somebody whom an identity provider vouches for. `subject` never changes; the address may."""

    provider: str
    subject: str
    email: str | None
    email_verified: bool
    name: str


class IdentityProvider(Protocol):
    async def depart(self, redirect_uri: str) -> Departure: ...
    async def arrive(self, redirect_uri: str, ticket: str, state: str, code: str) -> Identified:
        """Raises Unauthenticated `sign_in_refused` for anything that does not fit together, Unavailable
        `identity_provider_away` where the provider can't be reached.
        """
        ...


class Secrets(Protocol):
    """One-time tokens that need not be stored: derived from what they stand for, under a key of the server."""

    def token(self, purpose: str, *parts: object) -> str:
        """URL-safe, 43 characters: HMAC-SHA-256 of the purpose and the parts."""
        ...

    def digest(self, token: str) -> str:
        """What is stored of a token, and looked up: SHA-256, hexadecimal."""
        ...


@dataclass(frozen=True, slots=True)
class StoredBytes:
    file_id: FileId
    written_at: datetime


class FileStore(Protocol):
    """The bytes of files, each under its tenant's prefix. Names are ids of ours, never a person's words.

    Raises Unavailable `files_away` where the store can't be reached.
    """

    async def put(self, tenant_id: TenantId, file_id: FileId, pieces: AsyncIterator[bytes]) -> None:
        """All of them or nothing: where the pieces end in an error, nothing can be opened."""
        ...

    async def open(self, tenant_id: TenantId, file_id: FileId) -> AsyncIterator[bytes]:
        """Found before the first piece is asked for. Raises NotFound `file_not_found`."""
        ...

    async def remove(self, tenant_id: TenantId, file_id: FileId) -> None:
        """Nothing if it is not there."""
        ...

    async def remove_tenant(self, tenant_id: TenantId) -> None: ...
    def stored(self, tenant_id: TenantId) -> AsyncIterator[StoredBytes]:
        """Whatever lies under the tenant's prefix, be it half written."""
        ...


class PlanWriter(Protocol):
    """A plan's document in one format. Pure: the same document gives the same bytes."""

    def write(self, document: PlanDocument) -> bytes:
        """Raises InvalidInput for a plan that the format can't hold."""
        ...


class PlanReader(Protocol):
    def read(self, name: str, kind: FileKind, data: bytes) -> tuple[Table, ...] | PlanDocumentRead:
        """What a file says, whatever it says it in: tables, or a document that knows of plans.

        Raises InvalidInput, with the field `file`, for what can't be read: `workbook_corrupt`, `workbook_encrypted`,
        `unreadable_text`, `not_json`, `not_mediaplanschema`, `schema_version`, `too_many_lines`, `too_many_columns`,
        `cell_too_long`.
        """
        ...
