"""Whether an address has an account can't be told from a refused sign-in: not by the answer, not by the work."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from domain.tenants import Tenant, TenantSettings
from domain.users import Email, User
from server.api.app import create_app
from server.bootstrap import bootstrap
from server.clock import SystemClock
from server.postgres.founding import found_tenant
from server.settings import Settings
from services.application import Limits, assemble
from tests.drivers import SERVER_SECRET, PlainPasswords, drivers_on
from tests.fakes.feed import InMemoryFeed
from tests.security.figures import Figures

GUESS = "a wrong guess"


class RecordingPasswords(PlainPasswords):
    def __init__(self) -> None:
        self.verified: list[str] = []
        self.hashed: list[str] = []

    async def hash(self, password: str) -> str:
        self.hashed.append(password)
        return await super().hash(password)

    async def matches(self, password: str, hashed: str) -> bool:
        self.verified.append(hashed)
        return await super().matches(password, hashed)


@dataclass(frozen=True)
class Seen:
    """What a stranger gets, and what it took."""

    status: int
    body: dict[str, object]
    headers: dict[str, str]
    verifications: int
    hashes: int
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Door:
    http: httpx.AsyncClient
    hasher: RecordingPasswords
    engine: AsyncEngine

    async def knock(self, email: str, password: str = GUESS) -> Seen:
        self.hasher.verified.clear()
        self.hasher.hashed.clear()
        with statements(self.engine) as said:
            answer = await self.http.post("/api/v1/sign-in", json={"email": email, "password": password})
        return Seen(
            answer.status_code,
            {**answer.json(), "request_id": ""},
            {name: value for name, value in answer.headers.items() if name != "x-request-id"},
            sum(str(hashed).startswith("plain:") for hashed in self.hasher.verified),  # others take no time
            len(self.hasher.hashed),
            tuple(said),
        )

    async def account(self, password_hash: str | None) -> str:
        now = datetime.now(UTC)
        user = User.register(Email.of(f"{new_id()}@example.com"), "Ada", password_hash, now)
        await found_tenant(self.engine, Tenant.found("Acme", now), user, TenantSettings())
        return user.email.address


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    yield said
    event.remove(engine.sync_engine, "before_cursor_execute", listen)


@pytest.fixture
async def door(engine: AsyncEngine, app_url: str, redis_url: str) -> AsyncIterator[Door]:
    """The whole API, with a hasher that counts."""
    settings = Settings(
        database_url=app_url,
        redis_url=redis_url,
        signing_key=SecretStr(ECKey.generate_key("P-256").as_pem(private=True).decode()),
        server_secret=SecretStr(SERVER_SECRET.decode()),
    )
    hasher = RecordingPasswords()
    drivers = replace(drivers_on(engine, SystemClock(), InMemoryFeed()), hasher=hasher)
    async with bootstrap(settings) as system:
        app = create_app(replace(system, application=assemble(drivers, Limits())))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://api.test") as http:
            yield Door(http, hasher, engine)


async def test_every_refused_sign_in_looks_and_works_the_same(door: Door, figures: Figures) -> None:
    known = await door.account("plain:another password")
    without = await door.account(None)
    first = await door.knock("somebody@example.com")
    assert (first.verifications, first.hashes) == (1, 1)  # the stand-in is made with the very first sign-in
    tried = ["nobody@example.com", known, without, "no address", "nobody@example.com"]
    seen = [await door.knock(email) for email in tried]
    assert {one.status for one in seen} == {401}
    assert seen[0].body["code"] == "wrong_credentials"
    assert all(one == seen[0] for one in seen[:3])
    assert [(one.status, one.body, one.headers, one.verifications) for one in seen[3:]] == [
        (seen[0].status, seen[0].body, seen[0].headers, 1)
    ] * 2
    assert (seen[0].verifications, seen[0].hashes) == (1, 0)
    figures.put("sign_in_answers", len({(one.status, str(one.body)) for one in seen}))


async def test_the_statements_and_the_hashes_do_tell_a_sign_in_that_succeeds(door: Door) -> None:
    """The control: what is compared above can differ."""
    email = await door.account(f"plain:{GUESS}")
    succeeded, refused = await door.knock(email), await door.knock("nobody@example.com")
    assert succeeded.status == 200
    assert succeeded.statements != refused.statements
    assert succeeded.hashes != refused.hashes
