"""Where the bytes of files lie: whole or not at all, each under its tenant, by ids alone."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import NotFound, Unavailable
from domain.ids import FileId, TenantId, new_id
from server.files.local import LocalFiles
from server.files.s3 import Bucket, S3Files
from services.gateways import FileStore
from tests.fakes.clock import FakeClock
from tests.fakes.files import InMemoryFileStore
from tests.server.absent import nobody
from tests.server.files.moto_server import new_bucket, s3_server

LARGE = bytes(range(256)) * 4_096  # a megabyte: more than a piece
ACME, OTHER = TenantId(new_id()), TenantId(new_id())


@dataclass(frozen=True)
class World:
    store: FileStore
    away: FileStore  # the same kind of store where nothing can be reached


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture(params=["memory", "local", "s3"])
def world(request: pytest.FixtureRequest) -> World:
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


@pytest.fixture
def memory_world() -> World:
    store, away = (InMemoryFileStore(FakeClock(datetime.now(UTC))) for _ in range(2))
    away.away = True
    return World(store, away)


@pytest.fixture
def local_world(tmp_path: Path) -> World:
    (tmp_path / "in-the-way").touch()
    return World(LocalFiles(tmp_path / "files"), LocalFiles(tmp_path / "in-the-way"))


@pytest.fixture
def s3_world(s3: str) -> World:
    away = S3Files(Bucket("nowhere", "", f"http://{nobody()}", "us-east-1", "key", "secret"))
    return World(S3Files(new_bucket(s3, "media/planner")), away)


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def _broken() -> AsyncIterator[bytes]:
    yield b"half of"
    raise ValueError("the sender went away")


async def _read(store: FileStore, tenant_id: TenantId, file_id: FileId) -> bytes:
    return b"".join([piece async for piece in await store.open(tenant_id, file_id)])


async def _ids(store: FileStore, tenant_id: TenantId) -> set[FileId]:
    return {one.file_id async for one in store.stored(tenant_id)}


def _id() -> FileId:
    return FileId(new_id())


@pytest.mark.parametrize("data", [b"a", LARGE], ids=["small", "large"])
async def test_what_was_put_is_read_again(world: World, data: bytes) -> None:
    file_id = _id()
    await world.store.put(ACME, file_id, pieces(data))
    assert await _read(world.store, ACME, file_id) == data
    (one,) = [one async for one in world.store.stored(ACME)]
    assert one.file_id == file_id
    assert abs(datetime.now(UTC) - one.written_at) < timedelta(minutes=1)


async def test_another_tenant_has_no_such_file(world: World) -> None:
    file_id = _id()
    await world.store.put(ACME, file_id, pieces(b"ours"))
    with pytest.raises(NotFound) as unknown:
        await world.store.open(OTHER, file_id)
    assert unknown.value.code == "file_not_found"
    await world.store.remove(OTHER, file_id)
    await world.store.remove_tenant(OTHER)
    assert await _read(world.store, ACME, file_id) == b"ours"
    assert await _ids(world.store, OTHER) == set()


async def test_what_breaks_off_is_no_file(world: World) -> None:
    file_id = _id()
    with pytest.raises(ValueError, match="went away"):
        await world.store.put(ACME, file_id, _broken())
    with pytest.raises(NotFound):
        await world.store.open(ACME, file_id)
    assert await _ids(world.store, ACME) == set()


async def test_what_is_removed_is_gone_and_may_be_removed_again(world: World) -> None:
    gone, kept = _id(), _id()
    for file_id in (gone, kept):
        await world.store.put(ACME, file_id, pieces(b"x"))
    for _ in range(2):
        await world.store.remove(ACME, gone)
    with pytest.raises(NotFound):
        await world.store.open(ACME, gone)
    assert await _ids(world.store, ACME) == {kept}


async def test_a_tenant_goes_as_a_whole(world: World) -> None:
    mine = [_id() for _ in range(3)]
    for file_id in mine:
        await world.store.put(ACME, file_id, pieces(b"x"))
    theirs = _id()
    await world.store.put(OTHER, theirs, pieces(b"y"))
    for _ in range(2):
        await world.store.remove_tenant(ACME)
    assert await _ids(world.store, ACME) == set()
    assert await _read(world.store, OTHER, theirs) == b"y"


async def test_a_store_that_is_away_says_so(world: World) -> None:
    file_id = _id()
    asked: list[Callable[[], object]] = [
        lambda: world.away.put(ACME, file_id, pieces(b"x")),
        lambda: _read(world.away, ACME, file_id),
        lambda: world.away.remove(ACME, file_id),
        lambda: world.away.remove_tenant(ACME),
        lambda: _ids(world.away, ACME),
    ]
    for one in asked:
        with pytest.raises(Unavailable) as away:
            await one()  # type: ignore[misc]
        assert away.value.code == "files_away"
