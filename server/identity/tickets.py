"""Tickets: what a browser keeps for us between its departure to the provider and its arrival, and can't read."""

import re
from dataclasses import asdict, dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import json_b64encode

from domain.errors import InvalidInput
from server.identity.refusals import refused
from services.ports import Clock

LIFETIME_SECONDS = 600
KEY_BYTES = 32

_HEADER = {"typ": "JWT", "alg": "dir", "enc": "A256GCM"}
# A header exactly as ours; in a cookie there is room for 4096 characters.
_COMPACT = re.compile(
    json_b64encode(_HEADER).decode() + r"\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{1,3000}\.[A-Za-z0-9_-]{22}"
)


@dataclass(frozen=True, slots=True)
class Journey:
    state: str
    nonce: str
    code_verifier: str
    redirect_uri: str


class Tickets:
    """Sealed for one client of one issuer: encrypted and authenticated (JWE, A256GCM), good for ten minutes.

    Raises InvalidInput `bad_ticket_key` for a key that has not 32 bytes.
    """

    def __init__(self, key: bytes, issuer: str, client_id: str, clock: Clock) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidInput(f"The ticket key has {len(key)} bytes in place of {KEY_BYTES}.", code="bad_ticket_key")
        self._key = OctKey.import_key(key)
        self._parties = {"iss": issuer, "aud": client_id}
        self._clock = clock
        self._registry = JWERegistry(algorithms=[_HEADER["alg"], _HEADER["enc"]])
        self._claims = JWTClaimsRegistry(
            now=self._now,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
        )

    def seal(self, journey: Journey) -> str:
        claims = {**asdict(journey), **self._parties, "exp": self._now() + LIFETIME_SECONDS}
        return jwt.encode(_HEADER, claims, self._key, registry=self._registry)

    def open(self, ticket: str) -> Journey:
        """Raises Unauthenticated `sign_in_refused` for a ticket that is not ours, or not any more."""
        if not _COMPACT.fullmatch(ticket):
            raise refused("ticket_form")
        try:
            claims = jwt.decode(ticket, self._key, registry=self._registry).claims
            self._claims.validate(claims)
        except (JoseError, ValueError) as error:  # ValueError: a last character with bits that stand for nothing
            reason = error.error if isinstance(error, JoseError) else "form"
            raise refused(f"ticket_{reason}") from error
        return Journey(claims["state"], claims["nonce"], claims["code_verifier"], claims["redirect_uri"])

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
