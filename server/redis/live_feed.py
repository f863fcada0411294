"""The live feed: from mouth to ear within this process, through Redis to every other one.

Redis may be away, forget, or be replaced: who watches where a turn runs goes on hearing it, and what is durable comes
from Postgres. What is being written lies in a short-lived stream per session, for whoever comes in the middle of it.
"""

import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import cast

from pydantic import TypeAdapter
from redis.exceptions import RedisError

from domain.ids import SessionId, TenantId, new_id
from server.redis.clients import open_client
from server.redis.followers import Follower
from server.redis.near import Near
from server.redis.outgoing import Command, Outgoing
from server.redis.subscriptions import Subscriptions
from services.events import SessionEvent, TextDelta

Entry = SessionEvent | TextDelta
_Said = tuple[str, Sequence[Entry] | None]  # by its key; None: the session is to be forgotten
Found = list[tuple[bytes, dict[bytes, bytes]]]  # entry ids with their fields

log = logging.getLogger(__name__)

MOST_ENTRIES = 500
LIFETIME_SECONDS = 300
_TICK_SECONDS = 0.8  # whoever follows hears something every second
_AWAY_TICK_SECONDS = 0.5
_GATHERING_SECONDS = 0.005  # so much later others hear it, and so much of it goes together
_DELTA, _EVENT = b"d", b"e"
# One message for each session, and its text for those who come later: one command for whatever has gathered.
_SAY = """
for number, key in ipairs(KEYS) do
    local message, written = ARGV[number + 2], false
    for text in string.gmatch(message, '\\nd([^\\n]+)') do
        redis.call('XADD', key, 'MAXLEN', '~', ARGV[1], '*', 'd', text)
        written = true
    end
    if written then
        redis.call('EXPIRE', key, ARGV[2])
    end
    redis.call('PUBLISH', key, message)
end
"""

_event, _delta = TypeAdapter(SessionEvent), TypeAdapter(TextDelta)


class RedisFeed:
    """`LiveFeed` on one Redis. Connects when first used; to be closed."""

    def __init__(self, url: str) -> None:
        self._client = open_client(url, most_connections=50)
        self._outgoing = Outgoing(self._client, self._saying, gathering_seconds=_GATHERING_SECONDS)
        self._subscriptions = Subscriptions(open_client(url, most_connections=2))
        self._near = Near()
        self._origin = new_id().hex.encode()

    async def publish(self, entries: Sequence[Entry]) -> None:
        """Waits for nobody: who follows here has heard it, others do as soon as Redis has it."""
        if not entries:
            return
        key = _key(entries[0].tenant_id, entries[0].session_id)
        self._near.hear(key, entries)
        self._outgoing.send((key, tuple(entries)))

    async def flush(self) -> None:
        """Until Redis has what was published before."""
        await self._outgoing.flush()

    async def follow(
        self, tenant_id: TenantId, session_id: SessionId, *, near: bool = False
    ) -> AsyncGenerator[Sequence[Entry], None]:
        """After an outage it goes on with what comes then: what was missed comes from the database."""
        key = _key(tenant_id, session_id)
        with self._near.following(key) as follower:
            if near and self._near.runs(key):
                yield self._near.under_way(key)
                while heard := await follower.batch(_TICK_SECONDS):
                    yield heard
            async with self._subscriptions.listening(key, _Elsewhere(follower, self._origin)) as reachable:
                if near:
                    yield []
                yield self._near.under_way(key) or (await self._written(key) if reachable else [])
                while True:
                    connected = self._subscriptions.connected
                    yield await follower.batch(_TICK_SECONDS if connected else _AWAY_TICK_SECONDS)

    async def forget_session(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """Its stream. Where Redis is away it ends by itself, minutes later."""
        self._outgoing.send((_key(tenant_id, session_id), None))

    async def forget_tenant(self, tenant_id: TenantId) -> None:
        """The streams of all its sessions. Where Redis is away they end by themselves, minutes later."""
        await self.flush()
        try:
            async for key in self._client.scan_iter(match=f"{_tenant_prefix(tenant_id)}*", count=1_000):
                await self._client.unlink(key)
        except (RedisError, OSError) as error:
            log.warning("a tenant's streams are left to end: %s", type(error).__name__)

    async def reachable(self) -> bool:
        try:
            await self._client.ping()
        except (RedisError, OSError):
            return False
        return True

    async def aclose(self) -> None:
        await self._outgoing.flush()
        await self._subscriptions.aclose()
        await self._client.aclose()

    def _saying(self, said: Sequence[_Said]) -> Iterator[Command]:
        spoken: defaultdict[str, list[Entry]] = defaultdict(list)
        for key, entries in said:
            spoken[key] += entries or ()
        if messages := {key: _message(self._origin, entries) for key, entries in spoken.items() if entries}:
            yield ("EVAL", _SAY, len(messages), *messages, MOST_ENTRIES, LIFETIME_SECONDS, *messages.values())
        for key in [key for key, entries in said if entries is None]:
            yield ("UNLINK", key)

    async def _written(self, key: str) -> Sequence[Entry]:
        """The text that another process may be writing."""
        try:
            found = cast("Found", await self._client.xrange(key))
        except (RedisError, OSError):
            return []
        return [_delta.validate_json(fields[_DELTA]) for _, fields in found]


class _Elsewhere:
    """Passes on what other processes publish; what this one does the follower has heard already."""

    def __init__(self, follower: Follower[Entry], origin: bytes) -> None:
        self._follower = follower
        self._origin = origin

    def heard(self, message: bytes) -> None:
        origin, *entries = message.split(b"\n")
        if origin != self._origin:
            self._follower.hear([_parsed(entry) for entry in entries])

    def interrupted(self) -> None:
        self._follower.interrupted()


def _message(origin: bytes, entries: Sequence[Entry]) -> bytes:
    """A line for each: JSON has no line breaks of its own."""
    lines = [
        (_DELTA if isinstance(entry, TextDelta) else _EVENT) + entry.model_dump_json().encode() for entry in entries
    ]
    return b"\n".join([origin, *lines])


def _parsed(entry: bytes) -> Entry:
    return _delta.validate_json(entry[1:]) if entry[:1] == _DELTA else _event.validate_json(entry[1:])


def _key(tenant_id: TenantId, session_id: SessionId) -> str:
    return f"{_tenant_prefix(tenant_id)}{session_id}"


def _tenant_prefix(tenant_id: TenantId) -> str:
    return f"mp:{tenant_id}:"
