"""SignIn: one device's stay, kept up by refresh tokens that are used once each.

A refresh token names its sign-in and a generation, and is derived from them under a key of the server (RFC 9700, 4.14:
rotation with reuse detection). Nothing of it is stored. The token before the newest is answered with the newest again
for a moment, since a client that lost our answer asks twice; any other old one is a stolen one and ends the stay.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.errors import Unauthenticated
from domain.ids import SignInId, UserId, new_id

LIFETIME = timedelta(days=30)  # whatever is done meanwhile
GRACE = timedelta(seconds=20)


class EndReason(StrEnum):
    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"  # from the list of one's devices
    REUSED = "reused"  # an old refresh token came again
    PASSWORD_CHANGED = "password_changed"
    REMOVED = "removed"  # the account is gone


class Refresh(StrEnum):
    ROTATED = "rotated"
    REPEATED = "repeated"  # the same successor as a moment ago
    REUSED = "reused"


@dataclass(eq=False)
class SignIn:
    id: SignInId
    user_id: UserId
    device: str  # as the client calls itself
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    generation: int = 1
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def begin(cls, user_id: UserId, device: str, now: datetime) -> Self:
        named = "".join(c for c in device if c.isprintable())[:200] or "unknown"
        return cls(SignInId(new_id()), user_id, named, now, now, now + LIFETIME)

    def refresh(self, generation: int, now: datetime) -> Refresh:
        """Raises Unauthenticated `sign_in_ended` after its end. A reuse ends it."""
        if self.ended_at is not None or now >= self.expires_at:
            raise Unauthenticated("You are signed out; sign in again.", code="sign_in_ended")
        if generation == self.generation:
            self.generation += 1
            self.refreshed_at = now
            self.version += 1
            return Refresh.ROTATED
        if generation == self.generation - 1 and now - self.refreshed_at <= GRACE:
            return Refresh.REPEATED
        self.end(EndReason.REUSED, now)
        return Refresh.REUSED

    def end(self, reason: EndReason, now: datetime) -> None:
        """Ending it again changes nothing."""
        if self.ended_at is None:
            self.ended_at, self.end_reason = now, reason
            self.version += 1
