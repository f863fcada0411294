"""A transaction's opening settings are its own: nobody who borrows the connection later has them."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import Unavailable
from server.postgres.engine import begin_with, open_engine

SETTING = "app.tenant_id"


@pytest.fixture
async def small(app_url: str) -> AsyncIterator[AsyncEngine]:
    """One connection, so that a test knows which one it gets."""
    engine = open_engine(app_url, pool_size=1, statement_timeout_ms=2_000)
    yield engine
    await engine.dispose()


async def setting(connection: AsyncConnection) -> str:
    return await connection.scalar(select(func.current_setting(SETTING, True))) or ""


async def test_they_end_with_it(small: AsyncEngine) -> None:
    async with small.connect() as connection:
        begin_with(connection, {SETTING: "one"})
        assert await setting(connection) == "one"
        await connection.rollback()
        assert await setting(connection) == ""


async def test_a_transaction_that_was_never_begun_leaves_none(small: AsyncEngine) -> None:
    async with small.connect() as connection:
        begin_with(connection, {SETTING: "one"})
    async with small.connect() as connection:
        assert await setting(connection) == ""


async def test_after_one_that_could_not_begin(small: AsyncEngine) -> None:
    async with small.connect() as connection:
        begin_with(connection, {SETTING: "one", "role": "nobody"})
        with pytest.raises(Unavailable):
            await setting(connection)
    async with small.connect() as connection:
        assert await setting(connection) == ""


async def test_only_plain_words(small: AsyncEngine) -> None:
    async with small.connect() as connection:
        for value in ("o'clock", "\\", "a;b", "a\x00b"):
            with pytest.raises(ValueError, match="plain"):
                begin_with(connection, {SETTING: value})
