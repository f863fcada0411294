"""The composition root: what the product is made of, opened in order and closed in the opposite one."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import InvalidInput
from server.clock import SystemClock
from server.documents.readers import PlanFileReader
from server.documents.writers import PLAN_WRITERS
from server.files.place import store_at
from server.identity.derived import DerivedSecrets
from server.identity.google import GoogleSignIn
from server.identity.passwords import Argon2Passwords
from server.identity.tokens import AccessTokens
from server.mail.addressed import post_for
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from server.postgres.directory import PostgresDirectory
from server.postgres.engine import open_engine
from server.postgres.estates import PostgresEstates
from server.postgres.event_reader import PostgresEventReader
from server.postgres.queries import PostgresQueries
from server.postgres.recipients import PostgresRecipients
from server.postgres.unit_of_work import PostgresWork
from server.postgres.wakeups import PostgresWakeups
from server.redis.live_feed import RedisFeed
from server.redis.rate_limits import RedisRateLimits
from server.redis.signals import RedisSignals
from server.settings import Settings
from server.sweeps import Sweep, sweeping, sweeps_of
from services.application import Application, Drivers, Limits, assemble
from services.audit import KEY_LABEL
from services.budgets import USUAL, Budgets
from services.files import FileRules
from services.gateways import FileStore, Post

if TYPE_CHECKING:
    from agents.models import ChatModels
    from agents.runner import TurnRunner

DRAIN_SECONDS = 2.5
RECOVERY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Connections:
    """What has to be opened and closed."""

    engine: AsyncEngine
    feed: RedisFeed
    signals: RedisSignals
    passwords: Argon2Passwords
    secrets: DerivedSecrets
    post: Post
    rate_limits: RedisRateLimits
    google: GoogleSignIn | None
    files: FileStore


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
async def bootstrap(
    settings: Settings, models: "ChatModels | None" = None, *, sweeps: bool = True
) -> AsyncIterator[System]:
    """With agents, and turns that run until the block ends. Raises InvalidInput for settings that lack something.

    `models` answer in the place of those that the settings name. Without `sweeps` another process has to make them.
    """
    if settings.signing_key is None:
        raise _missing("signing_key")
    tokens = AccessTokens(settings.signing_key.get_secret_value(), SystemClock())
    async with _connections(settings) as connections:
        application = _application(settings, connections)
        wanted = sweeps_of(application) if sweeps else []
        async with _turn_runner(settings, application, models) as runner, sweeping(*wanted):
            yield System(settings, application, runner, tokens, connections)


@asynccontextmanager
async def _connections(settings: Settings) -> AsyncIterator[Connections]:
    engine = open_engine(
        _url(settings), pool_size=settings.database_pool_size, statement_timeout_ms=settings.statement_timeout_ms
    )
    if settings.redis_url is None:
        raise _missing("redis_url")
    secrets = _secrets(settings)
    webhook_secret = settings.mail_webhook_secret
    async with AsyncExitStack() as opened:
        opened.push_async_callback(engine.dispose)
        feed = await opened.enter_async_context(aclosing(RedisFeed(settings.redis_url)))
        yield Connections(
            engine,
            feed,
            await opened.enter_async_context(aclosing(RedisSignals(settings.redis_url))),
            opened.enter_context(closing(Argon2Passwords())),
            secrets,
            await opened.enter_async_context(
                post_for(
                    settings.mail_url,
                    webhook_secret.get_secret_value() if webhook_secret else None,
                    settings.home / "letters",
                    settings.mail_sender,
                )
            ),
            await opened.enter_async_context(aclosing(RedisRateLimits(settings.redis_url))),
            await _google(settings, secrets, opened),
            _file_store(settings),
        )


def _application(settings: Settings, connections: Connections) -> Application:
    clock, engine, feed = SystemClock(), connections.engine, connections.feed
    drivers = Drivers(
        begin=PostgresWork(engine, clock, feed.publish),
        accounts=PostgresAccounts(engine, clock),
        queries=PostgresQueries(engine),
        directory=PostgresDirectory(engine),
        wakeups=PostgresWakeups(engine),
        events=PostgresEventReader(engine),
        feed=feed,
        signals=connections.signals,
        clock=clock,
        hasher=connections.passwords,
        secrets=connections.secrets,
        post=connections.post,
        rate_limits=connections.rate_limits,
        estates=PostgresEstates(engine, clock, connections.files),
        file_store=connections.files,
        plan_writers=PLAN_WRITERS,
        plan_reader=PlanFileReader(),
        traces=feed,
        audit=PostgresAudit(engine),
        audit_key=connections.secrets.subkey(KEY_LABEL),
        recipients=PostgresRecipients(engine),
        identity_provider=connections.google,
    )
    return assemble(drivers, _limits(settings))


def _limits(settings: Settings) -> Limits:
    return Limits(
        turn_lease_seconds=settings.turn_lease_seconds,
        message_chars=settings.message_limit_chars,
        address=settings.address,
        session_retention=_days(settings.session_retention_days),
        files=FileRules(limit=settings.file_limit_bytes, quota=settings.file_quota_bytes),
        budgets=Budgets(
            turn=replace(USUAL.turn, tokens=settings.turn_tokens, cost_micros=_micros(settings.turn_usd)),
            session=replace(USUAL.session, tokens=settings.session_tokens, cost_micros=_micros(settings.session_usd)),
            tenant_day=replace(
                USUAL.tenant_day, tokens=settings.tenant_day_tokens, cost_micros=_micros(settings.tenant_day_usd)
            ),
        ),
    )


def _file_store(settings: Settings) -> FileStore:
    secret = settings.files_secret_key
    return store_at(
        settings.files_url,
        settings.home / "files",
        endpoint=settings.files_endpoint,
        region=settings.files_region,
        access_key=settings.files_access_key,
        secret_key=secret.get_secret_value() if secret else None,
    )


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


def _micros(dollars: float) -> int:
    return round(dollars * 1_000_000)


@asynccontextmanager
async def _turn_runner(
    settings: Settings, application: Application, models: "ChatModels | None"
) -> AsyncIterator["TurnRunner"]:
    from agents.journaling import Journals  # the worker needs none of this, and it takes a second to import
    from agents.leased import LeasedTurns
    from agents.models import chat_models
    from agents.pricing import Prices
    from agents.runner import TurnRunner
    from agents.supervisor import build
    from server.postgres.checkpoints import TenantPostgresSaver, open_pool

    journals = Journals()
    prices = Prices(settings.model_price_input, settings.model_price_output)
    models = models or chat_models(settings.model, base_url=settings.model_base_url, prices=prices)
    async with open_pool(_url(settings), settings.checkpoint_pool_size) as pool:
        saver = TenantPostgresSaver(pool)
        turns = LeasedTurns(
            application,
            build(application, models, journals).compile(checkpointer=saver),
            journals,
            saver.tenant,
            lease_seconds=settings.turn_lease_seconds,
            turn_seconds=settings.turn_seconds,
            model=models.name,
        )
        runner = TurnRunner(application, turns, owner=f"{socket.gethostname()}:{os.getpid()}")
        try:
            lost = Sweep("looking for lost turns", runner.recover, RECOVERY_SECONDS)
            async with sweeping(lost, Sweep("hearing signals", runner.hear, 0.5)):
                yield runner
        finally:
            await runner.drain(DRAIN_SECONDS)


async def _google(settings: Settings, secrets: DerivedSecrets, opened: AsyncExitStack) -> GoogleSignIn | None:
    if settings.google_client_id is None:
        return None
    if settings.google_client_secret is None:
        raise _missing("google_client_secret")
    google = GoogleSignIn(
        settings.google_issuer,
        settings.google_client_id,
        settings.google_client_secret.get_secret_value(),
        secrets.subkey("sign-in tickets"),
        SystemClock(),
    )
    return await opened.enter_async_context(aclosing(google))


def _secrets(settings: Settings) -> DerivedSecrets:
    if settings.server_secret is None:
        raise _missing("server_secret")
    return DerivedSecrets(settings.server_secret.get_secret_value().encode())


def _url(settings: Settings) -> str:
    if settings.database_url is None:
        raise _missing("database_url")
    return settings.database_url


def _missing(name: str) -> InvalidInput:
    return InvalidInput(f"MP_{name.upper()} is not set.", code="setting_missing", field=name)
