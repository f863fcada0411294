"""The folder that holds the embedded parts' data: held by one process at a time."""

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from domain.errors import Unavailable
from server.embedded.ledger import Ledger
from server.embedded.processes import Account, unprivileged_account

SECRETS = "secrets.json"
# sun_path holds 107 bytes; Postgres opens <folder>/.s.PGSQL.5432.lock beside its socket.
_LONGEST_SOCKET_FOLDER = 107 - len("/postgres/.s.PGSQL.5432.lock")


class Home:
    """Made by `hold`, which knows that nobody else holds it."""

    def __init__(self, path: Path, sockets: Path, account: Account | None) -> None:
        self.path = path
        self.sockets = sockets
        self.account = account
        self.ledger = Ledger(path / "children")

    def folder(self, name: str, account: Account | None = None) -> Path:
        """A private folder for one part."""
        return _private(self.path / name, account)

    def socket_folder(self, name: str, account: Account | None = None) -> Path:
        return _private(self.sockets / name, account)

    def log(self, name: str) -> Path:
        """The part's log of this start; that of the last start lies beside it."""
        path = self.folder("logs") / f"{name}.log"
        if path.exists():
            path.replace(path.with_suffix(".log.1"))
        return path

    def secret(self, name: str) -> str:
        """A random password, made once and kept in a file that only its owner reads."""
        path = self.path / SECRETS
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in known:
            known[name] = secrets.token_urlsafe(24)
            write_private(path, json.dumps(known))
        return known[name]


@contextmanager
def hold(path: Path) -> Iterator[Home]:
    """Takes the folder, making it where needed.

    Raises Unavailable: `home_unusable` where it can't be made, written, or entered by the account that
    Postgres needs; `home_in_use`, with the pid of the one who holds it.
    """
    path = path.absolute()
    account = unprivileged_account()
    _check_entry(path, account)
    try:
        path.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(path)
        # Postgres' account must pass through, but sees nothing: every folder inside is private.
        path.chmod(0o711 if account else 0o700)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    with os.fdopen(lock, "r+"):
        _take(lock, path)
        sockets = _make_socket_folder(path)
        try:
            yield Home(path, sockets, account)
        finally:
            _remove_socket_folder(path)


def check_usable(path: Path) -> None:
    """Raises Unavailable `home_unusable` where `hold` could not make or write the folder. Changes nothing."""
    path = path.absolute()
    _check_entry(path, unprivileged_account())
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    if not nearest.is_dir():
        raise _unusable(path, f"{nearest} is a file")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _unusable(path, f"{nearest} may not be written")
    if nearest == path:
        _refuse_foreign(path)


def holder(path: Path) -> int | None:
    """The pid of the process that holds the folder, if one does. Changes nothing."""
    try:
        with (path / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read() or 0)
    except OSError:
        return None
    return None


def refuse_held(path: Path) -> None:
    """Raises Unavailable `home_in_use` where another process holds the folder."""
    if pid := holder(path):
        raise _in_use(path, pid)


def write_private(path: Path, text: str) -> None:
    """Replaces a file whole; only its owner reads it."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(draft).replace(path)


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _in_use(path, holder(path)) from error
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())


def _check_entry(path: Path, account: Account | None) -> None:
    """Root runs Postgres as another account, which must pass through every folder above the data."""
    above = [folder for folder in path.parents if folder.is_dir()]
    closed = [folder for folder in above if account and not folder.stat().st_mode & 0o001]
    if closed and account:
        raise _unusable(path, f"Postgres refuses root, and for {account.name} {closed[-1]} is closed")


def _in_use(path: Path, pid: int | None) -> Unavailable:
    reason = f"media-planner already runs on {path} (pid {pid}); stop it, or set MP_HOME to another folder"
    return Unavailable(reason, code="home_in_use")


def _refuse_foreign(path: Path) -> None:
    """Its permissions are ours to set, so it must hold nothing else."""
    if not (path / "lock").exists() and any(path.iterdir()):
        raise _unusable(path, "it holds other files")


def _unusable(path: Path, reason: str) -> Unavailable:
    advice = "set MP_HOME to a folder that you may write"
    return Unavailable(f"{path} can't hold the data: {reason}; {advice}", code="home_unusable")


def _private(path: Path, account: Account | None) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid)
    return path


def _make_socket_folder(home: Path) -> Path:
    """`home/sockets`, or where that is too long for a socket's name, a link there to a short folder."""
    _remove_socket_folder(home)
    sockets = home / "sockets"
    if len(os.fsencode(sockets)) <= _LONGEST_SOCKET_FOLDER:
        sockets.mkdir(mode=0o711)
        sockets.chmod(0o711)
        return sockets
    short = Path(tempfile.mkdtemp(prefix="mp-", dir="/tmp"))  # $TMPDIR may be long too
    short.chmod(0o711)
    sockets.symlink_to(short)
    return short


def _remove_socket_folder(home: Path) -> None:
    sockets = home / "sockets"
    with suppress(FileNotFoundError):
        if sockets.is_symlink():
            target = sockets.readlink()
            if target.is_dir() and target.stat().st_uid == os.geteuid():
                shutil.rmtree(target)
            sockets.unlink()
        else:
            shutil.rmtree(sockets)
