"""Access tokens and the keys that sign them, and passwords off the event loop. Hostile tokens: tests/security."""

import asyncio
from base64 import urlsafe_b64decode
from itertools import pairwise
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.errors import InvalidInput, LimitExceeded, Unauthenticated
from domain.ids import SignInId, UserId, new_id
from server.identity.keyring import Keyring
from server.identity.passwords import MOST_WAITING, Argon2Passwords
from server.identity.tokens import AUDIENCE, ISSUER, LIFETIME_SECONDS, AccessTokens, Bearer
from tests.fakes.clock import FakeClock

USER, SIGN_IN = UserId(new_id()), SignInId(new_id())
OLD, NEW, THIRD = (ECKey.generate_key("P-256").as_pem(private=True).decode() for _ in range(3))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tokens(clock: FakeClock) -> AccessTokens:
    return AccessTokens(OLD, clock)


async def test_a_token_names_its_user_and_their_sign_in(tokens: AccessTokens) -> None:
    assert tokens.verify(tokens.issue(USER, SIGN_IN)) == Bearer(USER, SIGN_IN)


async def test_a_token_ends(tokens: AccessTokens, clock: FakeClock) -> None:
    token = tokens.issue(USER, SIGN_IN)
    clock.advance(seconds=LIFETIME_SECONDS - 1)
    assert tokens.verify(token).user_id == USER
    clock.advance(seconds=1)
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token)
    assert refused.value.code == "token_expired"


async def test_a_token_that_was_seen_before_is_looked_at_again(tokens: AccessTokens, clock: FakeClock) -> None:
    """What may have changed is the clock; and another token is another one, however little differs."""
    token = tokens.issue(USER, SIGN_IN)
    assert tokens.verify(token) == tokens.verify(token)
    header, claims, signature = token.split(".")
    for changed in (f"{header}.{claims}.{signature[:-2]}", f"{header}.{claims[::-1]}.{signature}", token + "A"):
        with pytest.raises(Unauthenticated):
            tokens.verify(changed)
    clock.advance(seconds=-1)
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token)
    assert refused.value.code == "invalid_token", "it was issued in the future"
    clock.advance(seconds=1 + LIFETIME_SECONDS)
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token)
    assert refused.value.code == "token_expired"


async def test_everything_a_token_says(tokens: AccessTokens, clock: FakeClock) -> None:
    """Read with nothing but the published keys, as another service would."""
    one, other = (
        jwt.decode(tokens.issue(USER, SIGN_IN), KeySet.import_key_set(tokens.keyring.published()), ["ES256"])
        for _ in range(2)
    )
    now = int(clock.now().timestamp())
    assert one.header == {"typ": "at+jwt", "alg": "ES256", "kid": tokens.keyring.ids[0]}
    assert UUID(one.claims.pop("jti")) != UUID(other.claims.pop("jti"))
    assert one.claims == {
        **{"iss": ISSUER, "aud": AUDIENCE, "sub": str(USER), "sid": str(SIGN_IN)},
        **{"iat": now, "exp": now + LIFETIME_SECONDS},
    }


async def test_a_key_is_rotated_in_three_steps_and_no_token_is_refused(clock: FakeClock) -> None:
    """Two servers may be one step apart at any time; before and after, each takes the tokens of the other."""
    steps = [AccessTokens(pem, clock) for pem in (OLD, OLD + NEW, NEW + OLD, NEW)]
    assert [step.keyring.ids[0] for step in steps] == [*[Keyring(OLD).ids[0]] * 2, *[Keyring(NEW).ids[0]] * 2]
    for one, following in pairwise(steps):
        assert following.verify(one.issue(USER, SIGN_IN)) == one.verify(following.issue(USER, SIGN_IN))


async def test_a_dropped_key_opens_nothing(clock: FakeClock) -> None:
    token = AccessTokens(OLD, clock).issue(USER, SIGN_IN)
    assert AccessTokens(NEW + OLD, clock).verify(token).user_id == USER
    with pytest.raises(Unauthenticated) as refused:
        AccessTokens(NEW, clock).verify(token)
    assert refused.value.code == "invalid_token"


def test_a_keyring_finds_each_of_its_keys_and_publishes_only_public_halves() -> None:
    ring = Keyring(f"\n{OLD}\n\n{NEW}")
    assert ring.by_id(ring.ids[0]) is ring.signing
    assert [ring.by_id(kid) is not None for kid in (*ring.ids, Keyring(THIRD).ids[0], "")] == [True, True, False, False]
    assert [key["kid"] for key in ring.published()["keys"]] == ring.ids == [*Keyring(OLD).ids, *Keyring(NEW).ids]
    for key in ring.published()["keys"]:
        assert key.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
        assert [len(urlsafe_b64decode(f"{key[name]}=")) for name in ("x", "y")] == [32, 32]


def test_a_key_as_openssl_writes_it_with_its_curve() -> None:
    raw = ECKey.import_key(OLD).private_key
    assert raw
    key = raw.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    assert Keyring(curve + key + NEW).ids == Keyring(OLD + NEW).ids


def _pem(key: ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    cipher = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cipher).decode()


NO_KEYS = {
    "empty": "",
    "text": "not a key",
    "public": ECKey.import_key(OLD).as_pem(private=False).decode(),
    "P-384": ECKey.generate_key("P-384").as_pem(private=True).decode(),
    "P-521": ECKey.generate_key("P-521").as_pem(private=True).decode(),
    "secp256k1": _pem(ec.generate_private_key(ec.SECP256K1())),
    "brainpool": _pem(ec.generate_private_key(ec.BrainpoolP256R1())),
    "RSA": RSAKey.generate_key(2048).as_pem(private=True).decode(),
    "Ed25519": OKPKey.generate_key("Ed25519").as_pem(private=True).decode(),
    "encrypted": _pem(ec.generate_private_key(ec.SECP256R1()), b"a password"),
    "unreadable": "-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----\n",
    "cut off": NEW[:-30],
    "curve alone": "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
    "certificate": "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("pem", [*NO_KEYS.values()], ids=[*NO_KEYS])
def test_a_signing_key_that_is_none(pem: str, clock: FakeClock) -> None:
    with pytest.raises(InvalidInput) as refused:
        AccessTokens(pem, clock)
    assert (refused.value.code, refused.value.field) == ("bad_signing_key", "signing_key")


@pytest.mark.parametrize("name", sorted(NO_KEYS.keys() - {"empty", "curve alone"}))
def test_something_else_beside_a_good_key(name: str) -> None:
    for pem in (OLD + NO_KEYS[name], NO_KEYS[name] + OLD):
        with pytest.raises(InvalidInput) as refused:
            Keyring(pem)
        assert refused.value.code == "bad_signing_key"


def test_a_key_that_is_there_twice() -> None:
    with pytest.raises(InvalidInput, match="twice") as refused:
        Keyring(OLD + NEW + OLD)
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
