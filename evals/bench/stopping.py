"""How long stopping takes: one turn by its person, the whole process by whoever deploys."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack

from domain.errors import Unavailable
from evals.bench.contenders import Place
from evals.bench.servers import Server
from evals.bench.wire import Ask, Exchange, Wire, connect

_PACE_MS = 20
_ENDLESS_MS = 500  # a token: no grace is as long as such a turn
_CANCELLED = b'"outcome":{"type":"cancelled"}'


async def cancel(server: Server, times: int) -> Sequence[float]:
    """Milliseconds from asking for a turn's end, in the middle of its text, to the last event of its stream."""
    places = await server.contender.places(times)
    asking, cancelling = await connect(server.port), await connect(server.port)
    try:
        return [await _cancel_one(asking, cancelling, place) for place in places]
    finally:
        asking.close()
        cancelling.close()


async def _cancel_one(asking: Wire, cancelling: Wire, place: Place) -> float:
    exchange = asking.begin(place.ask(1, _PACE_MS))
    await exchange.token_seen
    asked = time.perf_counter()
    stop = cancelling.begin(Ask(f"{place.path}/{_turn_id(exchange)}/cancel", place.headers, {}, b"\0"))
    answer = await exchange.answered
    took = time.perf_counter() - asked
    refused = await stop.answered
    if refused.status != 202 or _CANCELLED not in answer.body:
        raise Unavailable(f"A turn was not cancelled: {answer.body[-300:]!r}", code="wrong_answer")
    return 1000 * took


async def drain(server: Server, turns: int) -> float:
    """Seconds from SIGTERM to the end of the process, while so many turns are answered and watched."""
    places = await server.contender.places(turns)
    with ExitStack() as stack:
        begun: list[Exchange] = []
        for place in places:
            wire = await connect(server.port)
            stack.callback(wire.close)
            begun.append(wire.begin(place.ask(1, _ENDLESS_MS)))
        await asyncio.gather(*(exchange.token_seen for exchange in begun))
        return await server.terminate()


def _turn_id(exchange: Exchange) -> str:
    """Of the stream's `Location`."""
    _, found, rest = exchange.received.partition(b"\r\nlocation: ")
    if not found:
        raise Unavailable(f"No turn was begun: {exchange.received[:300]!r}", code="wrong_answer")
    return rest.partition(b"\r\n")[0].rpartition(b"/")[2].decode()
