"""Refresh tokens: the sign-in, its generation, and a code over both that only the server can make. None is stored."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hmac import compare_digest
from struct import Struct
from uuid import UUID

from domain.errors import Unauthenticated
from domain.ids import SignInId
from services.gateways import Secrets

_PLACE = Struct(">16sI")  # 20 bytes, 27 characters
_PLACE_CHARS = 27
_TOKEN = re.compile(r"[A-Za-z0-9_-]{70}")


def refresh_token(secrets: Secrets, sign_in_id: SignInId, generation: int) -> str:
    """70 URL-safe characters."""
    place = urlsafe_b64encode(_PLACE.pack(sign_in_id.bytes, generation)).decode().rstrip("=")
    return place + secrets.token("refresh", sign_in_id, generation)


def read_refresh_token(secrets: Secrets, token: str) -> tuple[SignInId, int]:
    """The sign-in and the generation. Raises Unauthenticated `invalid_refresh_token` for what we never gave out."""
    if _TOKEN.fullmatch(token):
        sign_in_id, generation = _place(token)
        if compare_digest(token, refresh_token(secrets, sign_in_id, generation)):
            return sign_in_id, generation
    raise Unauthenticated("The refresh token is not valid; sign in again.", code="invalid_refresh_token")


def _place(token: str) -> tuple[SignInId, int]:
    sign_in_id, generation = _PLACE.unpack(urlsafe_b64decode(token[:_PLACE_CHARS] + "="))
    return SignInId(UUID(bytes=sign_in_id)), generation
