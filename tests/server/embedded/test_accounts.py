"""The same product for root and for an ordinary user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from server.embedded.home import hold
from server.embedded.postgres import usable_binaries, wheel_binaries
from server.embedded.processes import Account, Command, run, unprivileged_account
from tests.server.embedded.processes import running_parent

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


async def test_an_ordinary_user_runs_all_parts(home: Path) -> None:
    account = unprivileged_account()
    assert account
    if not _may_run_us(account):
        pytest.skip("the ordinary user may not read this interpreter or checkout")
    os.chown(home, account.uid, account.gid)
    async with running_parent(home, user=account.name) as parent:
        assert {child.username() for child in parent.children.values()} == {account.name}
        connection = await asyncpg.connect(parent.addresses["database"])
        assert await connection.fetchval("select 1") == 1
        await connection.close()


def _may_run_us(account: Account) -> bool:
    try:
        attempt = subprocess.run([sys.executable, "-c", "import server.embedded.parts"], user=account.uid)
    except PermissionError:
        return False
    return attempt.returncode == 0


async def test_programs_in_a_closed_checkout_are_copied_to_where_postgres_may_run_them(home: Path) -> None:
    wheel = wheel_binaries()
    packages = wheel.parents[2]
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    for name in (wheel.parents[1].name, f"{wheel.parents[1].name}.libs"):
        (closed / name).symlink_to(packages / name)
    with hold(home / "data") as held:
        usable = await usable_binaries(held, closed / wheel.relative_to(packages))
        assert usable.is_relative_to(held.path)
        assert await usable_binaries(held, closed / wheel.relative_to(packages)) == usable
        shutil.rmtree(closed)
        for program in ("initdb", "postgres"):
            command = Command(program, [str(usable / program), "--version"], log=held.log(program))
            await run(command)
            assert "18." in (held.path / "logs" / f"{program}.log").read_text()
