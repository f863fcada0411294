"""Sign in with Google, against a real provider: the way there and back, and claims that are not for us."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.util import urlsafe_b64decode

from domain.errors import InvalidInput, Unauthenticated, Unavailable
from domain.ids import new_id
from server.identity.google import GOOGLE, GoogleSignIn
from services.gateways import Departure, Identified
from tests.fakes.clock import FakeClock
from tests.server.absent import nobody
from tests.server.identity.oidc_provider import OidcProvider, oidc_provider

HOME = "https://planner.example/api/v1/google/arrival"
CLIENT = "planner"
KEY = bytes(range(32))


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[OidcProvider]:
    async with oidc_provider() as provider:
        yield provider


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
async def google(provider: OidcProvider, clock: FakeClock) -> AsyncIterator[GoogleSignIn]:
    google = GoogleSignIn(provider.issuer, CLIENT, "secret", KEY, clock)
    yield google
    await google.aclose()


async def _signed_in(google: GoogleSignIn, provider: OidcProvider, **claims: object) -> Identified:
    """Of somebody new, whose ID token says these."""
    subject = str(new_id())
    await provider.knows(subject, **claims)
    departure = await google.depart(HOME)
    state, code = await provider.consent(departure.url, subject)
    return await google.arrive(HOME, departure.ticket, state, code)


async def _refused(google: GoogleSignIn, departure: Departure, state: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await google.arrive(HOME, departure.ticket, state, code)
    assert refusal.value.code == "sign_in_refused"


async def test_somebody_signs_in(google: GoogleSignIn, provider: OidcProvider) -> None:
    await provider.knows("ada", email="ada@example.com", email_verified=True, name="Ada Lovelace")
    departure = await google.depart(HOME)
    state, code = await provider.consent(departure.url, "ada")
    arrived = await google.arrive(HOME, departure.ticket, state, code)
    assert arrived == Identified("google", "ada", "ada@example.com", True, "Ada Lovelace")


async def test_the_way_there_asks_for_what_is_checked_on_the_way_back(google: GoogleSignIn) -> None:
    asked = parse_qs(urlsplit((await google.depart(HOME)).url).query)
    assert {name: asked[name] for name in ("response_type", "client_id", "redirect_uri", "scope")} == {
        "response_type": ["code"],
        "client_id": [CLIENT],
        "redirect_uri": [HOME],
        "scope": ["openid email profile"],
    }
    assert asked["code_challenge_method"] == ["S256"]
    assert {len(asked[name][0]) for name in ("state", "nonce", "code_challenge")} == {43}


async def test_the_browser_cannot_read_its_ticket(google: GoogleSignIn) -> None:
    departure = await google.depart(HOME)
    asked = parse_qs(urlsplit(departure.url).query)
    parts = [urlsafe_b64decode(part.encode()) for part in departure.ticket.split(".")]
    for secret in (asked["state"][0], asked["nonce"][0], "verifier", HOME):
        assert secret not in departure.ticket
        assert not any(secret.encode() in part for part in parts)
    assert len(departure.ticket) < 1_000


async def test_whoever_denies_is_not_signed_in(google: GoogleSignIn, provider: OidcProvider) -> None:
    departure = await google.depart(HOME)
    brought = await provider.deny(departure.url)
    assert brought["error"] == ["access_denied"]
    await _refused(google, departure, parse_qs(urlsplit(departure.url).query)["state"][0], "")


async def test_a_used_code_signs_nobody_in(google: GoogleSignIn, provider: OidcProvider) -> None:
    departure = await google.depart(HOME)
    state, code = await provider.consent(departure.url, "ada")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": HOME}
    stolen = await provider.browser.post(f"{provider.issuer}/oauth2/token", data=form, auth=(CLIENT, "any"))
    assert stolen.status_code == httpx.codes.OK
    await _refused(google, departure, state, code)


async def test_a_ticket_of_another_key_issuer_or_client_is_refused(
    google: GoogleSignIn, provider: OidcProvider, clock: FakeClock
) -> None:
    by_name = provider.issuer.replace("127.0.0.1", "localhost")
    for issuer, client, key in [
        (provider.issuer, CLIENT, bytes(32)),
        (provider.issuer, "another", KEY),
        (by_name, CLIENT, KEY),
    ]:
        other = GoogleSignIn(issuer, client, "secret", key, clock)
        departure = await other.depart(HOME)
        await _refused(google, departure, *await provider.consent(departure.url, "ada"))
        await other.aclose()


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        pytest.param({"nonce": "another"}, "id_token_nonce", id="another nonce"),
        pytest.param({"nonce": ["another"]}, "id_token_nonce", id="nonce as a list"),
        pytest.param({"nonce": None}, "id_token_missing_claim_nonce", id="no nonce"),
        pytest.param({"iss": GOOGLE}, "id_token_invalid_claim_iss", id="another issuer"),
        pytest.param({"iss": None}, "id_token_missing_claim_iss", id="no issuer"),
        pytest.param({"aud": "another"}, "id_token_invalid_claim_aud", id="another audience"),
        pytest.param({"aud": []}, "id_token_invalid_claim_aud", id="no audience"),
        pytest.param({"aud": {CLIENT: 1}}, "id_token_invalid_claim_aud", id="audience as an object"),
        pytest.param({"aud": [CLIENT, "another"]}, "id_token_party", id="two audiences, no party"),
        pytest.param({"aud": [CLIENT, "another"], "azp": "another"}, "id_token_party", id="two, another party"),
        pytest.param({"azp": "another"}, "id_token_party", id="another party"),
        pytest.param({"azp": None}, "id_token_party", id="party null"),
        pytest.param({"exp": 1}, "id_token_expired_token_exp", id="expired long ago"),
        pytest.param({"exp": None}, "id_token_missing_claim_exp", id="no expiry"),
        pytest.param({"exp": "tomorrow"}, "id_token_invalid_claim_exp", id="expiry as text"),
        pytest.param({"exp": True}, "id_token_invalid_claim_exp", id="expiry true"),
        pytest.param({"iat": 10**12}, "id_token_invalid_claim_iat", id="issued in the future"),
        pytest.param({"iat": None}, "id_token_missing_claim_iat", id="issued never"),
        pytest.param({"nbf": 10**12}, "id_token_invalid_claim_nbf", id="not good yet"),
    ],
)
async def test_claims_that_are_not_for_us_are_refused(
    google: GoogleSignIn,
    provider: OidcProvider,
    caplog: pytest.LogCaptureFixture,
    claims: dict[str, object],
    reason: str,
) -> None:
    caplog.set_level(logging.INFO, "server.identity")
    with pytest.raises(Unauthenticated) as refusal:
        await _signed_in(google, provider, **claims)
    assert (refusal.value.code, refusal.value.details) == ("sign_in_refused", {})
    assert caplog.messages == [f"a sign-in through the identity provider was refused: {reason}"]


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"aud": CLIENT}, id="one audience as text"),
        pytest.param({"aud": [CLIENT, "another"], "azp": CLIENT}, id="two audiences, our party"),
        pytest.param({"azp": CLIENT}, id="our party"),
    ],
)
async def test_audiences_that_are_for_us(
    google: GoogleSignIn, provider: OidcProvider, claims: dict[str, object]
) -> None:
    await _signed_in(google, provider, **claims)


async def test_clocks_may_differ_by_a_minute(google: GoogleSignIn, provider: OidcProvider, clock: FakeClock) -> None:
    now = int(clock.now().timestamp())
    await _signed_in(google, provider, exp=now - 59, iat=now + 60)
    for claims in ({"exp": now - 60}, {"iat": now + 61}, {"nbf": now + 61}):
        with pytest.raises(Unauthenticated):
            await _signed_in(google, provider, **claims)


@pytest.mark.parametrize("subject", ["a" * 256, "ada\n", "zürich"], ids=["256 characters", "line break", "no ASCII"])
async def test_subjects_that_no_provider_may_give(google: GoogleSignIn, provider: OidcProvider, subject: str) -> None:
    departure = await google.depart(HOME)
    await _refused(google, departure, *await provider.consent(departure.url, subject))


async def test_the_longest_subject(google: GoogleSignIn, provider: OidcProvider) -> None:
    departure = await google.depart(HOME)
    arrived = await google.arrive(HOME, departure.ticket, *await provider.consent(departure.url, "a" * 255))
    assert arrived.subject == "a" * 255


@pytest.mark.parametrize("verified", [False, "true", 1, "True", [True], None], ids=repr)
async def test_only_true_says_that_an_address_is_verified(
    google: GoogleSignIn, provider: OidcProvider, verified: object
) -> None:
    arrived = await _signed_in(google, provider, email="ada@example.com", email_verified=verified)
    assert (arrived.email, arrived.email_verified) == ("ada@example.com", False)


@pytest.mark.parametrize("email", [None, "", 7, ["ada@example.com"], "a" * 255, "ada\0@example.com"], ids=repr)
async def test_what_is_no_address_is_none_and_not_verified(
    google: GoogleSignIn, provider: OidcProvider, email: object
) -> None:
    arrived = await _signed_in(google, provider, email=email, email_verified=True)
    assert (arrived.email, arrived.email_verified, arrived.name) == (None, False, "")


@pytest.mark.parametrize("name", [None, " ", 7, "Ada\0", "A" * 201, "\u202eadA"], ids=repr)
async def test_a_name_that_cannot_be_shown_is_taken_from_the_address(
    google: GoogleSignIn, provider: OidcProvider, name: object
) -> None:
    arrived = await _signed_in(google, provider, email="ada@example.com", name=name)
    assert arrived.name == "ada"


async def test_a_provider_of_another_issuer_is_refused(provider: OidcProvider, clock: FakeClock) -> None:
    google = GoogleSignIn(f"{provider.issuer}/", CLIENT, "secret", KEY, clock)
    with pytest.raises(Unauthenticated) as refusal:
        await google.depart(HOME)
    await google.aclose()
    assert refusal.value.code == "sign_in_refused"


async def test_a_provider_that_went_away(clock: FakeClock) -> None:
    async with oidc_provider() as provider:
        google = GoogleSignIn(provider.issuer, CLIENT, "secret", KEY, clock)
        departure = await google.depart(HOME)
        state, code = await provider.consent(departure.url, "ada")
    with pytest.raises(Unavailable) as refusal:
        await google.arrive(HOME, departure.ticket, state, code)
    await google.aclose()
    assert refusal.value.code == "identity_provider_away"


@pytest.mark.parametrize(
    "issuer",
    ["http://accounts.example", "ftp://localhost", "accounts.google.com", "https://", "https://x?y", "https://[x"],
)
def test_an_issuer_that_is_not_https_is_not_taken(clock: FakeClock, issuer: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        GoogleSignIn(issuer, CLIENT, "secret", KEY, clock)
    assert refusal.value.code == "bad_issuer"


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_ticket_key_of_another_length_is_not_taken(clock: FakeClock, length: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        GoogleSignIn(f"http://{nobody()}", CLIENT, "secret", bytes(length), clock)
    assert refusal.value.code == "bad_ticket_key"
