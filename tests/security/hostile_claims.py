"""Tokens that nobody may get in with, by name: signed by our key, with claims or in a shape that is none of ours."""

import json
from collections.abc import Callable
from itertools import count

from joserfc import jwe

from server.identity.tokens import AUDIENCE, ISSUER
from tests.security.forger import GONE, USER, Forger, b64
from tests.security.hostile_tokens import Hostile

_OURS = ("iss", "aud", "sub", "iat", "exp", "jti", "sid")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_MEGABYTE = 1_048_576


def _each(value: object) -> Callable[[str], Hostile]:
    return lambda name: lambda f: f.with_claims(**{name: value})


_without, _null, _empty, _wrapped = _each(GONE), _each(None), _each(""), _each({"value": 1})

# Every claim that ours have; each of these is sound but for one claim.
CLAIMS: dict[str, Hostile] = {
    **{f"no {name}": _without(name) for name in _OURS},
    **{f"{name} null": _null(name) for name in _OURS},
    **{f"{name} empty": _empty(name) for name in _OURS},
    **{f"{name} as an object": _wrapped(name) for name in _OURS},
    "another issuer": lambda f: f.with_claims(iss="https://evil.example"),
    "issuer in capitals": lambda f: f.with_claims(iss=ISSUER.upper()),
    "issuer and a slash": lambda f: f.with_claims(iss=f"{ISSUER}/"),
    "issuer as a list": lambda f: f.with_claims(iss=[ISSUER]),
    "another audience": lambda f: f.with_claims(aud="another-api"),
    "audience and more": lambda f: f.with_claims(aud=f"{AUDIENCE}-admin"),
    "audience as a list": lambda f: f.with_claims(aud=[AUDIENCE]),
    "us and others as audience": lambda f: f.with_claims(aud=[AUDIENCE, "another-api"]),
    "others as audience": lambda f: f.with_claims(aud=["another-api", "third-api"]),
    "audience as an empty list": lambda f: f.with_claims(aud=[]),
    "audience as a list of lists": lambda f: f.with_claims(aud=[[AUDIENCE]]),
    "sub no uuid": lambda f: f.with_claims(sub="root"),
    "sub as a list": lambda f: f.with_claims(sub=[str(USER)]),
    "sub as a number": lambda f: f.with_claims(sub=USER.int),
    "sub in braces": lambda f: f.with_claims(sub=f"{{{USER}}}"),
    "sub as a urn": lambda f: f.with_claims(sub=USER.urn),
    "sub in capitals": lambda f: f.with_claims(sub=str(USER).upper()),
    "sub without hyphens": lambda f: f.with_claims(sub=USER.hex),
    "sub with a space": lambda f: f.with_claims(sub=f"{USER} "),
    "sid no uuid": lambda f: f.with_claims(sid="1"),
    "sid as a number": lambda f: f.with_claims(sid=1),
    "sid as a list": lambda f: f.with_claims(sid=[str(USER)]),
    "sid as true": lambda f: f.with_claims(sid=True),
    "jti as a number": lambda f: f.with_claims(jti=1),
    "jti as a list": lambda f: f.with_claims(jti=["1"]),
    "exp as text": lambda f: f.with_claims(exp=str(f.now + 600)),
    "exp as a date": lambda f: f.with_claims(exp="2099-01-01T00:00:00Z"),
    "exp as true": lambda f: f.with_claims(exp=True),
    "exp as a list": lambda f: f.with_claims(exp=[f.now + 600]),
    "exp as a fraction": lambda f: f.with_claims(exp=f.now + 599.5),
    "exp 1e400": lambda f: _literally(f, "exp", "1e400"),
    "exp NaN": lambda f: _literally(f, "exp", "NaN"),
    "exp Infinity": lambda f: _literally(f, "exp", "Infinity"),
    "exp of 400 digits": lambda f: f.with_claims(exp=10**400),
    "exp of 400 digits, iat a fraction": lambda f: f.with_claims(exp=10**400, iat=f.now - 0.5),
    "exp zero": lambda f: f.with_claims(exp=0),
    "exp negative": lambda f: f.with_claims(exp=-1),
    "expired a second ago": lambda f: f.with_claims(iat=f.now - 601, exp=f.now - 1),
    "expired now": lambda f: f.with_claims(iat=f.now - 600, exp=f.now),
    "a second too long": lambda f: f.with_claims(exp=f.now + 601),
    "a year too long": lambda f: f.with_claims(exp=f.now + 31_536_000),
    "issued long ago, still alive": lambda f: f.with_claims(iat=0),
    "iat -1e308": lambda f: _literally(f, "iat", "-1e308"),
    "iat NaN": lambda f: _literally(f, "iat", "NaN"),
    "iat as true": lambda f: f.with_claims(iat=True),
    "iat as text": lambda f: f.with_claims(iat=str(f.now)),
    "iat as a fraction": lambda f: f.with_claims(iat=f.now - 0.5),
    "issued in the future": lambda f: f.with_claims(iat=f.now + 60, exp=f.now + 660),
    "not yet valid": lambda f: f.with_claims(nbf=f.now + 1),
    "nbf as text": lambda f: f.with_claims(nbf="now"),
    "nbf NaN": lambda f: _literally(f, "nbf", "NaN"),
    "NaN in a claim nobody reads": lambda f: f.with_claims(more=float("nan")),
    "sub twice": lambda f: _twice(f, "sub", '"0199b3c4-0000-7000-8000-000000000000"'),
    "exp twice": lambda f: _twice(f, "exp", "9999999999"),
    "an ID token": lambda f: f.signed(
        f.header(typ="JWT"), {**f.claims(sid=GONE, jti=GONE), "nonce": "n", "azp": AUDIENCE, "auth_time": f.now}
    ),
    "claims as a list": lambda f: f.with_payload([f.claims()]),
    "claims as text": lambda f: f.with_payload(json.dumps(f.claims())),
    "claims as null": lambda f: f.with_payload(None),
    "claims as a number": lambda f: f.with_payload(1),
    "claims that are none": lambda f: f.with_payload({}),
    "claims that are no JSON": lambda f: f.with_payload(b"sub=root"),
    "claims and more behind them": lambda f: f.with_payload(json.dumps(f.claims()).encode() + b"{}"),
    "claims in UTF-16": lambda f: f.with_payload(json.dumps(f.claims()).encode("utf-16")),
    "claims with a byte order mark": lambda f: f.with_payload(json.dumps(f.claims()).encode("utf-8-sig")),
    "claims in no encoding": lambda f: f.with_payload(b"\xff\xfe{}"),
    "claims of many brackets": lambda f: f.with_payload(b"[" * 1_300),
    "claims of many names": lambda f: f.with_payload(b'{"a":' * 260),
    "a good token inside": lambda f: f.with_payload(f.good().encode()),
    "longer than any of ours": lambda f: f.with_claims(more="x" * 1_400),
    "a megabyte of claims": lambda f: f.with_claims(more="x" * _MEGABYTE),
}

