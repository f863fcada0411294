"""Sign in with Google where the provider, or somebody on the way, is not what they should be."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from domain.errors import Unauthenticated, Unavailable
from server.identity.google import GoogleSignIn
from services.gateways import Identified
from tests.fakes.clock import FakeClock
from tests.security.forger import b64
from tests.server.absent import silence
from tests.server.identity.forged_id_tokens import FORGERIES
from tests.server.identity.hostile_provider import Answer, HostileProvider, hostile_provider, public

HOME = "https://planner.example/api/v1/google/arrival"
KEY = bytes(range(32))
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class World:
    provider: HostileProvider
    google: GoogleSignIn
    clock: FakeClock

    async def sign_in(self, change: Callable[[str], str] = str) -> Identified:
        """The URL is changed on its way to the provider."""
        departure = await self.google.depart(HOME)
        state, code = self.provider.consent(change(departure.url))
        return await self.google.arrive(HOME, departure.ticket, state, code)

    async def refused(self, change: Callable[[str], str] = str) -> None:
        with pytest.raises(Unauthenticated) as refusal:
            await self.sign_in(change)
        assert refusal.value.code == "sign_in_refused"

    async def away(self) -> None:
        with pytest.raises(Unavailable) as refusal:
            await self.sign_in()
        assert refusal.value.code == "identity_provider_away"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[HostileProvider]:
    with hostile_provider(clock) as provider:
        yield provider


@pytest.fixture
async def world(provider: HostileProvider, clock: FakeClock) -> AsyncIterator[World]:
    google = GoogleSignIn(provider.issuer, "planner", "secret", KEY, clock)
    yield World(provider, google, clock)
    await google.aclose()


async def test_an_honest_provider_signs_in(world: World) -> None:
    assert await world.sign_in() == Identified("google", "ada", "ada@example.com", True, "ada")


async def test_rsa_keys_sign_in_too(world: World) -> None:
    world.provider.key = RSAKey.generate_key(2048, {"kid": "rsa"})
    world.provider.published = [public(world.provider.key, alg="RS256")]
    await world.sign_in()


@pytest.mark.parametrize("name", FORGERIES)
async def test_forged_id_tokens_sign_nobody_in(world: World, name: str) -> None:
    world.provider.mint = lambda claims: FORGERIES[name](world.provider, claims)
    await world.refused()
    world.provider.mint = world.provider.signed
    await world.sign_in()


@pytest.mark.parametrize("alg", ["PS256", "RS384", "RS512"])
async def test_other_algorithms_of_the_right_key_are_refused(world: World, alg: str) -> None:
    provider = world.provider
    provider.key = RSAKey.generate_key(2048, {"kid": "rsa"})
    provider.published = [public(provider.key)]
    provider.mint = lambda claims: provider.sealed(provider.header(alg=alg), claims, alg=alg)
    await world.refused()


@pytest.mark.parametrize(
    "change", [{"use": "enc"}, {"alg": "RS256"}, {"alg": "HS256"}, {"kty": "oct"}, {"crv": "P-384"}], ids=str
)
async def test_a_key_that_is_published_for_something_else_is_not_used(world: World, change: dict[str, str]) -> None:
    world.provider.published = [public(world.provider.key, **change)]
    await world.refused()


async def test_keys_that_we_do_not_know_are_passed_over(world: World) -> None:
    small = {"kty": "RSA", "kid": "small", "e": "AQAB", "n": b64(bytes(range(128, 256)))}
    strange: list[object] = [
        7,
        None,
        {},
        {"kty": "AKP", "kid": "new"},
        {"kty": "RSA"},
        {"kty": "EC", "crv": "X"},
        small,
    ]
    world.provider.published = [*strange, *world.provider.published]
    await world.sign_in()


async def test_half_a_surrogate_pair_is_no_name_and_no_address(world: World) -> None:
    provider = world.provider
    provider.mint = lambda claims: provider.signed({**claims, "name": "\ud800", "email": "\ud800@example.com"})
    assert await world.sign_in() == Identified("google", "ada", None, False, "")


async def test_a_code_for_another_challenge_is_worth_nothing(world: World) -> None:
    def with_another(url: str) -> str:
        before, name, rest = url.partition("code_challenge=")
        return f"{before}{name}{'A' * 43}{rest[43:]}"

    await world.refused(with_another)


async def test_a_code_without_a_challenge_is_worth_nothing(world: World) -> None:
    await world.refused(lambda url: url.replace("code_challenge=", "was="))


@pytest.mark.parametrize("code", ["", "c" * 2_049, "code\n", "\ud800", "ж"], ids=range(5))
async def test_what_can_be_no_code_does_not_reach_the_provider(world: World, code: str) -> None:
    departure = await world.google.depart(HOME)
    state, _ = world.provider.consent(departure.url)
    with pytest.raises(Unauthenticated):
        await world.google.arrive(HOME, departure.ticket, state, code)
    assert not world.provider.forms


async def test_the_code_comes_with_its_verifier_and_our_secret(world: World) -> None:
    await world.sign_in()
    (form,) = world.provider.forms
    assert {*form} == {"grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret"}
    assert len(form["code_verifier"]) == 64


async def test_a_new_key_is_fetched_when_it_is_first_used(world: World) -> None:
    await world.sign_in()
    world.provider.key = ECKey.generate_key("P-256", {"kid": "second"})
    world.provider.published.append(public(world.provider.key))
    await world.sign_in()
    assert world.provider.visits["/keys"] == 2


async def test_many_who_meet_a_new_key_at_once_fetch_it_once(world: World) -> None:
    await world.sign_in()
    world.provider.key = ECKey.generate_key("P-256", {"kid": "second"})
    world.provider.published.append(public(world.provider.key))
    await asyncio.gather(*(world.sign_in() for _ in range(20)))
    assert world.provider.visits["/keys"] == 2


async def test_unknown_keys_are_looked_for_once_a_minute(world: World) -> None:
    await world.sign_in()
    world.provider.mint = lambda claims: world.provider.sealed(world.provider.header(kid="unknown"), claims)
    for _ in range(5):
        await world.refused()
    assert world.provider.visits["/keys"] == 2
    world.clock.advance(minutes=1)
    await world.refused()
    assert world.provider.visits["/keys"] == 3


async def test_what_is_published_is_kept_for_an_hour(world: World) -> None:
    for minutes in (0, 30, 29):
        world.clock.advance(minutes=minutes)
        await world.sign_in()
    assert (world.provider.visits[DISCOVERY], world.provider.visits["/keys"]) == (1, 1)
    world.provider.key = ECKey.generate_key("P-256", {"kid": "first"})  # the old one was stolen
    world.provider.published = [public(world.provider.key)]
    await world.refused()
    world.clock.advance(minutes=1)
    await world.sign_in()
    assert (world.provider.visits[DISCOVERY], world.provider.visits["/keys"]) == (2, 2)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": None},
        {"authorization_endpoint": "http://accounts.example/authorize"},
        {"token_endpoint": "http://accounts.example/token"},
        {"jwks_uri": "http://accounts.example/keys"},
        {"jwks_uri": "file:///dev/null"},
        {"token_endpoint": "https://"},
        {"token_endpoint": 7},
    ],
    ids=str,
)
async def test_endpoints_of_others_are_refused(world: World, discovery: dict[str, Any]) -> None:
    world.provider.discovery = discovery
    await world.refused()
    assert not world.provider.forms


TOKENS: dict[str, Answer] = {
    "refused": (400, {"error": "invalid_grant"}),
    "an error with 200": (200, {"error": "invalid_grant"}),
    "an error of no kind": (400, {"error": ["invalid_grant"], "error_description": 7}),
    "an error and an object": (400, {"error": {"code": 7}}),
    "not found": (404, b"<html>"),
    "elsewhere": (302, b""),
    "nothing": (200, b""),
    "a page": (200, b"<html>"),
    "a list": (200, []),
    "brackets": (200, b"[" * 100_000),
    "no encoding": (200, b"\xff\xfe\xfd"),
    "no ID token": (200, {"access_token": "access", "token_type": "Bearer"}),
    "an empty object": (200, {}),
    "a life in words": (200, {"id_token": "e30.e30.", "expires_in": "soon"}),
    "a life as a list": (200, {"id_token": "e30.e30.", "expires_in": [7]}),
    "a life without end": (200, b'{"id_token": "e30.e30.", "expires_in": 1e999}'),
}


@pytest.mark.parametrize("name", TOKENS)
async def test_answers_that_bring_no_id_token_sign_nobody_in(world: World, name: str) -> None:
    world.provider.answers["/token"] = TOKENS[name]
    await world.refused()


@pytest.mark.parametrize("keys", [{}, [], {"keys": None}, {"keys": []}, {"keys": [{}]}], ids=str)
async def test_no_keys_verify_nothing(world: World, keys: object) -> None:
    world.provider.answers["/keys"] = 200, keys
    await world.refused()


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_provider_with_troubles_is_away(world: World, path: str, status: int) -> None:
    world.provider.answers[path] = status, {"error": "invalid_grant"}
    await world.away()
    world.provider.answers.clear()
    await world.sign_in()


@pytest.mark.parametrize("path", [DISCOVERY, "/keys"])
@pytest.mark.parametrize("answer", [(404, {}), (302, {}), (200, b"<html>"), (200, b"[" * 100_000)], ids=range(4))
async def test_a_provider_that_publishes_nothing_is_away(world: World, path: str, answer: Answer) -> None:
    world.provider.answers[path] = answer
    await world.away()


async def test_a_provider_that_does_not_answer_is_away(clock: FakeClock) -> None:
    async with silence() as silent:
        google = GoogleSignIn(f"http://{silent.address}", "planner", "secret", KEY, clock, timeout_seconds=0.1)
        with pytest.raises(Unavailable) as refusal:
            await google.depart(HOME)
        await google.aclose()
    assert refusal.value.code == "identity_provider_away"
