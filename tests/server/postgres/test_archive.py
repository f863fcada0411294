"""A tenant's archive: everything of one moment, nothing of anybody else, no secrets."""

import io
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.channels import Channel
from domain.ids import CampaignId, TenantId, UserId, new_id
from domain.tenants import Role
from server.postgres import tables as t
from server.postgres.archive import FORMAT, archived
from server.postgres.estates import PostgresEstates, tables_of_tenants
from server.postgres.unit_of_work import PostgresWork
from tests.conftest import NewActor
from tests.contracts.samples import DONE, file
from tests.fakes.clock import FakeClock
from tests.fakes.files import InMemoryFileStore
from tests.fakes.unit_of_work import unpublished
from tests.server.postgres.filled import fill
from tests.server.postgres.rows import Rows, weeks

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store() -> InMemoryFileStore:
    return InMemoryFileStore(FakeClock(NOW))


@pytest.fixture
def estates(engine: AsyncEngine, store: InMemoryFileStore) -> PostgresEstates:
    return PostgresEstates(engine, FakeClock(NOW), store)


async def test_it_has_every_row_of_the_tenant_and_counts_them(
    estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor
) -> None:
    actor, neighbour = await tenant(), await tenant()
    for one in (actor, neighbour):
        await fill(engine, one)
    found = await _contents(await estates.export(actor.tenant_id))
    manifest = found.pop("manifest.json")[0]
    assert (manifest["format"], manifest["exported_at"]) == (FORMAT, "2026-03-01T12:00:00+00:00")
    assert (manifest["tenant"]["id"], manifest["tenant"]["name"]) == (str(actor.tenant_id), "Acme")
    assert manifest["rows"] == {name.removesuffix(".ndjson"): len(rows) for name, rows in found.items()}
    assert manifest["rows"] == {**await _counts(engine, actor.tenant_id), "people": 1, "checkpoint_threads": 0}
    for name, rows in found.items():
        assert all(row.get("tenant_id", str(actor.tenant_id)) == str(actor.tenant_id) for row in rows), name


async def test_values_are_as_they_are_stored(estates: PostgresEstates, engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine, "Größe & Co")
    campaign_id = await rows.campaign("日本 🌷", minor=123, markets=["JP"])
    await rows.plan(campaign_id, {Channel.SEARCH: weeks(100, 23)})
    ben = await rows.user(UserId(new_id()), "Ben")
    await rows.member(ben, Role.PLANNER)
    thread = await _thread(engine, rows.tenant_id)
    found = await _contents(await estates.export(rows.tenant_id))
    (campaign,) = found["campaigns.ndjson"]
    assert (campaign["id"], campaign["name"], campaign["budget_minor"], campaign["markets"]) == (
        *(str(campaign_id), "日本 🌷"),
        *(123, ["JP"]),
    )
    (line,) = found["plan_lines.ndjson"]
    assert [week["budget_minor"] for week in line["weeks"]] == [100, 23]
    assert sorted((one["name"], one["role"]) for one in found["people.ndjson"]) == [
        ("Ada", "owner"),
        ("Ben", "planner"),
    ]
    assert {one["email"] for one in found["people.ndjson"]} == {f"{id}@example.com" for id in (rows.user_id, ben)}
    assert found["checkpoint_threads.ndjson"] == [{"thread_id": thread, "checkpoints": 1}]


async def test_files_are_in_it_as_they_are_and_those_that_are_gone_are_named(
    estates: PostgresEstates, engine: AsyncEngine, tenant: NewActor, store: InMemoryFileStore
) -> None:
    actor, neighbour = await tenant(), await tenant()
    kept, gone, foreign = file(actor, "Größe.csv")[0], file(actor)[0], file(neighbour)[0]
    for one, by in ((kept, actor), (gone, actor), (foreign, neighbour)):
        async with PostgresWork(engine, FakeClock(), unpublished)(by) as work:
            work.files.add(one)
            await work.commit(DONE)
    store.bytes = {(one.tenant_id, one.id): (b"a\xff\x00", NOW) for one in (kept, foreign)}
    data = b"".join([piece async for piece in await estates.export(actor.tenant_id)])
    with ZipFile(io.BytesIO(data)) as archive:
        named = [name for name in archive.namelist() if name.startswith("files/")]
        assert named == [f"files/{kept.id}/Größe.csv"]
        assert archive.read(named[0]) == b"a\xff\x00"
        assert json.loads(archive.read("manifest.json"))["missing_files"] == [str(gone.id)]


