"""The connection pool, and how a transaction begins on one of its connections."""

import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from server.postgres.errors import translate

_POOL_WAIT_SECONDS = 10.0
_CONNECT_SECONDS = 5.0
_PLAIN = re.compile(r"[\w .:-]*")  # ids, digests and names of roles


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Its next transaction begins with `opening`: one round trip less than a statement of its own."""

    opening = ""

    async def execute(self, query: str, *args: object, **options: float | None) -> str:
        if not self.opening or not query.startswith("BEGIN"):
            return str(await super().execute(query, *args, **options))
        opening, self.opening = self.opening, ""
        try:
            return str(await super().execute(query + opening, **options))
        except BaseException:  # cancelled ones too
            self.terminate()  # who knows how far it came: nobody may borrow a half begun transaction
            raise


def begin_with(connection: AsyncConnection, settings: Mapping[str, str]) -> None:
    """For the connection's next transaction alone, and from its first statement on.

    A setting of the connection would be the next borrower's too.
    """
    pairs = [f"set_config('{_plain(name)}', '{_plain(value)}', true)" for name, value in settings.items()]
    _driver(connection).opening = "SELECT " + ", ".join(pairs)


def _driver(connection: AsyncConnection) -> Connection:
    assert connection.sync_connection, "asked for when it is open"
    driver = connection.sync_connection.connection.driver_connection
    assert isinstance(driver, Connection), "of a pool of this module"
    return driver


def _plain(value: str) -> str:
    """What is written into a statement can't leave its quotes."""
    if not _PLAIN.fullmatch(value):
        raise ValueError("a setting of a transaction is a plain word")
    return value


def open_engine(url: str, *, pool_size: int, statement_timeout_ms: int) -> AsyncEngine:
    """For a libpq URL, sockets and sslmode included. Connects when first used. A timeout of 0 means none.

    Driver errors leave it as DomainErrors (errors.py). A connection that died while it waited in the pool is
    replaced unseen; to be closed with `dispose`.
    """

    async def connect(*_: Any, **__: Any) -> asyncpg.Connection:
        return await asyncpg.connect(
            url,
            connection_class=Connection,
            timeout=_CONNECT_SECONDS,
            server_settings={
                "application_name": "media-planner",
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": str(statement_timeout_ms * 4),
            },
        )

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_SECONDS,
        json_serializer=_json,
        hide_parameters=True,
        json_deserializer=orjson.loads,
    )
    event.listen(engine.sync_engine, "handle_error", translate, retval=True)
    event.listen(engine.sync_engine, "checkout", _as_new)
    return engine


def _as_new(connection: DBAPIConnection, *_: object) -> None:
    """Nothing is left of the borrower before, and the pool opens another one for a connection that was closed. Asking
    the server, as `pool_pre_ping` does, is a round trip per transaction; the event loop has heard of it already.
    """
    connection.driver_connection.opening = ""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()
