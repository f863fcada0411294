"""Twenty people sign in at once, and nobody else's stream stops for it."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from server.identity.passwords import Argon2Passwords
from tests.security.figures import Figures

PEOPLE = 20
PASSWORD = "correct horse battery"


class Ticker:
    """Counts how often the event loop comes round, at most every millisecond, and keeps the longest pause."""

    def __init__(self) -> None:
        self.ticks = 0
        self.longest_ms = 0.0

    async def run(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest_ms = max(self.longest_ms, (now - last) * 1_000)
            self.ticks += 1
            last = now


class WatchedHasher(Argon2Hasher):
    """The product's hasher; `seen` has the ticks between the start and the end of each check."""

    def __init__(self, ticker: Ticker) -> None:
        super().__init__()
        self._ticker = ticker
        self.seen: list[int] = []

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        before = self._ticker.ticks
        matches = super().verify(password, hash)
        self.seen.append(self._ticker.ticks - before)
        return matches


@asynccontextmanager
async def _ticking() -> AsyncIterator[Ticker]:
    ticker = Ticker()
    running = asyncio.create_task(ticker.run())
    await asyncio.sleep(0.01)
    yield ticker
    running.cancel()
    await asyncio.wait([running])


async def test_the_loop_goes_on_while_twenty_passwords_are_checked(figures: Figures) -> None:
    async with _ticking() as ticker:
        hasher = WatchedHasher(ticker)
        with closing(Argon2Passwords(PasswordHash((hasher,)))) as passwords:
            hashed = await passwords.hash(PASSWORD)
            ticker.longest_ms = 0.0
            assert all(await asyncio.gather(*(passwords.matches(PASSWORD, hashed) for _ in range(PEOPLE))))
    figures.put("event_loop_stall_ms", round(ticker.longest_ms, 1))
    assert len(hasher.seen) == PEOPLE
    assert min(hasher.seen) >= 1
    assert statistics.median(hasher.seen) >= 10


async def test_on_the_loop_itself_one_check_would_stop_it() -> None:
    """The control: the ticks are those of the loop, and a check is long enough to miss them."""
    async with _ticking() as ticker:
        hasher = WatchedHasher(ticker)
        scheme = PasswordHash((hasher,))
        hashed = scheme.hash(PASSWORD)
        for _ in range(3):
            assert scheme.verify(PASSWORD, hashed)
            await asyncio.sleep(0.005)
        assert ticker.ticks > 0
    assert hasher.seen == [0, 0, 0]


async def test_what_a_check_takes(figures: Figures) -> None:
    took = []
    with closing(Argon2Passwords()) as passwords:
        hashed = await passwords.hash(PASSWORD)
        for _ in range(7):
            started = time.perf_counter()
            assert await passwords.matches(PASSWORD, hashed)
            took.append((time.perf_counter() - started) * 1_000)
    figures.put("ms_per_password_check", round(statistics.median(took), 1))
