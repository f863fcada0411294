"""Budgets added up by campaign, channel, month and state, a row per currency."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import CampaignStatus
from domain.channels import Channel
from server.postgres.queries import PostgresQueries
from services.queries import BudgetGrouping
from tests.server.postgres.rows import Rows, weeks

Overview = list[tuple[str, int, str, str | None]]


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    """Two planned campaigns in dollars, one in yen, one without a plan, one archived; and another tenant's."""
    rows = await Rows.of_new_tenant(engine)
    spring = await rows.campaign("Spring", minor=100_000, status=CampaignStatus.LIVE)
    first_draft = {Channel.PODCAST: weeks(1_000)}
    await rows.plan(
        spring,
        first_draft,
        {
            Channel.SEARCH: weeks(10_000, 20_000, first=date(2026, 3, 30)),
            Channel.LINEAR_TV: weeks(40_000, first=date(2026, 4, 6)),
        },
        flight=(date(2026, 4, 1), date(2026, 4, 30)),
    )
    autumn = await rows.campaign("autumn", minor=50_000, status=CampaignStatus.LIVE)
    await rows.plan(autumn, {Channel.SEARCH: weeks(5_000)})
    tokyo = await rows.campaign("Tokyo", minor=9_000, currency="JPY", status=CampaignStatus.PLANNED)
    await rows.plan(tokyo, {Channel.SEARCH: weeks(7_000)}, currency="JPY")
    await rows.campaign("Later", minor=30_000)
    old = await rows.campaign("Old", archived=True, status=CampaignStatus.COMPLETED)
    await rows.plan(old, {Channel.SEARCH: weeks(99_000)})
    other = await Rows.of_new_tenant(engine)
    await other.plan(await other.campaign("Theirs"), {Channel.SEARCH: weeks(99_000)})
    return rows


async def overview(queries: PostgresQueries, rows: Rows, by: BudgetGrouping) -> Overview:
    return [
        (row.group, row.campaigns, str(row.planned), str(row.budget) if row.budget else None)
        for row in await queries.budget_overview(rows.actor, by)
    ]


async def test_by_campaign(queries: PostgresQueries, rows: Rows) -> None:
    assert await overview(queries, rows, BudgetGrouping.CAMPAIGN) == [
        ("autumn", 1, "50.00 USD", "500.00 USD"),
        ("Later", 1, "0.00 USD", "300.00 USD"),
        ("Spring", 1, "700.00 USD", "1,000.00 USD"),
        ("Tokyo", 1, "7,000 JPY", "9,000 JPY"),
    ]


async def test_by_status_in_the_order_of_a_campaigns_life(queries: PostgresQueries, rows: Rows) -> None:
    assert await overview(queries, rows, BudgetGrouping.STATUS) == [
        ("draft", 1, "0.00 USD", "300.00 USD"),
        ("planned", 1, "7,000 JPY", "9,000 JPY"),
        ("live", 2, "750.00 USD", "1,500.00 USD"),
    ]


async def test_by_channel_never_mixes_currencies(queries: PostgresQueries, rows: Rows) -> None:
    assert await overview(queries, rows, BudgetGrouping.CHANNEL) == [
        ("Search", 1, "7,000 JPY", None),
        ("Linear TV", 1, "400.00 USD", None),
        ("Search", 2, "350.00 USD", None),
    ]


async def test_by_month_of_the_weeks_within_the_flight(queries: PostgresQueries, rows: Rows) -> None:
    assert await overview(queries, rows, BudgetGrouping.MONTH) == [
        ("2026-03", 1, "7,000 JPY", None),
        ("2026-03", 1, "50.00 USD", None),
        ("2026-04", 1, "700.00 USD", None),
    ]


async def test_sums_may_exceed_the_largest_amount(queries: PostgresQueries, engine: AsyncEngine) -> None:
    rows = await Rows.of_new_tenant(engine)
    for name in ("one", "two"):
        await rows.campaign(name, minor=10**15)
    (found,) = await queries.budget_overview(rows.actor, BudgetGrouping.STATUS)
    assert found.budget is not None
    assert found.budget.amount == 2 * 10**13
