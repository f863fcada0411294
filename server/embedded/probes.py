"""Is it there? Each probe really connects, and raises Unavailable with one line that names no password."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import Unavailable

_PROBE_SECONDS = 5.0


async def probe_postgres(url: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=_PROBE_SECONDS)
        try:
            await connection.fetchval("select 1", timeout=_PROBE_SECONDS)
        finally:
            await connection.close(timeout=_PROBE_SECONDS)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _unavailable("Postgres", place(url), error) from error


async def probe_redis(url: str) -> None:
    client = Redis.from_url(url, socket_timeout=_PROBE_SECONDS, socket_connect_timeout=_PROBE_SECONDS, retry=None)
    try:
        await client.ping()
    except (OSError, ValueError, RedisError) as error:
        raise _unavailable("Redis", place(url), error) from error
    finally:
        await client.aclose()


async def probe_temporal(address: str, namespace: str = "default") -> None:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            client = await Client.connect(address, namespace=namespace)
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except (OSError, RuntimeError, ValueError, RPCError) as error:
        raise _unavailable("Temporal", address, error) from error


def place(url: str) -> str:
    """Where a URL points, for a person to read: no user, no password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.query.removeprefix("host=") or parts.path


def _unavailable(what: str, where: str, error: BaseException) -> Unavailable:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return Unavailable(f"{what} does not answer at {where}: {reason[0]}", code="part_unreachable")
