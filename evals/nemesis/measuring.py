"""How soon the product serves again once Postgres is back, and how long people wait while Postgres stands still."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from uuid import uuid4

import httpx

from evals.nemesis.caller import open_http
from evals.nemesis.people import Person, gather_people
from evals.nemesis.world import World, frozen

_RESTARTS = 3
_FROZEN_SECONDS = 8.0
_ASK_EVERY_SECONDS = 0.2
_LONGEST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Figures:
    """In seconds. `back`: from Postgres' first answer after a restart to the API's, the worst of all; `frozen`: what
    readiness and requests took to be answered, with whatever status, while Postgres was frozen. `unanswered`: how many
    were not, in half a minute.
    """

    back: float
    frozen_p99: float
    ready_p99: float
    unanswered: int

    def as_json(self) -> dict[str, float]:
        return {
            "postgres_back_s": round(self.back, 3),
            "frozen_p99_s": round(self.frozen_p99, 3),
            "frozen_ready_p99_s": round(self.ready_p99, 3),
            "frozen_unanswered": self.unanswered,
        }

    def __str__(self) -> str:
        return (
            f"first success after Postgres was back: {self.back:.2f} s; while it was frozen: requests p99 "
            f"{self.frozen_p99:.2f} s, readiness p99 {self.ready_p99:.2f} s, {self.unanswered} without an answer"
        )


async def measure(world: World) -> Figures:
    people = await gather_people(world.settings, 2)
    async with open_http() as http:
        for api in world.apis:
            await _first_success(http, api.url, people[0])
        back = max([await _back(world, http, people[0]) for _ in range(_RESTARTS)])
        ready, asked = await while_frozen(world, http, people, _FROZEN_SECONDS)
    answered = [took for took in (*ready, *asked) if took is not None]
    return Figures(
        back=back,
        frozen_p99=_p99([took for took in asked if took is not None]),
        ready_p99=_p99([took for took in ready if took is not None]),
        unanswered=len(ready) + len(asked) - len(answered),
    )


async def while_frozen(
    world: World, http: httpx.AsyncClient, people: Sequence[Person], seconds: float
) -> tuple[list[float | None], list[float | None]]:
    """What readiness, and what reading and asking took, in seconds; None for no answer at all."""
    ready: list[asyncio.Task[float | None]] = []
    asked: list[asyncio.Task[float | None]] = []
    with frozen(world.postgres.server.child.pid):
        for turn in range(round(seconds / _ASK_EVERY_SECONDS)):
            api, person = world.apis[turn % len(world.apis)], people[turn % len(people)]
            ready.append(asyncio.create_task(_timed(http, "GET", f"{api.url}/readyz", None)))
            asked.append(asyncio.create_task(_timed(http, "GET", f"{api.url}{person.path}/messages", person)))
            asked.append(asyncio.create_task(_timed(http, "POST", f"{api.url}{person.path}/turns", person)))
            await asyncio.sleep(_ASK_EVERY_SECONDS)
        await asyncio.wait([*ready, *asked], timeout=_LONGEST_SECONDS)
    return await asyncio.gather(*ready), await asyncio.gather(*asked)


async def _timed(http: httpx.AsyncClient, method: str, url: str, person: Person | None) -> float | None:
    headers = person.headers() | {"Idempotency-Key": str(uuid4())} if person else {}
    body = {"message": "Show my campaigns."} if method == "POST" else None
    asked = time.perf_counter()
    try:
        await http.request(method, url, headers=headers, json=body, timeout=_LONGEST_SECONDS)
    except httpx.TransportError:
        return None
    return time.perf_counter() - asked


async def _back(world: World, http: httpx.AsyncClient, person: Person) -> float:
    """Of the slower process."""
    await world.postgres.restart()
    back = time.perf_counter()
    await asyncio.gather(*(_first_success(http, api.url, person) for api in world.apis))
    return time.perf_counter() - back


async def _first_success(http: httpx.AsyncClient, url: str, person: Person) -> None:
    async with asyncio.timeout(_LONGEST_SECONDS):
        while True:
            try:
                answer = await http.get(f"{url}{person.path}/messages", headers=person.headers())
                if answer.is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.02)


def _p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[-1] if len(seconds) > 1 else max(seconds, default=0.0)
