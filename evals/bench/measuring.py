"""What is measured, in which order: rounds in which both servers take the same, then what needs a server to itself."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from evals.bench.checkpoints import bytes_written
from evals.bench.contenders import Contender
from evals.bench.load import Load, Run, drive
from evals.bench.servers import Server, serving
from evals.bench.stopping import cancel, drain

Announce = Callable[[str], None]

AGES = (10, 100, 500)
CONCURRENCY = (1, 10, 50)
PACE_MS = 20
_WATCHED = 10  # turns at once where the model takes its time


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `turns` are each client's, by how many clients there are; `paced` at 20 ms a token."""

    rounds: int
    warm_up: int
    turns: Mapping[int, int]
    paced: int
    cancels: int
    drains: int
    ages: Sequence[int]


USUAL = Plan(rounds=5, warm_up=20, turns={1: 100, 10: 30, 50: 15}, paced=8, cancels=10, drains=3, ages=AGES)
QUICK = Plan(rounds=1, warm_up=2, turns={1: 5, 10: 2, 50: 1}, paced=1, cancels=2, drains=1, ages=(10,))


@dataclass(slots=True)
class Measured:
    """Of one contender: a run for each round."""

    at_once: dict[int, list[Run]] = field(default_factory=lambda: {clients: [] for clients in CONCURRENCY})
    paced: list[Run] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    checkpoint_bytes: dict[int, int] = field(default_factory=dict)
    cancel_ms: list[float] = field(default_factory=list)
    drain_s: list[float] = field(default_factory=list)


class Bench:
    def __init__(self, floor: Contender, product: Contender, redis_url: str, folder: Path, announce: Announce) -> None:
        self._floor = floor
        self._product = product
        self._redis_url = redis_url
        self._folder = folder
        self._announce = announce
        self.floor = Measured()
        self.product = Measured()

    async def measure(self, plan: Plan) -> None:
        for number in range(1, plan.rounds + 1):
            both = [(self._floor, self.floor), (self._product, self.product)]
            for contender, measured in both if number % 2 else reversed(both):
                self._announce(f"round {number} of {plan.rounds}: {contender.name}")
                async with self._warm(contender, plan) as server:
                    await self._round(server, measured, plan)
                    if contender is self._product and number == plan.rounds:
                        # Not before: the next process would take up the turns that this one had to leave.
                        self.product.drain_s.append(await drain(server, _WATCHED))
        while len(self.product.drain_s) < plan.drains:
            self._announce("stopped once more: product")
            async with self._warm(self._product, plan) as server:
                self.product.drain_s.append(await drain(server, _WATCHED))

    async def _round(self, server: Server, measured: Measured, plan: Plan) -> None:
        for clients, turns in plan.turns.items():
            measured.at_once[clients].append(await drive(server, Load(clients, turns)))
        measured.rss_mb.append(server.meter.rss_mb())
        measured.paced.append(await drive(server, Load(_WATCHED, plan.paced, PACE_MS)))
        if server.contender is self._product:  # the floor can't stop a turn
            measured.cancel_ms += await cancel(server, plan.cancels)
        if not measured.checkpoint_bytes:  # the same in every round
            self._announce(f"a conversation of {max(plan.ages)} turns: {server.contender.name}")
            measured.checkpoint_bytes = dict(await bytes_written(server, plan.ages, self._redis_url))

    @asynccontextmanager
    async def _warm(self, contender: Contender, plan: Plan) -> AsyncIterator[Server]:
        async with serving(contender, self._folder) as server:
            await drive(server, Load(_WATCHED, plan.warm_up))
            yield server
