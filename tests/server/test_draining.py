"""A server that is told to stop: its streams say goodbye, its turns go on elsewhere, and nothing waits for a lease."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from domain.ids import SessionId, new_id
from domain.sessions import TurnStatus
from server.bootstrap import bootstrap
from server.clock import SystemClock
from server.identity.tokens import AccessTokens
from server.settings import Settings
from server.terminal.own_server import free_port
from services.actor import Actor
from services.sessions import OpenSession
from tests.conftest import NewActor
from tests.drivers import SERVER_SECRET

LEASE_SECONDS = 600.0  # longer than any test runs: what is taken over was let go


@pytest.fixture
def settings(app_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        port=free_port(),
        database_url=app_url,
        redis_url=redis_url,
        signing_key=SecretStr(ECKey.generate_key("P-256").as_pem(private=True).decode()),
        server_secret=SecretStr(SERVER_SECRET.decode()),
        turn_lease_seconds=LEASE_SECONDS,
    )


@asynccontextmanager
async def stuck_server(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    assert settings.signing_key
    assert settings.server_secret
    own = {
        "MP_HOME": str(settings.home),
        "MP_PORT": str(settings.port),
        "MP_DATABASE_URL": str(settings.database_url),
        "MP_REDIS_URL": str(settings.redis_url),
        "MP_SIGNING_KEY": settings.signing_key.get_secret_value(),
        "MP_SERVER_SECRET": settings.server_secret.get_secret_value(),
        "MP_TURN_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MP_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.stuck_server"),
        stderr=asyncio.subprocess.DEVNULL,
        env={**inherited, **own},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def visitor(settings: Settings, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Once the server answers."""
    assert settings.signing_key
    token = AccessTokens(settings.signing_key.get_secret_value(), SystemClock()).issue(actor.user_id, new_id())
    root = f"http://127.0.0.1:{settings.port}"
    async with httpx.AsyncClient(base_url=root, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
        while True:
            try:
                await http.get("/livez")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        yield http


async def test_a_stopped_servers_turn_goes_on_in_another_one(settings: Settings, tenant: NewActor) -> None:
    actor = await tenant()
    async with bootstrap(settings, sweeps=False) as other:
        session_id = (await other.application.sessions.open(actor, OpenSession())).id
        async with stuck_server(settings) as process, visitor(settings, actor) as http:
            said = await stopped_in_a_turn(process, http, actor, session_id)
            assert await process.wait() in (0, -signal.SIGTERM)
        turn_id = said[-1]
        assert any('"reconnect"' in line for line in said)
        while not (turn := await other.application.queries.turn(actor, turn_id)).status.ended:  # type: ignore[arg-type]
            await asyncio.sleep(0.02)
    assert turn.status is TurnStatus.COMPLETED


async def stopped_in_a_turn(
    process: asyncio.subprocess.Process, http: httpx.AsyncClient, actor: Actor, session_id: SessionId
) -> list[str]:
    """What the turn's stream said, and the turn's id."""
    path = f"/api/v1/tenants/{actor.tenant_id}/sessions/{session_id}/turns"
    accepting = {"Accept": "text/event-stream"}
    said: list[str] = []
    async with http.stream("POST", path, json={"message": "who is on the team?"}, headers=accepting) as stream:
        assert stream.status_code == 200
        async for line in stream.aiter_lines():
            said.append(line)
            if "RUN_STARTED" in line:
                process.send_signal(signal.SIGTERM)
        return [*said, stream.headers["Location"].rpartition("/")[2]]
