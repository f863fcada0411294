"""Access tokens: who somebody is for ten minutes. What they may do is asked of the tenant in the route."""

import hashlib
import json
import re
from dataclasses import dataclass
from uuid import UUID, uuid4

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from domain.errors import Unauthenticated
from domain.ids import SignInId, UserId
from server.identity.keyring import ALGORITHM, Keyring
from services.ports import Clock

LIFETIME_SECONDS = 600
ISSUER = "media-planner"
AUDIENCE = "media-planner-api"

_ALGORITHMS = (ALGORITHM,)
_TYPE = "at+jwt"  # RFC 9068: an ID token of the same issuer is no access token
_LONGEST = 2_048
_MOST_KNOWN = 10_000
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who brought a token, and the sign-in that they got it from."""

    user_id: UserId
    sign_in_id: SignInId


@dataclass(frozen=True, slots=True)
class _Verified:
    """What was found right once, and from when to when (in whole seconds) nothing but the clock can make it wrong."""

    bearer: Bearer
    since: float
    until: int


class AccessTokens:
    """Issues tokens with the first of the keys in `signing_key` (PEM blocks), and verifies those of each.

    A signature is checked once: whoever asks again brings the same text. The keys never change while it lives.

    Raises InvalidInput `bad_signing_key` for keys that a Keyring refuses.
    """

    def __init__(self, signing_key: str, clock: Clock) -> None:
        self.keyring = Keyring(signing_key)
        self._clock = clock
        self._known: dict[bytes, _Verified] = {}  # by the hash of the whole token; the oldest leaves first
        self._registry = JWSRegistry(algorithms=list(_ALGORITHMS))
        self._claims = JWTClaimsRegistry(
            now=self._now,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
            sid={"essential": True},
        )

    def issue(self, user_id: UserId, sign_in_id: UUID) -> str:
        now = self._now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": str(uuid4()),
            "sid": str(sign_in_id),
        }
        return jwt.encode(_header(self.keyring.ids[0]), claims, self.keyring.signing, list(_ALGORITHMS))

    def verify(self, token: str) -> Bearer:
        """Raises Unauthenticated: `token_expired` for a token that was good once, else `invalid_token`."""
        if len(token) > _LONGEST or not (parts := _COMPACT.fullmatch(token)):
            raise _invalid()
        name = hashlib.sha256(token.encode()).digest()
        if (known := self._known.get(name)) and known.since <= self._now() < known.until:
            return known.bearer
        verified = self._verified(token, parts[1])
        if len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[name] = verified
        return verified.bearer

    def _verified(self, token: str, header: str) -> _Verified:
        try:
            key = self._key_named_by(header)
            found = jws.deserialize_compact(token, key, list(_ALGORITHMS), self._registry)
            claims = _members(found.payload or b"")
            self._claims.validate(claims)
            return _sound(claims)
        except JoseError as error:
            if error.error == "expired_token":
                raise Unauthenticated("The access token has expired.", code="token_expired") from error
            raise _invalid() from error
        except (ValueError, TypeError, RecursionError) as error:  # parts that are no JSON, or nothing but brackets
            raise _invalid() from error

    def _key_named_by(self, header: str) -> ECKey:
        """A header is exactly as ours: nothing that brings a key of its own, or asks for more than we check."""
        found = _members(urlsafe_b64decode(header.encode()))
        kid = found.get("kid")
        key = self.keyring.by_id(kid) if isinstance(kid, str) else None
        if key is None or found != _header(str(kid)):
            raise _invalid()
        return key

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _header(kid: str) -> dict[str, object]:
    return {"typ": _TYPE, "alg": ALGORITHM, "kid": kid}


def _sound(claims: dict[str, object]) -> _Verified:
    """The rest of what the registry has found present and sound on its own."""
    issued, ends = claims["iat"], claims["exp"]
    if not (isinstance(issued, int) and isinstance(ends, int) and ends - issued <= LIFETIME_SECONDS):
        raise _invalid()
    if claims["aud"] != AUDIENCE:  # a list that names us and others: one of them could bring it here
        raise _invalid()
    bearer = Bearer(UserId(_id(claims["sub"])), SignInId(_id(claims["sid"])))
    begins = claims.get("nbf", issued)
    assert isinstance(begins, int | float), "the registry has looked at it"
    return _Verified(bearer, max(issued, begins), ends)


def _id(text: object) -> UUID:
    """An id has one spelling: UUID itself takes braces, capitals and `urn:uuid:` as well."""
    if not isinstance(text, str) or str(found := UUID(text)) != text:
        raise ValueError("no id")
    return found


def _members(text: bytes) -> dict[str, object]:
    """A JSON object in UTF-8 that has no name twice and no number that JSON doesn't have."""
    found = json.loads(text.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _invalid() -> Unauthenticated:
    return Unauthenticated("The access token is not valid.", code="invalid_token")
