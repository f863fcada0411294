"""Two API processes on one database, several tenants at work in both at once: nobody is answered with another's."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from server.clock import SystemClock
from server.embedded.parts import Parts
from server.identity.tokens import AccessTokens
from services.actor import Actor
from tests.conftest import NewActor
from tests.security.api_process import api_process
from tests.security.figures import Figures
from tests.server.api.conftest import CAMPAIGN
from tests.server.postgres.databases import migrated_database, opened

TENANTS, ROUNDS = 6, 10
PEM = ECKey.generate_key("P-256").as_pem(private=True).decode()


@dataclass
class Visitor:
    """A tenant's owner with a word that is in everything of theirs. `heard` are all answers, as text."""

    actor: Actor
    clients: list[httpx.AsyncClient]
    word: str = field(default_factory=lambda: new_id().hex[-12:])
    heard: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    campaign: str = ""

    async def ask(self, process: int, method: str, path: str, status: int = 200, **arguments: Any) -> Any:
        client = self.clients[process % 2]
        answer = await client.request(method, f"tenants/{self.actor.tenant_id}/{path}", **arguments)
        assert answer.status_code == status, (path, answer.text)
        self.asked[str(client.base_url)] += 1
        self.heard += [answer.text, _spoken(answer)]
        return answer.json() if answer.headers["content-type"].endswith("json") else None

    def foreign(self, others: list["Visitor"]) -> int:
        """Answers with a word or an id of somebody else's."""
        marks = [mark for other in others if other is not self for mark in (other.word, str(other.actor.tenant_id))]
        return sum(any(mark in text for mark in marks) for text in self.heard)


def _spoken(answer: httpx.Response) -> str:
    """What a stream said, put together: a word may be cut in two."""
    lines = [line[6:] for line in answer.text.splitlines() if line.startswith("data: {")]
    return "".join(str(json.loads(line).get("delta", "")) for line in lines)


@pytest.fixture(scope="module")
async def app_url(admin_url: str, parts: Parts) -> AsyncIterator[str]:
    """Of a database of its own: a server takes up what is due, so also what other tests have left."""
    async with migrated_database(admin_url, parts.database_url) as url:
        yield url


@pytest.fixture(scope="module")
async def engine(app_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(app_url) as engine:
        yield engine


@pytest.fixture
async def processes(app_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[list[str]]:
    settings = {
        "MP_DATABASE_URL": app_url,
        "MP_REDIS_URL": redis_url,
        "MP_SIGNING_KEY": PEM,
        "MP_SERVER_SECRET": "s" * 32,
        "MP_DATABASE_POOL_SIZE": "3",  # so that every connection is everybody's
    }
    async with AsyncExitStack() as running:
        yield [await running.enter_async_context(api_process(settings, tmp_path)) for _ in range(2)]


@pytest.fixture
async def visitors(processes: list[str], tenant: NewActor) -> AsyncIterator[list[Visitor]]:
    tokens, found = AccessTokens(PEM, SystemClock()), []
    async with AsyncExitStack() as opened:
        for _ in range(TENANTS):
            actor = await tenant()
            headers = {"Authorization": f"Bearer {tokens.issue(actor.user_id, new_id())}"}
            clients = [
                await opened.enter_async_context(
                    httpx.AsyncClient(base_url=f"{url}/api/v1/", headers=headers, timeout=60)
                )
                for url in processes
            ]
            found.append(Visitor(actor, clients))
        yield found


async def _round(one: Visitor, other: Visitor, number: int) -> None:
    """Everything is written in one process and read in the other; the other tenant's things are asked for in vain."""
    name = f"{one.word} {number}"
    made = await one.ask(number, "POST", "campaigns", 201, json={**CAMPAIGN, "name": name})
    one.campaign = made["id"]
    path = f"campaigns/{one.campaign}"
    await one.ask(number + 1, "PATCH", path, json={"advertiser": one.word})
    await one.ask(number, "POST", f"{path}/plans", 201, json={"channels": ["search", "social"]})
    session = (await one.ask(number, "POST", "sessions", 201, json={"title": f"{name} talk"}))["id"]
    message, streamed = {"message": f"Show me the campaign {name}"}, {"Accept": "text/event-stream"}
    await asyncio.gather(
        one.ask(number + 1, "POST", f"sessions/{session}/turns", json=message, headers=streamed),
        *(one.ask(number, "GET", reading) for reading in (path, "campaigns", "sessions", "members", "jobs")),
    )
    await asyncio.gather(
        *(one.ask(number, "GET", reading) for reading in (f"sessions/{session}/messages", "budget-overview", "audit")),
        one.ask(number + 1, "GET", f"campaigns/{other.campaign or new_id()}", 404),
        one.ask(number + 1, "GET", "campaigns", params={"search": other.word}),
    )


async def test_nobody_is_answered_with_anothers_things(visitors: list[Visitor], figures: Figures) -> None:
    async def visit(place: int) -> None:
        one, other = visitors[place], visitors[place - 1]
        for number in range(ROUNDS):
            await _round(one, other, number + place)

    await asyncio.gather(*map(visit, range(TENANTS)))
    asked = sum((one.asked for one in visitors), Counter[str]())
    foreign = sum(one.foreign(visitors) for one in visitors)
    figures.put("two_process_requests", asked.total())
    figures.put("two_process_foreign", foreign)
    assert foreign == 0
    assert asked.total() == TENANTS * ROUNDS * 15
    assert len(asked) == 2
    assert min(asked.values()) > asked.total() / 4
    for one in visitors:
        assert sum(one.word in text for text in one.heard) >= ROUNDS * 10, "the control: answers name one's own"
