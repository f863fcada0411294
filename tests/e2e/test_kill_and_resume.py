"""What people are promised: a killed server loses nothing and repeats nothing, and an answer outlives its reader."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import uuid4

import pytest

from server.terminal.client import RUN_ENDS, ApiClient, Event, Json
from tests.e2e.product import Product, Text, product, spoken, visitor

pytestmark = pytest.mark.timeout(600)  # the product is started again on machines that are busy
TRIES = 5  # a turn may be quicker than the kill

LONG = (
    'Create a campaign "{name}", 200k USD, 1 April to 31 May 2027, conversions, then draft a plan on search, social '
    "and CTV, then move 20k from search to social, then show the plan"
)


@pytest.fixture(scope="module")
async def planner() -> AsyncIterator[Product]:
    async with product() as one:
        yield one


@pytest.fixture
async def client(planner: Product) -> AsyncIterator[ApiClient]:
    async with visitor(planner) as one:
        yield one


async def campaigns(client: ApiClient) -> dict[str, Json]:
    page = await client.get("/campaigns", limit="200")
    found: dict[str, Json] = {}
    for campaign in page["items"]:
        assert campaign["name"] not in found
        found[campaign["name"]] = campaign
    return found


async def versions(client: ApiClient, campaign: Json) -> list[Json]:
    page = await client.get(f"/campaigns/{campaign['id']}/plans")
    return sorted(page["items"], key=lambda version: int(version["number"]))


async def say(client: ApiClient, session_id: str, message: str) -> list[Event]:
    return [event async for event in client.turn(session_id, message)]


async def events_until(client: ApiClient, session_id: str, run_ids: set[str]) -> list[Event]:
    """Of the session from its start, until all these runs have ended."""
    seen: list[Event] = []
    left = set(run_ids)
    async with aclosing(client.follow(session_id)) as events:
        async for event in events:
            seen.append(event)
            if event.type in RUN_ENDS:
                left.discard(event.data["runId"])
            if not left:
                return seen
    raise AssertionError("a session is followed without end")


async def test_two_messages_at_once_are_answered_in_order(client: ApiClient) -> None:
    session_id = (await client.open_session())["id"]
    names = [f"Twin {uuid4().hex[:8]}" for _ in range(2)]
    asked = [
        client.ask(session_id, f'Create a campaign "{name}", 50k USD, 1 April to 31 May 2027, leads') for name in names
    ]
    turns = await asyncio.gather(*asked)
    events = await events_until(client, session_id, set(turns))
    accepted = [said["turnId"] for event in events if (said := event.custom("user_message"))]
    runs = [(event.type, event.data["runId"]) for event in events if event.type in {"RUN_STARTED", *RUN_ENDS}]
    assert sorted(accepted) == sorted(turns)
    assert runs == [(type_, turn) for turn in accepted for type_ in ("RUN_STARTED", "RUN_FINISHED")]
    assert set(names) <= set(await campaigns(client))


async def test_a_client_that_drops_finds_the_whole_answer(client: ApiClient) -> None:
    session_id = (await client.open_session())["id"]
    text, last = Text(), None
    name = f"Dropped {uuid4().hex[:8]}"
    async with aclosing(client.turn(session_id, LONG.format(name=name))) as events:
        async for event in events:
            text.take(event)
            last = event.id or last
            if event.type == "TOOL_CALL_RESULT":
                break
    assert last
    async with aclosing(client.follow(session_id, last)) as rest:
        async for event in rest:
            text.take(event)
            if event.type in RUN_ENDS:
                break
    assert event.type == "RUN_FINISHED"
    assert text.of == await spoken(client, session_id)
    assert name in " ".join(text.of.values())


async def test_a_killed_server_ends_the_turn_once(planner: Product, client: ApiClient) -> None:
    session_id = (await client.open_session())["id"]
    kept = f"Kept {uuid4().hex[:8]}"
    await say(client, session_id, f'Create a campaign "{kept}", 90k USD, 1 April to 31 May 2027, leads')
    await say(client, session_id, "Draft a plan on search and social")
    before = (await campaigns(client))[kept], await spoken(client, session_id)
    plan_before = await versions(client, before[0])

    name, session_id_of_kill, text = await killed_in_a_turn(planner, client)

    found = await campaigns(client)
    made = await versions(client, found[name])
    assert [(version["number"], version["reason"]) for version in made] == [
        (1, "drafted"),
        (2, "Search lowered, Social raised"),
    ]
    assert text.of == await spoken(client, session_id_of_kill)
    assert (found[kept], await spoken(client, session_id)) == before
    assert await versions(client, found[kept]) == plan_before


async def killed_in_a_turn(planner: Product, client: ApiClient) -> tuple[str, str, Text]:
    """Name of the campaign, session, and what the client got, of a turn that was run again after a kill."""
    for _ in range(TRIES):
        name, session_id = f"Killed {uuid4().hex[:8]}", (await client.open_session())["id"]
        text, events = Text(), []
        restarting: asyncio.Task[None] | None = None
        async for event in client.turn(session_id, LONG.format(name=name)):
            text.take(event)
            events.append(event)
            if event.type == "TOOL_CALL_RESULT" and restarting is None:
                await planner.kill()
                restarting = asyncio.create_task(planner.start())
        assert restarting
        await restarting
        assert events[-1].type == "RUN_FINISHED"
        if any(event.custom("turn_restarted") for event in events):
            return name, session_id, text
    raise AssertionError(f"{TRIES} turns were over before the kill")
