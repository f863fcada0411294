"""Secrets that are derived and never stored: whoever has the server's key can say them again, nobody else."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import InvalidInput

SHORTEST_KEY_BYTES = 32


class DerivedSecrets:
    """The port Secrets under one key of the server. Raises InvalidInput `bad_server_secret` for a short key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < SHORTEST_KEY_BYTES:
            reason = f"MP_SERVER_SECRET has {len(key)} bytes; it needs {SHORTEST_KEY_BYTES}."
            raise InvalidInput(reason, code="bad_server_secret", field="server_secret")
        self._key = key
        self._tokens = self.subkey("one-time tokens")

    def token(self, purpose: str, *parts: object) -> str:
        """43 URL-safe characters. Parts count by their text: the number 1 and the text "1" are the same part."""
        code = hmac.digest(self._tokens, _encoded(purpose, *map(str, parts)), "sha256")
        return urlsafe_b64encode(code).decode().rstrip("=")

    def digest(self, token: str) -> str:
        """SHA-256, hexadecimal. Unsalted, since a token has 256 bits of its own."""
        return hashlib.sha256(_bytes(token)).hexdigest()

    def subkey(self, label: str) -> bytes:
        """32 bytes for one use (HKDF-SHA-256, the label as `info`): they say nothing of the key or of its others."""
        return HKDF(SHA256(), 32, salt=None, info=_bytes(label)).derive(self._key)


def _encoded(*texts: str) -> bytes:
    """Each text behind its length, so that no two rows of texts look the same."""
    return b"".join(len(one).to_bytes(8, "big") + one for one in map(_bytes, texts))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # half a surrogate pair is text too, and must not break a lookup
