"""Tokens that nobody may get in with, by name: whose signature is worth nothing, or whose header is none of ours."""

import json
from base64 import b64encode
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from domain.ids import new_id
from tests.security.forger import GONE, Forger, b64

Hostile = Callable[[Forger], str]

EVIL = "https://evil.example/keys"
UP = "../../../../../../dev/null"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256

# Signed by nobody, with what everybody knows, or by a key of another kind.
ALGORITHMS: dict[str, Hostile] = {
    "alg none": lambda f: f.unsigned(alg="none"),
    "alg None": lambda f: f.unsigned(alg="None"),
    "alg NONE": lambda f: f.unsigned(alg="NONE"),
    "alg nOnE": lambda f: f.unsigned(alg="nOnE"),
    "alg none and a space": lambda f: f.unsigned(alg="none "),
    "alg empty": lambda f: f.unsigned(alg=""),
    "alg null": lambda f: f.unsigned(alg=None),
    "no alg": lambda f: f.unsigned(alg=GONE),
    "alg none without the last dot": lambda f: f.unsigned(alg="none")[:-1],
    "alg none with a stranger's signature": lambda f: f.strangely(alg="none"),
    "alg none with a signature of ours": lambda f: f.with_header(alg="none"),
    "HS256 with the public PEM": lambda f: f.shared(f.key.as_pem(private=False)),
    "HS256 with the public PEM, stripped": lambda f: f.shared(f.key.as_pem(private=False).strip()),
    "HS256 with the public DER": lambda f: f.shared(f.key.as_der(private=False)),
    "HS256 with the public JWK": lambda f: f.shared(json.dumps(f.key.as_dict(private=False)).encode()),
    "HS256 with the public point": lambda f: f.shared(_point(f.key)),
    "HS256 with the kid": lambda f: f.shared(f.key.thumbprint().encode()),
    "HS256 with nothing": lambda f: f.shared(b""),
    "HS256 that says ES256": lambda f: f.shared(f.key.as_pem(private=False), alg="ES256"),
    "RS256": lambda f: f.by_alg("RS256", RSAKey.generate_key(2048)),
    "PS256": lambda f: f.by_alg("PS256", RSAKey.generate_key(2048)),
    "EdDSA": lambda f: f.by_alg("EdDSA", OKPKey.generate_key("Ed25519")),
    "ES256K": lambda f: f.by_alg("ES256K", ECKey.generate_key("secp256k1")),
    "ES384": lambda f: f.by_alg("ES384", ECKey.generate_key("P-384")),
    "ES512": lambda f: f.by_alg("ES512", ECKey.generate_key("P-521")),
}

# Signed by another key, with a header that would have it believed.
KEYS: dict[str, Hostile] = {
    "a stranger's key under our kid": lambda f: f.strangely(),
    "a stranger's key under its own kid": lambda f: f.strangely(kid=f.strange.thumbprint()),
    "a stranger's key under no kid": lambda f: f.strangely(kid=GONE),
    "a stranger's key in jwk": lambda f: f.strangely(jwk=f.strange.as_dict(private=False)),
    "a stranger's key in jwk, no kid": lambda f: f.strangely(kid=GONE, jwk=f.strange.as_dict(private=False)),
    "a stranger's key in x5c": lambda f: f.strangely(x5c=[b64encode(f.strange.as_der()).decode()]),
    "a stranger's key behind jku": lambda f: f.strangely(jku=EVIL, kid=f.strange.thumbprint()),
    "a stranger's key behind a local jku": lambda f: f.strangely(jku="file:///dev/stdin"),
    "a stranger's key behind x5u": lambda f: f.strangely(x5u=EVIL),
    "kid up the folders": lambda f: f.strangely(kid=UP),
    "kid up the folders, HS256 with nothing": lambda f: f.shared(b"", kid=UP),
    "kid as SQL": lambda f: f.strangely(kid="x' UNION SELECT 'key' --"),
    "kid as SQL, HS256 with its result": lambda f: f.shared(b"key", kid="x' UNION SELECT 'key' --"),
    "kid as a command": lambda f: f.strangely(kid="key.pem; sleep 10 |"),
    "kid as a URL": lambda f: f.strangely(kid=EVIL),
    "kid with a NUL": lambda f: f.strangely(kid=f"{f.key.thumbprint()}\0"),
    "kid as a list": lambda f: f.strangely(kid=[f.key.thumbprint(), f.strange.thumbprint()]),
    "kid as an object": lambda f: f.strangely(kid={f.key.thumbprint(): f.strange.thumbprint()}),
    "kid as a number": lambda f: f.strangely(kid=0),
    "a key that was dropped": lambda f: f.signed(f.header(kid=f.dropped.thumbprint()), f.claims(), f.dropped),
    "the last key under the newest one's kid": lambda f: f.signed(f.header(), f.claims(), f.last),
    "the newest key under the last one's kid": lambda f: f.with_header(kid=f.last.thumbprint()),
}

