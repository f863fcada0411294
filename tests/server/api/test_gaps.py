"""A stream taken up at a place that is not in the log: the gap is told, with what there is instead."""

import asyncio

import httpx

from tests.server.api.conftest import Person
from tests.server.api.reading import Reader

TEAM = {"message": "Who is on the team?"}


async def _answered(ada: Person) -> tuple[str, str]:
    """A session and the place of its turn, which has ended."""
    session = await ada.session()
    place = str((await ada.http.post(f"sessions/{session}/turns", json=TEAM)).headers["Location"])
    while (await ada.http.get(f"http://api.test{place}")).json()["status"] != "completed":
        await asyncio.sleep(0.02)
    return session, place


async def test_a_place_beyond_the_log(ada: Person, port: int) -> None:
    session, _ = await _answered(ada)
    reader = Reader(ada, port)
    reader.last_id = "4711.12"
    async with reader.connected(f"sessions/{session}/events") as connection:
        await connection.until("MESSAGES_SNAPSHOT")
    gap, state, messages = reader.events
    assert gap == {
        "type": "CUSTOM",
        "name": "gap",
        "value": {"after": 4711, "seq": int(reader.last_id.partition(".")[0]), "earlier": False},
    }
    assert state["snapshot"]["title"] == TEAM["message"]
    assert [one["role"] for one in messages["messages"]] == ["user", "assistant"]
    assert "Ada" in messages["messages"][1]["content"]


async def test_from_the_snapshot_it_goes_on(ada: Person, port: int) -> None:
    session, _ = await _answered(ada)
    reader = Reader(ada, port)
    reader.last_id = "4711"
    async with reader.connected(f"sessions/{session}/events") as connection:
        await connection.until("MESSAGES_SNAPSHOT")
    async with reader.connected(f"sessions/{session}/events") as connection:
        (await ada.http.post(f"sessions/{session}/turns", json={"message": "thanks"})).raise_for_status()
        await connection.until("RUN_FINISHED")
    assert reader.types.count("MESSAGES_SNAPSHOT") == 1
    assert reader.types.count("RUN_STARTED") == 1


async def test_a_turns_stream_ends_where_its_turn_has_ended(ada: Person, port: int) -> None:
    session = await ada.session()
    path, key = f"sessions/{session}/turns", {"Idempotency-Key": "k"}
    reader = Reader(ada, port)
    async with reader.connected(path, "POST", key, json=TEAM) as connection:
        await connection.to_the_end()
    assert reader.types[-1] == "RUN_FINISHED"
    seen = len(reader.events)
    async with reader.connected(path, "POST", key, json=TEAM) as connection:
        await connection.to_the_end()
    assert len(reader.events) == seen
    reader.last_id = "4711"
    async with reader.connected(path, "POST", key, json=TEAM) as connection:
        await connection.to_the_end()


async def test_the_stream_of_a_deleted_conversation_is_none(ada: Person) -> None:
    session, _ = await _answered(ada)
    (await ada.http.delete(f"sessions/{session}")).raise_for_status()
    answer: httpx.Response = await ada.http.get(f"sessions/{session}/events", headers={"Last-Event-ID": "3"})
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
