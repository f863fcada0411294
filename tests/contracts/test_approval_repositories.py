"""Up to which amount members act alone, and what waits for somebody who may: stored whole, one tenant's."""

from datetime import timedelta

import pytest

from domain.approvals import ApprovalStatus, Verdict
from domain.delegations import Delegation, DelegationKind
from domain.errors import StaleVersion
from domain.ids import SessionId, TurnId, UserId, new_id
from domain.money import Money
from services.actor import Actor
from tests.contracts.access_samples import LATER, approval, delegation, new_member
from tests.contracts.conftest import World
from tests.contracts.samples import DONE, NOW, accept_turn, open_session


@pytest.fixture
async def actor(world: World) -> Actor:
    return await world.new_actor()


async def test_a_delegation_is_given_changed_and_withdrawn(world: World, actor: Actor) -> None:
    ben = await new_member(world.begin, actor)
    made, given = delegation(actor, ben.id, Money(5_000, "EUR"))
    async with world.begin(actor) as work:
        work.delegations.add(made)
        await work.commit(DONE, given)
    async with world.begin(actor) as work:
        found = await _delegation(world, actor, ben.id)
        assert (found.kind, found.cap, found.markets) == (DelegationKind.FULL, Money(5_000, "EUR"), ["DE", "日本"])
        assert (found.granted_by, found.created_at, found.expires_at) == (actor.user_id, NOW, LATER)
        kept = await work.delegations.find(ben.id)
        assert kept
        await work.commit(DONE, kept.change(DelegationKind.EXECUTE_ONLY, None, [], by=actor.user_id, now=NOW))
    async with world.begin(actor) as work:
        kept = await work.delegations.find(ben.id)
        assert kept
        assert (kept.kind, kept.cap, kept.markets, kept.expires_at) == (DelegationKind.EXECUTE_ONLY, None, [], None)
        await work.delegations.remove(kept)
        await work.commit(DONE, kept.withdrawn())
    async with world.begin(actor) as work:
        assert await work.delegations.find(ben.id) is None


async def _delegation(world: World, actor: Actor, user_id: UserId) -> Delegation:
    async with world.begin(actor) as work:
        found = await work.delegations.find(user_id)
    assert found
    return found


async def test_of_two_who_change_a_delegation_the_second_is_stale(world: World, actor: Actor) -> None:
    async with world.begin(actor) as first:
        mine = await first.delegations.find(actor.user_id)
        assert mine
        async with world.begin(actor) as second:
            theirs = await second.delegations.find(actor.user_id)
            assert theirs
            await second.commit(DONE, theirs.change(DelegationKind.PROPOSE_ONLY, None, [], by=actor.user_id, now=NOW))
        with pytest.raises(StaleVersion):
            await first.commit(DONE, mine.change(DelegationKind.FULL, None, ["DE"], by=actor.user_id, now=NOW))
    assert (await _delegation(world, actor, actor.user_id)).kind is DelegationKind.PROPOSE_ONLY


@pytest.mark.parametrize("amount", [None, Money(123_456_789, "EUR")], ids=["no money", "money"])
async def test_an_approval_comes_back_as_it_was_asked_for(world: World, actor: Actor, amount: Money | None) -> None:
    session_id = await open_session(world.begin, actor)
    turn = await accept_turn(world.begin, actor, session_id)
    made, asked = approval(actor, amount=amount, session_id=session_id, turn_id=turn.id)
    async with world.begin(actor) as work:
        work.approvals.add(made)
        await work.commit(DONE, asked)
    async with world.begin(actor) as work:
        found = await work.approvals.get(made.id)
        found.must_be_intact()
        assert (found.request, found.digest) == (made.request, made.digest)
        assert (found.amount, found.arguments["note"], found.versions) == (amount, "Größe 🌷", {"campaign": 3})
        assert (found.session_id, found.turn_id, found.expires_at) == (session_id, turn.id, made.expires_at)
        assert (found.conditions, found.status, found.version) == ([], ApprovalStatus.PENDING, 1)
        await work.commit(DONE, found.withdraw(by=actor.user_id, now=NOW))
    async with world.begin(actor) as work:
        assert (await work.approvals.get(made.id)).status is ApprovalStatus.WITHDRAWN


async def test_a_decision_is_kept_with_its_reason(world: World, actor: Actor) -> None:
    made, asked = approval(actor)
    async with world.begin(actor) as work:
        work.approvals.add(made)
        await work.commit(DONE, asked)
    async with world.begin(actor) as work:
        found = await work.approvals.get(made.id)
        decided = found.decide(
            Verdict.DENIED,
            by=actor.user_id,
            delegation=None,
            self_limit=Money(0, "EUR"),
            now=NOW,
            reason="zu teuer 🌷",
        )
        await work.commit(DONE, decided)
    async with world.begin(actor) as work:
        found = await work.approvals.get(made.id)
    assert (found.status, found.reason, found.decided_by, found.decided_at) == (
        *(ApprovalStatus.DENIED, "zu teuer 🌷"),
        *(actor.user_id, NOW),
    )


async def test_what_a_turn_asked_for_and_still_waits(world: World, actor: Actor) -> None:
    turn_id, session_id = TurnId(new_id()), await open_session(world.begin, actor)
    made = [
        approval(actor, session_id=session_id, turn_id=turn, now=NOW + timedelta(hours=hours))[0]
        for turn, hours in ((turn_id, 2), (turn_id, 1), (turn_id, 0), (TurnId(new_id()), 0), (None, 0))
    ]
    made[2].withdraw(by=actor.user_id, now=NOW)
    async with world.begin(actor) as work:
        for one in made:
            work.approvals.add(one)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        assert [one.id for one in await work.approvals.asked_in(turn_id)] == [made[1].id, made[0].id]
        assert await work.approvals.asked_in(TurnId(new_id())) == []
    async with world.begin(await world.new_actor()) as work:
        assert await work.approvals.asked_in(turn_id) == []


async def test_an_approval_outlives_the_conversation_it_was_asked_in(world: World, actor: Actor) -> None:
    session_id = await open_session(world.begin, actor)
    made, asked = approval(actor, session_id=session_id)
    async with world.begin(actor) as work:
        work.approvals.add(made)
        await work.commit(DONE, asked)
    async with world.begin(actor) as work:
        await work.sessions.remove(await work.sessions.get(SessionId(session_id)))
        await work.commit(DONE)
    async with world.begin(actor) as work:
        assert (await work.approvals.get(made.id)).session_id is None
