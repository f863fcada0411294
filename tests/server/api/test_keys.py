"""The published keys, and a rotation seen from outside, while servers of two steps answer side by side."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import pairwise

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from domain.ids import new_id
from server.api.app import create_app
from server.bootstrap import System
from server.clock import SystemClock
from server.identity.keyring import Keyring
from server.identity.tokens import AccessTokens
from tests.server.api.conftest import Person

PATH = "/.well-known/jwks.json"
OLD, NEW = (ECKey.generate_key("P-256").as_pem(private=True).decode() for _ in range(2))
STEPS = (OLD, OLD + NEW, NEW + OLD, NEW)


@dataclass(frozen=True, slots=True)
class Server:
    http: httpx.AsyncClient
    tokens: AccessTokens

    async def lets_in(self, token: str) -> bool:
        answer = await self.http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200 or (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        return answer.status_code == 200


@pytest.fixture(scope="module")
async def servers(system: System) -> AsyncIterator[list[Server]]:
    """One for each step of a rotation, on the same database."""
    async with AsyncExitStack() as stack:
        found = []
        for pem in STEPS:
            tokens = AccessTokens(pem, SystemClock())
            transport = httpx.ASGITransport(create_app(replace(system, tokens=tokens)))
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://api.test"))
            found.append(Server(http, tokens))
        yield found


async def _published(server: Server) -> list[str]:
    return [key["kid"] for key in (await server.http.get(PATH)).json()["keys"]]


async def test_the_published_keys_are_public_and_may_be_cached(anonymous: httpx.AsyncClient, system: System) -> None:
    answer = await anonymous.get(PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    [key] = answer.json()["keys"]
    assert key == {
        **{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": system.tokens.keyring.ids[0]},
        **{name: key[name] for name in ("x", "y")},
    }
    assert not ECKey.import_key(key).is_private


async def test_whoever_has_the_published_keys_can_verify(servers: list[Server], ada: Person) -> None:
    """By the standards alone, in the middle of a rotation, when both keys sign somewhere."""
    published = KeySet.import_key_set((await servers[1].http.get(PATH)).json())
    for server in servers[1:3]:
        token = server.tokens.issue(ada.actor.user_id, new_id())
        assert jwt.decode(token, published, ["ES256"]).claims["sub"] == str(ada.actor.user_id)


async def test_each_step_publishes_what_it_takes(servers: list[Server]) -> None:
    [old], [new] = Keyring(OLD).ids, Keyring(NEW).ids
    assert [await _published(server) for server in servers] == [[old], [old, new], [new, old], [new]]


async def test_at_every_step_two_servers_take_each_others_tokens(servers: list[Server], ada: Person) -> None:
    for before, after in pairwise(servers):
        for issuing, asked in ((before, after), (after, before), (after, after)):
            assert await asked.lets_in(issuing.tokens.issue(ada.actor.user_id, new_id()))


async def test_a_token_of_the_old_key_is_taken_until_the_key_is_dropped(servers: list[Server], ada: Person) -> None:
    token = servers[0].tokens.issue(ada.actor.user_id, new_id())
    assert [await server.lets_in(token) for server in servers] == [True, True, True, False]


async def test_without_the_steps_between_somebody_is_signed_out(servers: list[Server], ada: Person) -> None:
    """The control: it is the steps that make the rotation safe."""
    first, *_, last = servers
    assert not await first.lets_in(last.tokens.issue(ada.actor.user_id, new_id()))
    assert not await servers[3].lets_in(servers[1].tokens.issue(ada.actor.user_id, new_id()))
