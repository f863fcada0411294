"""Media plans as read models: a version with its lines, and what has moved since."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.channels import Channel
from domain.errors import NotFound
from domain.ids import CampaignId, PlanId, new_id
from domain.planning.flighting.weeks import Flighting
from domain.plans.media_plans import VersionKind
from server.postgres import tables
from server.postgres.queries import PostgresQueries
from services.read_models import PageRequest
from tests.server.postgres.rows import MARCH, NOW, Rows, weeks

FIRST = {Channel.SEARCH: weeks(30_000, 10_000), Channel.LINEAR_TV: weeks(25_000, 15_000)}
SECOND = {
    Channel.LINEAR_TV: weeks(20_000, 13_333),
    Channel.SEARCH: weeks(33_333),
    Channel.CTV: weeks(33_334),
}


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine)


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


async def code_of(refusal: object) -> str:
    with pytest.raises(NotFound) as refused:
        await refusal  # type: ignore[misc]
    return refused.value.code


async def test_the_current_version_is_shown_whole(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring", minor=110_000)
    plan_id = await rows.plan(campaign_id, FIRST, SECOND, budget=110_000)
    plan = await queries.plan(rows.actor, campaign_id)
    assert (plan.id, plan.campaign_id, plan.campaign_name) == (plan_id, campaign_id, "Spring")
    assert (plan.number, plan.current_number, plan.parent_number, plan.version) == (2, 2, 1, 2)
    assert (plan.kind, plan.flighting, plan.reason) == (VersionKind.VERSION, Flighting.EVEN, "reason 2")
    assert (str(plan.campaign_budget), str(plan.total), str(plan.unspent)) == (
        "1,100.00 USD",
        "1,000.00 USD",
        "100.00 USD",
    )
    assert not plan.out_of_sync
    assert (plan.impressions, plan.clicks, plan.conversions) == (3000, 30, Decimal("3.75"))


async def test_lines_keep_their_order_and_their_shares_add_up(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring")
    await rows.plan(campaign_id, SECOND)
    lines = (await queries.plan(rows.actor, campaign_id)).lines
    assert [line.label for line in lines] == ["Linear TV", "Search", "CTV"]
    assert [line.share for line in lines] == [Decimal("33.3"), Decimal("33.3"), Decimal("33.4")]
    assert [(week.starts, str(week.budget)) for week in lines[0].weeks] == [
        (date(2026, 3, 2), "200.00 USD"),
        (date(2026, 3, 9), "133.33 USD"),
    ]
    assert lines[0].conversions == Decimal("1.25")


async def test_an_earlier_version_stays_readable(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring")
    plan_id = await rows.plan(campaign_id, FIRST, SECOND)
    for plan in (
        await queries.plan(rows.actor, campaign_id, 1),
        await queries.plan_by_id(rows.actor, plan_id, 1),
    ):
        assert (plan.number, plan.current_number, plan.parent_number) == (1, 2, None)
        assert [line.channel for line in plan.lines] == [Channel.SEARCH, Channel.LINEAR_TV]


async def test_what_there_is_not_is_named(queries: PostgresQueries, rows: Rows) -> None:
    planned, unplanned = await rows.campaign("Planned"), await rows.campaign("Unplanned")
    plan_id = await rows.plan(planned, FIRST)
    actor = rows.actor
    assert await code_of(queries.plan(actor, CampaignId(new_id()))) == "campaign_not_found"
    assert await code_of(queries.plan(actor, unplanned)) == "no_plan"
    assert await code_of(queries.plan(actor, unplanned, 1)) == "no_plan"
    assert await code_of(queries.plan_by_id(actor, PlanId(new_id()))) == "no_plan"
    for number in (0, -1, 2, 10**30):
        assert await code_of(queries.plan(actor, planned, number)) == "plan_version_not_found"
        assert await code_of(queries.plan_by_id(actor, plan_id, number)) == "plan_version_not_found"


async def test_another_tenants_plan_looks_like_none(queries: PostgresQueries, rows: Rows, engine: AsyncEngine) -> None:
    theirs = await Rows.of_new_tenant(engine)
    campaign_id = await theirs.campaign("Theirs")
    plan_id = await theirs.plan(campaign_id, FIRST)
    assert await code_of(queries.plan(rows.actor, campaign_id)) == "campaign_not_found"
    assert await code_of(queries.plan_by_id(rows.actor, plan_id)) == "no_plan"
    assert await code_of(queries.plan_versions(rows.actor, campaign_id, PageRequest())) == "campaign_not_found"


@pytest.mark.parametrize(
    ("change", "out_of_sync"),
    [
        ({"budget_minor": 100_000}, False),
        ({"budget_minor": 200_000}, True),
        ({"budget_minor": 99_999}, True),
        ({"ends": date(2026, 4, 15)}, True),
        ({"starts": date(2026, 3, 3)}, True),
    ],
)
async def test_a_plan_is_out_of_sync_once_the_campaign_moved_away(
    queries: PostgresQueries, rows: Rows, change: dict[str, object], out_of_sync: bool
) -> None:
    campaign_id = await rows.campaign("Spring", minor=100_000)
    await rows.plan(campaign_id, SECOND)
    await rows.change(tables.campaigns, campaign_id, **change)
    assert (await queries.plan(rows.actor, campaign_id)).out_of_sync is out_of_sync


async def test_a_plan_of_nothing_has_shares_of_nothing(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring")
    await rows.plan(campaign_id, {Channel.SEARCH: weeks(0)})
    plan = await queries.plan(rows.actor, campaign_id)
    assert [line.share for line in plan.lines] == [Decimal("0.0")]


async def test_versions_are_listed_latest_first(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring")
    await rows.plan(campaign_id, FIRST, SECOND, FIRST, current=2)
    page = await queries.plan_versions(rows.actor, campaign_id, PageRequest(limit=2))
    rest = await queries.plan_versions(rows.actor, campaign_id, PageRequest(limit=2, cursor=page.next_cursor))
    versions = [*page.items, *rest.items]
    assert [version.number for version in versions] == [3, 2, 1]
    assert [version.current for version in versions] == [False, True, False]
    assert [str(version.total) for version in versions] == ["800.00 USD", "1,000.00 USD", "800.00 USD"]
    assert versions[-1].created_at == NOW
    assert rest.next_cursor is None


async def test_an_unplanned_campaign_has_no_versions(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring", flight=MARCH)
    assert (await queries.plan_versions(rows.actor, campaign_id, PageRequest())).items == []
    assert await code_of(queries.plan_versions(rows.actor, CampaignId(new_id()), PageRequest())) == "campaign_not_found"
