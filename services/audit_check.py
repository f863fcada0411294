"""Whether the audit is what was written: every seal follows from the one before and from its row as it is now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field

from domain.audit import GENESIS, seal
from domain.errors import InvalidInput
from domain.ids import TenantId
from services.audit_store import Chain, Link, Tally
from services.read_models import ReadModel

_PAGE = 500


class Damage(StrEnum):
    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    ROW_UNANNOUNCED = "row_unannounced"  # without a seal, and nobody was told to make one: put in, or its seal taken
    SEAL_MISSING = "seal_missing"
    SEAL_FORGED = "seal_forged"  # made without the server's key
    HEAD_MISSING = "head_missing"  # the chain doesn't have the head that was noted


class Broken(ReadModel):
    seq: int | None = Field(description="Of the seal; None for a row without one.")
    audit_id: UUID | None
    reason: Damage


class Verification(ReadModel):
    rows: int
    sealed: int
    unsealed: int = Field(description="Waiting for the next sweep.")
    overdue: bool = Field(description="Rows have waited for more than a minute: is anything sealing?")
    late: int = Field(description="Sealed more than a minute after they were written: the sealing had stopped.")
    intact: bool
    first_broken: Broken | None
    head: str | None = Field(description="SEQ:SEAL of the last seal: note it elsewhere, and a cut end is found too.")


@dataclass(frozen=True, slots=True)
class Head:
    """A place in the chain as somebody noted it."""

    seq: int
    seal: str

    @classmethod
    def of(cls, noted: str) -> Self:
        """From SEQ:SEAL. Raises InvalidInput `bad_head`."""
        seq, _, made = noted.strip().partition(":")
        if not (seq.isascii() and seq.isdigit() and len(seq) < 19 and len(made) == len(GENESIS)):
            raise InvalidInput("A head is noted as SEQ:SEAL, as `audit verify` prints it.", code="bad_head")
        return cls(int(seq), made)

    def __str__(self) -> str:
        return f"{self.seq}:{self.seal}"


async def verified(
    tenant_id: TenantId, chain: Chain, key: bytes, noted: Head | None, overdue_before: datetime
) -> Verification:
    walk = _Walk(tenant_id, key, noted)
    after: int | None = None
    while links := await chain.links(after, _PAGE):
        if not all(walk.take(link) for link in links):
            break
        after = walk.head.seq
    tally = await chain.tally()
    broken = walk.broken or walk.cut() or _astray(tally)
    return Verification(
        rows=tally.rows,
        sealed=tally.sealed,
        unsealed=tally.waiting,
        overdue=tally.waiting_since is not None and tally.waiting_since < overdue_before,
        late=tally.late,
        intact=broken is None,
        first_broken=broken,
        head=str(walk.head) if walk.head.seq else None,
    )


class _Walk:
    """Along the chain, link by link, until the first that doesn't hold."""

    def __init__(self, tenant_id: TenantId, key: bytes, noted: Head | None) -> None:
        self._tenant_id = tenant_id
        self._key = key
        self._noted = noted
        self.head = Head(0, GENESIS)
        self.broken: Broken | None = None

    def take(self, link: Link) -> bool:
        """False where it doesn't hold."""
        found = link.seal
        if damage := self._damage(link):
            seq = self.head.seq + 1 if damage is Damage.SEAL_MISSING else found.seq
            audit_id = None if damage is Damage.SEAL_MISSING else found.audit_id
            self.broken = Broken(seq=seq, audit_id=audit_id, reason=damage)
            return False
        self.head = Head(found.seq, found.seal)
        return True

    def cut(self) -> Broken | None:
        """The end is where it was noted, or further on."""
        if self._noted is None or self._noted.seq <= self.head.seq:
            return None
        return Broken(seq=self._noted.seq, audit_id=None, reason=Damage.HEAD_MISSING)

    def _damage(self, link: Link) -> Damage | None:
        found = link.seal
        if found.seq != self.head.seq + 1:
            return Damage.SEAL_MISSING
        if link.row is None:
            return Damage.ROW_MISSING
        if link.row.digest() != found.row_digest:
            return Damage.ROW_CHANGED
        made = seal(self._key, self._tenant_id, found.seq, self.head.seal, found.row_digest)
        if made != found.seal:
            return Damage.SEAL_FORGED
        if self._noted and self._noted.seq == found.seq and self._noted.seal != found.seal:
            return Damage.HEAD_MISSING
        return None


def _astray(tally: Tally) -> Broken | None:
    if tally.unannounced:
        return Broken(seq=None, audit_id=tally.unannounced, reason=Damage.ROW_UNANNOUNCED)
    if tally.lost:
        return Broken(seq=None, audit_id=tally.lost, reason=Damage.ROW_MISSING)
    return None
