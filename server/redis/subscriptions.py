"""What this process listens to in Redis: one connection, however many channels and listeners there are."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol, cast

from redis.asyncio import Connection, Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from server.redis.clients import ANSWER_SECONDS

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5
_MOST_LEFT = 100  # channels that nobody listens to any more


class Listener(Protocol):
    def heard(self, message: bytes) -> None: ...
    def interrupted(self) -> None:
        """Messages may have been lost before this moment."""
        ...


class _Channel:
    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.confirmed = asyncio.Event()
        self.told_late = False  # its listeners go on without knowing what they missed


class Subscriptions:
    """Connects when first used, and again whenever the connection is lost; to be closed.

    A channel is kept for a while after its last listener has left: many come back.
    """

    def __init__(self, client: Redis, *, quiet_seconds: float = 5.0) -> None:
        """After so many quiet seconds Redis is asked whether it is still there."""
        self._client = client
        self._quiet_seconds = quiet_seconds
        self._channels: dict[bytes, _Channel] = {}
        self._pubsub: PubSub | None = None
        self._talking = asyncio.Lock()
        self._listening: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # the first try to connect is over
        self._heard = False

    @property
    def connected(self) -> bool:
        return self._pubsub is not None

    @asynccontextmanager
    async def listening(self, name: str, listener: Listener) -> AsyncIterator[bool]:
        """True once nothing can be missed; False, after a second at most, where Redis is away."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(), name="listening to Redis")
        channel = self._channels.setdefault(name.encode(), _Channel())
        channel.listeners.append(listener)
        try:
            yield await self._confirmed(name, channel)
        finally:
            channel.listeners.remove(listener)

    async def aclose(self) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        await self._client.aclose()

    async def _confirmed(self, name: str, channel: _Channel) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._settled.wait()
                if not channel.confirmed.is_set():
                    await self._say(name)
                if self.connected:
                    await channel.confirmed.wait()
        except TimeoutError:
            log.info("Redis does not confirm a subscription in time")
        channel.told_late |= not channel.confirmed.is_set()
        return channel.confirmed.is_set()

    async def _say(self, name: str) -> None:
        if self._pubsub is None:
            return  # whoever connects subscribes to everything
        async with self._talking:
            if pubsub := self._pubsub:
                with suppress(RedisError, OSError):  # whoever reads from this connection finds out as well
                    await pubsub.subscribe(name)
                    await self._leave_some(pubsub)

    async def _leave_some(self, pubsub: PubSub) -> None:
        left = [name for name, channel in self._channels.items() if not channel.listeners]
        if len(left) > _MOST_LEFT:
            for name in left:
                del self._channels[name]
            await pubsub.unsubscribe(*left)

    async def _listen(self) -> None:
        while True:
            pubsub = self._client.pubsub()
            try:
                await self._connect(pubsub)
                await self._read(pubsub)
            except (RedisError, OSError) as error:
                log.info("listening without Redis: %s", type(error).__name__)
            finally:
                await self._hang_up(pubsub)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _connect(self, pubsub: PubSub) -> None:
        await pubsub.connect()  # type: ignore[no-untyped-call]  # the library's own
        said: set[bytes] = set()
        while fresh := self._channels.keys() - said:
            await pubsub.subscribe(*fresh)
            said |= fresh
        self._pubsub = pubsub
        self._settled.set()

    async def _read(self, pubsub: PubSub) -> None:
        watching = asyncio.create_task(self._watch(pubsub))
        try:
            while True:
                answer = await pubsub.parse_response(block=True)
                self._heard = True
                if answer[0] == b"message":
                    self._pass_on(answer[1], answer[2])
                else:
                    await pubsub.handle_message(answer)  # type: ignore[no-untyped-call]  # the library's own
                    self._confirm(answer)
        finally:
            watching.cancel()

    async def _watch(self, pubsub: PubSub) -> None:
        """Breaks a connection that doesn't even answer. A timeout for every read would cost as much as the read."""
        with suppress(RedisError, OSError):  # whoever reads finds out as well
            while self._heard or await self._answers(pubsub):
                self._heard = False
                await asyncio.sleep(self._quiet_seconds)
            if (connection := cast("Connection | None", pubsub.connection)) is not None:
                await connection.disconnect(nowait=True)

    async def _answers(self, pubsub: PubSub) -> bool:
        async with self._talking:
            await pubsub.ping()
        await asyncio.sleep(self._quiet_seconds)
        return self._heard

    def _pass_on(self, name: bytes, message: bytes) -> None:
        if channel := self._channels.get(name):
            for listener in channel.listeners:
                listener.heard(message)

    def _confirm(self, answer: list[bytes]) -> None:
        channel = self._channels.get(answer[1]) if answer[0] == b"subscribe" else None
        if channel is None:
            return
        channel.confirmed.set()
        if channel.told_late:
            channel.told_late = False
            _interrupt(channel)

    async def _hang_up(self, pubsub: PubSub) -> None:
        self._pubsub = None
        self._settled.set()
        for channel in self._channels.values():
            if channel.confirmed.is_set():
                channel.confirmed.clear()
                channel.told_late = True
                _interrupt(channel)
        async with self._talking:
            await pubsub.aclose()  # type: ignore[no-untyped-call]  # the library's own


def _interrupt(channel: _Channel) -> None:
    for listener in channel.listeners:
        listener.interrupted()