# A good token, written as none is.
SHAPES: dict[str, Hostile] = {
    "padded header": lambda f: _reshaped(f, lambda h, c, s: f"{h}=.{c}.{s}"),
    "padded claims": lambda f: _reshaped(f, lambda h, c, s: f"{h}.{c}==.{s}"),
    "padded signature": lambda f: f"{f.good()}==",
    "loose last bits of the header": lambda f: f.sealed(f"{_loose(f.header())}.{b64(f.claims())}"),
    "loose last bits of the claims": lambda f: f.sealed(f"{b64(f.header())}.{_loose(f.claims())}"),
    "loose last bits of the signature": lambda f: _reshaped(f, lambda h, c, s: f"{h}.{c}.{_next_letter(s)}"),
    "the other base64 alphabet": lambda f: _with_hyphen(f).replace("-", "+").replace("_", "/"),
    "a dot before": lambda f: f".{f.good()}",
    "a dot behind": lambda f: f"{f.good()}.",
    "a dot twice": lambda f: f.good().replace(".", "..", 1),
    "four parts": lambda f: f"{f.good()}.{f.good().rpartition('.')[2]}",
    "two parts": lambda f: f.good().rpartition(".")[0],
    "one part": lambda f: f.good().replace(".", ""),
    "no header": lambda f: _reshaped(f, lambda h, c, s: f".{c}.{s}"),
    "no claims": lambda f: _reshaped(f, lambda h, c, s: f"{h}..{s}"),
    "nothing but dots": lambda _: "..",
    "nothing": lambda _: "",
    "null": lambda _: "null",
    "a space before": lambda f: f" {f.good()}",
    "a newline behind": lambda f: f"{f.good()}\n",
    "a newline in the claims": lambda f: _reshaped(f, lambda h, c, s: f"{h}.{c[:9]}\n{c[9:]}.{s}"),
    "a space in the signature": lambda f: _reshaped(f, lambda h, c, s: f"{h}.{c}.{s[:9]} {s[9:]}"),
    "a tab around a dot": lambda f: f.good().replace(".", "\t.", 1),
    "a NUL behind": lambda f: f"{f.good()}\0",
    "a letter that only looks like one": lambda f: f.good().replace("e", "\u0435", 1),
    "a wide letter": lambda f: f.good().replace("e", "\uff45", 1),
    "a dot as %2E": lambda f: f.good().replace(".", "%2E"),
    "in quotes": lambda f: f'"{f.good()}"',
    "two tokens": lambda f: f"{f.good()},{f.good()}",
    "its scheme twice": lambda f: f"Bearer {f.good()}",
    "as JSON": lambda f: _as_json(f, lambda h, c, s: {"payload": c, "protected": h, "signature": s}),
    "as JSON of several": lambda f: _as_json(
        f, lambda h, c, s: {"payload": c, "signatures": [{"protected": h, "signature": s}]}
    ),
    "encrypted for our key": lambda f: _encrypted(f, json.dumps(f.claims())),
    "a good token, encrypted for our key": lambda f: _encrypted(f, f.good()),
    "a megabyte of letters": lambda _: "A" * _MEGABYTE,
    "a megabyte of dots": lambda _: "." * _MEGABYTE,
    "a megabyte behind a good one": lambda f: f.good() + "A" * _MEGABYTE,
}


