"""The composition root, the demo tenant, and an API process from its start to SIGTERM."""

import asyncio
import json
import os
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest
from joserfc.jwk import ECKey
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import InvalidInput, Unavailable
from domain.ids import new_id
from server.api.serve import serve
from server.bootstrap import application_of, bootstrap
from server.postgres.directory import PostgresDirectory
from server.seed import DEMO_EMAIL, DEMO_PASSWORD, DEMO_TENANT, seed_demo
from server.settings import Settings
from server.terminal.own_server import free_port
from services.actor import Actor
from services.campaigns import CreateCampaign
from tests.conftest import NewActor
from tests.server.api.conftest import CAMPAIGN

PEM = ECKey.generate_key("P-256").as_pem(private=True).decode()
ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(app_url: str, redis_url: str) -> Settings:
    return Settings(
        database_url=app_url, redis_url=redis_url, signing_key=SecretStr(PEM), server_secret=SecretStr("s" * 32)
    )


@pytest.mark.parametrize("missing", ["database_url", "redis_url", "signing_key", "server_secret"])
async def test_what_is_missing_is_named(settings: Settings, missing: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with bootstrap(settings.model_copy(update={missing: None})):
            pass
    assert refused.value.field == missing


async def test_a_signing_key_that_is_none(settings: Settings) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with bootstrap(settings.model_copy(update={"signing_key": SecretStr("x")})):
            pass
    assert refused.value.code == "bad_signing_key"


async def test_the_worker_gets_the_capabilities_without_agents(settings: Settings, tenant: NewActor) -> None:
    async with application_of(settings) as application:
        actor: Actor = await tenant()
        made = await application.campaigns.create(actor, CreateCampaign.model_validate(CAMPAIGN))
        assert (await application.queries.campaign(actor, made.id)) == made


async def test_the_demo_tenant_is_made_once_with_its_people(settings: Settings, engine: AsyncEngine) -> None:
    await seed_demo(settings)
    await seed_demo(settings)
    async with application_of(settings) as application:
        user_id = (await application.accounts.sign_in(DEMO_EMAIL, DEMO_PASSWORD, "a test")).user_id
        (tenant,) = await application.directory.tenants_of(user_id)
        assert tenant.name == DEMO_TENANT
        actor = await application.sign_in.enter(user_id, tenant.tenant_id)  # type: ignore[arg-type]  # a TenantId by its type
        members = await application.queries.members(actor)
    assert sorted(member.role for member in members) == ["analyst", "owner", "planner", "viewer"]
    colleague = await PostgresDirectory(engine).credentials("priya@example.com")
    assert colleague
    assert colleague[1] == ""


async def test_colleagues_that_are_missing_are_added(settings: Settings, engine: AsyncEngine, admin_url: str) -> None:
    await seed_demo(settings)
    found = await PostgresDirectory(engine).credentials("noor@example.com")
    assert found
    with closing(psycopg.connect(admin_url, autocommit=True)) as admin:
        for table, key in (("memberships", "user_id"), ("users", "id")):
            admin.execute(sql.SQL("DELETE FROM {} WHERE {} = %s").format(*map(sql.Identifier, (table, key))), found[:1])
    await seed_demo(settings)
    assert await PostgresDirectory(engine).credentials("noor@example.com")


async def test_an_older_schema_is_refused_with_the_command_that_mends_it(settings: Settings, admin_url: str) -> None:
    """The administrator's own database has no schema at all."""
    bare = admin_url.replace("/mediaplanner", "/postgres")
    assert bare != admin_url
    with pytest.raises(Unavailable, match="mediaplanner migrate") as refused:
        await serve(settings.model_copy(update={"database_url": bare}), tuple)
    assert refused.value.code == "schema_outdated"


async def test_a_port_in_use_is_one_line(settings: Settings) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port} on 127.0.0.1 is in use") as refused:
            await serve(settings.model_copy(update={"port": port}), tuple)
    assert refused.value.code == "port_in_use"


SERVER = """
import asyncio
from server.api.serve import serve
from server.settings import Settings
asyncio.run(serve(Settings(), tuple))
"""


async def test_open_streams_are_told_to_reconnect_and_the_process_ends(settings: Settings, tenant: NewActor) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "MP_DATABASE_URL": str(settings.database_url),
        "MP_REDIS_URL": str(settings.redis_url),
        "MP_SIGNING_KEY": PEM,
        "MP_SERVER_SECRET": "s" * 32,
        "MP_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, env=environment, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    actor = await tenant()
    async with bootstrap(settings) as system:
        token = system.tokens.issue(actor.user_id, new_id())
    root = f"http://127.0.0.1:{port}/api/v1/tenants/{actor.tenant_id}"
    try:
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            await _answering(client, f"http://127.0.0.1:{port}/readyz")
            session = (await client.post(f"{root}/sessions")).json()["id"]
            async with client.stream("GET", f"{root}/sessions/{session}/events") as stream:
                lines = stream.aiter_lines()
                assert await anext(lines) == "retry: 1000"
                process.send_signal(signal.SIGTERM)
                told = [line async for line in lines]
        assert any('"reconnect"' in line for line in told)
        _, logged = await process.communicate()
        assert process.returncode in (0, -signal.SIGTERM)
        assert {json.loads(line)["event"] for line in logged.decode().splitlines()} >= {"request"}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _answering(client: httpx.AsyncClient, url: str) -> None:
    while True:
        try:
            (await client.get(url)).raise_for_status()
            return
        except httpx.TransportError:
            await asyncio.sleep(0.1)
