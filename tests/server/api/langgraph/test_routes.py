"""The subset over HTTP: what is promised to clients beyond what the stock ones happen to look at."""

from typing import Any

import httpx
import pytest

from domain.ids import SessionId, TurnId
from server.bootstrap import System
from services.actor import system_actor
from services.turns import PostTurn
from tests.server.api.conftest import NewPerson, Person

RUN = {"assistant_id": "media_planner", "input": {"messages": "Who is on the team?"}}
NEW = {**RUN, "if_not_exists": "create"}


async def post(person: Person, path: str, body: Any = None, **headers: str) -> httpx.Response:
    return await person.http.post(f"langgraph{path}", json=body, headers=headers)


async def get(person: Person, path: str, **headers: str) -> httpx.Response:
    return await person.http.get(f"langgraph{path}", headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"]
    return answer.status_code, problem["code"]


def frames(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """(id, event, data)."""
    assert answer.status_code == 200, answer.text
    blocks = [block for block in answer.text.split("\r\n\r\n") if "event: " in block]
    fields = [dict(line.split(": ", 1) for line in block.split("\r\n")) for block in blocks]
    return [(one["id"], one["event"], one["data"]) for one in fields]


async def finished_run(person: Person) -> str:
    """Its place."""
    answer = await post(person, "/threads/mine/runs/stream", NEW)
    assert frames(answer)[-1][1] == "end"
    return answer.headers["Content-Location"]


async def test_a_stream_says_where_it_is_to_browsers_too(ada: Person) -> None:
    answer = await post(
        ada, "/threads/mine/runs/stream", {**NEW, "stream_mode": "values"}, Origin="https://app.example"
    )
    place = answer.headers["Content-Location"]
    assert place.startswith("/threads/mine/runs/")
    assert answer.headers["Location"] == f"{place}/stream?stream_mode=values"
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"Location", "Content-Location"} <= {name.strip() for name in exposed.split(",")}
    assert answer.headers["Cache-Control"] == "no-store"
    assert all(id for id, _, _ in frames(answer))


async def test_from_every_event_a_reader_gets_exactly_the_rest(ada: Person) -> None:
    place = await finished_run(ada)
    whole = frames(await get(ada, f"{place}/stream"))
    assert len({id for id, _, _ in whole}) == len(whole)
    for number, (id, _, _) in enumerate(whole):
        rest = frames(await get(ada, f"{place}/stream", **{"Last-Event-ID": id}))
        over = rest == [(id, "end", "null")]
        assert rest == whole[number + 1 :] or (over and number == len(whole) - 1), id
    assert frames(await get(ada, f"{place}/stream", **{"Last-Event-ID": "-1"})) == whole
    assert refusal(await get(ada, f"{place}/stream", **{"Last-Event-ID": "soon"})) == (400, "bad_event_id")


async def test_one_key_is_one_run(ada: Person) -> None:
    runs = [await post(ada, "/threads/mine/runs", NEW, **{"Idempotency-Key": "k1"}) for _ in "12"]
    assert runs[0].json()["run_id"] == runs[1].json()["run_id"]


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"assistant_id": "another"}, (404, "assistant_not_found")),
        ({"input": None, "command": {"goto": "planning"}}, (422, "unsupported_command")),
        ({"input": None, "command": {"update": {}}}, (422, "unsupported_command")),
        ({"input": None, "command": {"resume": "approved"}}, (422, "which_interrupt")),
        ({"command": {"resume": "approved"}}, (422, "unsupported_input")),
        ({"multitask_strategy": "rollback"}, (422, "unsupported_multitask_strategy")),
        ({"stream_mode": ["values", "events"]}, (422, "unsupported_stream_mode")),
        ({"checkpoint": {"checkpoint_id": "0199b3c4"}}, (422, "unsupported_branch")),
        ({"after_seconds": 5}, (422, "malformed")),
        ({"on_completion": "delete"}, (422, "malformed")),
        ({"something_new": True}, (422, "malformed")),
        ({"webhook": "https://example.com"}, (422, "unsupported_option")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_what_is_not_there_is_refused_and_nothing_is_begun(
    ada: Person, changed: dict[str, Any], refused: tuple[int, str]
) -> None:
    await post(ada, "/threads", {"thread_id": "mine"})
    assert refusal(await post(ada, "/threads/mine/runs/stream", {**RUN, **changed})) == refused
    assert (await get(ada, "/threads/mine/runs")).json() == []


@pytest.mark.parametrize("path", ["/runs", "/runs/stream", "/runs/wait", "/runs/batch"])
async def test_a_run_needs_a_thread(ada: Person, path: str) -> None:
    assert refusal(await post(ada, path, RUN)) == (422, "thread_required")


async def test_the_sdk_defaults_are_taken(ada: Person) -> None:
    usual = {"stream_resumable": True, "on_disconnect": "cancel", "stream_subgraphs": True, "durability": "async"}
    values = (await post(ada, "/threads/mine/runs/wait", {**NEW, **usual})).json()
    assert [one["type"] for one in values["messages"]] == ["human", "ai", "tool", "ai"]


async def test_a_busy_thread_is_refused_on_request(ada: Person, system: System) -> None:
    session = await ada.session()
    session_id = SessionId(TurnId.__supertype__(session))  # type: ignore[attr-defined]  # a NewType's UUID
    await system.application.turns.accept(ada.actor, session_id, PostTurn(message="first"))
    assert await system.application.turns.claim(system_actor(ada.actor.tenant_id), session_id, "another process")
    busy = await post(ada, f"/threads/{session}/runs", {**RUN, "multitask_strategy": "reject"})
    assert refusal(busy) == (409, "session_busy")
    assert (await get(ada, f"/threads/{session}")).json()["status"] == "busy"


async def test_a_thread_keeps_its_clients_name_and_its_own(ada: Person) -> None:
    made = (await post(ada, "/threads", {"thread_id": "mine"})).json()
    assert made["thread_id"] == "mine"
    assert refusal(await post(ada, "/threads", {"thread_id": "mine"})) == (409, "thread_exists")
    again = await post(ada, "/threads", {"thread_id": "mine", "if_exists": "do_nothing"})
    assert again.json()["created_at"] == made["created_at"]
    (session,) = (await ada.http.get("sessions")).json()["items"]
    assert (await get(ada, f"/threads/{session['id']}")).json()["thread_id"] == "mine"
    assert (await post(ada, "/threads")).json()["thread_id"] != "mine"
    assert refusal(await post(ada, "/threads", {"metadata": {"user": "me"}})) == (422, "unsupported_option")


async def test_nobody_reads_anothers_thread_by_its_name(person: NewPerson) -> None:
    ada, eve = await person(), await person()
    place = await finished_run(ada)
    for path in ("/threads/mine", "/threads/mine/state", place, f"{place}/stream", f"{place}/join"):
        assert refusal(await get(eve, path)) == (404, "session_not_found"), path
    await post(eve, "/threads", {"thread_id": "mine"})
    assert (await get(eve, "/threads/mine/state")).json()["values"]["messages"] == []
    assert refusal(await get(eve, place)) == (404, "turn_not_found")


async def test_history_leads_back_to_every_state(ada: Person) -> None:
    place = await finished_run(ada)
    newest, oldest = (await post(ada, "/threads/mine/history")).json()
    assert newest["parent_checkpoint"] == oldest["checkpoint"]
    assert (oldest["next"], [one["type"] for one in oldest["values"]["messages"]]) == (["__start__"], ["human"])
    named = newest["checkpoint"]["checkpoint_id"]
    assert place.endswith(named)
    assert (await get(ada, f"/threads/mine/state/{named}")).json() == newest
    at = await post(ada, "/threads/mine/state/checkpoint", {"checkpoint": oldest["checkpoint"]})
    assert at.json() == oldest
    assert (await post(ada, "/threads/mine/history", {"before": newest["checkpoint"]})).json() == [oldest]
    assert refusal(await get(ada, "/threads/mine/state/none")) == (404, "checkpoint_not_found")
    goes_on = {**RUN, "checkpoint": newest["checkpoint"]}
    assert (await post(ada, "/threads/mine/runs/wait", goes_on)).status_code == 200
    assert refusal(await post(ada, "/threads/mine/runs/wait", goes_on)) == (422, "unsupported_branch")


async def test_threads_are_searched_page_by_page(ada: Person) -> None:
    for name in ("one", "two", "three"):
        await post(ada, "/threads", {"thread_id": name})
    page = (await post(ada, "/threads/search", {"limit": 2, "select": ["thread_id"]})).json()
    rest = (await post(ada, "/threads/search", {"limit": 2, "offset": 2, "select": ["thread_id"]})).json()
    assert sorted(one["thread_id"] for one in page + rest) == ["one", "three", "two"]
    assert (await post(ada, "/threads/search", {"metadata": {"graph_id": "other"}})).json() == []
    assert [one["thread_id"] for one in (await post(ada, "/threads/search", {"ids": ["two"]})).json()] == ["two"]
    assert refusal(await post(ada, "/threads/search", {"status": "busy"})) == (422, "unsupported_option")


async def test_a_deleted_thread_is_gone(ada: Person) -> None:
    await finished_run(ada)
    assert (await ada.http.delete("langgraph/threads/mine")).status_code == 204
    assert refusal(await get(ada, "/threads/mine")) == (404, "session_not_found")


async def test_there_is_one_assistant_under_two_names(ada: Person) -> None:
    (one,) = (await post(ada, "/assistants/search", {"graph_id": "media_planner"})).json()
    assert (await get(ada, f"/assistants/{one['assistant_id']}")).json()["name"] == "media_planner"
    schemas = (await get(ada, "/assistants/media_planner/schemas")).json()
    assert schemas["input_schema"]["required"] == ["messages"]
    assert (await post(ada, "/assistants/search", {"graph_id": "other"})).json() == []
    assert (await get(ada, "/ok")).json() == {"ok": True}
    assert (await get(ada, "/info")).json()["flags"]["assistants"] is True