def _literally(f: Forger, name: str, number: str) -> str:
    return f.with_payload(json.dumps(f.claims(**{name: "@"})).replace('"@"', number).encode())


def _twice(f: Forger, name: str, first: str) -> str:
    return f.with_payload(json.dumps(f.claims()).replace("{", f'{{"{name}": {first}, ', 1).encode())


def _reshaped(f: Forger, write: Callable[[str, str, str], str]) -> str:
    return write(*f.good().split("."))


def _as_json(f: Forger, write: Callable[[str, str, str], object]) -> str:
    return json.dumps(write(*f.good().split(".")))


def _loose(members: dict[str, object]) -> str:
    """As base64 with bits that belong to no byte, and are not zero."""
    text = json.dumps(members).encode()
    return _next_letter(b64(next(text + b" " * n for n in count() if (len(text) + n) % 3)))


def _next_letter(text: str) -> str:
    """The last letter's last bit set; it is one of those that belong to no byte."""
    return text[:-1] + _ALPHABET[_ALPHABET.index(text[-1]) | 1]


def _with_hyphen(f: Forger) -> str:
    return next(token for token in iter(f.good, "") if "-" in token.rpartition(".")[2])


def _encrypted(f: Forger, text: str) -> str:
    header = {"typ": "at+jwt", "alg": "ECDH-ES", "enc": "A256GCM", "kid": f.key.thumbprint()}
    return jwe.encrypt_compact(header, text, f.key)
