"""What the product stands on: embedded parts for the URLs that are not set, the schema, the demo tenant."""

import errno
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass

from pydantic import SecretStr

from domain.errors import InvalidInput, Unavailable
from server.embedded.home import refuse_held
from server.embedded.parts import Parts, PartStatus, start_parts
from server.embedded.probes import place, probe_postgres, probe_redis, probe_temporal
from server.embedded.server_secret import server_secret
from server.embedded.signing_key import signing_key
from server.settings import Settings

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stack:
    """`settings` has every address that is known; that of a Temporal still being built comes later."""

    settings: Settings
    parts: Parts | None
    external: list[PartStatus]

    async def temporal_address(self) -> str:
        """Waits for it. Raises Unavailable with the reason when it can't be had."""
        if self.settings.temporal_address:
            return self.settings.temporal_address
        assert self.parts, "an address that is not set is that of a part"
        return await self.parts.temporal_ready()

    def status(self) -> list[PartStatus]:
        return [*self.external, *(self.parts.status() if self.parts else [])]


@asynccontextmanager
async def open_stack(settings: Settings, announce: Announce) -> AsyncIterator[Stack]:
    """Raises a DomainError of one line where the product could not serve with these settings."""
    refuse_unserviceable(settings)
    external = await _reach_external(settings)
    async with _own_parts(settings, announce) as parts:
        filled = settings.model_copy(update=_addresses(settings, parts))
        if parts and settings.embedded:
            await _prepare_database(filled, parts)
        yield Stack(filled, parts, external)


def refuse_unserviceable(settings: Settings) -> None:
    """Raises InvalidInput for settings that contradict each other."""
    if settings.embedded:
        return
    if settings.demo:
        reason = "MP_DATABASE_URL is set: the demo user lives on the embedded database only; set MP_DEMO=false"
        raise InvalidInput(reason, field="demo")
    if settings.signing_key is None:
        reason = "MP_DATABASE_URL is set, so MP_SIGNING_KEY must be: a P-256 private key as PEM"
        raise InvalidInput(reason, field="signing_key")
    if settings.server_secret is None:
        reason = "MP_DATABASE_URL is set, so MP_SERVER_SECRET must be: 32 random bytes or more, kept for good"
        raise InvalidInput(reason, field="server_secret")


def refuse_second_start(settings: Settings) -> None:
    """Raises Unavailable `home_in_use`; said before the port is looked at, which the first start holds too."""
    if not _all_external(settings):
        refuse_held(settings.home)


def refuse_taken_port(host: str, port: int) -> None:
    """Raises Unavailable `port_in_use`, or `host_unusable` for an address that is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"port {port} on {host} is in use: stop what listens there, or set MP_PORT"
                raise Unavailable(reason, code="port_in_use") from error
            reason = f"can't listen on {host}, port {port} ({error.strerror}): check MP_HOST and MP_PORT"
            raise Unavailable(reason, code="host_unusable") from error


async def refuse_old_schema(database_url: str) -> None:
    """Raises Unavailable `schema_outdated`: an external database is migrated on purpose, never by a start."""
    from server.postgres.migrate import schema_is_current

    if not await schema_is_current(database_url):
        reason = "the database has no schema, or an older one: run `mediaplanner migrate`"
        raise Unavailable(reason, code="schema_outdated")


async def migrate(settings: Settings, announce: Announce) -> None:
    """Brings the database to this version's schema. An external one needs both of its URLs."""
    from server.postgres.migrate import migrate

    if settings.database_url and settings.database_admin_url:
        await migrate(settings.database_admin_url, settings.database_url)
    elif settings.database_url or settings.database_admin_url:
        reason = "to migrate an external database, set both MP_DATABASE_ADMIN_URL and MP_DATABASE_URL"
        raise InvalidInput(reason, field="database_admin_url")
    else:
        async with start_parts(settings.home, redis=False, temporal="off", announce=announce) as parts:
            await migrate(parts.database_admin_url, parts.database_url)
    announce("the database has the schema of this version")


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """What a child process needs to find the same parts. The admin's URL is not for children."""
    key, secret = settings.signing_key, settings.server_secret
    values = {
        "MP_DATABASE_URL": settings.database_url,
        "MP_DATABASE_ADMIN_URL": None,
        "MP_REDIS_URL": settings.redis_url,
        "MP_TEMPORAL_ADDRESS": settings.temporal_address,
        "MP_SIGNING_KEY": key.get_secret_value() if key else None,
        "MP_SERVER_SECRET": secret.get_secret_value() if secret else None,
    }
    others = {name: value for name, value in inherited.items() if name not in values}
    return others | {name: value for name, value in values.items() if value}


def _own_parts(settings: Settings, announce: Announce) -> AbstractAsyncContextManager[Parts | None]:
    if _all_external(settings):
        return nullcontext()
    return start_parts(
        settings.home,
        postgres=settings.embedded,
        redis=settings.redis_url is None,
        temporal="off" if settings.temporal_address else "background",
        announce=announce,
        temporal_download=settings.temporal_download,
    )


def _all_external(settings: Settings) -> bool:
    return bool(settings.database_url and settings.redis_url and settings.temporal_address)


def _addresses(settings: Settings, parts: Parts | None) -> Mapping[str, object]:
    found: dict[str, object] = {}
    if parts and settings.database_url is None:
        found |= {"database_url": parts.database_url, "database_admin_url": parts.database_admin_url}
    if parts and settings.redis_url is None:
        found["redis_url"] = parts.redis_url
    if settings.signing_key is None:
        found["signing_key"] = SecretStr(signing_key(settings.home))
    if settings.server_secret is None:
        found["server_secret"] = SecretStr(server_secret(settings.home))
    return found


async def _prepare_database(settings: Settings, parts: Parts) -> None:
    from server.postgres.migrate import migrate
    from server.seed import seed_demo

    await migrate(parts.database_admin_url, parts.database_url)
    if settings.demo:
        await seed_demo(settings)


async def _reach_external(settings: Settings) -> list[PartStatus]:
    """A database or Redis out of reach is an error; without Temporal the product serves, and jobs wait."""
    reached = []
    if url := settings.database_url:
        reached.append(await _reach("postgres", "MP_DATABASE_URL", place(url), probe_postgres(url)))
        await refuse_old_schema(url)
    if url := settings.redis_url:
        reached.append(await _reach("redis", "MP_REDIS_URL", place(url), probe_redis(url)))
    if address := settings.temporal_address:
        answer = probe_temporal(address, settings.temporal_namespace)
        try:
            reached.append(await _reach("temporal", "MP_TEMPORAL_ADDRESS", address, answer))
        except Unavailable as error:
            reached.append(PartStatus("temporal", address, None, error.message))
    return reached


async def _reach(name: str, variable: str, where: str, answer: Awaitable[None]) -> PartStatus:
    started = time.monotonic()
    try:
        await answer
    except Unavailable as error:
        raise Unavailable(f"{variable}: {error.message}", code=error.code) from error
    return PartStatus(name, where, time.monotonic() - started)
