"""Serving the API until it is told to stop."""

import asyncio
import errno
import gc
import socket
from contextlib import closing
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from domain.errors import InvalidInput, Unavailable
from server.api.app import create_app
from server.api.health import PartsStatus
from server.bootstrap import DRAIN_SECONDS, System, bootstrap
from server.postgres.migrate import schema_is_current
from server.settings import Settings
from server.telemetry import configure_logging

if TYPE_CHECKING:
    from agents.models import ChatModels

_LEAVE_SECONDS = 3  # open streams have said goodbye by then, and the turns have had their own grace beside it
IDLE_SECONDS = 75  # longer than clients and balancers keep a connection: it is theirs to close, never beside a request
_BACKLOG = 2_048
_GARBAGE = (20_000, 20, 50)  # the standard library's 700 objects are one turn's, none of which is garbage yet


async def serve(settings: Settings, parts_status: PartsStatus, models: "ChatModels | None" = None) -> None:
    """Until SIGINT or SIGTERM. Raises a DomainError of one line where it can't serve: schema, port, settings."""
    if settings.database_url is None:
        raise InvalidInput("MP_DATABASE_URL is not set.", code="setting_missing", field="database_url")
    if not await schema_is_current(settings.database_url):
        raise Unavailable(
            "The database has not the schema of this version: run `mediaplanner migrate` first.",
            code="schema_outdated",
        )
    with closing(_listener(settings.host, settings.port)) as listener:
        configure_logging(settings.log_level)
        async with bootstrap(settings, models) as system:
            config = uvicorn.Config(
                create_app(system, parts_status),
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=settings.trusted_proxies,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=_LEAVE_SECONDS,
            )
            _collect_garbage_less()
            await _Server(config, system).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """The turns' grace begins with the signal, beside the streams' goodbye."""

    def __init__(self, config: uvicorn.Config, system: System) -> None:
        super().__init__(config)
        self._system = system
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self._system.runner.begin_drain, DRAIN_SECONDS)


def _collect_garbage_less() -> None:
    """What is there when serving begins, stays: the collector needn't look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"port {port} on {host} is in use: stop what listens there, or set MP_PORT"
            raise Unavailable(reason, code="port_in_use") from error
        reason = f"can't listen on {host}, port {port} ({error.strerror}): check MP_HOST and MP_PORT"
        raise Unavailable(reason, code="host_unusable") from error
