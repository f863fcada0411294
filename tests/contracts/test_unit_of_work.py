"""Begin and UnitOfWork: one transaction of one tenant."""

import asyncio

import pytest

from domain.campaigns import Campaign
from domain.errors import Duplicate, NotFound, StaleVersion
from domain.ids import CampaignId
from domain.money import Money
from domain.plans.media_plans import MediaPlan
from services.actor import Actor, Origin
from tests.contracts.conftest import World
from tests.contracts.samples import DONE, NOW, Answer, campaign, draft, message, open_session, said


async def stored(world: World, actor: Actor, name: str = "Spring") -> CampaignId:
    made, change = campaign(actor, name)
    async with world.begin(actor) as work:
        work.campaigns.add(made)
        await work.commit(DONE, change)
    return made.id


async def read(world: World, actor: Actor, campaign_id: CampaignId) -> Campaign:
    async with world.begin(actor) as work:
        return await work.campaigns.get(campaign_id)


async def test_without_commit_nothing_happened(world: World) -> None:
    actor = await world.new_actor()
    session_id = await open_session(world.begin, actor)
    made, _ = campaign(actor)
    async with world.begin(actor) as work:
        work.campaigns.add(made)
        await work.transcript.log(said(session_id))
    async with world.begin(actor) as work:
        with pytest.raises(NotFound):
            await work.campaigns.get(made.id)
        (event,) = await work.transcript.log(said(session_id))
    assert event.seq == 1


async def test_an_error_in_the_block_undoes_it_and_comes_out_as_it_was(world: World) -> None:
    actor = await world.new_actor()
    made, _ = campaign(actor)

    async def fail() -> None:
        async with world.begin(actor) as work:
            work.campaigns.add(made)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    with pytest.raises(NotFound):
        await read(world, actor, made.id)


async def test_what_is_added_can_be_read_in_the_same_unit(world: World) -> None:
    actor = await world.new_actor()
    made, _ = campaign(actor)
    async with world.begin(actor) as work:
        work.campaigns.add(made)
        assert await work.campaigns.get(made.id) is made


async def test_a_change_of_what_was_read_is_kept(world: World) -> None:
    actor = await world.new_actor()
    campaign_id = await stored(world, actor)
    async with world.begin(actor) as work:
        found = await work.campaigns.get(campaign_id)
        await work.commit(DONE, found.change(today=NOW.date(), budget=Money(5, "EUR"), markets=["FR"]))
    changed = await read(world, actor, campaign_id)
    assert (changed.budget, changed.markets, changed.version) == (Money(5, "EUR"), ["FR"], 2)


async def test_another_tenants_campaign_is_not_found(world: World) -> None:
    ours, theirs = await world.new_actor(), await world.new_actor()
    campaign_id = await stored(world, theirs)
    with pytest.raises(NotFound) as refused:
        await read(world, ours, campaign_id)
    assert refused.value.code == "campaign_not_found"


async def test_of_two_edits_from_the_same_version_one_is_stale(world: World) -> None:
    actor = await world.new_actor()
    campaign_id = await stored(world, actor)
    async with world.begin(actor) as first:
        mine = await first.campaigns.get(campaign_id)
        async with world.begin(actor) as second:
            theirs = await second.campaigns.get(campaign_id)
            await second.commit(DONE, theirs.change(today=NOW.date(), name="Theirs"))
        change = mine.change(today=NOW.date(), name="Mine")
        with pytest.raises(StaleVersion):
            await first.commit(DONE, change)
    assert (await read(world, actor, campaign_id)).name == "Theirs"
    assert [row[0] for row in await world.audit(actor)] == ["campaign.created", "campaign.updated"]


async def test_a_name_is_taken_once_whatever_its_case(world: World) -> None:
    actor = await world.new_actor()
    await stored(world, actor, "Café Ünal")
    with pytest.raises(Duplicate) as refused:
        await stored(world, actor, "CAFÉ ünal")
    assert (refused.value.code, refused.value.field) == ("duplicate_campaign_name", "name")


