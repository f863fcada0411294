"""Nobody gets in with a token of the battery, and each is refused with the one error for that."""

import statistics
import time
from collections.abc import Callable

import pytest
from joserfc.util import urlsafe_b64decode

from domain.errors import Unauthenticated
from server.identity.tokens import AccessTokens, Bearer
from tests.fakes.clock import FakeClock
from tests.security.figures import Figures
from tests.security.forger import SIGN_IN, USER, Forger, b64
from tests.security.hostile_claims import CLAIMS, SHAPES
from tests.security.hostile_tokens import ALGORITHMS, HEADERS, KEYS, ORDER, SIGNATURES, Hostile

BATTERY: dict[str, Hostile] = {**ALGORITHMS, **KEYS, **HEADERS, **SIGNATURES, **CLAIMS, **SHAPES}
EXPIRED = {"expired a second ago", "expired now", "exp zero", "exp negative"}

CLOCK = FakeClock()


@pytest.fixture(scope="module")
def forger() -> Forger:
    return Forger(int(CLOCK.now().timestamp()))


@pytest.fixture(scope="module")
def tokens(forger: Forger) -> AccessTokens:
    return AccessTokens(forger.pem, CLOCK)


@pytest.mark.parametrize("name", BATTERY)
def test_a_hostile_token(name: str, forger: Forger, tokens: AccessTokens, figures: Figures) -> None:
    token = BATTERY[name](forger)
    try:
        tokens.verify(token)
        code = "accepted"
    except Unauthenticated as refusal:
        code = refusal.code
    figures.add("tokens_tried", 1)
    figures.add("tokens_accepted", code == "accepted")
    assert code == ("token_expired" if name in EXPIRED else "invalid_token")


def test_no_name_stands_for_two_tokens() -> None:
    assert len(BATTERY) == sum(map(len, (ALGORITHMS, KEYS, HEADERS, SIGNATURES, CLAIMS, SHAPES))) >= 200


def test_what_the_forger_writes_is_accepted_when_nothing_is_wrong_with_it(forger: Forger, tokens: AccessTokens) -> None:
    """The control: with `last` too, since a battery against a ring of one key would prove less."""
    assert tokens.verify(forger.good()) == Bearer(USER, SIGN_IN)
    last = forger.signed(forger.header(kid=forger.last.thumbprint()), forger.claims(), forger.last)
    assert tokens.verify(last) == Bearer(USER, SIGN_IN)


@pytest.mark.parametrize("name", [*HEADERS, *CLAIMS])
def test_a_token_that_is_wrong_elsewhere_has_a_sound_signature(name: str, forger: Forger) -> None:
    """The control: it was the header or the claims that were refused, not a slip in the battery."""
    assert forger.sound(BATTERY[name](forger))


# What is right about claims that look strange at first.
ACCEPTED: dict[str, Callable[[Forger], str]] = {
    "shorter": lambda f: f.with_claims(exp=f.now + 1),
    "valid from now": lambda f: f.with_claims(nbf=f.now),
    "a claim more": lambda f: f.with_claims(client_id="web"),
    "members in another order": lambda f: f.signed(dict(reversed(f.header().items())), f.claims()),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_token_that_is_only_unusual(name: str, forger: Forger, tokens: AccessTokens) -> None:
    assert tokens.verify(ACCEPTED[name](forger)) == Bearer(USER, SIGN_IN)


def test_a_signature_and_its_mirror_image_are_one(forger: Forger, tokens: AccessTokens) -> None:
    """ECDSA has two signatures for everything. So a token is never known by its text; it is by `jti` and `sid`."""
    text, _, signature = forger.good().rpartition(".")
    raw = urlsafe_b64decode(signature.encode())
    mirrored = raw[:32] + (ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    assert mirrored != raw
    assert tokens.verify(f"{text}.{b64(mirrored)}") == Bearer(USER, SIGN_IN)


def test_what_verifying_takes(tokens: AccessTokens, figures: Figures) -> None:
    token = tokens.issue(USER, SIGN_IN)
    took = []
    for _ in range(400):
        started = time.perf_counter()
        tokens.verify(token)
        took.append(time.perf_counter() - started)
    figures.put("us_per_token_verification", round(statistics.median(took) * 1e6, 1))
