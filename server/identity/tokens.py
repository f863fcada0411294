"""Access tokens: who somebody is for ten minutes. What they may do is asked of the tenant in the route."""

import re
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from domain.errors import InvalidInput, Unauthenticated
from domain.ids import UserId
from services.ports import Clock

LIFETIME_SECONDS = 600
ISSUER = "media-planner"
AUDIENCE = "media-planner-api"

_ALGORITHMS = ("ES256",)
_TYPE = "at+jwt"  # RFC 9068: an ID token of the same issuer is no access token
_LONGEST = 2_048
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class AccessTokens:
    """Issues and verifies tokens signed with one P-256 key, given as PEM.

    Raises InvalidInput `bad_signing_key` for any other key.
    """

    def __init__(self, signing_key: str, clock: Clock) -> None:
        self._key = _private_key(signing_key)
        self._clock = clock
        self._header = {"typ": _TYPE, "alg": _ALGORITHMS[0], "kid": self._key.thumbprint()}
        self._claims = JWTClaimsRegistry(
            now=self._now,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )

    def issue(self, user_id: UserId) -> str:
        now = self._now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": str(uuid4()),
        }
        return jwt.encode(dict(self._header), claims, self._key, list(_ALGORITHMS))

    def verify(self, token: str) -> UserId:
        """Raises Unauthenticated: `token_expired` for a token that was good once, else `invalid_token`."""
        if len(token) > _LONGEST or not _COMPACT.fullmatch(token):
            raise _invalid()
        try:
            found = jwt.decode(token, self._key, list(_ALGORITHMS), JWSRegistry(algorithms=list(_ALGORITHMS)))
            if found.header != self._header:  # nothing that names another key, or asks for more than we check
                raise _invalid()
            self._claims.validate(found.claims)
            if found.claims["exp"] - found.claims["iat"] > LIFETIME_SECONDS:
                raise _invalid()
            return UserId(UUID(found.claims["sub"]))
        except JoseError as error:
            if error.error == "expired_token":
                raise Unauthenticated("The access token has expired.", code="token_expired") from error
            raise _invalid() from error
        except (ValueError, TypeError) as error:  # parts that are no JSON, a subject that is no id
            raise _invalid() from error

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _private_key(pem: str) -> ECKey:
    try:
        key = ECKey.import_key(pem)
    except (ValueError, TypeError, JoseError) as error:
        raise _bad_key() from error
    if not key.is_private or key.curve_name != "P-256":
        raise _bad_key()
    return key


def _bad_key() -> InvalidInput:
    return InvalidInput(
        "MP_SIGNING_KEY is not a P-256 private key in PEM form.", code="bad_signing_key", field="signing_key"
    )


def _invalid() -> Unauthenticated:
    return Unauthenticated("The access token is not valid.", code="invalid_token")
