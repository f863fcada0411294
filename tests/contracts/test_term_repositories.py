"""Advertisers, own benchmarks and stored curves, in both databases."""

import asyncio
from datetime import date, timedelta

import pytest

from domain.campaigns import Campaign
from domain.channels import Channel
from domain.errors import Duplicate, NotFound, StaleVersion
from domain.ids import AdvertiserId, BenchmarkId, CurveId, new_id
from domain.planning.curves.tabulated import Tabulated
from services.actor import Actor
from tests.contracts.conftest import World
from tests.contracts.samples import DONE, NOW, campaign
from tests.contracts.term_samples import advertiser, fitted, override, stored


def facts(entity: object) -> dict[str, object]:
    return {name: value for name, value in vars(entity).items() if name[0] != "_"}


async def test_terms_are_kept_as_they_are(world: World) -> None:
    actor = await world.new_actor()
    client, created = advertiser(actor, "Ångström & Söhne")
    own, was_set = override(actor, valid_from=date(2027, 1, 1))
    curve, added = stored(actor, market="日本", advertiser=client)
    points, also = stored(actor, fitted(Tabulated((0.0, 10.0, 25.5), (0.0, 4.0, 7.25))))
    async with world.begin(actor) as work:
        work.advertisers.add(client)
        await work.commit(DONE, created)
    async with world.begin(actor) as work:
        work.benchmarks.add(own)
        work.curves.add(curve)
        work.curves.add(points)
        await work.commit(DONE, was_set, added, also)
    async with world.begin(actor.only_reading()) as work:
        found = [
            await work.advertisers.get(client.id),
            await work.benchmarks.get(own.id),
            await work.curves.get(curve.id),
            await work.curves.get(points.id),
        ]
    for kept, wrote in zip(found, (client, own, curve, points), strict=True):
        assert kept is not wrote
        assert facts(kept).items() >= facts(wrote).items()
    assert [row[0] for row in await world.audit(actor)] == [
        "advertiser.created",
        "benchmark.set",
        "curve.added",
        "curve.added",
    ]


async def test_another_tenants_terms_are_unknown(world: World) -> None:
    mine, other = await world.new_actor(), await world.new_actor()
    client, own, curve = advertiser(mine)[0], override(mine)[0], stored(mine)[0]
    made, _ = campaign(other)
    async with world.begin(mine) as work:
        work.advertisers.add(client)
        work.benchmarks.add(own)
        work.curves.add(curve)
        await work.commit(DONE)
    async with world.begin(other) as work:
        assert await work.advertisers.named(client.name) is None
        assert await work.benchmarks.in_currency("EUR") == await work.benchmarks.all() == []
        assert await work.curves.speaking_for(made) == []
        for act, code in (
            (work.advertisers.get(client.id), "advertiser_not_found"),
            (work.advertisers.get(AdvertiserId(new_id())), "advertiser_not_found"),
            (work.benchmarks.get(own.id), "benchmark_not_found"),
            (work.benchmarks.get(BenchmarkId(new_id())), "benchmark_not_found"),
            (work.curves.get(curve.id), "curve_not_found"),
            (work.curves.get(CurveId(new_id())), "curve_not_found"),
        ):
            with pytest.raises(NotFound) as unknown:
                await act
            assert unknown.value.code == code


async def test_an_advertisers_name_is_one_of_a_kind_whatever_its_case(world: World) -> None:
    actor = await world.new_actor()
    client, _ = advertiser(actor, "Northwind")
    async with world.begin(actor) as work:
        work.advertisers.add(client)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        found = await work.advertisers.named("NORTHWIND")
        assert found
        assert found.id == client.id
        work.advertisers.add(advertiser(actor, "northwind")[0])
        with pytest.raises(Duplicate) as twice:
            await work.commit(DONE)
    assert twice.value.code == "duplicate_advertiser_name"


