"""The two servers that are measured: how each is started, asked and understood."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from domain.errors import Unavailable
from evals.bench import floor
from evals.bench.model import ANSWER, question
from evals.bench.people import Crowd
from evals.bench.wire import Answer, Ask
from server.settings import Settings
from server.stack import environment


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation: where its messages go, and in whose name."""

    path: str
    headers: Mapping[str, str]
    token: bytes
    thread: str

    def ask(self, number: int, ms_a_token: int = 0) -> Ask:
        return Ask(self.path, self.headers, {"message": question(number, ms_a_token)}, self.token)


class Contender(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def database_url(self) -> str:
        """For whoever may see every row."""
        ...

    def environment(self, port: int) -> Mapping[str, str]: ...
    async def places(self, count: int) -> Sequence[Place]: ...
    def check(self, answer: Answer) -> None:
        """Raises Unavailable `wrong_answer` for one that is not whole: what loses text is not fast."""
        ...


class Floor:
    name = "floor"
    module = "evals.bench.floor"

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url

    def environment(self, port: int) -> Mapping[str, str]:
        return {**os.environ, floor.DATABASE_URL: self.database_url, floor.PORT: str(port)}

    async def places(self, count: int) -> Sequence[Place]:
        threads = [str(uuid4()) for _ in range(count)]
        return [Place(f"/threads/{thread}/turns", {}, b'"token"', thread) for thread in threads]

    def check(self, answer: Answer) -> None:
        events = list(_events(answer))
        said = "".join(event.get("token", "") for event in events)
        _refuse_partial(answer, said, ended=bool(events and events[-1].get("done")))


class Product:
    """As it is served: people of tenants of their own, signed in, and each behind an address of their own."""

    name = "product"
    module = "evals.bench.product"

    def __init__(self, settings: Settings, database_admin_url: str, crowd: Crowd) -> None:
        self.database_url = database_admin_url
        self._settings = settings
        self._crowd = crowd

    def environment(self, port: int) -> Mapping[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MP_")}
        own = {
            "MP_HOME": str(self._settings.home),
            "MP_PORT": str(port),
            "MP_DEMO": "false",
            "MP_TRUSTED_PROXIES": json.dumps(["127.0.0.1"]),
        }
        return environment(self._settings, inherited) | own

    async def places(self, count: int) -> Sequence[Place]:
        return [
            Place(
                f"/api/v1/tenants/{one.tenant_id}/sessions/{one.session_id}/turns",
                {
                    "Authorization": f"Bearer {one.access_token}",
                    "Accept": "text/event-stream",
                    "X-Forwarded-For": one.address,
                },
                b"TEXT_MESSAGE_CONTENT",
                str(one.session_id),
            )
            for one in await self._crowd.people(count)
        ]

    def check(self, answer: Answer) -> None:
        events = list(_events(answer))
        said = "".join(event["delta"] for event in events if event["type"] == "TEXT_MESSAGE_CONTENT")
        _refuse_partial(answer, said, ended=bool(events and events[-1]["type"] == "RUN_FINISHED"))


def _events(answer: Answer) -> Iterator[dict[str, str]]:
    for line in answer.body.splitlines():
        name, _, data = line.partition(b": ")
        if name == b"data":
            yield json.loads(data)


def _refuse_partial(answer: Answer, said: str, *, ended: bool) -> None:
    if answer.status != 200 or said != ANSWER or not ended:
        seen = answer.body[-300:].decode(errors="replace")
        raise Unavailable(f"A turn was not answered whole (HTTP {answer.status}): … {seen}", code="wrong_answer")
