"""Advertisers, own benchmarks and stored curves: who may change them, and what becomes of plans."""

from decimal import Decimal
from typing import Any

import pytest

from domain.channels import Channel
from domain.errors import DomainError, Duplicate, Forbidden, IllegalMove, InvalidInput, NotFound, StaleVersion
from domain.fees import FeeBasis, FeeKind
from domain.ids import FileId, new_id
from domain.tenants import Permission
from services.actor import Actor
from services.advertisers import CreateAdvertiser, UpdateAdvertiser, UtmTerms
from services.benchmark_commands import BenchmarkPlace, ImportBenchmarks, SetBenchmark
from services.campaigns import UpdateCampaign
from services.plan_commands import DraftPlan, Edit, FeeTerms, LineDetails, LineEdit, RevisePlan
from tests.services.conftest import InMemory, Product, keyed, without
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


def own(channel: Channel = Channel.SEARCH, currency: str = "USD", **said: Any) -> SetBenchmark:
    return SetBenchmark(channel=channel, currency=currency, source=said.pop("source", "2026 actuals"), **said)


async def test_a_campaign_belongs_to_the_advertiser_it_is_said_to_be_for(desk: Desk) -> None:
    actor = await desk.product.new_actor()
    first = await desk.product.campaigns.create(actor, create(advertiser="Northwind"))
    second = await desk.product.campaigns.create(actor, create(name="Autumn", advertiser="NORTHWIND"))
    assert first.advertiser_id == second.advertiser_id is not None
    assert (first.advertiser, second.advertiser) == ("Northwind", "Northwind")
    assert first.advertiser_id
    await desk.advertisers.update(actor, first.advertiser_id, UpdateAdvertiser(name="Contoso"))
    moved = await desk.product.campaigns.update(actor, second.id, UpdateCampaign(product="Tea"))
    assert moved.advertiser == "Contoso"
    other = await desk.product.campaigns.update(actor, second.id, UpdateCampaign(advertiser="Fabrikam"))
    assert other.advertiser == "Fabrikam"
    assert other.advertiser_id not in (None, first.advertiser_id)


async def test_who_may_write_one_campaign_alone_makes_no_advertiser(in_memory_desk: Desk) -> None:
    desk = in_memory_desk
    actor = await desk.product.new_actor()
    made = await desk.product.campaigns.create(actor, create(advertiser="Northwind"))
    guest = Actor(actor.tenant_id, actor.user_id, frozenset(), grants={made.id: frozenset({Permission.CAMPAIGN_WRITE})})
    for name in ("Fabrikam", "Northwind"):
        view = await desk.product.campaigns.update(guest, made.id, UpdateCampaign(advertiser=name))
        assert (view.advertiser, view.advertiser_id) == (name, None)


async def test_new_lines_take_the_terms_and_planned_ones_keep_theirs(desk: Desk) -> None:
    actor = await desk.product.new_actor()
    client = await desk.northwind(actor, fees=[SERVING, COMMISSION], agency_discount_percent=Decimal(10))
    plan = await desk.drafted(actor, Channel.SEARCH, advertiser="northwind")
    (line,) = plan.lines
    assert [(fee.name, str(fee.value)) for fee in line.costs.fees] == [("Ad serving", "2"), ("Commission", "10")]
    assert line.costs.client_cost == plan.total == usd("100000.00")
    assert line.costs.gross.amount - line.costs.agency_discount.amount == line.costs.net_media.amount
    assert round(line.costs.agency_discount.amount / line.costs.gross.amount, 4) == Decimal("0.1000")
    await desk.advertisers.update(actor, client.id, UpdateAdvertiser(fees=[]))
    cut = LineEdit(channel=Channel.SEARCH, action=Edit.SET, amount=usd(50_000))
    added = LineEdit(channel=Channel.CTV, action=Edit.ADD, amount=usd(20_000))
    after = await desk.product.plans.revise(actor, plan.campaign_id, RevisePlan(changes=[cut, added]))
    assert [len(line.costs.fees) for line in after.lines] == [2, 0]


