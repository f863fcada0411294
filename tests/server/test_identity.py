"""Access tokens against hostile ones, and passwords off the event loop."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.errors import InvalidInput, LimitExceeded, Unauthenticated
from domain.ids import UserId, new_id
from server.identity.passwords import MOST_WAITING, Argon2Passwords
from server.identity.tokens import AUDIENCE, ISSUER, LIFETIME_SECONDS, AccessTokens
from tests.fakes.clock import FakeClock

KEY = ECKey.generate_key("P-256")
PEM = KEY.as_pem(private=True).decode()
STRANGER = ECKey.generate_key("P-256")
USER = UserId(new_id())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tokens(clock: FakeClock) -> AccessTokens:
    return AccessTokens(PEM, clock)


def _now(clock: FakeClock) -> int:
    return int(clock.now().timestamp())


def _header(**changes: Any) -> dict[str, Any]:
    header = {"typ": "at+jwt", "alg": "ES256", "kid": KEY.thumbprint(), **changes}
    return {name: value for name, value in header.items() if value is not None}


def _claims(clock: FakeClock, **changes: Any) -> dict[str, Any]:
    now = _now(clock)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(USER), "iat": now, "exp": now + 600, "jti": "1", **changes}
    return {name: value for name, value in claims.items() if value is not None}


def _b64(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(text).decode().rstrip("=")


def _signed(header: dict[str, Any], claims: dict[str, Any], key: ECKey = KEY) -> str:
    """As an attacker would: no library minds what it says."""
    signed = f"{_b64(header)}.{_b64(claims)}"
    return f"{signed}.{_b64(JWSRegistry.algorithms['ES256'].sign(signed.encode(), key))}"


async def test_a_token_names_its_user(tokens: AccessTokens) -> None:
    assert tokens.verify(tokens.issue(USER)) == USER


async def test_this_battery_could_succeed(tokens: AccessTokens, clock: FakeClock) -> None:
    assert tokens.verify(_signed(_header(), _claims(clock))) == USER


async def test_a_token_ends(tokens: AccessTokens, clock: FakeClock) -> None:
    token = tokens.issue(USER)
    clock.advance(seconds=LIFETIME_SECONDS - 1)
    assert tokens.verify(token) == USER
    clock.advance(seconds=1)
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token)
    assert refused.value.code == "token_expired"


HEADERS = [
    {"alg": "none"},
    {"alg": "HS256"},
    {"alg": "RS256"},
    {"typ": "JWT"},
    {"typ": None},
    {"kid": None},
    {"kid": "another"},
    {"jwk": STRANGER.as_dict(private=False)},
    {"jku": "https://evil.example/keys"},
    {"x5u": "https://evil.example/cert"},
    {"crit": ["b64"], "b64": False},
    {"crit": ["exp"]},
    {"cty": "JWT"},
    {"zip": "DEF"},
]

CLAIMS: list[Callable[[int], dict[str, Any]]] = [
    lambda _: {"iss": None},
    lambda _: {"iss": "somebody-else"},
    lambda _: {"aud": None},
    lambda _: {"aud": "another-api"},
    lambda _: {"sub": None},
    lambda _: {"sub": "root"},
    lambda _: {"sub": ["0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"]},
    lambda _: {"exp": None},
    lambda _: {"exp": "9999999999"},
    lambda _: {"exp": float("nan")},
    lambda _: {"exp": True},
    lambda now: {"exp": now - 1},
    lambda now: {"exp": now + 86_400 * 365},
    lambda _: {"iat": None},
    lambda now: {"iat": now + 3_600},
    lambda _: {"jti": None},
    lambda now: {"nbf": now + 3_600},
]


@pytest.mark.parametrize("change", HEADERS, ids=lambda change: ",".join(change))
async def test_a_hostile_header(tokens: AccessTokens, clock: FakeClock, change: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(_signed(_header(**change), _claims(clock)))


@pytest.mark.parametrize("change", CLAIMS)
async def test_hostile_claims(tokens: AccessTokens, clock: FakeClock, change: Callable[[int], dict[str, Any]]) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(_signed(_header(), _claims(clock, **change(_now(clock)))))


async def test_another_key(tokens: AccessTokens, clock: FakeClock) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(_signed(_header(), _claims(clock), STRANGER))


async def test_the_public_key_as_a_shared_secret(tokens: AccessTokens, clock: FakeClock) -> None:
    signed = f"{_b64(_header(alg='HS256'))}.{_b64(_claims(clock))}"
    forged = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    with pytest.raises(Unauthenticated):
        tokens.verify(f"{signed}.{_b64(forged)}")


async def test_changed_and_cut_tokens(tokens: AccessTokens) -> None:
    header, claims, signature = tokens.issue(USER).split(".")
    other = json.loads(urlsafe_b64decode(claims + "=="))
    other["sub"] = str(new_id())
    for token in (
        f"{header}.{_b64(other)}.{signature}",
        f"{header}.{claims}.",
        f"{header}.{claims}",
        f"{header}..{signature}",
        f"{_b64({'alg': 'none', 'typ': 'at+jwt'})}.{claims}.",
        f"{header}.{claims}.{_b64(bytes(64))}",
        f"{header}.{_b64(b'[]')}.{signature}",
        f"{header}.{claims}.{signature}.{signature}",
        f" {header}.{claims}.{signature}",
        f"{header}.{claims}.{signature}" + "A" * 5_000,
        "é.é.é",
        "",
    ):
        with pytest.raises(Unauthenticated):
            tokens.verify(token)


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "not a key",
        KEY.as_pem(private=False).decode(),
        ECKey.generate_key("P-384").as_pem(private=True).decode(),
        RSAKey.generate_key(2048).as_pem(private=True).decode(),
    ],
    ids=["empty", "text", "public", "P-384", "RSA"],
)
async def test_a_signing_key_that_is_none(pem: str, clock: FakeClock) -> None:
    with pytest.raises(InvalidInput) as refused:
        AccessTokens(pem, clock)
    assert refused.value.code == "bad_signing_key"


def _quick() -> Argon2Passwords:
    return Argon2Passwords(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))


async def test_a_password_matches_its_own_hash_only() -> None:
    passwords = _quick()
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await passwords.matches("correct horse", hashed)
    assert not await passwords.matches("battery staple", hashed)
    assert not await passwords.matches("correct horse", "!")
    passwords.close()


async def test_more_than_can_wait_are_refused() -> None:
    passwords = _quick()
    answers = await asyncio.gather(*(passwords.hash("x") for _ in range(MOST_WAITING + 3)), return_exceptions=True)
    refused = [one for one in answers if isinstance(one, LimitExceeded)]
    assert len(refused) == 3
    assert (await passwords.hash("x")).startswith("$argon2id$")
    passwords.close()
