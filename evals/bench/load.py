"""Many clients at once, each with one question at a time: it asks the next one when it has its answer."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median

from evals.bench.contenders import Place
from evals.bench.meters import Cost
from evals.bench.model import TOKENS
from evals.bench.servers import Server
from evals.bench.wire import Answer, Wire, connect

TURNS_IN_A_PLACE = 20  # of the thirty that a person may have in a minute
_LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Load:
    """`clients` at once, `turns` questions each, answered at `ms_a_token`."""

    clients: int
    turns: int
    ms_a_token: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    load: Load
    answers: Sequence[Answer]
    cost: Cost

    @property
    def turns_per_s(self) -> float:
        return len(self.answers) / self.cost.wall

    def cpu_ms(self, seconds: float) -> float:
        return 1000 * seconds / len(self.answers)

    @property
    def first_event_ms(self) -> float:
        return 1000 * median(answer.first_event or answer.ended for answer in self.answers)

    @property
    def added_first_token_ms(self) -> float:
        """Beyond the time that the model itself takes for it."""
        first = median(answer.first_token or answer.ended for answer in self.answers)
        return 1000 * first - self.load.ms_a_token

    @property
    def turn_ms(self) -> float:
        return 1000 * median(answer.ended for answer in self.answers)

    @property
    def bytes_per_turn(self) -> float:
        return median(len(answer.body) for answer in self.answers)


async def drive(server: Server, load: Load) -> Run:
    """Raises Unavailable `wrong_answer` if a single answer is not whole, TimeoutError if it takes minutes."""
    each = -(-load.turns // TURNS_IN_A_PLACE)
    places = await server.contender.places(load.clients * each)
    async with AsyncExitStack() as stack:
        wires = [await connect(server.port) for _ in range(load.clients)]
        for wire in wires:
            stack.callback(wire.close)
        before = server.meter.read()
        async with asyncio.timeout(_LONGEST_SECONDS):
            clients = [
                _client(wire, places[number * each : (number + 1) * each], load, _delay(load, number))
                for number, wire in enumerate(wires)
            ]
            answers = [answer for one in await asyncio.gather(*clients) for answer in one]
        cost = server.meter.read() - before
    for answer in answers:
        server.contender.check(answer)
    return Run(load, answers, cost)


def _delay(load: Load, number: int) -> float:
    """People don't press the key in the same millisecond. Where answers take their time, all of them the same, clients
    that begin together would ask together for ever."""
    return number / load.clients * load.ms_a_token / 1000 * len(TOKENS)


async def _client(wire: Wire, places: Sequence[Place], load: Load, delay: float) -> Sequence[Answer]:
    await asyncio.sleep(delay)
    return [await wire.ask(place.ask(number, load.ms_a_token)) for number, place in _asked(places, load.turns)]


def _asked(places: Sequence[Place], turns: int) -> Iterator[tuple[int, Place]]:
    for number in range(turns):
        yield number, places[number // TURNS_IN_A_PLACE]