async def test_of_two_that_would_make_an_advertiser_the_later_finds_it(world: World) -> None:
    actor = await world.new_actor()
    found = []

    async def make() -> None:
        async with world.begin(actor) as work:
            there = await work.advertisers.named("Northwind")
            found.append(there is not None)
            await asyncio.sleep(0.02)
            if there is None:
                work.advertisers.add(advertiser(actor, "Northwind")[0])
            await work.commit(DONE)

    await asyncio.gather(make(), make())
    assert sorted(found) == [False, True]


async def test_an_advertiser_may_be_made_with_its_first_campaign(world: World) -> None:
    actor = await world.new_actor()
    client, created = advertiser(actor)
    made, began = campaign(actor)
    made.advertiser_id = client.id
    async with world.begin(actor) as work:
        work.campaigns.add(made)
        work.advertisers.add(client)
        await work.commit(DONE, created, began)
    async with world.begin(actor) as work:
        assert (await work.campaigns.get(made.id)).advertiser_id == client.id


async def test_a_place_has_one_benchmark(world: World) -> None:
    actor = await world.new_actor()
    for market in ("DE", None):
        async with world.begin(actor) as work:
            work.benchmarks.add(override(actor, market=market)[0])
            await work.commit(DONE)
        async with world.begin(actor) as work:
            work.benchmarks.add(override(actor, market=market and market.lower())[0])
            with pytest.raises(StaleVersion):
                await work.commit(DONE)
    async with world.begin(actor) as work:
        work.benchmarks.add(override(actor, valid_from=date(2027, 1, 1))[0])
        work.benchmarks.add(override(actor, currency="USD")[0])
        await work.commit(DONE)
    async with world.begin(actor) as work:
        each = await work.benchmarks.all()
        assert [(one.own.currency, one.own.market, one.own.valid_from) for one in each] == [
            ("EUR", None, None),
            ("EUR", "DE", None),
            ("EUR", "DE", date(2027, 1, 1)),
            ("USD", "DE", None),
        ]
        assert {one.id for one in await work.benchmarks.in_currency("EUR")} == {one.id for one in each[:3]}


async def test_a_benchmark_is_set_again_and_removed(world: World) -> None:
    actor = await world.new_actor()
    own, _ = override(actor)
    async with world.begin(actor) as work:
        work.benchmarks.add(own)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        found = await work.benchmarks.get(own.id)
        changed = found.own.amended(override(actor)[0].own.figures, "2027 actuals")
        found.set(changed, by=actor.user_id, now=NOW)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        found = await work.benchmarks.get(own.id)
        assert (found.own, found.version) == (changed, 2)
        await work.benchmarks.remove(found)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        assert await work.benchmarks.all() == []


async def test_curves_speak_for_the_campaigns_they_are_of(world: World) -> None:
    actor = await world.new_actor()
    client, rival = advertiser(actor)[0], advertiser(actor, "Contoso")[0]
    made, other = campaign(actor)[0], campaign(actor, "Autumn")[0]
    made.advertiser_id = client.id
    curves = {
        "all": stored(actor)[0],
        "client": stored(actor, advertiser=client, now=NOW + timedelta(seconds=1))[0],
        "rival": stored(actor, advertiser=rival)[0],
        "campaign": stored(actor, campaign=made, now=NOW + timedelta(seconds=2))[0],
        "other": stored(actor, campaign=other)[0],
        "dollars": stored(actor, fitted(currency="USD"))[0],
        "retired": stored(actor, channel=Channel.CTV)[0],
    }
    async with world.begin(actor) as work:
        for one in (client, rival):
            work.advertisers.add(one)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        for each in (made, other):
            work.campaigns.add(each)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        for curve in curves.values():
            work.curves.add(curve)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        (await work.curves.get(curves["retired"].id)).retire()
        await work.commit(DONE)
    assert await speaking(world, actor, made) == [curves[name].id for name in ("all", "client", "campaign")]
    assert await speaking(world, actor, other) == [curves[name].id for name in ("all", "other")]


async def speaking(world: World, actor: Actor, made: Campaign) -> list[CurveId]:
    async with world.begin(actor) as work:
        return [curve.id for curve in await work.curves.speaking_for(made)]
