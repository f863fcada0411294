"""ID tokens that nobody may get in with, by name: made of the provider and the claims that it should have signed."""

import hmac
import json
from collections.abc import Callable

from joserfc.jwk import ECKey

from tests.security.forger import b64
from tests.server.identity.hostile_provider import Claims, HostileProvider

STRANGE = ECKey.generate_key("P-256", {"kid": "strange"})

FORGERIES: dict[str, Callable[[HostileProvider, Claims], object]] = {
    "a stranger's key under our kid": lambda p, c: p.sealed(p.header(), c, STRANGE),
    "a stranger's key under its own kid": lambda p, c: p.sealed(p.header(kid="strange"), c, STRANGE),
    "a stranger's key under no kid": lambda p, c: p.sealed({"alg": "ES256"}, c, STRANGE),
    "a stranger's key in jwk": lambda p, c: p.sealed(p.header(jwk=STRANGE.as_dict(private=False)), c, STRANGE),
    "a stranger's key behind jku": lambda p, c: p.sealed(p.header(jku=f"{p.issuer}/elsewhere"), c, STRANGE),
    "the right key under an unknown kid": lambda p, c: p.sealed(p.header(kid="unknown"), c),
    "alg none": lambda p, c: f"{b64(p.header(alg='none'))}.{b64(c)}.",
    "alg none without the last dot": lambda p, c: f"{b64(p.header(alg='none'))}.{b64(c)}",
    "alg None": lambda p, c: f"{b64(p.header(alg='None'))}.{b64(c)}.",
    "alg none, signed": lambda p, c: p.sealed(p.header(alg="none"), c),
    "no alg": lambda p, c: p.sealed({"kid": "first"}, c),
    "alg as a list": lambda p, c: p.sealed(p.header(alg=["ES256"]), c),
    "ES256 signature under RS256": lambda p, c: p.sealed(p.header(alg="RS256"), c),
    "HS256 with the public PEM": lambda p, c: _shared(p, c, p.key.as_pem(private=False)),
    "HS256 with the public DER": lambda p, c: _shared(p, c, p.key.as_der(private=False)),
    "HS256 with the public JWK": lambda p, c: _shared(p, c, json.dumps(p.published[0]).encode()),
    "HS256 with the client secret": lambda p, c: _shared(p, c, b"secret"),
    "HS256 that says ES256": lambda p, c: _shared(p, c, p.key.as_pem(private=False), alg="ES256"),
    "a critical extension": lambda p, c: p.sealed(p.header(crit=["exp"], exp=1), c),
    "a plain payload": lambda p, c: p.sealed(p.header(crit=["b64"], b64=False), c),
    "kid as a list": lambda p, c: p.sealed(p.header(kid=["first"]), c),
    "kid as a number": lambda p, c: p.sealed(p.header(kid=1), c),
    "header as a list": lambda p, c: p.sealed(["alg", "kid"], c),
    "header of brackets": lambda p, c: p.sealed(b"[" * 100_000, c),
    "claims as a list": lambda p, c: p.sealed(p.header(), [c]),
    "claims of brackets": lambda p, c: p.sealed(p.header(), b"[" * 90_000),
    "claims in no encoding": lambda p, c: p.sealed(p.header(), b"\xff\xfe{}"),
    "no subject": lambda p, c: p.signed({name: c[name] for name in c if name != "sub"}),
    "an empty subject": lambda p, c: p.signed({**c, "sub": ""}),
    "a subject that is a number": lambda p, c: p.signed({**c, "sub": 7}),
    "half a surrogate pair as subject": lambda p, c: p.signed({**c, "sub": "\ud800"}),
    "half a surrogate pair as nonce": lambda p, c: p.signed({**c, "nonce": "\ud800"}),
    "another's claims": lambda p, c: _with_claims(p.signed(c), {**c, "sub": "eve"}),
    "a longer life": lambda p, c: _with_claims(p.signed(c), {**c, "exp": c["exp"] + 1}),
    "no signature": lambda p, c: f"{p.signed(c).rpartition('.')[0]}.",
    "a signature cut off": lambda p, c: p.signed(c)[:-4],
    "a signature of nothing": lambda p, c: f"{p.signed(c).rpartition('.')[0]}.{b64(bytes(64))}",
    "four parts": lambda p, c: f"{p.signed(c)}.{b64(c)}",
    "one part": lambda p, c: b64(c),
    "nothing": lambda p, c: "",
    "no text": lambda p, c: c,
    "null": lambda p, c: None,
    "letters from elsewhere": lambda p, c: "ж.ж.ж",
    "half a surrogate pair": lambda p, c: "\ud800.e30.",
}


def _shared(provider: HostileProvider, claims: Claims, secret: bytes, alg: str = "HS256") -> str:
    """Signed with a secret that everybody knows."""
    text = f"{b64(provider.header(alg=alg))}.{b64(claims)}"
    return f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha256'))}"


def _with_claims(token: str, claims: Claims) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{b64(claims)}.{signature}"
