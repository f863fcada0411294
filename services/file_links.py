"""Links that fetch one file for a while. A link holds whose it is and until when, and a code that only we can make."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from domain.errors import Forbidden, NotFound
from domain.ids import FileId, TenantId, UserId
from services.gateways import Secrets

_PURPOSE = "file link"
_SHAPE = re.compile(r"([A-Za-z0-9_-]{72})\.([A-Za-z0-9_-]{43})")
_ID_BYTES, _MOMENT_BYTES = 16, 6  # 54 bytes in all, which are 72 characters


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a link allows: this person, this file, until then (whole seconds)."""

    tenant_id: TenantId
    file_id: FileId
    user_id: UserId
    until: datetime

    def token(self, secrets: Secrets) -> str:
        return f"{urlsafe_b64encode(self._packed()).decode()}.{self._code(secrets)}"

    @classmethod
    def read(cls, token: str, secrets: Secrets, now: datetime) -> Self:
        """Raises NotFound `link_not_found` for what is no link of ours, Forbidden `link_expired` once it has ended."""
        shaped = _SHAPE.fullmatch(token)
        if shaped is None:
            raise _no_link()
        packed = urlsafe_b64decode(shaped[1])
        tenant, file, user = (UUID(bytes=packed[at : at + _ID_BYTES]) for at in range(0, 3 * _ID_BYTES, _ID_BYTES))
        seconds = int.from_bytes(packed[3 * _ID_BYTES :])
        code = secrets.token(_PURPOSE, tenant, file, user, seconds)
        if not hmac.compare_digest(code, shaped[2]):
            raise _no_link()
        allowed = cls(TenantId(tenant), FileId(file), UserId(user), datetime.fromtimestamp(seconds, UTC))
        if now >= allowed.until:
            raise Forbidden("This link has expired: ask for another.", code="link_expired")
        return allowed

    def _packed(self) -> bytes:
        ids = self.tenant_id.bytes + self.file_id.bytes + self.user_id.bytes
        return ids + self._seconds().to_bytes(_MOMENT_BYTES)

    def _code(self, secrets: Secrets) -> str:
        return secrets.token(_PURPOSE, self.tenant_id, self.file_id, self.user_id, self._seconds())

    def _seconds(self) -> int:
        return int(self.until.timestamp())


def _no_link() -> NotFound:
    return NotFound("There is no such link.", code="link_not_found")
