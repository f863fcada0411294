"""Signals over one Redis channel; this process hears its own whether or not Redis is there."""

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

import orjson

from domain.ids import TenantId, new_id
from server.redis.clients import open_client
from server.redis.followers import Follower
from server.redis.outgoing import Command, Outgoing
from server.redis.subscriptions import Subscriptions
from services.ports import Signal, SignalKind

_CHANNEL = "mp:signals"
_TICK_SECONDS = 60.0


class RedisSignals:
    """Connects when first used; to be closed."""

    def __init__(self, url: str) -> None:
        self._client = open_client(url, most_connections=2)
        self._outgoing = Outgoing(self._client, _announcing)
        self._subscriptions = Subscriptions(open_client(url, most_connections=2))
        self._here: list[Follower[Signal]] = []
        self._origin = new_id().hex

    async def announce(self, *signals: Signal) -> None:
        if not signals:
            return
        for listener in self._here:
            listener.hear(signals)
        told = [[one.kind, str(one.tenant_id), str(one.id)] for one in signals]
        self._outgoing.send(orjson.dumps([self._origin, told]))

    async def heard(self) -> AsyncGenerator[Sequence[Signal], None]:
        follower: Follower[Signal] = Follower()
        self._here.append(follower)
        try:
            async with self._subscriptions.listening(_CHANNEL, _Elsewhere(follower, self._origin)):
                yield []
                while True:
                    if signals := await follower.batch(_TICK_SECONDS):
                        yield signals
        finally:
            self._here.remove(follower)

    async def aclose(self) -> None:
        await self._outgoing.flush()
        await self._subscriptions.aclose()
        await self._client.aclose()


def _announcing(messages: Sequence[bytes]) -> list[Command]:
    return [("PUBLISH", _CHANNEL, message) for message in messages]


class _Elsewhere:
    def __init__(self, follower: Follower[Signal], origin: str) -> None:
        self._follower = follower
        self._origin = origin

    def heard(self, message: bytes) -> None:
        origin, told = orjson.loads(message)
        if origin != self._origin:
            self._follower.hear([Signal(SignalKind(kind), TenantId(UUID(of)), UUID(id)) for kind, of, id in told])

    def interrupted(self) -> None:
        """What was not heard is found in the database in time."""
