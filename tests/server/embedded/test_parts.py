"""The three parts as real processes: what they keep, what they leave, and whom they refuse."""

import os
import stat
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis
from temporalio.client import Client

from domain.errors import Unavailable
from server.embedded.parts import start_parts
from server.embedded.signing_key import signing_key
from tests.server.embedded.processes import PARTS, recorded, running_parent, runs, until


async def test_what_the_parts_hold_is_there_again_at_the_next_start(home: Path) -> None:
    async with start_parts(home, temporal="wait") as parts:
        database = await asyncpg.connect(parts.database_admin_url)
        await database.execute("create table kept (id int); insert into kept values (7)")
        await database.close()
        async with Redis.from_url(parts.redis_url) as redis:
            await redis.set("kept", "yes")
        temporal = await Client.connect(await parts.temporal_ready())
        await temporal.start_workflow("Kept", id="kept", task_queue="nobody-listens")
        first = (parts.database_url, parts.redis_url, parts.temporal_address)

    async with start_parts(home, temporal="wait") as parts:
        assert (parts.database_url, parts.redis_url, parts.temporal_address) == first
        database = await asyncpg.connect(parts.database_admin_url)
        assert await database.fetchval("select id from kept") == 7
        await database.close()
        async with Redis.from_url(parts.redis_url) as redis:
            assert await redis.get("kept") == b"yes"
        temporal = await Client.connect(await parts.temporal_ready())
        assert (await temporal.get_workflow_handle("kept").describe()).workflow_type == "Kept"


async def test_nothing_runs_and_no_record_or_socket_is_left_after_the_end(home: Path) -> None:
    async with start_parts(home, temporal="wait") as parts:
        children = recorded(home)
        assert sorted(children) == sorted(PARTS)
        statuses = {status.name: status for status in parts.status()}
        assert all(statuses[name].degraded is None and statuses[name].seconds for name in PARTS)
    assert not any(map(runs, children.values()))
    assert not recorded(home)
    assert not (home / "sockets").exists()


async def test_a_part_that_was_not_asked_for_does_not_run(home: Path) -> None:
    async with start_parts(home, postgres=False, temporal="off") as parts:
        assert list(recorded(home)) == ["redis"]
        with pytest.raises(ValueError, match="database was not started"):
            _ = parts.database_url
        assert parts.temporal_address is None
        with pytest.raises(Unavailable, match="not started"):
            await parts.temporal_ready()


async def test_passwords_and_data_are_closed_to_everybody_else(home: Path) -> None:
    async with start_parts(home, temporal="off") as parts:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(parts.database_admin_url, password="guessed")
        signing_key(home)
        assert _open_to_others(home) <= {home / "sockets"}
        assert not _open_to_others(home / "sockets")
    assert "PRIVATE KEY" in signing_key(home)
    assert signing_key(home) == signing_key(home)


async def test_a_home_with_a_long_name_puts_its_sockets_in_a_short_folder(home: Path) -> None:
    long = home / ("a" * 90)
    async with start_parts(long, temporal="off") as parts:
        short = (long / "sockets").readlink()
        assert str(short) in parts.database_url
        connection = await asyncpg.connect(parts.database_admin_url)
        await connection.close()
    assert not short.exists()


async def test_a_second_start_says_who_holds_the_folder(home: Path) -> None:
    async with running_parent(home) as parent:
        with pytest.raises(Unavailable, match=rf"already runs on {home} \(pid {parent.process.pid}\)") as refusal:
            async with start_parts(home):
                pass
        assert refusal.value.code == "home_in_use"
        assert all(map(runs, parent.children.values()))


async def test_a_folder_that_cannot_be_used_is_refused_in_one_line(home: Path) -> None:
    file = home / "file"
    file.write_text("")
    for unusable in (file, file / "below", home, Path("/proc/media-planner")):
        with pytest.raises(Unavailable, match="can't hold the data") as refusal:
            async with start_parts(unusable):
                pass
        assert refusal.value.code == "home_unusable"
        assert "\n" not in refusal.value.message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another account")
async def test_root_is_told_of_a_folder_that_postgres_may_not_enter(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Unavailable, match=f"for nobody {closed} is closed"):
        async with start_parts(closed / "home"):
            pass


async def test_a_part_that_ends_by_itself_is_degraded(home: Path) -> None:
    async with start_parts(home, postgres=False, temporal="off") as parts:
        child = psutil.Process(recorded(home)["redis"].pid)
        child.kill()
        await until(lambda: parts.status()[0].degraded is not None)
        [status] = parts.status()
        assert status.seconds is None
        assert "redis ended with status -9" in (status.degraded or "")


def _open_to_others(folder: Path) -> set[Path]:
    return {path for path in folder.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077}