# Signed by our key, with a header that we never write.
HEADERS: dict[str, Hostile] = {
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "typ AT+JWT": lambda f: f.with_header(typ="AT+JWT"),
    "typ application/at+jwt": lambda f: f.with_header(typ="application/at+jwt"),
    "typ of a logout token": lambda f: f.with_header(typ="logout+jwt"),
    "typ as a list": lambda f: f.with_header(typ=["at+jwt"]),
    "no typ": lambda f: f.with_header(typ=GONE),
    "our key under no kid": lambda f: f.with_header(kid=GONE),
    "our key under an unknown kid": lambda f: f.with_header(kid="another"),
    "our key under an empty kid": lambda f: f.with_header(kid=""),
    "our key in jwk": lambda f: f.with_header(jwk=f.key.as_dict(private=False)),
    "our signature under HS256": lambda f: f.with_header(alg="HS256"),
    "our signature under ES384": lambda f: f.with_header(alg="ES384"),
    "our signature under es256": lambda f: f.with_header(alg="es256"),
    "alg as a list": lambda f: f.with_header(alg=["ES256"]),
    "alg as an object": lambda f: f.with_header(alg={"ES256": 1}),
    "crit exp": lambda f: f.with_header(crit=["exp"]),
    "crit unknown": lambda f: f.with_header(crit=["understood"], understood=True),
    "crit empty": lambda f: f.with_header(crit=[]),
    "crit as a number": lambda f: f.with_header(crit=5),
    "b64 false": lambda f: f.with_header(b64=False),
    "b64 true": lambda f: f.with_header(crit=["b64"], b64=True),
    "b64 false, plain payload": lambda f: f.sealed(f"{b64(f.header(crit=['b64'], b64=False))}.{_json(f.claims())}"),
    "cty JWT": lambda f: f.with_header(cty="JWT"),
    "zip": lambda f: f.with_header(zip="DEF"),
    "jku beside our key": lambda f: f.with_header(jku=EVIL),
    "x5t beside our key": lambda f: f.with_header(x5t="bm9uZQ"),
    "a member nobody knows": lambda f: f.with_header(admin=True),
    "a long kid": lambda f: f.with_header(kid="k" * 900),
    "alg twice in the header": lambda f: _with_header(f, _json(f.header()).replace("{", '{"alg": "none", ', 1)),
    "kid twice in the header": lambda f: _with_header(f, _json(f.header()).replace("{", '{"kid": "another", ', 1)),
    "header as a list": lambda f: _with_header(f, _json([f.header()])),
    "header as text": lambda f: _with_header(f, '"alg"'),
    "header as null": lambda f: _with_header(f, "null"),
    "header of brackets": lambda f: _with_header(f, "[" * 190),
    "header of many brackets": lambda f: _with_header(f, "[" * 1_200),
    "header in UTF-16": lambda f: _with_header(f, _json(f.header()), "utf-16"),
    "header with a byte order mark": lambda f: _with_header(f, _json(f.header()), "utf-8-sig"),
    "header in no encoding": lambda f: _with_header(f, "\xff\xfe{}", "latin-1"),
}

# With a signature that fits nothing, or something else.
SIGNATURES: dict[str, Hostile] = {
    "r and s zero": lambda f: f.with_signature(bytes(64)),
    "r zero": lambda f: f.with_signature(_raw(0, 1)),
    "s zero": lambda f: f.with_signature(_raw(1, 0)),
    "r and s one": lambda f: f.with_signature(_raw(1, 1)),
    "r and s the order": lambda f: f.with_signature(_raw(ORDER, ORDER)),
    "r and s all ones": lambda f: f.with_signature(b"\xff" * 64),
    "no signature": lambda f: f.with_signature(b""),
    "signature cut off": lambda f: f.good()[:-4],
    "signature of one half": lambda f: f.good()[:-43],
    "signature with a byte more": lambda f: _resigned(f, lambda r, s: _raw(r, s) + b"\0"),
    "signature with its halves swapped": lambda f: _resigned(f, lambda r, s: _raw(s, r)),
    "signature in DER": lambda f: _resigned(f, encode_dss_signature),
    "signature of 33-byte halves": lambda f: _resigned(f, lambda r, s: r.to_bytes(33, "big") + s.to_bytes(33, "big")),
    "signature with a bit changed": lambda f: _resigned(f, lambda r, s: _raw(r, s ^ 1)),
    "another token's signature": lambda f: f"{f.good().rpartition('.')[0]}.{f.good().rpartition('.')[2]}",
    "another user's claims": lambda f: _with_claims(f.good(), f.claims(sub=str(new_id()))),
    "another sign-in's claims": lambda f: _with_claims(f.good(), f.claims(sid=str(new_id()))),
    "a longer life": lambda f: _with_claims(f.good(), f.claims(exp=f.now + 601)),
    "swapped header": lambda f: f"{b64(f.header(kid=f.last.thumbprint()))}.{f.good().partition('.')[2]}",
    "the same header in another order": lambda f: (
        f"{b64(dict(reversed(f.header().items())))}.{f.good().partition('.')[2]}"
    ),
}


def _json(value: object) -> str:
    return json.dumps(value)


def _point(key: ECKey) -> bytes:
    return key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _with_header(f: Forger, header: str, encoding: str = "utf-8") -> str:
    return f.signed(header.encode(encoding), f.claims())


def _with_claims(token: str, claims: dict[str, object]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{b64(claims)}.{signature}"


def _resigned(f: Forger, write: Callable[[int, int], bytes]) -> str:
    """A good token with its signature written in another way."""
    text, _, signature = f.good().rpartition(".")
    raw = urlsafe_b64decode(signature.encode())
    return f"{text}.{b64(write(int.from_bytes(raw[:32], 'big'), int.from_bytes(raw[32:], 'big')))}"


def _raw(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
