"""Files of a tenant: what is known of each beside its bytes, which kinds there are, and what is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.changes import Change
from domain.errors import InvalidInput, TooLarge
from domain.ids import CampaignId, FileId, TenantId, UserId
from domain.text import clean_line

LONGEST_NAME = 120
ANY_TYPE = "application/octet-stream"  # said by who doesn't know

# Beside text/plain, which a browser says of what it doesn't know to be more.
_EXCEL = "application/vnd.ms-excel"  # what Windows calls a .csv where Excel is installed
_NOT_IN_A_NAME = re.compile(r'[<>:"|?*]')  # some system can't store them


class FilePurpose(StrEnum):
    UPLOAD = "upload"
    EXPORT = "export"


class FileKind(StrEnum):
    """By the ending of the name. No others are taken: not .xlsm, .xlsb and .xls, which may carry macros."""

    XLSX = "xlsx"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self][0]

    def is_called(self, media_type: str) -> bool:
        """May a client say this of a file of the kind? Parameters (charset) and case don't count."""
        called = media_type.partition(";")[0].strip().lower()
        return called in ("", ANY_TYPE, *_MEDIA_TYPES[self])


_MEDIA_TYPES: Mapping[FileKind, tuple[str, ...]] = {
    FileKind.XLSX: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"),
    FileKind.CSV: ("text/csv", "application/csv", "text/plain", _EXCEL),
    FileKind.TSV: ("text/tab-separated-values", "text/plain", _EXCEL),
    FileKind.JSON: ("application/json", "text/json", "text/plain"),
}


@dataclass(frozen=True, slots=True)
class FileName:
    text: str
    kind: FileKind

    @classmethod
    def of(cls, said: str) -> Self:
        """The last part of a path, as every system can store it.

        Raises InvalidInput `empty`, `control_characters`, and `file_type_not_allowed` naming the kinds there are.
        """
        last = re.split(r"[/\\]", said)[-1]
        line = clean_line(_NOT_IN_A_NAME.sub("_", last).strip(". "), field="name", longest=4 * LONGEST_NAME)
        stem, dot, ending = line.rpartition(".")
        if not (stem and dot) or ending.lower() not in list(FileKind):
            kinds = [kind.value for kind in FileKind]
            raise InvalidInput(
                f"Files may be {', '.join(f'.{kind}' for kind in kinds)}; {line[:LONGEST_NAME]} is none of them.",
                code="file_type_not_allowed",
                field="name",
                allowed=kinds,
            )
        kept = stem[: LONGEST_NAME - len(ending) - 1].rstrip(". ")
        return cls(f"{kept}.{ending}", FileKind(ending.lower()))


@dataclass(frozen=True, slots=True)
class Contents:
    """What reading the bytes has shown."""

    size: int  # bytes
    sha256: str  # hexadecimal


@dataclass(eq=False)
class StoredFile:
    """Never changed: another upload is another file."""

    tenant_id: TenantId
    id: FileId
    name: str
    media_type: str
    size: int
    sha256: str
    purpose: FilePurpose
    created_by: UserId
    created_at: datetime
    campaign_id: CampaignId | None = None  # None: its maker's own
    expires_at: datetime | None = None

    @classmethod
    def keep(
        cls,
        tenant_id: TenantId,
        id: FileId,
        name: FileName,
        contents: Contents,
        purpose: FilePurpose,
        *,
        by: UserId,
        now: datetime,
        campaign_id: CampaignId | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[Self, Change]:
        media_type = name.kind.media_type
        facts = (name.text, media_type, contents.size, contents.sha256, purpose)
        file = cls(tenant_id, id, *facts, by, now, campaign_id, expires_at)
        return file, Change(f"file.{_DONE[purpose]}", id, 1, after=file._facts())

    def has_ended(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def linked(self, until: datetime) -> Change:
        """Whoever has the link may fetch it until then."""
        return Change("file.linked", self.id, 1, after={"name": self.name, "until": until.isoformat()})

    def removed(self) -> Change:
        return Change("file.removed", self.id, 1, self._facts())

    def _facts(self) -> dict[str, object]:
        campaign = str(self.campaign_id) if self.campaign_id else None
        return {"name": self.name, "size": self.size, "sha256": self.sha256, "campaign_id": campaign}


_DONE = {FilePurpose.UPLOAD: "uploaded", FilePurpose.EXPORT: "exported"}


def must_fit(size: int, used: int, quota: int) -> None:
    """Raises TooLarge `file_quota_spent`. All in bytes."""
    if used + size > quota:
        raise TooLarge(
            f"The workspace may keep {in_megabytes(quota)} of files and has {in_megabytes(used)}.",
            code="file_quota_spent",
            field="file",
            quota=quota,
            used=used,
        )


def in_megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f}".removesuffix(".0") + " MB"
