"""Streams over real connections: complete, resumable, and independent of the turn they show."""

import asyncio
from uuid import UUID

import pytest

from domain.ids import SessionId, TurnId
from domain.sessions import TurnStatus
from server.bootstrap import System
from services.actor import system_actor
from services.events import EventType, NewEvent, TextDelta
from services.ports import Lease, Recorded
from services.turns import Ending, PostTurn
from tests.server.api.conftest import NewPerson, Person
from tests.server.api.owned import ended
from tests.server.api.reading import Reader

CREATE = "Create a spring campaign for Northwind, $250k, March, conversions, then draft a plan on search and social"
ANSWER = "Four channels carry this plan; CTV takes the largest share of it."


class Script:
    """Plays a turn by hand, as a runner would write it."""

    def __init__(self, system: System, person: Person, session_id: SessionId, lease: Lease) -> None:
        self._system = system
        self._person = person
        self._session_id = session_id
        self._lease = lease
        self._said = 0

    @property
    def turn_id(self) -> TurnId:
        return self._lease.turn.id

    @classmethod
    async def begin(cls, system: System, person: Person, session: str) -> "Script":
        session_id = SessionId(UUID(session))
        turns, actor = system.application.turns, person.actor
        await turns.accept(actor, session_id, PostTurn(message="Explain the plan"))
        lease = await turns.claim(system_actor(actor.tenant_id), session_id, "the test")
        assert lease
        return cls(system, person, session_id, lease)

    async def say(self, text: str, at: int | None = None) -> None:
        offset = self._said if at is None else at
        delta = TextDelta(
            tenant_id=self._person.actor.tenant_id,
            session_id=self._session_id,
            turn_id=self.turn_id,
            agent="planning",
            message_id=f"{self.turn_id}:1",
            attempt=self._lease.turn.attempt,
            offset=offset,
            text=text,
        )
        self._said = offset + len(text)
        await self._system.application.feed.publish([delta])

    async def record(self, text: str) -> None:
        data = {"message_id": f"{self.turn_id}:1", "text": text, "streamed": True, "attempt": 1}
        events = [
            NewEvent(session_id=self._session_id, turn_id=self.turn_id, agent="planning", type=type, data=content)
            for type, content in ((EventType.AGENT_STARTED, {}), (EventType.MESSAGE, data))
        ]
        row = Recorded(
            id=f"{self.turn_id}:1",
            session_id=self._session_id,
            turn_id=self.turn_id,
            ordinal=1,
            role="assistant",
            agent="planning",
            call=0,
            content={"type": "ai", "data": {"content": text}},
            created_at=self._system.application.clock.now(),
        )
        async with self._system.application.begin(system_actor(self._person.actor.tenant_id)) as work:
            await work.transcript.record(row, events)
            await work.commit(row)

    async def end(self) -> None:
        actor = system_actor(self._person.actor.tenant_id)
        await self._system.application.turns.finish(actor, self._lease, Ending(status=TurnStatus.COMPLETED))


@pytest.fixture
async def script(ada: Person, system: System) -> Script:
    return await Script.begin(system, ada, await ada.session())


def _events_of(script: Script) -> str:
    return f"sessions/{script._session_id}/events"


async def test_a_client_that_drops_mid_answer_gets_the_rest_once(ada: Person, port: int, script: Script) -> None:
    reader = Reader(ada, port)
    async with reader.connected(_events_of(script)) as connection:
        await connection.until("RUN_STARTED")
        await script.say(ANSWER[:10])
        await connection.until("TEXT_MESSAGE_CONTENT")
        await script.say(ANSWER[10:25])
        await connection.until("TEXT_MESSAGE_CONTENT", 2)
    assert reader.text == ANSWER[:25]
    await script.say(ANSWER[25:40])
    await script.record(ANSWER)
    await script.end()
    async with reader.connected(_events_of(script)) as connection:
        await connection.until("RUN_FINISHED")
    assert reader.text == ANSWER
    for type in ("RUN_STARTED", "STEP_STARTED", "STEP_FINISHED", "TEXT_MESSAGE_START", "TEXT_MESSAGE_END"):
        assert reader.types.count(type) == 1, type


async def test_wherever_a_client_dropped_it_gets_exactly_the_rest(ada: Person, port: int) -> None:
    session, wholly = await ada.session(), Reader(ada, port)
    path, events = f"sessions/{session}/turns", f"sessions/{session}/events"
    for message in ("Who is on the team?", CREATE):
        turn = (await ada.http.post(path, json={"message": message})).raise_for_status().json()["id"]
    await ended(ada, session, turn)  # so that all texts come in one piece
    async with wholly.connected(events) as connection:
        await connection.until("RUN_FINISHED", 2)
    assert wholly.types.count("STEP_STARTED") >= 3, "the second turn hands over"
    assert len(set(wholly.ids)) == len(wholly.events), "every event is a place to come back to"
    for place, id in enumerate(wholly.ids[:-1]):
        rest = wholly.events[place + 1 :]
        back = Reader(ada, port)
        back.last_id = id
        async with back.connected(events) as connection:
            await connection.until("RUN_FINISHED", sum(event["type"] == "RUN_FINISHED" for event in rest))
        assert back.events == rest, id


