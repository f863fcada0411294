"""Reading for one tenant: nothing else is seen, nothing is written, driver errors don't come through."""

import pytest
from sqlalchemy import delete, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Forbidden, InvalidInput, NotFound
from server.postgres import tables
from server.postgres.tenant_reader import TenantReader
from tests.server.postgres.rows import Rows


class Probe(TenantReader):
    async def settings(self, rows: Rows) -> tuple[object, ...]:
        statement = select(
            func.current_setting("role"),
            func.current_setting("app.tenant_id"),
            func.current_setting("transaction_read_only"),
        )
        return tuple(await self._row(rows.tenant_id, statement, NotFound("nothing")))

    async def campaigns_of_everybody(self, rows: Rows) -> list[str]:
        return [row.name for row in await self._rows(rows.tenant_id, select(tables.campaigns.c.name))]

    async def remove(self, rows: Rows) -> None:
        async with self._reading(rows.tenant_id) as connection:
            await connection.execute(delete(tables.sessions))

    async def echo(self, rows: Rows, said: str) -> None:
        await self._rows(rows.tenant_id, select(literal(said)))


async def test_a_reader_steps_down_and_names_its_tenant(engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    assert await Probe(engine).settings(rows) == ("app_ro", str(rows.tenant_id), "on")
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT current_user, nullif(current_setting('app.tenant_id', true), '')")
        )
        assert tuple(found.one()) == ("app_rw", None)


async def test_row_level_security_holds_where_a_query_forgets_the_tenant(engine: AsyncEngine) -> None:
    ours, theirs = await Rows.of_new_tenant(engine), await Rows.of_new_tenant(engine)
    await ours.campaign("Ours")
    await theirs.campaign("Theirs")
    assert await Probe(engine).campaigns_of_everybody(ours) == ["Ours"]


async def test_nothing_is_written(engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    with pytest.raises(Forbidden) as refused:
        await Probe(engine).remove(rows)
    assert refused.value.code == "read_only"


async def test_a_driver_error_becomes_a_domain_error(engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    with pytest.raises(InvalidInput):
        await Probe(engine).echo(rows, "nul \x00 byte")
