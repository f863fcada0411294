"""Two processes and a Redis that goes away and comes back: what each of their readers gets meanwhile."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.ids import SessionId, TurnId
from domain.sessions import TurnStatus
from server.bootstrap import application_of
from server.settings import Settings
from services.actor import Actor, system_actor
from services.application import Application
from services.events import EventType, Position, SessionEvent, TextDelta
from services.journal import TurnJournal
from services.ports import Lease
from services.sessions import OpenSession
from services.turns import Ending, PostTurn
from services.watching import Seen
from tests.conftest import NewActor
from tests.drivers import SERVER_SECRET
from tests.server.redis.door import Door


@dataclass(frozen=True)
class Two:
    """The process where turns run, and one elsewhere."""

    here: Application
    elsewhere: Application
    door: Door


@pytest.fixture
async def two(app_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Two]:
    """Both reach Redis through one door."""
    async with Door(redis_url) as door, AsyncExitStack() as stack:
        settings = Settings(
            home=tmp_path,
            database_url=app_url,
            redis_url=door.url,
            server_secret=SecretStr(SERVER_SECRET.decode()),
        )
        here, elsewhere = [await stack.enter_async_context(application_of(settings)) for _ in range(2)]
        yield Two(here, elsewhere, door)


class Talking:
    """A turn as its runner plays it."""

    def __init__(self, application: Application, actor: Actor, lease: Lease) -> None:
        self._application = application
        self._actor = actor
        self._lease = lease
        self._journal = TurnJournal(application.begin, application.clock, actor, lease, [])
        self._offset = 0

    @classmethod
    async def begin(cls, application: Application, actor: Actor, session_id: SessionId) -> "Talking":
        await application.turns.accept(actor, session_id, PostTurn(message="hello"))
        lease = await application.turns.claim(system_actor(actor.tenant_id), session_id, "the test")
        assert lease
        return cls(application, actor, lease)

    @property
    def turn_id(self) -> TurnId:
        return self._lease.turn.id

    async def says(self, text: str) -> None:
        delta = TextDelta(
            tenant_id=self._actor.tenant_id,
            session_id=self._lease.turn.session_id,
            turn_id=self._lease.turn.id,
            agent="planning",
            message_id=f"{self._lease.turn.id}:1",
            attempt=1,
            offset=self._offset,
            text=text,
        )
        self._offset += len(text)
        await self._application.feed.publish([delta])

    async def ends(self, text: str) -> None:
        said = {"message_id": f"{self._lease.turn.id}:1", "text": text, "streamed": True, "attempt": 1}
        content = {"type": "ai", "data": {"content": text}}
        event = self._journal.event(EventType.MESSAGE, "planning", said)
        await self._journal.record_answer("planning", 0, content, [event])
        ending = Ending(status=TurnStatus.COMPLETED)
        await self._application.turns.finish(system_actor(self._actor.tenant_id), self._lease, ending)


class Reading:
    """`text` is what came piece by piece or with the whole message, as a client puts it together."""

    def __init__(self, entries: AsyncIterator[Seen | None]) -> None:
        self._entries = entries
        self.pieces = 0
        self.seqs: list[int] = []
        self.text = ""

    async def until(self, wanted: str | EventType) -> None:
        """A text, or an event of that type."""
        async for seen in self._entries:
            if seen is None:
                continue
            if isinstance(seen.entry, TextDelta):
                self.pieces += 1
                self.text += seen.entry.text
            elif isinstance(seen.entry, SessionEvent):
                self.seqs.append(seen.entry.seq)
                self.text += str(seen.entry.data.get("rest", ""))
                if seen.entry.type == wanted:
                    return
            if self.text == wanted:
                return


@asynccontextmanager
async def reading(application: Application, actor: Actor, session_id: SessionId) -> AsyncIterator[Reading]:
    async with aclosing(application.watching.follow(actor.tenant_id, session_id, Position())) as entries:
        yield Reading(entries)


async def test_without_redis_the_process_itself_streams_and_elsewhere_comes_what_is_durable(
    two: Two, tenant: NewActor
) -> None:
    actor = await tenant()
    session_id = (await two.here.sessions.open(actor, OpenSession())).id
    await two.door.shut()
    async with reading(two.here, actor, session_id) as near, reading(two.elsewhere, actor, session_id) as far:
        turn = await Talking.begin(two.here, actor, session_id)
        for reader in (near, far):
            await reader.until(EventType.TURN_STARTED)
        await turn.says("Four channels ")
        await near.until("Four channels ")
        await turn.says("carry it")
        await near.until("Four channels carry it")
        await turn.ends("Four channels carry it.")
        for reader in (near, far):
            await reader.until(EventType.TURN_ENDED)
    assert (near.text, far.text) == ("Four channels carry it.", "Four channels carry it.")
    assert (near.pieces, far.pieces) == (2, 0)
    assert near.seqs == far.seqs == list(range(1, 5))


async def test_when_redis_is_back_text_flows_again_and_nothing_is_missing_or_doubled(
    two: Two, tenant: NewActor
) -> None:
    actor = await tenant()
    session_id = (await two.here.sessions.open(actor, OpenSession())).id
    async with reading(two.elsewhere, actor, session_id) as far:
        first = await Talking.begin(two.here, actor, session_id)
        await far.until(EventType.TURN_STARTED)
        await first.says("One ")
        await far.until("One ")
        await two.door.shut()
        await first.says("answer")
        await first.ends("One answer.")
        await far.until(EventType.TURN_ENDED)
        assert (far.text, far.pieces) == ("One answer.", 1)
        await two.door.open()
        while far.pieces == 1:  # until both have found their way back
            turn = await Talking.begin(two.here, actor, session_id)
            await far.until(EventType.TURN_STARTED)
            await turn.says("Again. ")
            await turn.says("And again.")
            await turn.ends("Again. And again.")
            await far.until(EventType.TURN_ENDED)
    assert far.text == "One answer." + "Again. And again." * ((len(far.seqs) - 4) // 4)
    assert far.seqs == list(range(1, len(far.seqs) + 1))
