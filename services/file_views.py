"""Files as whoever asks sees them, and who may see which."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from domain.errors import NotFound
from domain.files import FilePurpose, StoredFile
from domain.ids import CampaignId, FileId, UserId
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.read_models import ReadModel


class FileLink(ReadModel):
    url: str = Field(repr=False, description="Fetches the file without signing in, for whom it was made.")
    expires_at: datetime


class FileView(ReadModel):
    id: FileId
    name: str = Field(examples=["spring-plan.xlsx"])
    media_type: str = Field(examples=["text/csv"])
    size: int = Field(description="In bytes.")
    sha256: str
    purpose: FilePurpose
    campaign_id: CampaignId | None = Field(description="None: its maker's own.")
    created_by: UserId
    created_at: datetime
    expires_at: datetime | None = Field(description="Removed then. None: stays.")
    link: FileLink | None = Field(default=None, description="Only where one was asked for, or the file just written.")


class Attached(ReadModel):
    """A file that came with a message, as it was then."""

    id: FileId
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class OpenFile:
    """`pieces` can be read once."""

    view: FileView
    pieces: AsyncIterator[bytes]


def readable(actor: Actor, file: StoredFile, now: datetime) -> StoredFile:
    """Raises NotFound `file_not_found`: a file that has ended, or that somebody may not read, looks like none."""
    if file.has_ended(now) or not may_read(actor, file):
        raise no_file()
    return file


def may_read(actor: Actor, file: StoredFile) -> bool:
    """As docs/permissions.md says; server/postgres/file_queries.py says the same in SQL."""
    if Permission.TENANT_MANAGE in actor.permissions:
        return True
    near = file.campaign_id is not None or file.created_by == actor.user_id
    return near and actor.may(Permission.PLAN_READ, file.campaign_id)


def must_be_removable(actor: Actor, file: StoredFile) -> None:
    """One's own, what lies in a campaign whose plan one writes, and everything for who manages the tenant.

    Raises Forbidden `not_permitted`.
    """
    if Permission.TENANT_MANAGE in actor.permissions:
        return
    own = file.created_by == actor.user_id
    authorize(actor, Permission.FILE_UPLOAD if own else Permission.PLAN_WRITE, file.campaign_id)


def no_file() -> NotFound:
    return NotFound("There is no such file.", code="file_not_found")
