"""Children that do not outlive us: started with a death signal, written down, stopped and waited for."""

import asyncio
import os
import pwd
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from domain.errors import Unavailable
from server.embedded import launcher
from server.embedded.ledger import Ledger, end_tree

_START_SECONDS = 60.0
_PROBE_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account for a program that refuses root. None: we are an ordinary user, it runs as we do."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True, slots=True)
class Command:
    """`argv` starts with an absolute path. Without a log the output goes where ours goes."""

    name: str
    argv: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    log: Path | None = None
    environment: Mapping[str, str] | None = None
    account: Account | None = None


class Child:
    def __init__(self, command: Command, process: asyncio.subprocess.Process, ledger: Ledger | None) -> None:
        self._command = command
        self._process = process
        self._ledger = ledger

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.returncode

    async def wait(self) -> int:
        return await self._process.wait()

    async def until(self, probe: Callable[[], Awaitable[None]]) -> None:
        """Probes until the child really answers. Raises Unavailable when it ends first, or takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if self.exit_status is not None:
                raise Unavailable(self.obituary(), code="part_failed")
            try:
                return await probe()
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_PROBE_PAUSE_SECONDS)

    async def stop(self) -> None:
        if self.exit_status is None:
            with suppress(psutil.NoSuchProcess):
                await end_tree(psutil.Process(self.pid), self._command.stop_signal)
        await self._process.wait()
        if self._ledger:
            self._ledger.forget(self._command.name)

    def obituary(self) -> str:
        """One line: how the child ended and the last thing it said."""
        log = self._command.log
        lines = log.read_text(errors="replace").strip().splitlines() if log and log.exists() else []
        said = f": {lines[-1].strip()}" if lines else ""
        return f"{self._command.name} ended with status {self.exit_status}{said}" + (f" ({log})" if log else "")


async def spawn(command: Command, ledger: Ledger | None = None) -> Child:
    """Starts a child in a session of its own: ctrl-C reaches us alone, and we stop our children in order.

    Call it on the main thread (see launcher).
    """
    account = command.account
    rights = (str(account.uid), str(account.gid)) if account else ("-1", "-1")
    output = command.log.open("ab") if command.log else None
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", launcher.__file__),
            *(str(os.getpid()), str(int(command.stop_signal)), *rights, *command.argv),
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=command.environment,
            start_new_session=True,
        )
    finally:
        if output:
            output.close()
    if ledger:
        ledger.write(command.name, process.pid, command.stop_signal)
    assert process.stdin, "asked for a pipe"
    process.stdin.write(b"1")
    process.stdin.close()
    return Child(command, process, ledger)


async def run(command: Command, ledger: Ledger | None = None) -> None:
    """Runs a command to its end. Raises Unavailable with the last line it wrote."""
    child = await spawn(command, ledger)
    try:
        status = await child.wait()
    finally:
        await child.stop()
    if status:
        raise Unavailable(child.obituary(), code="part_failed")
