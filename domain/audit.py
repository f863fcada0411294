"""The audit's chain: each seal is made of the one before and the row it covers, so no row can be changed unseen."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from enum import StrEnum

GENESIS = "0" * 64


class Decision(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"


def row_digest(row: Mapping[str, object]) -> str:
    """SHA-256 of the row as canonical JSON (sorted keys, no spaces; ids and times as text)."""
    text = json.dumps(dict(row), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def seal(key: bytes, tenant_id: object, seq: int, previous: str, digest: str) -> str:
    """HMAC-SHA-256 under a key that the database does not know: whoever can write to it still can't make a seal."""
    return hmac.new(key, f"{tenant_id}\n{seq}\n{previous}\n{digest}".encode(), hashlib.sha256).hexdigest()
