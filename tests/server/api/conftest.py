"""The real API over the real database and Redis; people who have signed in; a server on a port of its own."""

import asyncio
import io
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv6Address
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from joserfc.jwk import ECKey
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from domain.tenants import Role
from server.api.app import create_app
from server.bootstrap import System, bootstrap
from server.embedded.parts import Parts
from server.settings import Settings
from server.telemetry import about_nothing, configure_logging
from services.actor import Actor
from tests.agents.people import colleague
from tests.server.postgres.databases import migrated_database, opened

PASSWORD = "correct horse battery"

NewPerson = Callable[[], Awaitable["Person"]]
NewColleague = Callable[..., Awaitable["Person"]]

CAMPAIGN = {
    "name": "Spring launch",
    "objective": "awareness",
    "budget": {"amount": "250000.00", "currency": "USD"},
    "start": "2026-03-01",
    "end": "2026-05-31",
}


@dataclass(frozen=True, slots=True)
class Person:
    """An owner with a client whose paths begin at their tenant."""

    actor: Actor
    http: httpx.AsyncClient
    token: str

    async def campaign(self, **changes: object) -> dict[str, object]:
        answer = await self.http.post("campaigns", json={**CAMPAIGN, **changes})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def session(self) -> str:
        answer = await self.http.post("sessions")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def elsewhere(app: FastAPI) -> httpx.ASGITransport:
    """From a network of its own: how often an address may ask is counted, and the tests are many."""
    return httpx.ASGITransport(app, client=(str(IPv6Address(uuid4().int)), 50_000))


@pytest.fixture(scope="session")
async def app_url(parts: Parts) -> AsyncIterator[str]:
    """Of a database of their own: the process here looks for forgotten turns until the last test has ended."""
    async with migrated_database(parts.database_admin_url, parts.database_url) as url:
        yield url


@pytest.fixture(scope="session")
async def engine(app_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(app_url) as engine:
        yield engine


@pytest.fixture(scope="session")
def settings(app_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url=app_url,
        redis_url=redis_url,
        signing_key=SecretStr(key),
        server_secret=SecretStr("a server's secret, only for tests"),
        model="offline",
        cors_origins=["https://app.example"],
    )


@pytest.fixture(scope="session")
async def system(settings: Settings) -> AsyncIterator[System]:
    """Without sweeps: they would take what other tests leave in the database they share."""
    async with bootstrap(settings, sweeps=False) as system:
        yield system


@pytest.fixture(scope="session")
def app(system: System) -> FastAPI:
    return create_app(system)


@pytest.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=elsewhere(app), base_url="http://api.test") as client:
        yield client


@pytest.fixture
async def person(app: FastAPI, system: System, tenant: Callable[[], Awaitable[Actor]]) -> AsyncIterator[NewPerson]:
    """Makes the signed-in owner of a new tenant, with every call."""
    clients: list[httpx.AsyncClient] = []

    async def new() -> Person:
        actor = await tenant()
        token = system.tokens.issue(actor.user_id, new_id())
        client = httpx.AsyncClient(
            transport=elsewhere(app),
            base_url=f"http://api.test/api/v1/tenants/{actor.tenant_id}/",
            headers={"Authorization": f"Bearer {token}"},
        )
        clients.append(client)
        return Person(actor, client, token)

    yield new
    for client in clients:
        await client.aclose()


@pytest.fixture
async def ada(person: NewPerson) -> Person:
    return await person()


@pytest.fixture
async def port(app: FastAPI) -> AsyncIterator[int]:
    """Of a server of the API: only a real connection can be dropped."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1, ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener]))  # `serve` would take over the signals
        yield listener.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.fixture(scope="session")
async def password_hash(system: System) -> str:
    return await system.connections.passwords.hash(PASSWORD)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("info", stream)
    yield stream
    root.handlers, root.level = handlers, level
    about_nothing()


@pytest.fixture
async def member(app: FastAPI, system: System, engine: AsyncEngine, ada: Person) -> AsyncIterator[NewColleague]:
    """A colleague of ada's who has signed in; with a delegation up to `cap` dollars, if it says how much."""
    clients: list[httpx.AsyncClient] = []

    async def new(role: Role, cap: int | None = None) -> Person:
        actor = await colleague(engine, ada.actor, role)
        token = system.tokens.issue(actor.user_id, new_id())
        client = httpx.AsyncClient(
            transport=elsewhere(app), base_url=ada.http.base_url, headers={"Authorization": f"Bearer {token}"}
        )
        clients.append(client)
        if cap is not None:
            given = {"kind": "full", "cap": {"amount": str(cap), "currency": "USD"}}
            assert (await ada.http.put(f"delegations/{actor.user_id}", json=given)).status_code == 200
        return Person(actor, client, token)

    yield new
    for client in clients:
        await client.aclose()