async def test_fees_of_another_currency_are_refused_for_new_lines_alone(in_memory_desk: Desk) -> None:
    desk = in_memory_desk
    actor = await desk.product.new_actor()
    plan = await desk.drafted(actor, Channel.SEARCH, advertiser="Northwind")
    campaign = await desk.product.campaigns.update(actor, plan.campaign_id, UpdateCampaign(product="Tea"))
    assert campaign.advertiser_id
    flat = FeeTerms(kind=FeeKind.PRODUCTION, basis=FeeBasis.FLAT, value=Decimal(500))
    await desk.advertisers.update(actor, campaign.advertiser_id, UpdateAdvertiser(currency="eur", fees=[flat]))
    cut = LineEdit(channel=Channel.SEARCH, action=Edit.SET, amount=usd(50_000))
    await desk.product.plans.revise(actor, plan.campaign_id, RevisePlan(changes=[cut]))
    with pytest.raises(InvalidInput) as refusal:
        await desk.product.plans.draft(actor, plan.campaign_id, DraftPlan(channels=[Channel.CTV]))
    assert (refusal.value.code, refusal.value.field) == ("currency_mismatch", "fees")


async def test_an_advertiser_is_changed_archived_and_restored(desk: Desk) -> None:
    actor = await desk.product.new_actor()
    client = await desk.northwind(actor, naming="{advertiser}_{channel}", utm=UtmTerms(utm_source="nw"))
    with pytest.raises(Duplicate):
        await desk.advertisers.create(actor, CreateAdvertiser(name="northwind"))
    changed = await desk.advertisers.update(
        actor, client.id, UpdateAdvertiser(naming="", agency_discount_percent=Decimal("12.5")), expected=1
    )
    assert (changed.naming, changed.utm.utm_source, changed.agency_discount_percent) == (None, "nw", Decimal("12.5"))
    with pytest.raises(StaleVersion):
        await desk.advertisers.update(actor, client.id, UpdateAdvertiser(name="X"), expected=1)
    await desk.advertisers.archive(actor, client.id)
    with pytest.raises(IllegalMove) as refusal:
        await desk.product.campaigns.create(actor, create(advertiser="Northwind"))
    assert refusal.value.code == "advertiser_archived"
    await desk.advertisers.restore(actor, client.id)
    await desk.product.campaigns.create(actor, create(advertiser="Northwind"))
    for wrong, code in (
        (UpdateAdvertiser(), "nothing_to_change"),
        (UpdateAdvertiser(naming="{secret}"), "unknown_naming_field"),
        (UpdateAdvertiser(currency="ZZZ"), "unknown_currency"),
    ):
        with pytest.raises(InvalidInput) as invalid:
            await desk.advertisers.update(actor, client.id, wrong)
        assert invalid.value.code == code


async def test_the_same_command_twice_is_done_once(in_memory_desk: Desk) -> None:
    desk = in_memory_desk
    actor = keyed(await desk.product.new_actor())
    assert await desk.northwind(actor) == await desk.northwind(actor)
    setting = keyed(actor, "another")
    assert await desk.benchmarks.set(setting, own(cpm=85)) == await desk.benchmarks.set(setting, own(cpm=85))


async def test_rights(in_memory_desk: Desk, memory: InMemory) -> None:
    desk = in_memory_desk
    owner = memory.owner()
    no_campaigns, no_plans = without(owner, Permission.CAMPAIGN_WRITE), without(owner, Permission.PLAN_WRITE)
    client = await desk.northwind(owner)
    benchmark = await desk.benchmarks.set(owner, own(cpm=85))
    before = memory.written()
    for act in (
        desk.advertisers.create(no_campaigns, CreateAdvertiser(name="X")),
        desk.advertisers.update(no_campaigns, client.id, UpdateAdvertiser(name="X")),
        desk.advertisers.archive(no_campaigns, client.id),
        desk.advertisers.restore(no_campaigns, client.id),
        desk.benchmarks.set(no_plans, own(cpm=1)),
        desk.benchmarks.remove(no_plans, benchmark.id),
        desk.benchmarks.remove_at(no_plans, BenchmarkPlace(channel=Channel.SEARCH, currency="USD")),
        desk.benchmarks.bring(no_plans, ImportBenchmarks(file_id=FileId(new_id()))),
        desk.benchmarks.export(without(owner, Permission.PLAN_READ)),
        desk.benchmarks.in_use(without(owner, Permission.PLAN_READ), "USD"),
        desk.curves.add(no_plans, hill()),
    ):
        with pytest.raises(Forbidden):
            await act
    assert memory.written() == before


