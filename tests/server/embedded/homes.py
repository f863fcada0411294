"""Folders for the embedded parts: short, because a socket's name holds 107 bytes, and open to pass through."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="mp-test-", dir="/tmp"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path)
