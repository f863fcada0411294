"""The verdict comes back into its conversation as a turn of its own, once, and the next turn hears of it."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.approvals import ApprovalStatus
from domain.ids import SessionId, TurnId
from domain.sessions import TurnStatus
from domain.tenants import Role
from server.postgres.wakeups import PostgresWakeups
from services.access_views import ApprovalView
from services.actor import Actor, system_actor
from services.approvals import Decide
from services.budgets import Usage
from services.events import EventType
from services.ports import Lease
from services.turns import Ending, PostTurn
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.approval_world import APPROVE, CONDITIONS, DENY, Workspace, launch, through_agent, workspace
from tests.services.conftest import InMemory, Product

VERDICT = [EventType.TURN_STARTED, EventType.APPROVAL, EventType.MESSAGE, EventType.TURN_ENDED]


@pytest.fixture
async def house(product: Product, engine: AsyncEngine) -> Workspace:
    wakeups = (
        InMemoryWakeups(product.database, product.clock) if isinstance(product, InMemory) else PostgresWakeups(engine)
    )
    return workspace(product, wakeups, await product.new_actor())


class Talking:
    """A planner's conversation, in which turns are claimed and finished by hand."""

    def __init__(self, house: Workspace, actor: Actor, session_id: SessionId) -> None:
        self.house = house
        self.actor = actor
        self.session_id = session_id

    async def lease(self, message: str = "launch it") -> Lease:
        turns, system = self.house.product.turns, system_actor(self.actor.tenant_id)
        await turns.accept(self.actor, self.session_id, PostTurn(message=message))
        lease = await turns.claim(system, self.session_id, "this process")
        assert lease
        return lease

    async def finish(self, lease: Lease, status: TurnStatus = TurnStatus.COMPLETED) -> TurnStatus:
        system = system_actor(self.actor.tenant_id)
        ending = Ending(status=status, usage=Usage(tool_calls=1))  # it is a tool that asks
        return (await self.house.product.turns.finish(system, lease, ending)).turn.status

    async def asks(self, turn_id: TurnId | None = None) -> ApprovalView:
        campaign = await self.house.ready_campaign()
        call = through_agent(self.actor, self.session_id, turn=turn_id)
        return await self.house.waits(call, launch(campaign))

    async def types(self) -> list[EventType]:
        return await self.house.product.types(self.actor, self.session_id)

    async def heard(self, lease: Lease) -> list[str]:
        """The texts that the leased turn has in its window from outside of turns."""
        async with self.house.product.begin(self.actor) as work:
            up_to = await work.turns.heard_up_to(self.session_id, lease.turn.accepted_seq)
            rows = await work.transcript.outside_turns(self.session_id, up_to)
        return [str(row.content["data"]["content"]) for row in rows]  # type: ignore[index]


@pytest.fixture
def talking(house: Workspace) -> Callable[[], Awaitable[Talking]]:
    async def start() -> Talking:
        planner = await house.colleague(Role.PLANNER)
        return Talking(house, planner, await house.product.session(planner))

    return start


Start = Callable[[], Awaitable[Talking]]


async def test_a_turn_that_asked_ends_waiting_and_says_for_what(talking: Start) -> None:
    one = await talking()
    lease = await one.lease()
    approval = await one.asks(lease.turn.id)
    assert await one.finish(lease) is TurnStatus.AWAITING_APPROVAL
    *_, told, ended = await one.house.product.log(one.actor, one.session_id)
    assert (told.type, told.turn_id, told.agent) == (EventType.APPROVAL, lease.turn.id, "workspace")
    assert told.data["title"] == "Launch “Spring” for 100,000.00 USD"
    assert ended.data["status"] == "awaiting_approval"
    assert ended.data["approvals"] == [
        {"approval_id": str(approval.id), "title": approval.title, "expires_at": approval.expires_at.isoformat()}
    ]


async def test_a_turn_whose_request_is_decided_already_is_complete(talking: Start) -> None:
    one = await talking()
    lease = await one.lease()
    approval = await one.asks(lease.turn.id)
    await one.house.approvals.decide(one.house.owner, approval.id, DENY)
    assert await one.finish(lease) is TurnStatus.COMPLETED


@pytest.mark.parametrize("status", [TurnStatus.FAILED, TurnStatus.CANCELLED])
async def test_a_turn_that_did_not_complete_waits_for_nothing(talking: Start, status: TurnStatus) -> None:
    one = await talking()
    lease = await one.lease()
    await one.asks(lease.turn.id)
    assert await one.finish(lease, status) is status


