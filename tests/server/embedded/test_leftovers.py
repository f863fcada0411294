"""What a killed or stopped parent leaves behind: nothing, or something that the next start ends first."""

import signal
from pathlib import Path

import asyncpg
import psutil

from server.embedded.ledger import Ledger
from server.embedded.parts import start_parts
from tests.server.embedded.processes import PARTS, recorded, running_parent, runs, until


async def test_a_stopped_parent_ends_well_and_leaves_no_process(home: Path) -> None:
    async with running_parent(home) as parent:
        parent.process.send_signal(signal.SIGINT)
        assert await parent.process.wait() == 0
        assert not any(map(runs, parent.children.values()))
        assert not recorded(home)


async def test_a_killed_parent_takes_its_children_along(home: Path) -> None:
    async with running_parent(home) as parent:
        parent.process.kill()
        await until(lambda: not any(map(runs, parent.children.values())))


async def test_what_a_killed_parent_left_is_ended_before_the_data_is_opened(home: Path) -> None:
    """Frozen children can't obey the death signal, as those on a system that has none."""
    said: list[str] = []
    async with running_parent(home) as parent:
        connection = await asyncpg.connect(parent.addresses["database"])
        await connection.execute("create table kept (id int); insert into kept values (7)")
        for child in parent.children.values():
            child.suspend()
        parent.process.kill()
        await parent.process.wait()
        assert sorted(name for name, child in parent.children.items() if runs(child)) == sorted(PARTS)

        async with start_parts(home, temporal="wait", announce=said.append) as parts:
            assert not any(map(runs, parent.children.values()))
            fresh = await asyncpg.connect(parts.database_admin_url)
            assert await fresh.fetchval("select id from kept") == 7
            await fresh.close()
        connection.terminate()
    left = [line for line in said if "left by a run that was killed" in line]
    assert [line.partition(":")[0] for line in left] == sorted(PARTS)


async def test_a_leftover_that_does_not_obey_is_ended_by_force(home: Path) -> None:
    ledger = Ledger(home / "children")
    deaf = psutil.Popen(["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"], stdout=-1)
    assert deaf.stdout.readline() == b"deaf\n"
    ledger.write("deaf", deaf.pid, signal.SIGTERM)
    await ledger.end_leftovers(lambda _: None, grace_seconds=0.2)
    assert deaf.wait() == -signal.SIGKILL
    deaf.stdout.close()


async def test_a_stranger_with_a_recorded_pid_is_left_alone(home: Path) -> None:
    ledger = Ledger(home / "children")
    stranger = psutil.Popen(["sleep", "60"])
    ledger.write("redis", stranger.pid, signal.SIGTERM)
    record = home / "children" / "redis.json"
    started = f'"started": {stranger.create_time()}'
    assert started in record.read_text()
    record.write_text(record.read_text().replace(started, '"started": 1.0'))

    await ledger.end_leftovers(lambda _: None)
    assert runs(stranger)
    assert not record.exists()
    stranger.kill()
    stranger.wait()
