"""A transaction's opening settings are its own: nobody who borrows the connection later has them."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import Text, bindparam, column, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Unavailable
from domain.ids import TenantId, new_id
from server.postgres import tables
from server.postgres.engine import beginning_with, open_engine
from server.postgres.statements import Statement, constant
from server.postgres.transaction import begun, begun_with
from services.ports import WakeupKind

SETTING = "app.tenant_id"
ASKED = Statement(select(func.coalesce(func.current_setting(SETTING, True), "").label("setting")))
BACKEND = Statement(select(func.pg_backend_pid().label("pid")))
FAILING = Statement(select((literal(1) / bindparam("by")).label("never")))
SLEEPING = Statement(select(func.pg_sleep(bindparam("seconds")).label("slept")))


@pytest.fixture
async def small(app_url: str) -> AsyncIterator[AsyncEngine]:
    """One connection, so that a test knows which one it gets."""
    engine = open_engine(app_url, pool_size=1, statement_timeout_ms=2_000)
    yield engine
    await engine.dispose()


async def setting_of_the_next(small: AsyncEngine) -> str:
    async with small.connect() as connection:
        return await connection.scalar(select(func.current_setting(SETTING, True))) or ""


async def test_they_end_with_it(small: AsyncEngine) -> None:
    async with begun_with(small, {SETTING: "one"}) as transaction:
        assert await transaction.value(ASKED) == "one"
        await transaction.commit()
        assert await transaction.value(ASKED) == ""
    assert await setting_of_the_next(small) == ""


async def test_and_where_nothing_is_committed(small: AsyncEngine) -> None:
    async with begun_with(small, {SETTING: "one"}) as transaction:
        assert await transaction.value(ASKED) == "one"
    assert await setting_of_the_next(small) == ""


async def test_sqlalchemys_statements_are_part_of_it(small: AsyncEngine) -> None:
    tenant_id = TenantId(new_id())
    note = {"kind": WakeupKind.TURN, "tenant_id": tenant_id, "id": new_id(), "due_at": func.now()}
    for commits in (False, True):
        async with begun(small, tenant_id) as transaction:
            await transaction.connection.execute(insert(tables.wakeups).values(note))
            assert await transaction.connection.scalar(text(f"SELECT current_setting('{SETTING}')")) == str(tenant_id)
            if commits:
                await transaction.commit()
        async with small.connect() as connection:
            found = await connection.execute(select(tables.wakeups).where(tables.wakeups.c.tenant_id == tenant_id))
            assert len(found.all()) == commits
            assert await connection.get_isolation_level() == "READ COMMITTED"


async def test_after_one_that_could_not_begin(small: AsyncEngine) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError):
        async with begun_with(small, {SETTING: "one", "role": "nobody"}):
            raise AssertionError("unreachable")
    assert await setting_of_the_next(small) == ""


async def test_after_a_statement_that_failed(small: AsyncEngine) -> None:
    async with begun_with(small, {SETTING: "one"}) as transaction:
        before = await transaction.value(BACKEND)
    with pytest.raises(Exception, match="division by zero"):
        async with begun_with(small, {SETTING: "one"}) as transaction:
            await transaction.row(FAILING, {"by": 0})
    async with begun_with(small, {SETTING: "two"}) as transaction:
        assert await transaction.value(ASKED) == "two"
        assert await transaction.value(BACKEND) == before


async def test_what_has_failed_is_not_committed(small: AsyncEngine) -> None:
    async with begun_with(small, {SETTING: "one"}) as transaction:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await transaction.row(FAILING, {"by": 0})
        with pytest.raises(RuntimeError):
            await transaction.commit()


async def test_after_somebody_who_was_cancelled_within_a_statement(small: AsyncEngine) -> None:
    async def sleep() -> None:
        async with begun_with(small, {SETTING: "one"}) as transaction:
            await transaction.row(SLEEPING, {"seconds": 1.5})

    sleeping = asyncio.create_task(sleep())
    await asyncio.sleep(0.2)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert await setting_of_the_next(small) == ""


async def test_after_a_connection_that_broke(small: AsyncEngine, admin_url: str) -> None:
    async with begun_with(small, {SETTING: "one"}) as transaction:
        pid = await transaction.value(BACKEND)
        other = open_engine(admin_url, pool_size=1, statement_timeout_ms=2_000)
        async with other.connect() as connection:
            await connection.execute(select(func.pg_terminate_backend(pid)))
        await other.dispose()
        with pytest.raises(Unavailable):
            await transaction.value(ASKED)
    assert await setting_of_the_next(small) == ""


def test_only_plain_words() -> None:
    for value in ("o'clock", "\\", "a;b", "a\x00b"):
        with pytest.raises(ValueError, match="plain"):
            beginning_with({SETTING: value})


def test_a_parameter_without_a_value_is_refused() -> None:
    statement = Statement(select(column("x", Text)).where(column("x", Text) == bindparam("given")))
    assert statement.arguments({"given": "a"}) == ["a"]
    with pytest.raises(KeyError):
        statement.arguments({})


def test_a_constant_is_no_parameter() -> None:
    statement = Statement(select(tables.wakeups.c.id).where(tables.wakeups.c.kind == constant(WakeupKind.TURN)))
    assert "= 'turn'" in statement.sql
    assert statement.arguments({}) == []
