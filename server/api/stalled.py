"""Nobody waits for a database that stands still: a request that takes long is answered, if that is why.

A database that is merely busy gets the time that it needs.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import Unavailable
from server.api.problems import KINDS, problem_response

PATIENCE_SECONDS = 1.7  # and half a second to find out why

Beats = Callable[[], Awaitable[bool]]


class StalledDatabase:
    """Costs a timer as long as requests are quick. One that was answered here goes on unheard: what it does is as if
    its answer had been lost on the way, and the same Idempotency-Key finds it.
    """

    def __init__(self, app: ASGIApp, beats: Beats, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._app = app
        self._beats = beats
        self._patience_seconds = patience_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send)
        watching: list[asyncio.Task[None]] = []
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._patience_seconds, lambda: watching.append(loop.create_task(self._watch(answer))))
        try:
            await self._app(scope, receive, answer)
        finally:
            timer.cancel()
            for task in watching:
                if not answer.refused:
                    task.cancel()

    async def _watch(self, answer: "_Answer") -> None:
        while not answer.begun:
            if not await self._beats():
                await answer.refuse()
                return
            await asyncio.sleep(self._patience_seconds)


class _Answer:
    """The way out, for whoever is first: the application, or the refusal."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun = self.refused = False
        self._scope = scope
        self._receive = receive
        self._send = send

    async def __call__(self, message: Message) -> None:
        if self.refused:
            return
        self.begun = True
        await self._send(message)

    async def refuse(self) -> None:
        if self.begun:
            return
        self.refused = True
        detail = "The database does not answer; try again in a moment."
        response = problem_response(self._scope["request_id"], KINDS[Unavailable], "database_unavailable", detail)
        await response(self._scope, self._receive, self._send)