async def test_own_figures_are_what_lines_are_planned_with(desk: Desk) -> None:
    actor = await desk.product.new_actor()
    await desk.benchmarks.set(actor, own(market="US", cpm=Decimal(200), ctr=Decimal("0.05")))
    here = await desk.drafted(actor, Channel.SEARCH, markets=["us"])
    both = await desk.drafted(actor, Channel.SEARCH, name="Both", markets=["US", "CA"])
    assert here.lines[0].source == "CPM, CTR: 2026 actuals; otherwise illustrative default"
    assert here.lines[0].impressions == 100_000 // 200 * 1000
    assert both.lines[0].source == "illustrative default"
    named = LineEdit(channel=Channel.SEARCH, action=Edit.AMEND, details=LineDetails(market="US"))
    after = await desk.product.plans.revise(actor, both.campaign_id, RevisePlan(changes=[named]))
    assert after.lines[0].impressions == here.lines[0].impressions


async def test_a_figure_is_set_beside_others_and_the_whole_is_removed(desk: Desk) -> None:
    actor = await desk.product.new_actor()
    await desk.benchmarks.set(actor, own(market="DE", currency="eur", cpm=Decimal(85)))
    view = await desk.benchmarks.set(actor, own(market="de", currency="EUR", ctr=Decimal("0.05"), source="panel"))
    assert (view.cpm, view.ctr, view.source, view.other_sources, view.version) == (
        Decimal(85),
        Decimal("0.05"),
        "panel",
        {"cpm": "2026 actuals"},
        2,
    )
    in_use = {one.channel: one for one in await desk.benchmarks.in_use(actor, "EUR", "DE")}
    assert in_use[Channel.SEARCH].source == "CPM: 2026 actuals; CTR: panel; otherwise illustrative default"
    assert (in_use[Channel.SEARCH].cpm, in_use[Channel.CTV].source) == (Decimal("85.00"), "illustrative default")
    assert Channel.RADIO not in in_use
    place = BenchmarkPlace(channel=Channel.SEARCH, market="DE", currency="EUR")
    with pytest.raises(NotFound) as elsewhere:
        await desk.benchmarks.remove_at(actor, place.model_copy(update={"market": None}))
    assert "there is one for DE" in elsewhere.value.message
    removed = await desk.benchmarks.remove_at(actor, place)
    assert removed.id == view.id
    with pytest.raises(NotFound):
        await desk.benchmarks.remove(actor, view.id)


async def test_what_no_default_completes_is_refused(in_memory_desk: Desk) -> None:
    actor = await in_memory_desk.product.new_actor()
    with pytest.raises(InvalidInput) as refusal:
        await in_memory_desk.benchmarks.set(actor, own(Channel.RADIO, cpm=Decimal(12)))
    assert (refusal.value.code, refusal.value.field) == ("benchmark_incomplete", "ctr")


ROWS = """\
channel,market,currency,valid_from,cpm,ctr,completion_rate,source
search,DE,EUR,,85.50,5 %,,2026 actuals
CTV,,EUR,2027-01-01,32,,0.96,"Panel, 2026"
"""


