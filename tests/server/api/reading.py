"""A client of the streams: it remembers the last id it was given, and comes back with it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from ag_ui.core import Event
from httpx_sse import EventSource
from pydantic import TypeAdapter

from tests.server.api.conftest import Person

official: TypeAdapter[Any] = TypeAdapter(Event)


class Reader:
    def __init__(self, person: Person, port: int) -> None:
        self._person = person
        self._root = f"http://127.0.0.1:{port}/api/v1/tenants/{person.actor.tenant_id}/"
        self.events: list[dict[str, Any]] = []
        self.ids: list[str] = []  # where the reader is with each event
        self.last_id = ""

    @property
    def text(self) -> str:
        return "".join(event["delta"] for event in self.events if event["type"] == "TEXT_MESSAGE_CONTENT")

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    @asynccontextmanager
    async def connected(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, **arguments: Any
    ) -> AsyncIterator["Connection"]:
        """Leaving the block drops the connection, wherever the answer is."""
        own = {"Authorization": f"Bearer {self._person.token}", "Accept": "text/event-stream", **(headers or {})}
        if self.last_id:
            own["Last-Event-ID"] = self.last_id
        async with (
            httpx.AsyncClient(base_url=self._root, headers=own, timeout=30) as client,
            client.stream(method, path, **arguments) as response,
        ):
            assert response.status_code == 200, await response.aread()
            yield Connection(self, response)

    def take(self, id: str, data: str) -> None:
        event = json.loads(data)
        official.validate_python(event)
        self.events.append(event)
        self.ids.append(id)
        self.last_id = id or self.last_id


class Connection:
    def __init__(self, reader: Reader, response: httpx.Response) -> None:
        self.headers = response.headers
        self._reader = reader
        self._events = EventSource(response).aiter_sse()

    async def until(self, type: str, times: int = 1) -> None:
        """Reads on until an event of the type has come so often, over all connections."""
        while self._reader.types.count(type) < times:
            event = await anext(self._events)
            if event.data:
                self._reader.take(event.id, event.data)

    async def to_the_end(self) -> None:
        async for event in self._events:
            if event.data:
                self._reader.take(event.id, event.data)
