"""What is done to the world, in an order that the seed gives: every kind of fault once before any comes again."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence

import asyncpg

from evals.nemesis.world import LEASE_SECONDS, Api, World, frozen

Fault = Callable[[], Awaitable[None]]

_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Faults:
    """A fault ends when what it broke is whole again; an ended API comes back by itself, a little later."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.done: list[str] = []
        self._world = world
        self._chance = chance
        self._coming_back: set[asyncio.Task[None]] = set()

    async def until(self, deadline: float, pause_seconds: tuple[float, float]) -> None:
        """Breaks and mends until this moment of the loop's clock."""
        loop = asyncio.get_running_loop()
        for fault in self._deck():
            await asyncio.sleep(self._chance.uniform(*pause_seconds))
            if loop.time() >= deadline:
                return
            await fault()

    async def mend(self) -> None:
        """Everything runs when this returns."""
        if self._coming_back:
            await asyncio.gather(*self._coming_back)
        await self._world.start_apis()

    async def give_up(self) -> None:
        """Nothing is started any more."""
        for task in self._coming_back:
            task.cancel()
        await asyncio.gather(*self._coming_back, return_exceptions=True)

    def _deck(self) -> Iterator[Fault]:
        kinds: Sequence[Fault] = (
            self.kill_api,
            self.kill_api,
            self.stop_api,
            self.freeze_api,
            self.restart_redis,
            self.kill_redis,
            self.restart_postgres,
            self.crash_postgres,
            self.freeze_postgres,
            self.cut_backends,
        )
        while True:
            yield from self._chance.sample(kinds, len(kinds))

    async def kill_api(self) -> None:
        """As kill -9 does: nothing is said, nothing is cleaned up."""
        if api := self._one_up("kill"):
            await self._end(api, signal.SIGKILL)

    async def stop_api(self) -> None:
        """As a deployment does."""
        if api := self._one_up("stop"):
            await self._end(api, signal.SIGTERM)

    async def freeze_api(self) -> None:
        """Longer than a lease: when it wakes up, its turns are another's."""
        if api := self._one_up("freeze"):
            with api.frozen():
                await asyncio.sleep(LEASE_SECONDS + self._chance.uniform(-1, 1.5))

    async def restart_redis(self) -> None:
        self.done.append("restart redis")
        await self._world.redis.restart()

    async def kill_redis(self) -> None:
        self.done.append("kill redis")
        await self._world.redis.restart(signal.SIGKILL)

    async def restart_postgres(self) -> None:
        self.done.append("restart postgres")
        await self._world.postgres.restart()

    async def crash_postgres(self) -> None:
        """Its immediate shutdown: the next start recovers from the log, as after a power cut."""
        self.done.append("crash postgres")
        await self._world.postgres.restart(signal.SIGQUIT)

    async def freeze_postgres(self) -> None:
        self.done.append("freeze postgres")
        with frozen(self._world.postgres.server.child.pid):
            await asyncio.sleep(self._chance.uniform(1, 2))

    async def cut_backends(self) -> None:
        """Half of the database's connections end, in the middle of whatever they do."""
        self.done.append("cut backends")
        connection = await asyncpg.connect(self._world.admin_url)
        try:
            pids = [row["pid"] for row in await connection.fetch(_BACKENDS)]
            for pid in self._chance.sample(pids, len(pids) // 2):
                await connection.execute("SELECT pg_terminate_backend($1)", pid)
        finally:
            await connection.close()

    def _one_up(self, what: str) -> Api | None:
        """None, and no fault, while all of them are on their way back."""
        up = [api for api in self._world.apis if api.up]
        if not up:
            return None
        api = self._chance.choice(up)
        self.done.append(f"{what} {api.name}")
        return api

    async def _end(self, api: Api, how: signal.Signals) -> None:
        await api.end(how)
        task = asyncio.create_task(self._come_back(api, self._chance.uniform(0, 1)))
        self._coming_back.add(task)
        task.add_done_callback(self._coming_back.discard)

    async def _come_back(self, api: Api, pause: float) -> None:
        await asyncio.sleep(pause)
        await api.start()