async def test_a_file_is_brought_and_comes_out_the_same(desk: Desk) -> None:
    actor = await desk.product.new_actor()
    await desk.benchmarks.set(actor, own(market="de", currency="EUR", cvr=Decimal("0.1"), source="gone"))
    done = await desk.bring(actor, "\ufeff" + ROWS)
    assert (done.added, done.changed) == (1, 1)
    out = await desk.benchmarks.export(actor)
    assert out.splitlines() == [
        "channel,market,currency,valid_from,cpm,cpp,ctr,cvr,viewability,completion_rate,audience,frequency_cap,"
        "pricing_model,source",
        'ctv,,EUR,2027-01-01,32,,,,,0.96,,,,"Panel, 2026"',
        "search,DE,EUR,,85.50,,0.05,,,,,,,2026 actuals",
    ]
    again = await desk.bring(actor, out.replace(",", ";").replace('"Panel; 2026"', '"Panel, 2026"'))
    assert (again.added, again.changed) == (0, 2)
    assert await desk.benchmarks.export(actor) == out


@pytest.mark.parametrize(
    ("text", "code", "row", "field"),
    [
        (ROWS + "bogus,,EUR,,1,,,x\n", "malformed", 4, "channel"),
        (ROWS + "search,de,eur,,1,,,x\n", "duplicate_row", 4, "channel"),
        (ROWS + "search,FR,EUR,,,,,x\n", "no_figures", 4, "cpm"),
        (ROWS + "search,FR,EUR,,1,200 %,,x\n", "malformed", 4, "ctr"),
        (ROWS + "search,FR,EUR,,NaN,,,x\n", "malformed", 4, "cpm"),
        (ROWS + "search,FR,XXY,,1,,,x\n", "unknown_currency", 4, "currency"),
        (ROWS + "search,FR,EUR,,1,,,\n", "malformed", 4, "source"),
        (ROWS + "\nradio,,EUR,,1,,,x\n", "benchmark_incomplete", 5, "ctr"),
    ],
)
async def test_one_bad_row_and_nothing_is_brought(
    in_memory_desk: Desk, memory: InMemory, text: str, code: str, row: int, field: str
) -> None:
    actor = memory.owner()
    file_id = await in_memory_desk.file(actor, text)
    before = memory.written()
    with pytest.raises(InvalidInput) as refusal:
        await in_memory_desk.benchmarks.bring(actor, ImportBenchmarks(file_id=file_id))
    assert refusal.value.code == "bad_rows"
    problems = refusal.value.details["problems"]
    assert isinstance(problems, list)
    (problem,) = problems
    assert (problem["code"], problem["row"], problem["field"]) == (code, row, field)
    assert memory.written() == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("channel,currency\nsearch,EUR\n", "bad_csv"),
        ("channel,currency,source,secret\n", "bad_csv"),
        ("channel,currency,source,source\nsearch,EUR,a,b\n", "bad_csv"),
        ("channel,currency,source\n", "bad_csv"),
        ("channel,currency,source,cpm\n" + "search,EUR,x,1\n" * 2001, "too_many_rows"),
    ],
)
async def test_what_is_no_such_file_is_refused(in_memory_desk: Desk, text: str, code: str) -> None:
    actor = await in_memory_desk.product.new_actor()
    with pytest.raises(InvalidInput) as refusal:
        await in_memory_desk.bring(actor, text)
    assert refusal.value.code == code


async def test_a_time_unit_is_kept_with_a_new_rate(in_memory_desk: Desk) -> None:
    desk = in_memory_desk
    actor = await desk.product.new_actor()
    plan = await desk.drafted(actor, Channel.OOH)

    async def amended(**details: Any) -> tuple[str, Decimal | None]:
        change = LineEdit(channel=Channel.OOH, action=Edit.AMEND, details=LineDetails(**details))
        after = await desk.product.plans.revise(actor, plan.campaign_id, RevisePlan(changes=[change]))
        return after.lines[0].unit, after.lines[0].rate

    assert await amended(pricing_model="time", rate=Decimal(900), time_unit="day") == ("day", Decimal(900))
    assert await amended(rate=Decimal(950)) == ("day", Decimal(950))
    assert await amended(time_unit="spot") == ("spot", Decimal(950))
    with pytest.raises(DomainError) as refusal:
        await amended(pricing_model="cpm", rate=Decimal(9), time_unit="day")
    assert refusal.value.field == "time_unit"