async def test_it_may_come_back_while_the_answer_goes_on(ada: Person, port: int, script: Script) -> None:
    reader = Reader(ada, port)
    async with reader.connected(_events_of(script)) as connection:
        await script.say(ANSWER[:10])
        await connection.until("TEXT_MESSAGE_CONTENT")
    await script.say(ANSWER[10:30])
    async with reader.connected(_events_of(script)) as connection:
        await connection.until("TEXT_MESSAGE_CONTENT", 2)
        await script.say(ANSWER[30:])
        await connection.until("TEXT_MESSAGE_CONTENT", 3)
        await script.record(ANSWER)
        await script.end()
        await connection.until("RUN_FINISHED")
    assert reader.text == ANSWER


async def test_text_that_never_came_by_the_feed_comes_with_the_message(ada: Person, port: int, script: Script) -> None:
    reader = Reader(ada, port)
    async with reader.connected(_events_of(script)) as connection:
        await script.say(ANSWER[:10])
        await connection.until("TEXT_MESSAGE_CONTENT")
        await script.say(ANSWER[20:30], at=20)  # a piece was lost before this one
        await script.record(ANSWER)
        await connection.until("TEXT_MESSAGE_END")
    assert reader.text == ANSWER


async def test_two_readers_and_one_who_comes_later_see_the_same(ada: Person, port: int, script: Script) -> None:
    first, second, late = Reader(ada, port), Reader(ada, port), Reader(ada, port)
    async with first.connected(_events_of(script)) as one, second.connected(_events_of(script)) as two:
        await script.say(ANSWER[:10])
        await asyncio.gather(one.until("TEXT_MESSAGE_CONTENT"), two.until("TEXT_MESSAGE_CONTENT"))
        await script.record(ANSWER)
        await script.end()
        await asyncio.gather(one.until("RUN_FINISHED"), two.until("RUN_FINISHED"))
    async with late.connected(_events_of(script)) as three:
        await three.until("RUN_FINISHED")
    assert first.text == second.text == late.text == ANSWER


async def test_the_headers_of_a_stream(ada: Person, port: int, script: Script) -> None:
    async with Reader(ada, port).connected(_events_of(script)) as connection:
        assert connection.headers["content-type"].startswith("text/event-stream")
        assert connection.headers["cache-control"] == "no-store"
        assert connection.headers["x-accel-buffering"] == "no"


async def test_a_turn_answers_on_its_own_stream_and_ends_it(ada: Person, port: int) -> None:
    session, reader = await ada.session(), Reader(ada, port)
    message = {"message": "Who is on the team?"}
    async with reader.connected(f"sessions/{session}/turns", "POST", json=message) as connection:
        await connection.to_the_end()
        assert connection.headers["location"].startswith(f"/api/v1/tenants/{ada.actor.tenant_id}/sessions/{session}")
    assert reader.types[0] == "RUN_STARTED"
    assert reader.types[-1] == "RUN_FINISHED"
    assert "Ada" in reader.text


async def test_a_dropped_turn_stream_is_taken_up_again_under_its_key(ada: Person, port: int) -> None:
    session, reader = await ada.session(), Reader(ada, port)
    path, key, message = f"sessions/{session}/turns", {"Idempotency-Key": "k1"}, {"message": "Who is on the team?"}
    async with reader.connected(path, "POST", key, json=message) as connection:
        await connection.until("STEP_STARTED")
    async with reader.connected(path, "POST", key, json=message) as connection:
        await connection.to_the_end()
    assert reader.types.count("RUN_STARTED") == 1
    assert reader.types[-1] == "RUN_FINISHED"
    said = (await ada.http.get(f"sessions/{session}/messages")).json()["items"]
    assert [one["text"] for one in said if one["role"] == "user"] == ["Who is on the team?"]
    assert reader.text == next(one["text"] for one in said if one["role"] == "assistant")


async def test_a_turn_stream_has_nothing_of_the_turns_before_it(ada: Person, port: int, script: Script) -> None:
    """One that waits in the queue begins at once, and shows no other turn's text."""
    reader = Reader(ada, port)
    path = f"sessions/{script._session_id}/turns"
    async with reader.connected(path, "POST", json={"message": "Who is on the team?"}) as connection:
        await connection.until("RUN_STARTED")
        await script.record(ANSWER)
        await script.end()
        (await ada.http.post(path, json={"message": "help"})).raise_for_status()  # wakes this process' runner
        await connection.to_the_end()
    assert ANSWER not in reader.text
    assert "Ada" in reader.text
    assert reader.types.count("RUN_FINISHED") == 1


@pytest.mark.parametrize("id", ["abc", "-1", "1.x", "1.2.3.4", "1.0+x", "+1", "٣"])
async def test_an_id_that_is_none(ada: Person, id: str) -> None:
    session = await ada.session()
    answer = await ada.http.get(f"sessions/{session}/events", headers={b"Last-Event-ID": id.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_event_id")


async def test_nobody_watches_anothers_conversation(person: NewPerson) -> None:
    one, other = await person(), await person()
    session = await one.session()
    answer = await other.http.get(f"sessions/{session}/events")
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
