import asyncio
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain.campaigns import CampaignStatus, Move
from domain.errors import Conflict, DomainError, Duplicate, IllegalMove, InvalidInput, NotFound, StaleVersion
from domain.ids import CampaignId, new_id
from domain.tenants import TenantSettings
from services.campaigns import MoveCampaign, UpdateCampaign
from services.queries import CampaignView
from tests.services.conftest import InMemory, Product, keyed
from tests.services.samples import create, usd


async def test_what_was_asked_for_is_what_is_answered_and_kept(product: Product) -> None:
    actor = await product.new_actor()
    view = await product.campaigns.create(actor, create(name=" حملة 🌷 ", markets=["DE"], kpi="CPA"))
    async with product.begin(actor) as work:
        kept = await work.campaigns.get(view.id)
    assert (view.name, kept.name) == ("حملة 🌷", "حملة 🌷")
    assert (view.budget, str(kept.budget)) == (usd("100000.00"), "100,000.00 USD")
    assert (view.status, view.version, view.markets, view.kpi) == (CampaignStatus.DRAFT, 1, ["DE"], "CPA")
    assert kept.created_by == actor.user_id


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"end": date(2027, 2, 1)}, "flight_end_before_start"),
        ({"budget": usd(0)}, "budget_not_positive"),
        ({"budget": usd(-1)}, "budget_not_positive"),
        ({"budget": usd(1, "XXQ")}, "unknown_currency"),
        ({"budget": usd("0.001")}, "too_precise"),
        ({"budget": usd("0.5", "JPY")}, "too_precise"),
        ({"budget": usd("1e308")}, "amount_too_large"),
        ({"name": "a\x00b"}, "control_characters"),
    ],
)
async def test_what_makes_no_sense_leaves_nothing(memory: InMemory, wrong: dict[str, Any], code: str) -> None:
    actor = memory.owner()
    before = memory.written()
    with pytest.raises(InvalidInput) as refused:
        await memory.campaigns.create(actor, create(**wrong))
    assert (refused.value.code, memory.written()) == (code, before)


def test_a_command_refuses_what_it_does_not_know() -> None:
    for unknown in ({"status": "approved"}, {"tenant_id": str(new_id())}, {"budget": {"amount": "NaN"}}):
        with pytest.raises(ValidationError):
            create(**unknown)


async def test_one_key_has_one_effect_and_one_answer(product: Product) -> None:
    actor = keyed(await product.new_actor())
    views = await asyncio.gather(*(product.campaigns.create(actor, create()) for _ in range(5)))
    assert all(view == views[0] for view in views)
    renamed = await product.campaigns.update(
        keyed(actor, "another"), views[0].id, UpdateCampaign(name="Summer"), expected=1
    )
    again = await product.campaigns.update(
        keyed(actor, "another"), views[0].id, UpdateCampaign(name="Summer"), expected=1
    )
    assert (renamed.version, again) == (2, renamed)


async def test_a_name_is_taken_once(product: Product) -> None:
    actor = await product.new_actor()
    await product.campaign(actor)
    with pytest.raises(Duplicate):
        await product.campaign(actor, "SPRING")
    other = await product.campaign(actor, "Summer")
    with pytest.raises(Duplicate):
        await product.campaigns.update(actor, other.id, UpdateCampaign(name="spring"))


async def test_an_update_changes_what_it_names(memory: InMemory) -> None:
    actor = memory.owner()
    before = await memory.campaign(actor)
    after = await memory.campaigns.update(actor, before.id, UpdateCampaign(end=date(2027, 5, 31)))
    assert after == before.model_copy(update={"end": date(2027, 5, 31), "version": 2})
    assert memory.actions(actor.tenant_id) == ["campaign.created", "campaign.updated"]


