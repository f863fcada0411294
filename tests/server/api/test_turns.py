"""Turns over HTTP: accepted once, answered in order, looked up and cancelled."""

import asyncio
from typing import Any

import pytest

from domain.ids import SessionId, TurnId
from server.bootstrap import System
from services.actor import system_actor
from services.turns import PostTurn
from tests.server.api.conftest import NewPerson, Person

TEAM = {"message": "Who is on the team?"}


async def _ended(person: Person, place: str) -> dict[str, Any]:
    while (turn := (await person.http.get(f"http://api.test{place}")).json())["status"] in ("queued", "running"):
        await asyncio.sleep(0.02)
    return dict(turn)


async def _said(person: Person, session: str) -> list[tuple[str, str]]:
    items = (await person.http.get(f"sessions/{session}/messages")).json()["items"]
    return [(one["role"], one["text"]) for one in items if one["text"]]


async def test_a_message_is_accepted_and_answered_without_a_listener(ada: Person) -> None:
    session = await ada.session()
    accepted = await ada.http.post(f"sessions/{session}/turns", json=TEAM)
    assert accepted.status_code == 202
    assert accepted.json()["status"] == "running"
    turn = await _ended(ada, accepted.headers["Location"])
    assert (turn["status"], turn["id"]) == ("completed", accepted.json()["id"])
    (asked, answered) = await _said(ada, session)
    assert asked == ("user", TEAM["message"])
    assert answered[0] == "assistant"
    assert "Ada" in answered[1]


async def test_two_messages_at_once_are_both_answered_in_order(ada: Person) -> None:
    session = await ada.session()
    posts = [ada.http.post(f"sessions/{session}/turns", json={"message": text}) for text in ("hello", "thanks")]
    answers = await asyncio.gather(*posts)
    for answer in answers:
        assert (await _ended(ada, answer.headers["Location"]))["status"] == "completed"
    said = await _said(ada, session)
    assert [role for role, _ in said].count("assistant") == 2
    first, second = sorted(answers, key=lambda answer: answer.json()["accepted_seq"])
    ordered = [one["turn_id"] for one in (await ada.http.get(f"sessions/{session}/messages")).json()["items"]]
    assert list(dict.fromkeys(ordered)) == [first.json()["id"], second.json()["id"]]


async def test_one_key_is_one_turn_and_never_another_message(ada: Person) -> None:
    session = await ada.session()
    path, key = f"sessions/{session}/turns", {"Idempotency-Key": "k1"}
    first = await ada.http.post(path, json=TEAM, headers=key)
    await _ended(ada, first.headers["Location"])
    again = await ada.http.post(path, json=TEAM, headers=key)
    assert again.json()["id"] == first.json()["id"]
    other = await ada.http.post(path, json={"message": "Something else"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert [role for role, _ in await _said(ada, session)].count("user") == 1


async def test_the_same_key_many_times_at_once(ada: Person) -> None:
    session = await ada.session()
    path, key = f"sessions/{session}/turns", {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(*(ada.http.post(path, json=TEAM, headers=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}, [answer.json().get("code") for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    await _ended(ada, answers[0].headers["Location"])


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"message": ""}, 422, "malformed", "message"),
        ({"message": "  \n "}, 400, "empty", "message"),
        ({"message": "\x00"}, 400, "empty", "message"),
        ({"message": "x" * 20_001}, 400, "message_too_long", "message"),
        ({}, 422, "malformed", "message"),
        ({"message": 7}, 422, "malformed", "message"),
        ({"message": "hi", "on_busy": "panic"}, 422, "malformed", "on_busy"),
        ({"message": "hi", "user_id": "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"}, 422, "malformed", "user_id"),
    ],
    ids=["empty", "blank", "nul", "long", "missing", "number", "on_busy", "identity"],
)
async def test_a_message_that_is_none(ada: Person, body: dict[str, Any], status: int, code: str, field: str) -> None:
    session = await ada.session()
    answer = await ada.http.post(f"sessions/{session}/turns", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (status, code, field)
    assert (await ada.http.get(f"sessions/{session}/messages")).json()["items"] == []


async def test_a_message_of_200_kb(ada: Person) -> None:
    session = await ada.session()
    answer = await ada.http.post(f"sessions/{session}/turns", json={"message": "x" * 200_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("text", ["🚀👩‍👩‍👧", "من في الفريق؟", "\u200bhello", "שלום"])
async def test_any_script_is_answered(ada: Person, text: str) -> None:
    session = await ada.session()
    accepted = await ada.http.post(f"sessions/{session}/turns", json={"message": text})
    assert (await _ended(ada, accepted.headers["Location"]))["status"] == "completed"
    assert (await _said(ada, session))[0] == ("user", text)


async def _queued_behind_another(ada: Person, system: System) -> tuple[str, str]:
    """A session whose running turn belongs to some other process."""
    session = await ada.session()
    session_id = SessionId(TurnId.__supertype__(session))  # type: ignore[attr-defined]  # a NewType's UUID
    await system.application.turns.accept(ada.actor, session_id, PostTurn(message="first"))
    assert await system.application.turns.claim(system_actor(ada.actor.tenant_id), session_id, "another process")
    accepted = await ada.http.post(f"sessions/{session}/turns", json={"message": "second"})
    return session, accepted.headers["Location"]


async def test_busy_is_refused_on_request(ada: Person, system: System) -> None:
    session, _ = await _queued_behind_another(ada, system)
    answer = await ada.http.post(f"sessions/{session}/turns", json={"message": "third", "on_busy": "reject"})
    assert (answer.status_code, answer.json()["code"]) == (409, "session_busy")


async def test_a_queued_turn_is_cancelled_at_once_and_only_once(ada: Person, system: System) -> None:
    _, place = await _queued_behind_another(ada, system)
    cancelled = await ada.http.post(f"http://api.test{place}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    again = await ada.http.post(f"http://api.test{place}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "turn_cancelled")


async def test_a_finished_turn_cannot_be_cancelled(ada: Person) -> None:
    session = await ada.session()
    place = (await ada.http.post(f"sessions/{session}/turns", json=TEAM)).headers["Location"]
    await _ended(ada, place)
    answer = await ada.http.post(f"http://api.test{place}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "turn_completed")


async def test_a_turn_is_found_in_its_own_session_only(ada: Person) -> None:
    session, other = await ada.session(), await ada.session()
    accepted = (await ada.http.post(f"sessions/{session}/turns", json=TEAM)).json()
    answer = await ada.http.get(f"sessions/{other}/turns/{accepted['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "turn_not_found")


async def test_nobody_speaks_in_anothers_conversation(person: NewPerson) -> None:
    one, other = await person(), await person()
    session = await one.session()
    answer = await other.http.post(f"sessions/{session}/turns", json=TEAM)
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
