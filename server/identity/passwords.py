"""Passwords under Argon2id. A hash takes a tenth of a second: on the event loop it would stop every stream."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from domain.errors import LimitExceeded

T = TypeVar("T")

THREADS = 2
MOST_WAITING = 64


class Argon2Passwords:
    """At most `THREADS` hashes at once and `MOST_WAITING` in line; beyond that LimitExceeded `sign_in_busy`."""

    def __init__(self, scheme: PasswordHash | None = None) -> None:
        self._scheme = scheme or PasswordHash.recommended()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
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
