"""Ending turns over HTTP: by cancelling, by interrupting, and a server that takes none any more."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx

from domain.ids import SessionId, new_id
from server.api.app import create_app
from server.bootstrap import System, bootstrap
from server.settings import Settings
from services.actor import Actor, system_actor
from services.turns import PostTurn
from tests.server.api.conftest import Person, elsewhere

TEAM = {"message": "Who is on the team?"}


async def _running_elsewhere(ada: Person, system: System) -> tuple[str, str]:
    """A session, and the place of its turn that some other process runs."""
    session = await ada.session()
    session_id = SessionId(UUID(session))
    turn = await system.application.turns.accept(ada.actor, session_id, PostTurn(message="first"))
    assert await system.application.turns.claim(system_actor(ada.actor.tenant_id), session_id, "another process")
    return session, f"sessions/{session}/turns/{turn.id}"


async def test_a_turn_that_another_process_runs_is_asked_to_end(ada: Person, system: System) -> None:
    session, place = await _running_elsewhere(ada, system)
    answer = await ada.http.post(f"{place}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    async with system.application.begin(ada.actor) as work:
        (turn,) = await work.turns.unfinished(SessionId(UUID(session)))
    assert turn.cancel_asked


async def test_an_interrupting_message_asks_the_running_turn_to_end_and_cancels_what_waits(
    ada: Person, system: System
) -> None:
    session, place = await _running_elsewhere(ada, system)
    waiting = (await ada.http.post(f"sessions/{session}/turns", json=TEAM)).json()
    answer = await ada.http.post(f"sessions/{session}/turns", json={**TEAM, "on_busy": "interrupt"})
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert (await ada.http.get(f"sessions/{session}/turns/{waiting['id']}")).json()["status"] == "cancelled"
    async with system.application.begin(ada.actor) as work:
        unfinished = await work.turns.unfinished(SessionId(UUID(session)))
    assert [(str(turn.id), turn.cancel_asked) for turn in unfinished] == [
        (place.rpartition("/")[2], True),
        (answer.json()["id"], False),
    ]


async def test_a_server_that_is_being_stopped_is_not_ready_and_begins_nothing(
    settings: Settings, tenant: Callable[[], Awaitable[Actor]]
) -> None:
    actor = await tenant()
    async with bootstrap(settings, sweeps=False) as leaving:
        token = leaving.tokens.issue(actor.user_id, new_id())
        async with httpx.AsyncClient(
            transport=elsewhere(create_app(leaving)),
            base_url="http://api.test",
            headers={"Authorization": f"Bearer {token}"},
        ) as http:
            session = f"/api/v1/tenants/{actor.tenant_id}/sessions"
            created: dict[str, Any] = (await http.post(session)).json()
            assert (await http.get("/readyz")).status_code == 200
            leaving.runner.begin_drain(grace=0)
            unready = await http.get("/readyz")
            refused = await http.post(f"{session}/{created['id']}/turns", json=TEAM)
            asked = await http.get(f"{session}/{created['id']}/messages")
    assert (unready.status_code, unready.json()["checks"].keys()) == (503, {"draining"})
    assert (refused.status_code, refused.json()["code"]) == (503, "draining")
    assert refused.headers["Retry-After"]
    assert (asked.status_code, asked.json()["items"]) == (200, [])


async def test_what_had_been_accepted_is_answered_by_another_server(
    settings: Settings, ada: Person, system: System
) -> None:
    session = await ada.session()
    async with bootstrap(settings, sweeps=False) as leaving:
        turns = leaving.application.turns
        turn = await turns.accept(ada.actor, SessionId(UUID(session)), PostTurn(message=TEAM["message"]))
        leaving.runner.begin_drain(grace=0)
        leaving.runner.poke(ada.actor.tenant_id, SessionId(UUID(session)))
    while (await ada.http.get(f"sessions/{session}/turns/{turn.id}")).json()["status"] != "completed":
        await asyncio.sleep(0.02)
