"""What a stretch of work cost: processor time of the server, of Postgres, of Redis, of us, of the whole machine."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, all of them."""

    wall: float
    server: float
    postgres: float
    redis: float
    generator: float
    machine: float

    def __sub__(self, before: "Cost") -> "Cost":
        return Cost(
            self.wall - before.wall,
            self.server - before.server,
            self.postgres - before.postgres,
            self.redis - before.redis,
            self.generator - before.generator,
            self.machine - before.machine,
        )

    @property
    def foreign_share(self) -> float:
        """How much of the machine's time others took: beyond some hundredths the figures are theirs too."""
        ours = self.server + self.postgres + self.redis + self.generator
        return max(0.0, self.machine - ours) / (self.wall * (psutil.cpu_count() or 1))


class Meter:
    """For one server, with the Postgres and Redis that this process has started."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        parts = {child.name(): child for child in psutil.Process().children()}
        self._postgres, self._redis = parts["postgres"], parts["redis-server"]

    def read(self) -> Cost:
        own = psutil.Process().cpu_times()
        machine = psutil.cpu_times()
        idle = machine.idle + getattr(machine, "iowait", 0.0)
        return Cost(
            time.perf_counter(),
            _seconds(self._server),
            _seconds(self._postgres),
            _seconds(self._redis),
            own.user + own.system,
            sum(machine[:8]) - idle,
        )

    def rss_mb(self) -> float:
        return float(sum(one.memory_info().rss for one in _family(self._server))) / 1e6


def _family(process: psutil.Process) -> Sequence[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    """With its children, those included that have ended meanwhile."""
    total = 0.0
    for one in _family(process):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:  # ended between the list and the look; its parent counts it the next time
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
