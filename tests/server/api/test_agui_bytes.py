"""What a turn costs on the wire: counted, not timed."""

import httpx

from server.bootstrap import System
from tests.server.api.agui_turns import held
from tests.server.api.conftest import Person
from tests.server.api.test_agui_endpoint import said

LIMIT = 5_000
_WORDS = ("Search", "social", "and", "CTV", "carry", "this", "plan", "well", "in", "May", "now")
TOKENS = [f"{word} " for word in _WORDS] * 4
WINDOW = 2  # tokens: one comes in 20 ms, and what comes within 30 ms of the first is one piece


async def test_a_turn_of_44_tokens(ada: Person, port: int, system: System) -> None:
    session, run = await ada.session(), said("Explain the plan")
    assert len(TOKENS) == 44
    script = await held(system, ada, session, run["runId"], "Explain the plan")
    url = f"http://127.0.0.1:{port}/api/v1/tenants/{ada.actor.tenant_id}/agui"
    headers = {"Authorization": f"Bearer {ada.token}"}
    got = b""
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("POST", url, json={**run, "threadId": session}, headers=headers) as response,
    ):
        chunks = response.aiter_raw()
        for place in range(0, len(TOKENS), WINDOW):
            while got.count(b"TEXT_MESSAGE_CONTENT") < place // WINDOW:
                got += await anext(chunks)
            await script.say("".join(TOKENS[place : place + WINDOW]))
        while got.count(b"TEXT_MESSAGE_CONTENT") < len(TOKENS) // WINDOW:
            got += await anext(chunks)
        await script.record("".join(TOKENS))
        await script.end()
        async for chunk in chunks:
            got += chunk
    assert got.count(b"data: ") == 22 + 8
    assert len(got) <= LIMIT, f"{len(got)} bytes"
