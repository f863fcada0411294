"""npm's `@ag-ui/client` 1.0.0, unmodified, against a server on a port: it checks the order of every stream itself."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import Move
from domain.ids import CampaignId, new_id
from domain.tenants import Role
from server.bootstrap import System
from services.amounts import Amount
from tests.agents.people import colleague
from tests.e2e.agui_client import StockClient, stock_client
from tests.server.api.agui_turns import held
from tests.server.api.conftest import Person
from tests.server.api.test_streams import ANSWER, Script

TEAM = "Who is on the team?"
NewClient = Callable[..., AbstractAsyncContextManager[StockClient]]


@pytest.fixture
def client(port: int, ada: Person) -> NewClient:
    def new(thread_id: str, by: Person = ada) -> AbstractAsyncContextManager[StockClient]:
        url = f"http://127.0.0.1:{port}/api/v1/tenants/{by.actor.tenant_id}/agui"
        return stock_client(url, by.token, thread_id)

    return new


@pytest.fixture
async def planner(ada: Person, engine: AsyncEngine, system: System) -> Person:
    actor = await colleague(engine, ada.actor, Role.PLANNER)
    return Person(actor, ada.http, system.tokens.issue(actor.user_id, new_id()))


@pytest.fixture
async def ready(system: System, ada: Person) -> str:
    """The id of a campaign that is only to be launched, for 250,000 dollars."""
    made = await ada.campaign()
    async with system.application.begin(ada.actor) as work:
        campaign = await work.campaigns.get(CampaignId(UUID(str(made["id"]))))
        campaign.move(Move.PLAN)
        campaign.move(Move.APPROVE)
        await work.commit(Amount.of(campaign.budget))
    return str(made["id"])


class Slow:
    """A turn that the client asks for and the test answers, piece by piece."""

    def __init__(self, system: System, ada: Person, session_id: str) -> None:
        self._system = system
        self._ada = ada
        self.session_id = session_id
        self.run_id = str(uuid4())

    async def begun(self) -> Script:
        return await held(self._system, self._ada, self.session_id, self.run_id, TEAM)


@pytest.fixture
async def slow(system: System, ada: Person) -> Slow:
    return Slow(system, ada, await ada.session())


async def test_a_chat_of_two_turns(client: NewClient) -> None:
    async with client(str(uuid4())) as one:
        first = await one.run(say=TEAM)
        second = await one.run(say="help")
    assert (first.error, second.error) == (None, None)
    assert [role for role, _ in second.spoken] == ["user", "assistant", "user", "assistant"]
    assert "Ada" in second.spoken[1][1]
    assert second.state["sessionId"] == first.state["sessionId"]
    assert "MESSAGES_SNAPSHOT" not in second.types  # it has everything already


async def test_a_tool_turn_with_what_it_shows(client: NewClient) -> None:
    async with client(str(uuid4())) as one:
        run = await one.run(say=TEAM)
    assert run.error is None
    (call,) = [call for message in run.messages for call in message.get("toolCalls", ())]
    (result,) = [message for message in run.messages if message["role"] == "tool"]
    assert (call["function"]["name"], result["toolCallId"]) == ("list_members", call["id"])
    (shown,) = [message for message in run.messages if message["role"] == "activity"]
    assert (shown["activityType"], shown["content"]["kind"]) == ("table", "table")
    assert run.types[-1] == "RUN_FINISHED"


async def test_a_reconnect_in_the_middle_of_an_answer(client: NewClient, slow: Slow) -> None:
    script = await slow.begun()
    async with client(slow.session_id) as one:
        await one.begin(say=TEAM, runId=slow.run_id, abortAt={"type": "TEXT_MESSAGE_CONTENT", "count": 1})
        await one.until("RUN_STARTED")
        await script.say(ANSWER[:20])
        dropped = await one.finished()
        assert dropped.spoken[-1] == ("assistant", ANSWER[:20])
        await one.begin(runId=slow.run_id)
        await one.until("TEXT_MESSAGE_CONTENT")
        await script.say(ANSWER[20:])
        await script.record(ANSWER)
        await script.end()
        run = await one.finished()
    assert run.error is None
    assert run.spoken == [("user", TEAM), ("assistant", ANSWER)]


async def test_a_reload_in_the_middle_of_an_answer(client: NewClient, slow: Slow) -> None:
    """A new client knows the thread alone, and neither a message nor the run."""
    script = await slow.begun()
    await script.say(ANSWER[:20])
    async with client(slow.session_id) as one:
        await one.begin()
        await one.until("MESSAGES_SNAPSHOT")
        await script.say(ANSWER[20:])
        await script.record(ANSWER)
        await script.end()
        run = await one.finished()
    assert run.error is None
    assert run.spoken == [("user", TEAM), ("assistant", ANSWER)]


async def test_an_abort_leaves_the_turn_alone(client: NewClient, slow: Slow) -> None:
    script = await slow.begun()
    async with client(slow.session_id) as one:
        await one.begin(say=TEAM, runId=slow.run_id, abortAt={"type": "STATE_SNAPSHOT", "count": 1})
        await one.finished()
        await script.record(ANSWER)
        await script.end()
        found = await one.run(runId=slow.run_id)
    assert found.error is None
    assert found.spoken == [("user", TEAM), ("assistant", ANSWER)]


async def test_a_cancel_by_the_ids_in_the_state(client: NewClient, slow: Slow, ada: Person, system: System) -> None:
    script = await slow.begun()  # the conversation is busy: the client's own run waits
    async with client(slow.session_id) as one:
        await one.begin(say="help")
        await one.until("STATE_SNAPSHOT")
        state = one.seen[-1]["snapshot"]
        place = f"sessions/{state['sessionId']}/turns/{state['turnId']}/cancel"
        assert (await ada.http.post(place)).json()["status"] == "cancelled"
        run = await one.finished()
        assert run.error is None
        assert run.events[-1]["outcome"] == {"type": "cancelled"}
        await script.end()
        again = await one.run(say="help")
    assert (again.error, again.types[-1]) == (None, "RUN_FINISHED")


async def test_the_history_after_a_reload(client: NewClient) -> None:
    thread = str(uuid4())
    async with client(thread) as one:
        before = await one.run(say=TEAM)
    async with client(thread) as reloaded:
        after = await reloaded.run()
        further = await reloaded.run(say="help")
    assert after.spoken == before.spoken
    assert after.state["sessionId"] == before.state["sessionId"]
    assert [message["content"] for message in after.messages if message["role"] == "activity"] == [
        message["content"] for message in before.messages if message["role"] == "activity"
    ]
    assert further.spoken[:2] == before.spoken
    assert "MESSAGES_SNAPSHOT" not in further.types


async def test_an_approval_interrupts_and_is_resumed(
    client: NewClient, ada: Person, planner: Person, ready: str
) -> None:
    async with client(str(uuid4()), planner) as asking, client(str(uuid4())) as deciding:
        await asking.run(say="open the Spring launch campaign")
        asked = await asking.run(say="launch it")
        (interrupt,) = asked.interrupts
        assert (asked.error, asked.events[-1]["outcome"]["type"]) == (None, "interrupt")
        unanswered = await asking.run(say="thanks")
        assert "pending interrupt" in (unanswered.error or "")
        verdict = {"interruptId": interrupt["id"], "status": "resolved", "payload": {"verdict": "approved"}}
        decided = await deciding.run(resume=[verdict])
        assert (decided.error, decided.types[-1]) == (None, "RUN_FINISHED")
        left_open = {"interruptId": interrupt["id"], "status": "cancelled"}
        told = await asking.run(resume=[left_open])
    assert (await ada.http.get(f"campaigns/{ready}")).json()["status"] == "live"
    assert told.interrupts == []
    assert any(text.startswith("Ada approved it, and it is done") for _, text in told.spoken)
