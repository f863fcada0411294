"""One storm: people talk, things break, everything is mended, and what happened is written down."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count

import httpx

from evals.nemesis.caller import Caller, Log, open_http
from evals.nemesis.collecting import Books, open_books
from evals.nemesis.faults import Faults
from evals.nemesis.history import History, Reader, TurnRow
from evals.nemesis.model import request_for
from evals.nemesis.people import Person, gather_people
from evals.nemesis.world import World

_WATCHERS = 2  # of each conversation
_ENDING_SECONDS = 60.0  # for every turn to end, once everything is whole
_SEEING_SECONDS = 20.0  # for every reader to see it


@dataclass(frozen=True, slots=True)
class Storm:
    seed: int
    seconds: float
    tenants: int = 3
    pause_seconds: tuple[float, float] = (0.2, 1.5)


@dataclass(frozen=True, slots=True)
class Outcome:
    history: History
    faults: Sequence[str]


class Talker:
    """One person in one conversation. What they do next is the seed's choice."""

    def __init__(self, caller: Caller, others: Sequence[Person], urls: Sequence[str], chance: random.Random) -> None:
        self.logs: list[Log] = []
        self.intrusions: list[str] = []
        self.caller = caller
        self._person = caller.person
        self._others = others
        self._urls = urls
        self._chance = chance
        self._numbers = count(1)

    async def talk(self, until: float) -> None:
        moves: Sequence[tuple[int, Callable[[], Awaitable[None]]]] = (
            (5, self.listen),
            (3, self.ask_twice),
            (2, self.ask_at_once),
            (2, self.change_their_mind),
            (1, self.interrupt),
            (1, self.intrude),
        )
        weights, choices = zip(*moves, strict=True)
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            (move,) = self._chance.choices(choices, weights)
            await move()
            await asyncio.sleep(self._chance.uniform(0, 0.5))

    async def listen(self) -> None:
        """Reads an answer to its end, over as many connections as it takes."""
        words, names = self._request()
        key = self._key()
        log = Log(f"the listener of {key}", str(self._person.session_id))
        self.logs.append(log)
        await self.caller.turn(log, words, key, names)

    async def ask_twice(self) -> None:
        """The same message under the same key, to both processes at the same time."""
        words, names = self._request()
        key = self._key()
        await asyncio.gather(*(self.caller.ask(words, key, names, url=url) for url in self._urls))

    async def ask_at_once(self) -> None:
        """Several messages, in no order of the person's."""
        requests = [self._request() for _ in range(self._chance.randint(2, 3))]
        await asyncio.gather(*(self.caller.ask(words, self._key(), names) for words, names in requests))

    async def change_their_mind(self) -> None:
        words, names = self._request()
        turn_id = await self.caller.ask(words, self._key(), names)
        await asyncio.sleep(self._chance.uniform(0, 0.8))
        await self.caller.cancel(turn_id)

    async def interrupt(self) -> None:
        words, names = self._request()
        await self.caller.ask(words, self._key(), names)
        await asyncio.sleep(self._chance.uniform(0, 0.8))
        words, names = self._request()
        await self.caller.ask(words, self._key(), names, on_busy="interrupt")

    async def intrude(self) -> None:
        if intrusion := await self.caller.intrude(self._chance.choice(self._others)):
            self.intrusions.append(intrusion)

    def _request(self) -> tuple[str, list[str]]:
        place = f"{self._person.mark} {self._person.session_id.hex[-6:]}"
        names = [f"{place} {next(self._numbers)}" for _ in range(self._chance.choice((0, 1, 1, 2, 3)))]
        return request_for(names, self._person.mark), names

    def _key(self) -> str:
        return f"{self._person.session_id.hex[-6:]}-{next(self._numbers)}"


async def storm(world: World, plan: Storm) -> Outcome:
    people = await gather_people(world.settings, plan.tenants)
    faults = Faults(world, random.Random(f"faults {plan.seed}"))
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http())
        stack.push_async_callback(faults.give_up)
        talkers = [_talker(plan, world, http, people, number) for number in range(len(people))]
        watching = Watchers(plan, world, http, people)
        stack.push_async_callback(watching.leave)
        until = asyncio.get_running_loop().time() + plan.seconds
        async with asyncio.TaskGroup() as group:
            for talker in talkers:
                group.create_task(talker.talk(until))
            group.create_task(_break_and_mend(faults, until, plan))
        books = await open_books(world.admin_url, list({str(person.tenant_id) for person in people}))
        stack.push_async_callback(books.close)
        await _until(_ENDING_SECONDS, lambda: _all_ended(books))
        await watching.see(books)
        return Outcome(await _history(people, talkers, watching, books), faults.done)


async def _break_and_mend(faults: Faults, until: float, plan: Storm) -> None:
    await faults.until(until, plan.pause_seconds)
    await faults.mend()


class Watchers:
    """Readers of whole conversations, who drop their connections and come back at either process."""

    def __init__(self, plan: Storm, world: World, http: httpx.AsyncClient, people: Sequence[Person]) -> None:
        self.logs: list[Log] = []
        self._tasks: list[asyncio.Task[None]] = []
        for person in people:
            for number in range(1, _WATCHERS + 1):
                log = Log(f"watcher {number} of {person.session_id}", str(person.session_id))
                chance = random.Random(f"watcher {plan.seed} {len(self.logs)}")
                caller = Caller(http, [api.url for api in world.apis], person, chance)
                self.logs.append(log)
                self._tasks.append(asyncio.create_task(caller.watch(log)))

    async def see(self, books: Books) -> None:
        """Gives them the time to see the last event."""
        last = {session.id: session.last_seq for session in await books.sessions()}

        async def have_seen() -> bool:
            for task in self._tasks:
                if task.done():
                    task.result()
            return all(log.seq >= last[log.session_id] for log in self.logs)

        await _until(_SEEING_SECONDS, have_seen)

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _talker(plan: Storm, world: World, http: httpx.AsyncClient, people: Sequence[Person], number: int) -> Talker:
    person, urls = people[number], [api.url for api in world.apis]
    others = [other for other in people if other.tenant_id != person.tenant_id]
    chance = random.Random(f"talker {plan.seed} {number}")
    return Talker(Caller(http, urls, person, chance), others, urls, chance)


async def _all_ended(books: Books) -> bool:
    return await books.unfinished() == 0


async def _until(seconds: float, true: Callable[[], Awaitable[bool]]) -> None:
    """What never comes true is for the checker to find."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        if await true():
            return
        await asyncio.sleep(0.2)


async def _history(people: Sequence[Person], talkers: Sequence[Talker], watching: Watchers, books: Books) -> History:
    turns = await books.turns()
    return History(
        marks={str(person.tenant_id): person.mark for person in people},
        readers=_readers([*watching.logs, *(log for talker in talkers for log in talker.logs)], turns),
        promises=[promise for talker in talkers for promise in talker.caller.promises],
        intrusions=[intrusion for talker in talkers for intrusion in talker.intrusions],
        sessions=await books.sessions(),
        turns=turns,
        events=await books.events(),
        messages=await books.messages(),
        campaigns=await books.campaigns(),
        effects=await books.effects(),
        audit=await books.audit(),
    )


def _readers(logs: Sequence[Log], turns: Sequence[TurnRow]) -> list[Reader]:
    """Whoever listens to one turn hears what comes after its acceptance."""
    accepted = {turn.id: turn.accepted_seq for turn in turns}
    return [log.reader(accepted.get(log.turn_id, 0) if log.turn_id else 0) for log in logs]