async def test_a_half_flight_is_checked_against_the_other_half(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    with pytest.raises(InvalidInput, match="start before it ends"):
        await memory.campaigns.update(actor, campaign.id, UpdateCampaign(start=date(2027, 4, 30)))


COMMANDS = {
    "update": lambda product, actor, id, expected: product.campaigns.update(
        actor, id, UpdateCampaign(name="X"), expected=expected
    ),
    "move": lambda product, actor, id, expected: product.campaigns.move(
        actor, id, MoveCampaign(move=Move.CANCEL, reason="x"), expected=expected
    ),
    "archive": lambda product, actor, id, expected: product.campaigns.archive(actor, id, expected=expected),
}


@pytest.mark.parametrize("command", COMMANDS)
async def test_who_saw_an_older_version_is_told_the_current_one(memory: InMemory, command: str) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    await memory.campaigns.update(actor, campaign.id, UpdateCampaign(kpi="CPA"))
    before = memory.written()
    with pytest.raises(StaleVersion) as stale:
        await COMMANDS[command](memory, actor, campaign.id, 1)
    assert (stale.value.details, memory.written()) == ({"current": 2}, before)
    assert (await COMMANDS[command](memory, actor, campaign.id, 2)).version == 3


@pytest.mark.parametrize("command", COMMANDS)
async def test_another_tenants_campaign_is_none(product: Product, command: str) -> None:
    ours, theirs = await product.new_actor(), await product.new_actor()
    campaign = await product.campaign(theirs)
    for id in (campaign.id, CampaignId(new_id())):
        with pytest.raises(NotFound) as refused:
            await COMMANDS[command](product, ours, id, None)
        assert refused.value.code == "campaign_not_found"


async def test_of_two_edits_at_once_none_is_lost_in_silence(product: Product) -> None:
    actor = await product.new_actor()
    campaign = await product.campaign(actor)

    async def rename(name: str) -> CampaignView | DomainError:
        try:
            return await product.campaigns.update(actor, campaign.id, UpdateCampaign(name=name), expected=1)
        except Conflict as conflict:
            return conflict

    answers = await asyncio.gather(rename("One"), rename("Two"))
    (done,) = [answer for answer in answers if isinstance(answer, CampaignView)]
    (refused,) = [answer for answer in answers if isinstance(answer, DomainError)]
    async with product.begin(actor) as work:
        assert (await work.campaigns.get(campaign.id)).name == done.name
    assert refused.code == "stale_version"


async def test_moves_follow_the_table(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    for move in (Move.LAUNCH, Move.PLAN, Move.APPROVE):
        with pytest.raises(IllegalMove):
            await memory.campaigns.move(actor, campaign.id, MoveCampaign(move=move))
    with pytest.raises(InvalidInput, match="reason"):
        await memory.campaigns.move(actor, campaign.id, MoveCampaign(move=Move.CANCEL))
    cancelled = await memory.campaigns.move(actor, campaign.id, MoveCampaign(move=Move.CANCEL, reason="no money"))
    assert (cancelled.status, cancelled.status_reason) == (CampaignStatus.CANCELLED, "no money")
    assert memory.actions(actor.tenant_id) == ["campaign.created", "campaign.cancel"]


async def test_archiving_is_undone_by_restoring_unless_the_name_is_taken_meanwhile(product: Product) -> None:
    actor = await product.new_actor()
    campaign = await product.campaign(actor)
    assert (await product.campaigns.archive(actor, campaign.id)).archived
    assert not (await product.campaigns.restore(actor, campaign.id)).archived
    await product.campaigns.archive(actor, campaign.id)
    await product.campaign(actor)
    with pytest.raises(Duplicate):
        await product.campaigns.restore(actor, campaign.id)


async def test_today_is_the_tenants_own(memory: InMemory) -> None:
    """At noon UTC it is tomorrow already on Kiritimati."""
    actor = memory.owner(TenantSettings(timezone="Pacific/Kiritimati"))
    campaign = await memory.campaigns.create(actor, create(start=date(2026, 2, 1), end=date(2026, 4, 30)))
    async with memory.begin(actor) as work:
        live = await work.campaigns.get(campaign.id)
        live.status = CampaignStatus.LIVE
        await work.commit(campaign)
    with pytest.raises(InvalidInput) as refused:
        await memory.campaigns.update(actor, campaign.id, UpdateCampaign(end=date(2026, 3, 1)))
    assert refused.value.code == "end_in_the_past"
    await memory.campaigns.update(actor, campaign.id, UpdateCampaign(end=date(2026, 3, 2)))
