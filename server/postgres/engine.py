"""The connection pool, and how a transaction begins on one of its connections."""

import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.postgres.errors import translate
from server.postgres.types import json_text

_POOL_WAIT_SECONDS = 10.0
_CONNECT_SECONDS = 5.0
_PLAIN = re.compile(r"[\w .:-]*")  # ids, digests and names of roles


def beginning_with(settings: Mapping[str, str]) -> str:
    """A transaction's first words, in one message: its settings, which end with it."""
    return f"BEGIN; {setting(settings)}"


def setting(settings: Mapping[str, str]) -> str:
    """For the transaction alone: a setting of the connection would be the next borrower's too."""
    pairs = [f"set_config('{_plain(name)}', '{_plain(value)}', true)" for name, value in settings.items()]
    return f"SELECT {', '.join(pairs)}"


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
        pool_use_lifo=True,  # few connections that know their statements, rather than many that half do
        json_serializer=json_text,
        hide_parameters=True,
        json_deserializer=orjson.loads,
    )
    event.listen(engine.sync_engine, "handle_error", translate, retval=True)
    event.listen(engine.sync_engine, "checkout", _is_open)
    return engine


def _is_open(connection: DBAPIConnection, *_: object) -> None:
    """The pool opens another one for a connection that was closed. Asking the server, as `pool_pre_ping` does, is a
    round trip per transaction; the event loop has heard of it already.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError
