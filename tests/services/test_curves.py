"""Stored response curves: added, used by plans, retired."""

from decimal import Decimal
from typing import Any

import pytest

from domain.channels import Channel
from domain.errors import IllegalMove, InvalidInput, NotFound
from domain.fees import FeeBasis, FeeKind
from domain.ids import AdvertiserId, CampaignId, CurveId, new_id
from services.advertisers import UpdateAdvertiser
from services.curves import Point
from services.plan_commands import DraftPlan, FeeTerms
from tests.services.conftest import InMemory, Product
from tests.services.desk import Desk, desk_of, hill
from tests.services.samples import create, usd

SERVING = FeeTerms(kind=FeeKind.AD_SERVING, basis=FeeBasis.PERCENT_OF_NET_MEDIA, value=Decimal(2))
COMMISSION = FeeTerms(kind=FeeKind.COMMISSION, basis=FeeBasis.PERCENT_OF_NET_MEDIA, value=Decimal(10))


@pytest.fixture
def desk(product: Product) -> Desk:
    return desk_of(product)


@pytest.fixture
def in_memory_desk(memory: InMemory) -> Desk:
    return desk_of(memory)


async def test_a_curve_is_what_its_channel_brings_until_it_is_retired(desk: Desk) -> None:
    actor = await desk.product.new_actor()
    curve = await desk.curves.add(actor, hill(draws=[{"ceiling": 900, "half_saturation": 40_000, "slope": 1.4}]))
    assert (curve.valid_to, curve.draws, curve.family) == (Decimal("80000.00"), 1, "hill")
    plan = await desk.drafted(actor, Channel.SEARCH, budget=usd(50_000))
    assert (plan.lines[0].conversions, plan.lines[0].source) == (
        Decimal(500),
        "illustrative default; MMM 2026 (fitted curve)",
    )
    beyond = await desk.drafted(actor, Channel.SEARCH, name="More", budget=usd(90_000))
    assert "Beyond the range its figures speak for: Search." in beyond.explanation
    await desk.curves.retire(actor, curve.id, expected=1)
    after = await desk.product.plans.draft(actor, plan.campaign_id, DraftPlan(channels=[Channel.SEARCH]))
    assert after.lines[0].source == "illustrative default"
    with pytest.raises(IllegalMove):
        await desk.curves.retire(actor, curve.id)


async def test_points_and_files_of_points_are_the_same_curve(in_memory_desk: Desk) -> None:
    desk = in_memory_desk
    actor = await desk.product.new_actor()
    plain = {"family": None, "parameters": None, "valid_to": None}
    points = [Point(spend=x, outcome=y) for x, y in ((0, 0), (20_000, 300), (60_000, 500))]
    by_points = await desk.curves.add(actor, hill(points=points, **plain))
    file_id = await desk.file(actor, "Spend;Outcome;note\n0;0;\n20000;300;x\n60000;500;\n")
    by_file = await desk.curves.add(actor, hill(file_id=file_id, **plain))
    async with desk.product.begin(actor) as work:
        first, second = await work.curves.get(by_points.id), await work.curves.get(by_file.id)
    assert first.curve == second.curve
    assert (first.curve.outcome(2_000_000), first.curve.valid_to) == (300, 6_000_000)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"family": "spline"}, "family"),
        ({"parameters": {"ceiling": 1}}, "parameters"),
        ({"parameters": None}, "family"),
        ({"parameters": {"ceiling": 1000, "half_saturation": -1, "slope": 1.5}}, "half_saturation"),
        ({"valid_to": None}, "valid_to"),
        ({"valid_from": 90_000}, "valid_to"),
        ({"points": [Point(spend=0, outcome=0)]}, "points"),
        ({"family": None, "points": [Point(spend=0, outcome=0)]}, "points"),
        ({"family": None, "points": [Point(spend=9, outcome=0), Point(spend=1, outcome=1)]}, "spends"),
        ({"currency": "ZZZ"}, "currency"),
        ({"origin": "benchmark"}, "origin"),
    ],
)
async def test_what_is_no_curve_is_refused(
    in_memory_desk: Desk, memory: InMemory, said: dict[str, Any], field: str
) -> None:
    actor = memory.owner()
    before = memory.written()
    with pytest.raises(InvalidInput) as refusal:
        await in_memory_desk.curves.add(actor, hill(**said))
    assert refusal.value.field == field
    assert memory.written() == before


async def test_a_curve_is_of_things_that_are_there(desk: Desk) -> None:
    mine, other = await desk.product.new_actor(), await desk.product.new_actor()
    theirs = await desk.northwind(other)
    foreign = await desk.product.campaigns.create(other, create())
    curve = await desk.curves.add(other, hill())
    for act in (
        desk.curves.add(mine, hill(advertiser_id=theirs.id)),
        desk.curves.add(mine, hill(campaign_id=foreign.id)),
        desk.curves.add(mine, hill(advertiser_id=AdvertiserId(new_id()))),
        desk.curves.add(mine, hill(campaign_id=CampaignId(new_id()))),
        desk.curves.retire(mine, curve.id),
        desk.curves.retire(mine, CurveId(new_id())),
        desk.advertisers.update(mine, theirs.id, UpdateAdvertiser(name="Mine")),
    ):
        with pytest.raises(NotFound):
            await act
