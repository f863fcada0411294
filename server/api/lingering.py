"""An answer to somebody who is still sending: closing on them would take the answer away before they have read it."""

import asyncio
from contextlib import suppress

from starlette.types import Message, Receive, Send

LINGER_SECONDS = 10.0


class Lingering:
    """Gives the answer at once and its end later: meanwhile `most` bytes of the request are taken and thrown away."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive = receive
        self._send = send
        self._most = most

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body" or message.get("more_body", False):
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                await self._drain()
        await self._send({"type": "http.response.body", "body": b""})

    async def _drain(self) -> None:
        taken = 0
        while taken <= self._most:
            message = await self._receive()
            taken += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return
