"""The composition root: what the product is made of, opened in order and closed in the opposite one."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import InvalidInput
from server.identity.passwords import Argon2Passwords
from server.identity.tokens import AccessTokens
from server.postgres.directory import PostgresDirectory
from server.postgres.engine import open_engine
from server.postgres.event_reader import PostgresEventReader
from server.postgres.queries import PostgresQueries
from server.postgres.unit_of_work import PostgresWork
from server.postgres.wakeups import PostgresWakeups
from server.redis.live_feed import RedisFeed
from server.settings import Settings
from services.application import Application, Drivers, Limits, assemble

if TYPE_CHECKING:
    from agents.runner import TurnRunner

log = logging.getLogger(__name__)

DRAIN_SECONDS = 1.5
RECOVERY_SECONDS = 2.0


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Connections:
    """What has to be opened and closed."""

    engine: AsyncEngine
    feed: RedisFeed
    passwords: Argon2Passwords


@dataclass(frozen=True, slots=True)
class System:
    """The running product, as the API needs it."""

    settings: Settings
    application: Application
    runner: "TurnRunner"
    tokens: AccessTokens
    connections: Connections


@asynccontextmanager
async def application_of(settings: Settings) -> AsyncIterator[Application]:
    """The capabilities alone, without agents: for the worker. Raises InvalidInput without the URLs."""
    async with _connections(settings) as connections:
        yield _application(settings, connections)


@asynccontextmanager
async def bootstrap(settings: Settings) -> AsyncIterator[System]:
    """With agents, and turns that run until the block ends. Raises InvalidInput for settings that lack something."""
    if settings.signing_key is None:
        raise _missing("signing_key")
    tokens = AccessTokens(settings.signing_key.get_secret_value(), SystemClock())
    async with _connections(settings) as connections:
        application = _application(settings, connections)
        async with _turn_runner(settings, application) as runner:
            yield System(settings, application, runner, tokens, connections)


@asynccontextmanager
async def _connections(settings: Settings) -> AsyncIterator[Connections]:
    engine = open_engine(
        _url(settings), pool_size=settings.database_pool_size, statement_timeout_ms=settings.statement_timeout_ms
    )
    if settings.redis_url is None:
        raise _missing("redis_url")
    feed = RedisFeed(settings.redis_url)
    with closing(Argon2Passwords()) as passwords:
        try:
            yield Connections(engine, feed, passwords)
        finally:
            await feed.aclose()
            await engine.dispose()


def _application(settings: Settings, connections: Connections) -> Application:
    clock, engine, feed = SystemClock(), connections.engine, connections.feed
    drivers = Drivers(
        begin=PostgresWork(engine, clock, feed.publish),
        queries=PostgresQueries(engine),
        directory=PostgresDirectory(engine),
        wakeups=PostgresWakeups(engine),
        events=PostgresEventReader(engine),
        feed=feed,
        clock=clock,
        hasher=connections.passwords,
    )
    limits = Limits(turn_lease_seconds=settings.turn_lease_seconds, message_chars=settings.message_limit_chars)
    return assemble(drivers, limits)


@asynccontextmanager
async def _turn_runner(settings: Settings, application: Application) -> AsyncIterator["TurnRunner"]:
    from agents.journaling import Journals  # the worker needs none of this, and it takes a second to import
    from agents.models import chat_models
    from agents.runner import TurnRunner
    from agents.supervisor import build
    from server.postgres.checkpoints import TenantPostgresSaver, open_pool

    journals = Journals()
    models = chat_models(settings.model, base_url=settings.model_base_url)
    async with open_pool(_url(settings), settings.checkpoint_pool_size) as pool:
        saver = TenantPostgresSaver(pool)
        runner = TurnRunner(
            application,
            build(application, models, journals).compile(checkpointer=saver),
            journals,
            saver.tenant,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            lease_seconds=settings.turn_lease_seconds,
            turn_seconds=settings.turn_seconds,
        )
        sweeping = asyncio.create_task(_recover(runner), name="recovery of turns")
        try:
            yield runner
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
            await runner.drain(DRAIN_SECONDS)


async def _recover(runner: "TurnRunner") -> None:
    while True:
        try:
            await runner.recover()
        except Exception:  # the next sweep is the remedy; without sweeps lost turns would stay lost
            log.warning("looking for lost turns failed", exc_info=True)
        await asyncio.sleep(RECOVERY_SECONDS)


def _url(settings: Settings) -> str:
    if settings.database_url is None:
        raise _missing("database_url")
    return settings.database_url


def _missing(name: str) -> InvalidInput:
    return InvalidInput(f"MP_{name.upper()} is not set.", code="setting_missing", field=name)