async def test_no_secret_is_in_it(estates: PostgresEstates, engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    await fill(engine, rows.actor)
    for name, found in (await _contents(await estates.export(rows.tenant_id))).items():
        assert "hash of Ada" not in json.dumps(found), name
        assert "digest of " not in json.dumps(found), name
    async with engine.connect() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(rows.tenant_id)})
        stored = await connection.scalars(
            text("SELECT token_digest FROM invitations UNION SELECT token_digest FROM service_tokens")
        )
        assert all(digest.startswith("digest of ") for digest in stored)


async def test_all_of_it_is_of_one_moment(engine: AsyncEngine, app_url: str) -> None:
    """Somebody adds a campaign after the first table was read and before the campaigns are."""
    rows = await Rows.of_new_tenant(engine)
    await rows.campaign("There before")
    late = CampaignId(new_id())

    class Meanwhile(Sequence[Table]):
        def __iter__(self) -> Iterator[Table]:
            with psycopg.connect(app_url) as other:
                other.execute("SELECT set_config('app.tenant_id', %s, true)", [str(rows.tenant_id)])
                other.execute(
                    "CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM campaigns; "
                    f"UPDATE copied SET id = '{late}', name = 'Too late'; INSERT INTO campaigns SELECT * FROM copied"
                )
            return iter([t.campaigns])

        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: Any) -> Any:
            return [t.campaigns][index]

    with (
        await archived(engine, rows.tenant_id, Meanwhile(), NOW, InMemoryFileStore(FakeClock(NOW))) as file,
        ZipFile(file) as archive,
    ):
        (first,) = archive.read("campaigns.ndjson").splitlines()
    assert json.loads(first)["name"] == "There before"
    assert (await _counts(engine, rows.tenant_id))["campaigns"] == 2


async def test_more_rows_than_a_batch(estates: PostgresEstates, engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    session_id = await rows.session()
    statement = text(
        "INSERT INTO events (tenant_id, session_id, seq, type, data, ts) "
        "SELECT :tenant, :session, n, 'job', '{}', now() FROM generate_series(1, 1234) n"
    )
    async with engine.begin() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(rows.tenant_id)})
        await connection.execute(statement, {"tenant": rows.tenant_id, "session": session_id})
    events = (await _contents(await estates.export(rows.tenant_id)))["events.ndjson"]
    assert [event["seq"] for event in events] == list(range(1, 1235))


async def test_a_reader_that_goes_away_leaves_nothing_open(estates: PostgresEstates, tenant: NewActor) -> None:
    pieces = await estates.export((await tenant()).tenant_id)
    assert (await anext(pieces)).startswith(b"PK")
    await pieces.aclose()  # type: ignore[attr-defined]
    with pytest.raises(StopAsyncIteration):
        await anext(pieces)


async def _contents(pieces: AsyncIterator[bytes]) -> dict[str, list[Any]]:
    data = b"".join([piece async for piece in pieces])
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            if name.endswith(".ndjson")
            else [json.loads(archive.read(name))]
            for name in archive.namelist()
        }


async def _counts(engine: AsyncEngine, tenant_id: TenantId) -> dict[str, int]:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(tenant_id)})
        return {
            str(one.name): await connection.scalar(select(func.count()).select_from(one)) or 0
            for one in tables_of_tenants()
        }


async def _thread(engine: AsyncEngine, tenant_id: TenantId) -> str:
    thread = str(new_id())
    async with engine.begin() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(tenant_id)})
        await connection.execute(
            text("INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES (:thread, 'c', '{}')"),
            {"thread": thread},
        )
    return thread
