"""Signals: whoever listens hears what is announced from then on, whichever process announces it."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from domain.ids import TenantId, new_id
from server.redis.signals import RedisSignals
from services.ports import Signal, SignalKind, Signals
from tests.fakes.signals import InMemorySignals


@dataclass(frozen=True)
class Processes:
    one: Signals
    other: Signals


@pytest.fixture(params=["memory", "redis", "redis_elsewhere"])
async def processes(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Processes]:
    if request.param == "memory":
        signals = InMemorySignals()
        yield Processes(signals, signals)
        return
    one, other = RedisSignals(redis_url), RedisSignals(redis_url)
    yield Processes(one, one if request.param == "redis" else other)
    await one.aclose()
    await other.aclose()


def signal(kind: SignalKind = SignalKind.CANCEL) -> Signal:
    return Signal(kind, TenantId(new_id()), new_id())


class Listener:
    """Hears what was announced here; the channel is everybody's, and other tests announce there too."""

    def __init__(self, signals: AsyncIterator[object]) -> None:
        self._signals = signals

    async def until_last(self, *ours: Signal) -> list[Signal]:
        found: list[Signal] = []
        while ours[-1] not in found:
            batch = await anext(self._signals)
            assert isinstance(batch, list | tuple)
            found += [one for one in batch if one in ours]
        return found


@asynccontextmanager
async def listening(signals: Signals) -> AsyncIterator[Listener]:
    async with aclosing(signals.heard()) as heard:
        await anext(heard)  # from here on nothing is missed
        yield Listener(heard)


async def test_everybody_who_listens_hears_it_once_and_in_order(processes: Processes) -> None:
    first, second, third = signal(), signal(SignalKind.WAITING), signal()
    async with listening(processes.one) as one, listening(processes.other) as other:
        await processes.one.announce(first, second)
        await processes.one.announce()
        await processes.one.announce(third)
        for listener in (one, other):
            assert await listener.until_last(first, second, third) == [first, second, third]


async def test_who_comes_later_hears_what_comes_later(processes: Processes) -> None:
    late = signal()
    await processes.one.announce(signal())  # under way for a while: it may be heard or not
    async with listening(processes.other) as listener:
        await processes.one.announce(late)
        assert await listener.until_last(late) == [late]