async def test_an_archived_campaign_and_another_tenant_leave_the_name_free(world: World) -> None:
    actor = await world.new_actor()
    campaign_id = await stored(world, actor)
    async with world.begin(actor) as work:
        found = await work.campaigns.get(campaign_id)
        await work.commit(DONE, found.archive())
    await stored(world, actor)
    await stored(world, await world.new_actor())


async def test_every_change_leaves_one_audit_row(world: World) -> None:
    actor = await world.new_actor()
    through = actor.through(Origin(agent="planning"))
    made, created = campaign(actor)
    async with world.begin(through) as work:
        work.campaigns.add(made)
        renamed = made.change(today=NOW.date(), name="Summer")
        await work.commit(DONE, created, None, renamed)
    by = (actor.user_id, "planning")
    assert await world.audit(actor) == [
        ("campaign.created", made.id, 1, *by),
        ("campaign.updated", made.id, 2, *by),
    ]


async def test_an_effect_is_remembered_under_its_key(world: World) -> None:
    actor = await world.new_actor()
    keyed = actor.through(Origin(effect_key="turn:call"))
    async with world.begin(keyed) as work:
        assert await work.earlier(Answer) is None
        await work.commit(Answer(text="first"))
    async with world.begin(keyed) as work:
        assert await work.earlier(Answer) == Answer(text="first")
    for other in (actor, actor.through(Origin(effect_key="another")), await keyed_elsewhere(world)):
        async with world.begin(other) as work:
            assert await work.earlier(Answer) is None


async def keyed_elsewhere(world: World) -> Actor:
    return (await world.new_actor()).through(Origin(effect_key="turn:call"))


async def test_an_effect_undone_is_not_remembered(world: World) -> None:
    keyed = await keyed_elsewhere(world)
    async with world.begin(keyed) as work:
        assert await work.earlier(Answer) is None
    async with world.begin(keyed) as work:
        assert await work.earlier(Answer) is None


async def test_twenty_commands_with_one_key_have_one_effect_and_one_answer(world: World) -> None:
    keyed = await keyed_elsewhere(world)
    made: list[CampaignId] = []

    async def command(number: int) -> Answer:
        async with world.begin(keyed) as work:
            if done := await work.earlier(Answer):
                return done
            added, change = campaign(keyed, f"Campaign {number}")
            work.campaigns.add(added)
            await asyncio.sleep(0)
            made.append(added.id)
            return await work.commit(Answer(text=str(added.id)), change)

    answers = await asyncio.gather(*(command(number) for number in range(20)))
    assert len(made) == 1
    assert {answer.text for answer in answers} == {str(made[0])}
    assert len(await world.audit(keyed)) == 1


async def test_events_are_published_after_the_commit_by_session(world: World) -> None:
    actor = await world.new_actor()
    one, other = await open_session(world.begin, actor), await open_session(world.begin, actor)
    async with world.begin(actor) as work:
        first = await work.transcript.log(said(one, "a"), said(other, "b"), said(one, "c"))
        second = await work.transcript.record(message(one, None, id="job:1"), [said(one, "d")])
        assert world.published.batches == []
        await work.commit(DONE)
    expected = [[first[0], first[2], *second], [first[1]]]
    assert sorted(world.published.batches, key=len, reverse=True) == expected


async def test_events_of_an_undone_unit_are_not_published(world: World) -> None:
    actor = await world.new_actor()
    session_id = await open_session(world.begin, actor)
    async with world.begin(actor) as work:
        await work.transcript.log(said(session_id))
    assert world.published.batches == []


async def test_of_two_first_plans_one_is_stale(world: World) -> None:
    actor = await world.new_actor()
    campaign_id = await stored(world, actor)
    made = await read(world, actor, campaign_id)

    async def start() -> str:
        plan, change = MediaPlan.start(made, draft(actor, search=100), by=actor.user_id, now=NOW)
        try:
            async with world.begin(actor) as work:
                work.plans.add(plan)
                await work.commit(DONE, change)
        except StaleVersion:
            return "stale"
        return "saved"

    assert sorted(await asyncio.gather(start(), start())) == ["saved", "stale"]
