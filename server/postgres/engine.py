"""The connection pool."""

from typing import Any

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.postgres.errors import translate

_POOL_WAIT_SECONDS = 10.0
_CONNECT_SECONDS = 5.0


def open_engine(url: str, *, pool_size: int, statement_timeout_ms: int) -> AsyncEngine:
    """For a libpq URL, sockets and sslmode included. Connects when first used. A timeout of 0 means none.

    Driver errors leave it as DomainErrors (errors.py). A connection that died while it waited in the pool is
    replaced unseen; to be closed with `dispose`.
    """

    async def connect(*_: Any, **__: Any) -> asyncpg.Connection:
        return await asyncpg.connect(
            url,
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
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: DBAPIConnection, *_: object) -> None:
    """The pool opens another one then. Asking the server, as `pool_pre_ping` does, is a round trip per transaction;
    the event loop has heard already that a connection was closed.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()