@pytest.mark.parametrize(
    ("verdict", "status", "words"),
    [
        (APPROVE, ApprovalStatus.EXECUTED, "Ada approved it, and it is done: Launch “Spring” for 100,000.00 USD."),
        (DENY, ApprovalStatus.DENIED, "Ada denied it: Launch “Spring” for 100,000.00 USD. Reason: Not this quarter."),
        (
            CONDITIONS,
            ApprovalStatus.CONDITIONS,
            "Ada would approve it otherwise: Launch “Spring” for 100,000.00 USD. The conditions: budget has to be "
            "at most 50,000 USD (The client cut it.).",
        ),
    ],
    ids=["approved", "denied", "conditions"],
)
async def test_the_verdict_is_a_turn_of_its_own(
    talking: Start, verdict: Decide, status: ApprovalStatus, words: str
) -> None:
    one = await talking()
    lease = await one.lease()
    approval = await one.asks(lease.turn.id)
    await one.finish(lease)
    before = len(await one.types())
    assert (await one.house.approvals.decide(one.house.owner, approval.id, verdict)).status is status
    started, told, said, ended = (await one.house.product.log(one.actor, one.session_id))[before:]
    assert [one.type for one in (started, told, said, ended)] == VERDICT
    assert len({event.turn_id for event in (started, told, said, ended)}) == 1
    assert started.turn_id not in (None, lease.turn.id)
    assert (told.data["status"], said.data["text"]) == (status, words)
    async with one.house.product.begin(one.actor) as work:
        assert started.turn_id
        turn = await work.turns.get(started.turn_id)
    assert (turn.status, turn.accepted_seq, turn.ended_seq) == (TurnStatus.COMPLETED, started.seq, ended.seq)


async def test_what_could_not_be_done_says_why(talking: Start) -> None:
    one = await talking()
    approval = await one.asks()
    async with one.house.product.begin(one.house.owner) as work:
        (await work.members.get(one.actor.user_id)).change_role(Role.VIEWER, by=Role.OWNER, owners=1)
        await work.commit(approval)
    await one.house.approvals.decide(one.house.owner, approval.id, APPROVE)
    (row,) = await one.house.product.posted(one.actor, one.session_id)
    assert "could not be done" in str(row.content)
    assert "This needs the right campaign:write." in str(row.content)


async def test_the_next_turn_hears_the_verdict_and_the_one_after_it_does_not(talking: Start) -> None:
    one = await talking()
    approval = await one.asks()
    await one.house.approvals.decide(one.house.owner, approval.id, DENY)
    second = await one.lease("so?")
    (text,) = await one.heard(second)
    assert text.startswith("Ada denied it")
    await one.finish(second)
    assert await one.heard(await one.lease("ok")) == []


async def test_two_verdicts_between_turns_are_both_heard(talking: Start) -> None:
    """The verdict's own turn was run by nobody: what came before it is not heard by it."""
    one = await talking()
    approvals = [await one.asks()]
    campaign = await one.house.ready_campaign("Autumn")
    approvals.append(await one.house.waits(through_agent(one.actor, one.session_id), launch(campaign)))
    for approval in approvals:
        await one.house.approvals.decide(one.house.owner, approval.id, DENY)
    texts = await one.heard(await one.lease("so?"))
    assert ["“Spring”" in texts[0], "“Autumn”" in texts[1], len(texts)] == [True, True, 2]


async def test_while_a_turn_runs_the_verdict_waits_and_the_sweep_brings_it(talking: Start) -> None:
    one = await talking()
    approval = await one.asks()
    lease = await one.lease()
    decided = await one.house.approvals.decide(one.house.owner, approval.id, APPROVE)
    assert decided.status is ApprovalStatus.EXECUTED
    assert EventType.TURN_ENDED not in await one.types()
    await one.finish(lease)
    await one.house.due_now(approval.id)
    await one.house.approvals.carry_out_due()
    assert (await one.types())[-4:] == VERDICT


async def test_the_verdict_is_told_once(talking: Start) -> None:
    one = await talking()
    approval = await one.asks()
    await one.house.approvals.decide(one.house.owner, approval.id, APPROVE)
    for _ in "12":
        assert await one.house.approvals.carry_out(one.actor.tenant_id, approval.id)
    assert (await one.types()).count(EventType.TURN_ENDED) == 1


async def test_a_withdrawal_is_an_event_and_no_turn(talking: Start) -> None:
    one = await talking()
    approval = await one.asks()
    await one.house.approvals.withdraw(one.actor, approval.id)
    assert await one.types() == [EventType.APPROVAL, EventType.APPROVAL]


async def test_without_its_conversation_the_verdict_stands_all_the_same(talking: Start) -> None:
    one = await talking()
    approval = await one.asks()
    await one.house.product.sessions.delete(one.actor, one.session_id)
    assert (await one.house.approvals.decide(one.house.owner, approval.id, APPROVE)).status is ApprovalStatus.EXECUTED
    assert await one.house.approvals.carry_out(one.actor.tenant_id, approval.id)
