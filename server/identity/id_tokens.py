"""ID tokens: what a provider says of somebody, believed where every part of it is as it must be."""

import hmac
import json
from collections.abc import Awaitable, Callable

from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from server.identity.refusals import refused
from services.ports import Clock

ALGORITHMS = ("RS256", "ES256")
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255

Claims = dict[str, object]
FindKey = Callable[[str | None, str], Awaitable[Key]]  # by `kid`, for an algorithm


class IdTokens:
    """Those of one issuer for one client."""

    def __init__(self, issuer: str, client_id: str, find_key: FindKey, clock: Clock) -> None:
        self._client_id = client_id
        self._find_key = find_key
        self._clock = clock
        # As RFC 7515 has it, a header may say more than we know, unless it is critical.
        self._registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        self._claims = JWTClaimsRegistry(
            now=self._now,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True},
        )

    async def claims(self, token: str, nonce: str) -> Claims:
        """`sub` among them is a text. Raises Unauthenticated `sign_in_refused`, and what `find_key` raises."""
        key = await self._find_key(*_signed_with(token))
        try:
            claims: Claims = jwt.decode(token, key, registry=self._registry).claims
            self._claims.validate(claims)
        except ClaimError as error:
            raise refused(f"id_token_{error.error}_{error.claim}") from error
        except JoseError as error:
            raise refused(f"id_token_{error.error}") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise refused("id_token_malformed") from error
        self._check_parties(claims)
        _check_nonce(claims["nonce"], nonce)
        _check_subject(claims["sub"])
        return claims

    def _check_parties(self, claims: Claims) -> None:
        """A token for several audiences, or one that names its party, must have been asked for by us."""
        audiences = claims["aud"]
        several = isinstance(audiences, list) and set(audiences) != {self._client_id}
        if (several or "azp" in claims) and claims.get("azp") != self._client_id:
            raise refused("id_token_party")

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _signed_with(token: str) -> tuple[str | None, str]:
    """The `kid` and the algorithm, as an unverified header has them."""
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    except (ValueError, RecursionError) as error:
        raise refused("id_token_malformed") from error
    if not isinstance(header, dict):
        raise refused("id_token_header")
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise refused("id_token_algorithm")
    if not (kid is None or isinstance(kid, str)):
        raise refused("id_token_header")
    return kid, str(algorithm)


def _check_nonce(found: object, nonce: str) -> None:
    if not isinstance(found, str) or not hmac.compare_digest(found.encode("utf-8", "surrogatepass"), nonce.encode()):
        raise refused("id_token_nonce")


def _check_subject(subject: object) -> None:
    """OpenID Connect allows 255 characters of ASCII."""
    fits = isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT
    if not (fits and str(subject).isascii() and str(subject).isprintable()):
        raise refused("id_token_subject")
