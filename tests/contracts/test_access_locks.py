"""What two people decide at the same moment is decided once, and who only reads writes nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.approvals import ApprovalStatus, Verdict
from domain.errors import Conflict, Forbidden, NotFound
from domain.ids import ApprovalId, SessionId
from domain.money import Money
from domain.tenants import Role
from domain.users import Email
from services.actor import Actor
from services.unit_of_work import UnitOfWork
from tests.contracts.access_samples import approval, invitation, new_member, service_token
from tests.contracts.conftest import World
from tests.contracts.samples import DONE, NOW, campaign, open_session, said

DECIDERS = 10


@pytest.fixture
async def actor(world: World) -> Actor:
    return await world.new_actor()


async def test_of_many_verdicts_one_counts(world: World, actor: Actor) -> None:
    made, asked = approval(actor)
    async with world.begin(actor) as work:
        work.approvals.add(made)
        await work.commit(DONE, asked)

    async def decide(approval_id: ApprovalId, verdict: Verdict) -> str:
        async with world.begin(actor) as work:
            found = await work.approvals.get(approval_id)
            await asyncio.sleep(0)
            own = await work.delegations.find(actor.user_id)
            try:
                decided = found.decide(verdict, by=other.id, delegation=own, self_limit=Money(0, "EUR"), now=NOW)
            except Conflict as late:
                return late.code
            await work.commit(DONE, decided)
            return str(verdict)

    other = await new_member(world.begin, actor, Role.ADMIN)
    verdicts = [Verdict.APPROVED, Verdict.DENIED] * (DECIDERS // 2)
    answers = await asyncio.gather(*(decide(made.id, verdict) for verdict in verdicts))
    assert answers.count("already_decided") == DECIDERS - 1
    (counted,) = set(answers) - {"already_decided"}
    async with world.begin(actor) as work:
        assert (await work.approvals.get(made.id)).status is ApprovalStatus(counted)
    assert [action for action, *_ in await world.audit(actor)].count(f"approval.{counted}") == 1


Locked = Callable[[UnitOfWork], Awaitable[object]]


async def _waits(world: World, actor: Actor, ask: Locked) -> None:
    """Who asks second gets an answer when the first one's transaction ends, not before."""
    answered = asyncio.Event()

    async def second() -> None:
        async with world.begin(actor) as work:
            await ask(work)
            answered.set()

    async with world.begin(actor) as work:
        await ask(work)
        waiting = asyncio.create_task(second())
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
        assert not answered.is_set()
    await waiting


async def test_who_counts_the_owners_keeps_them_until_the_end(world: World, actor: Actor) -> None:
    await _waits(world, actor, lambda work: work.members.owners())


async def test_an_approval_is_kept_until_the_end(world: World, actor: Actor) -> None:
    made, asked = approval(actor)
    async with world.begin(actor) as work:
        work.approvals.add(made)
        await work.commit(DONE, asked)
    await _waits(world, actor, lambda work: work.approvals.get(made.id))


async def test_an_invitation_is_kept_until_the_end(world: World, actor: Actor) -> None:
    made, written = invitation(actor)
    async with world.begin(actor) as work:
        work.invitations.add(made)
        await work.commit(DONE, written)
    await _waits(world, actor, lambda work: work.invitations.get(made.id))


async def test_an_address_is_kept_until_the_end_though_nothing_is_there_yet(world: World, actor: Actor) -> None:
    nobody = Email.of("nobody@example.com")
    await _waits(world, actor, lambda work: work.invitations.open_for(nobody, NOW))


async def test_a_service_token_is_kept_until_the_end(world: World, actor: Actor) -> None:
    made, created = service_token(actor)
    async with world.begin(actor) as work:
        work.service_tokens.add(made)
        await work.commit(DONE, created)
    await _waits(world, actor, lambda work: work.service_tokens.get(made.id))


async def test_whoever_only_reads_reads(world: World, actor: Actor) -> None:
    made, created = campaign(actor)
    async with world.begin(actor) as work:
        work.campaigns.add(made)
        await work.commit(DONE, created)
    async with world.begin(actor.only_reading()) as work:
        assert (await work.campaigns.get(made.id)).name == made.name
        assert (await work.members.get(actor.user_id)).role is Role.OWNER


async def test_whoever_only_reads_writes_nothing(world: World, actor: Actor) -> None:
    made, created = campaign(actor)
    async with world.begin(actor.only_reading()) as work:
        work.campaigns.add(made)
        with pytest.raises(Forbidden) as refused:
            await work.commit(DONE, created)
    assert refused.value.code == "read_only"
    async with world.begin(actor) as work:
        with pytest.raises(NotFound):
            await work.campaigns.get(made.id)
    assert await world.audit(actor) == []


async def test_whoever_only_reads_leaves_no_trace_in_a_conversation(world: World, actor: Actor) -> None:
    session_id = await open_session(world.begin, actor)
    async with world.begin(actor.only_reading()) as work:
        with pytest.raises(Forbidden) as refused:
            await _say(work, session_id)
    assert refused.value.code == "read_only"
    assert world.published.batches == []


async def _say(work: UnitOfWork, session_id: SessionId) -> None:
    """Where it is refused, at once or at the end, is the world's own affair."""
    await work.transcript.log(said(session_id))
    await work.commit(DONE)
