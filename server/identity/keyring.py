"""The keys that sign access tokens: the newest signs, the ones before it verify until what they signed has expired."""

import re

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySetSerialization

from domain.errors import InvalidInput

ALGORITHM = "ES256"

ROTATION = """\
MP_SIGNING_KEY is set, so its keys are rotated where it is set. It may hold several P-256 private keys, one PEM block
after the other: the first signs, all of them verify and are published at /.well-known/jwks.json.

1. Make a key: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
2. Put it behind the one that is there, and deploy. Every server now knows it.
3. After 5 minutes, when no cache holds the old list of keys, move the new key to the front, and deploy.
4. After 10 minutes, when all that the old key signed has expired, take the old key out, and deploy."""

_KEY = re.compile(r"-----BEGIN ((?:EC )?PRIVATE KEY)-----[^-]*-----END \1-----\s*")
# openssl may put the curve's name before the key, which has it too.
_CURVE = re.compile(r"-----BEGIN EC PARAMETERS-----[^-]*-----END EC PARAMETERS-----\s*")
_PUBLISHED = ("kty", "crv", "x", "y")


class Keyring:
    """One or more P-256 private keys as PEM blocks, one after the other. The first is the one that signs.

    Raises InvalidInput `bad_signing_key` for anything else, and for a key that is there twice.
    """

    def __init__(self, pem: str) -> None:
        keys = [_private_key(block) for block in _blocks(pem)]
        self._keys = {key.thumbprint(): key for key in keys}
        if len(self._keys) != len(keys):
            raise _bad("MP_SIGNING_KEY holds the same key twice.")
        self.signing = keys[0]

    @property
    def ids(self) -> list[str]:
        """The `kid` of every key, that of the signing one first."""
        return list(self._keys)

    def by_id(self, kid: str) -> ECKey | None:
        return self._keys.get(kid)

    def published(self) -> KeySetSerialization:
        """The public halves as a JSON Web Key Set, the signing one first."""
        return {"keys": [_public(kid, key) for kid, key in self._keys.items()]}


def _blocks(pem: str) -> list[str]:
    """Text beside the blocks is refused: it may be a key that somebody believes to be in use."""
    text = _CURVE.sub("", pem)
    blocks = [found.group() for found in _KEY.finditer(text)]
    if not blocks or _KEY.sub("", text).strip():
        raise _bad()
    return blocks


def _private_key(block: str) -> ECKey:
    try:
        key = ECKey.import_key(block)
        curve = key.curve_name
    except (ValueError, TypeError, KeyError, JoseError, UnsupportedAlgorithm) as error:
        raise _bad() from error
    if not key.is_private or curve != "P-256":
        raise _bad()
    return key


def _public(kid: str, key: ECKey) -> dict[str, str | list[str]]:
    known = key.as_dict(private=False)
    return {**{name: known[name] for name in _PUBLISHED}, "use": "sig", "alg": ALGORITHM, "kid": kid}


def _bad(reason: str = "MP_SIGNING_KEY is not one or more P-256 private keys in PEM form.") -> InvalidInput:
    return InvalidInput(reason, code="bad_signing_key", field="signing_key")
