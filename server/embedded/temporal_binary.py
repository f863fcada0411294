"""Where Temporal's dev server comes from: the PATH, our cache, one build with Go, the SDK's download."""

import asyncio
import fcntl
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

from domain.errors import Unavailable
from server.embedded.processes import Child, Command, spawn

VERSION = "v1.5.1"
_MODULE = f"github.com/temporalio/cli/cmd/temporal@{VERSION}"
_REPORT_SECONDS = 10.0
_POLL_SECONDS = 0.25

Progress = Callable[[str], None]


def cached_binary(environment: Mapping[str, str]) -> Path:
    cache = environment.get("XDG_CACHE_HOME") or str(Path(environment.get("HOME") or Path.home()) / ".cache")
    return Path(cache) / "media-planner" / "temporal" / VERSION / "temporal"


def installed_binary(environment: Mapping[str, str]) -> Path | None:
    """What can be run at once, without building anything."""
    if found := shutil.which("temporal", path=environment.get("PATH", "")):
        return Path(found).absolute()
    cached = cached_binary(environment)
    return cached if cached.exists() else None


def go_toolchain(environment: Mapping[str, str]) -> str | None:
    return shutil.which("go", path=environment.get("PATH", ""))


async def temporal_binary(
    environment: Mapping[str, str], progress: Progress, *, download: bool = True, gently: bool = False
) -> Path:
    """Finds the program, or makes it once, which takes minutes; gently: with what others leave of the machine.

    Raises Unavailable `temporal_missing` with what to do.
    """
    if found := installed_binary(environment):
        return found
    target = cached_binary(environment)
    async with _only_maker(target.parent, progress):
        if target.exists():
            return target
        if go := go_toolchain(environment):
            await _build(go, target, environment, progress, gently)
        elif download:
            await _download(target, progress)
        else:
            raise missing("no Go toolchain is on the PATH")
    return target


@asynccontextmanager
async def _only_maker(folder: Path, progress: Progress) -> AsyncIterator[None]:
    """Two processes that both need it must not both build it; the lock ends with its holder."""
    with _lock_file(folder) as lock:
        waited = False
        while not _locked(lock.fileno()):
            if not waited:
                progress("waiting for another process that builds Temporal")
            waited = True
            await asyncio.sleep(_POLL_SECONDS)
        yield


def _lock_file(folder: Path) -> TextIO:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / "lock").open("w")


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _build(go: str, target: Path, environment: Mapping[str, str], progress: Progress, gently: bool) -> None:
    log = target.with_name("build.log")
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        nice = shutil.which("nice", path=environment.get("PATH", "")) if gently else None
        command = Command(
            name="go install",
            argv=[*([nice, "-n", "15"] if nice else []), go, "install", "-v", "-ldflags=-s -w", _MODULE],
            log=log,
            stop_signal=signal.SIGINT,  # Go then removes its working folder
            environment={**environment, "GOBIN": folder},
        )
        child = await spawn(command)
        try:
            await _report(child, log, progress)
        finally:
            await child.stop()
        if child.exit_status:
            raise missing(child.obituary())
        (Path(folder) / "temporal").replace(target)


async def _report(child: Child, log: Path, progress: Progress) -> None:
    """`go install -v` writes a line for each package it has compiled."""
    started = time.monotonic()
    reported = 0.0
    progress(f"building the Temporal dev server {VERSION} with Go, once; this takes some minutes")
    while child.exit_status is None:
        await asyncio.sleep(_POLL_SECONDS)
        seconds = time.monotonic() - started
        if seconds - reported >= _REPORT_SECONDS:
            progress(f"building Temporal: {_count_lines(log)} steps done, {seconds:.0f} s")
            reported = seconds


def _count_lines(log: Path) -> int:
    return len(log.read_text(errors="replace").splitlines())


async def _download(target: Path, progress: Progress) -> None:
    from temporalio.testing import WorkflowEnvironment  # slow to import, and hardly ever needed

    progress("no Go toolchain: asking the Temporal SDK to download its dev server")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        try:
            server = await WorkflowEnvironment.start_local(
                download_dest_dir=folder, dev_server_download_version=VERSION
            )
        except RuntimeError as error:
            raise missing(f"no Go toolchain is on the PATH, and the download failed ({error})") from error
        await server.shutdown()
        _only_file(Path(folder)).replace(target)


def _only_file(folder: Path) -> Path:
    return next(path for path in folder.iterdir() if path.is_file())


def missing(reason: str) -> Unavailable:
    """The error that says what to do about it."""
    advice = "install Go, or put `temporal` on the PATH, or set MP_TEMPORAL_ADDRESS"
    return Unavailable(f"the Temporal dev server can't be had: {reason}; {advice}", code="temporal_missing")
