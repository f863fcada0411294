"""Passwords under Argon2id. A hash takes a tenth of a second: on the event loop it would stop every stream."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from domain.errors import LimitExceeded

T = TypeVar("T")

THREADS = 2
MOST_WAITING = 64
_NICENESS = 10  # of the hashing threads: the loop that serves every stream goes first on a busy processor


class Argon2Passwords:
    """At most `THREADS` hashes at once and `MOST_WAITING` in line; beyond that LimitExceeded `sign_in_busy`."""

    def __init__(self, scheme: PasswordHash | None = None) -> None:
        self._scheme = scheme or PasswordHash.recommended()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2", initializer=_step_back)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        return await self._run(self._scheme.hash, password)

    async def matches(self, password: str, hashed: str) -> bool:
        try:
            return await self._run(self._scheme.verify, password, hashed)
        except UnknownHashError:
            return False

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        if self._waiting >= MOST_WAITING:
            raise LimitExceeded("Too many people are signing in at once; try again in a moment.", code="sign_in_busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


def _step_back() -> None:
    """Of the calling thread alone, and of those it starts: Linux keeps a niceness for each."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
