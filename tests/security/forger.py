"""Somebody who makes tokens: with what an attacker has, and with our own key to reach the checks behind a signature."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from domain.ids import SignInId, UserId, new_id
from server.identity.tokens import AUDIENCE, ISSUER, LIFETIME_SECONDS

USER = UserId(UUID("0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"))
SIGN_IN = SignInId(UUID("0199b3c4-9a02-7b41-9c3d-6e1f0a7d52c8"))
GONE = object()  # in place of a member's value: the member isn't there


def b64(value: object) -> str:
    """Bytes as they are, anything else as JSON; without padding."""
    return urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode().rstrip("=")


class Forger:
    """`key` signs our tokens and `last` did before it, `dropped` before that; `strange` is the attacker's own."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.key, self.last, self.dropped, self.strange = (ECKey.generate_key("P-256") for _ in range(4))

    @property
    def pem(self) -> str:
        """What MP_SIGNING_KEY would hold."""
        return b"".join(key.as_pem(private=True) for key in (self.key, self.last)).decode()

    def header(self, **changes: Any) -> dict[str, Any]:
        """As ours but for the changes."""
        return _changed({"typ": "at+jwt", "alg": "ES256", "kid": self.key.thumbprint()}, changes)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """As ours but for the changes."""
        ours = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(USER), "sid": str(SIGN_IN), "jti": str(new_id())}
        return _changed({**ours, "iat": self.now, "exp": self.now + LIFETIME_SECONDS}, changes)

    def good(self) -> str:
        return self.signed(self.header(), self.claims())

    def with_header(self, **changes: Any) -> str:
        return self.signed(self.header(**changes), self.claims())

    def with_claims(self, **changes: Any) -> str:
        return self.signed(self.header(), self.claims(**changes))

    def with_payload(self, payload: object) -> str:
        return self.signed(self.header(), payload)

    def strangely(self, **header: Any) -> str:
        """By the attacker's key."""
        return self.signed(self.header(**header), self.claims(), self.strange)

    def signed(self, header: object, claims: object, key: Key | None = None, alg: str = "ES256") -> str:
        """As no library would: nothing minds what it says."""
        return self.sealed(f"{b64(header)}.{b64(claims)}", key, alg)

    def sealed(self, text: str, key: Key | None = None, alg: str = "ES256") -> str:
        """The text with its signature, by our key unless another is given."""
        return f"{text}.{b64(JWSRegistry.algorithms[alg].sign(text.encode(), key or self.key))}"

    def by_alg(self, alg: str, key: Key) -> str:
        """A header with that `alg` and our `kid`, signed as it says."""
        return self.signed(self.header(alg=alg), self.claims(), key, alg)

    def unsigned(self, **header: Any) -> str:
        return f"{b64(self.header(**header))}.{b64(self.claims())}."

    def shared(self, secret: bytes, **header: Any) -> str:
        """HS256 with a secret that everybody knows."""
        text = f"{b64(self.header(**{'alg': 'HS256', **header}))}.{b64(self.claims())}"
        return f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha256'))}"

    def with_signature(self, signature: bytes) -> str:
        return f"{b64(self.header())}.{b64(self.claims())}.{b64(signature)}"

    def sound(self, token: str) -> bool:
        """Whether our key signed what the token says, whatever that is."""
        text, _, signature = token.rpartition(".")
        return JWSRegistry.algorithms["ES256"].verify(text.encode(), urlsafe_b64decode(signature.encode()), self.key)


def _changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not GONE}
