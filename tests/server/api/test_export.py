"""A conversation over HTTP as a file, and found by what was said in it."""

import asyncio

from tests.server.api.conftest import NewPerson, Person

TEAM = {"message": "Who is on the team?"}


async def _answered(ada: Person) -> str:
    session = await ada.session()
    place = (await ada.http.post(f"sessions/{session}/turns", json=TEAM)).headers["Location"]
    while (await ada.http.get(f"http://api.test{place}")).json()["status"] != "completed":
        await asyncio.sleep(0.02)
    return session


async def test_a_conversation_is_taken_along_as_markdown(ada: Person) -> None:
    session = await _answered(ada)
    answer = await ada.http.get(f"sessions/{session}/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.headers["content-disposition"] == f'attachment; filename="conversation-{session}.md"'
    lines = answer.text.splitlines()
    assert lines[0] == f"# {TEAM['message']}"
    assert f"> {TEAM['message']}" in lines
    assert "`list_members` was called:" in lines
    assert "`list_members` answered:" in lines


async def test_and_as_json_with_everything_in_order(ada: Person) -> None:
    session = await _answered(ada)
    answer = await ada.http.get(f"sessions/{session}/export", params={"format": "json"})
    assert answer.headers["content-type"] == "application/json"
    read = answer.json()
    assert read["session"]["id"] == session
    assert [one["role"] for one in read["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert [call["name"] for call in read["messages"][1]["calls"]] == ["list_members"]
    assert read["messages"][2]["call_id"] == read["messages"][1]["calls"][0]["id"]


async def test_nobody_takes_anothers_along(person: NewPerson) -> None:
    one, other = await person(), await person()
    answer = await other.http.get(f"sessions/{await one.session()}/export")
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")


async def test_an_unknown_format_is_malformed(ada: Person) -> None:
    answer = await ada.http.get(f"sessions/{await ada.session()}/export", params={"format": "pdf"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_a_conversation_is_found_by_what_was_said(ada: Person) -> None:
    session = await _answered(ada)
    (await ada.http.patch(f"sessions/{session}", json={"title": "People"})).raise_for_status()
    await ada.session()
    found = (await ada.http.get("sessions", params={"search": "TEAM who"})).json()["items"]
    assert [one["id"] for one in found] == [session]
