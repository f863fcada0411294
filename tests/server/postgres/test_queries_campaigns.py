"""Campaigns as read models: lists in every order, searches, names that were nearly right."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import CampaignStatus
from domain.errors import Forbidden, InvalidInput, NotFound
from domain.ids import CampaignId, new_id
from server.postgres.queries import PostgresQueries
from services.actor import Actor
from services.queries import CampaignFilter, CampaignSort
from services.read_models import PageRequest
from tests.server.postgres.rows import MARCH, NOW, Rows

EVERYTHING = PageRequest()


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine)


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


async def names(queries: PostgresQueries, rows: Rows, wanted: CampaignFilter, limit: int = 200) -> list[str]:
    """Of all pages, one after the other."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await queries.campaigns(rows.actor, wanted, PageRequest(limit=limit, cursor=cursor))
        assert len(page.items) <= limit
        found += [campaign.name for campaign in page.items]
        if (cursor := page.next_cursor) is None:
            return found


async def test_a_campaign_is_shown_whole(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign(
        "Frühling 🌷", minor=1234567, currency="JPY", advertiser="Nike", markets=["DE", "FR"], kpi="CPA"
    )
    campaign = await queries.campaign(rows.actor, campaign_id)
    assert (campaign.id, campaign.name, campaign.advertiser) == (campaign_id, "Frühling 🌷", "Nike")
    assert (campaign.budget.amount, campaign.budget.currency) == (Decimal(1234567), "JPY")
    assert (campaign.start, campaign.end) == MARCH
    assert (campaign.markets, campaign.kpi, campaign.archived) == (["DE", "FR"], "CPA", False)
    assert (campaign.status, campaign.created_at, campaign.version) == (CampaignStatus.DRAFT, NOW, 1)


async def test_an_unknown_campaign_is_not_found(queries: PostgresQueries, rows: Rows) -> None:
    with pytest.raises(NotFound) as refused:
        await queries.campaign(rows.actor, CampaignId(new_id()))
    assert refused.value.code == "campaign_not_found"


async def test_another_tenants_campaign_looks_like_none(
    queries: PostgresQueries, rows: Rows, engine: AsyncEngine
) -> None:
    theirs = await (await Rows.of_new_tenant(engine)).campaign("Theirs")
    with pytest.raises(NotFound):
        await queries.campaign(rows.actor, theirs)
    assert await names(queries, rows, CampaignFilter()) == []
    assert await queries.campaigns_named(rows.actor, "Theirs") == []
    assert await queries.campaigns_named(rows.actor, str(theirs)) == []


async def test_without_the_right_nothing_is_read(queries: PostgresQueries, rows: Rows) -> None:
    nobody = Actor(rows.tenant_id, rows.user_id, frozenset())
    with pytest.raises(Forbidden):
        await queries.campaigns(nobody, CampaignFilter(), EVERYTHING)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (CampaignSort.NEWEST, ["delta", "Charlie", "bravo", "Alpha"]),
        (CampaignSort.OLDEST, ["Alpha", "bravo", "Charlie", "delta"]),
        (CampaignSort.NAME, ["Alpha", "bravo", "Charlie", "delta"]),
        (CampaignSort.START, ["delta", "Charlie", "bravo", "Alpha"]),
        (CampaignSort.BUDGET, ["Charlie", "Alpha", "bravo", "delta"]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_pages_keep_the_order_and_lose_nothing(
    queries: PostgresQueries, rows: Rows, sort: CampaignSort, expected: list[str], limit: int
) -> None:
    for place, (name, minor, currency) in enumerate(
        [("Alpha", 300, "USD"), ("bravo", 200, "USD"), ("Charlie", 100, "EUR"), ("delta", 200, "USD")]
    ):
        start = date(2026, 5, 1) - timedelta(days=place)
        await rows.campaign(
            name, minor=minor, currency=currency, hours=place, flight=(start, start + timedelta(days=30))
        )
    assert await names(queries, rows, CampaignFilter(sort=sort), limit) == expected


async def test_campaigns_of_the_same_moment_are_paged_by_id(queries: PostgresQueries, rows: Rows) -> None:
    made = [await rows.campaign(f"C{i}") for i in range(5)]
    page = await queries.campaigns(rows.actor, CampaignFilter(), PageRequest(limit=3))
    rest = PageRequest(limit=3, cursor=page.next_cursor)
    other = await queries.campaigns(rows.actor, CampaignFilter(), rest)
    assert [campaign.id for campaign in [*page.items, *other.items]] == sorted(made, reverse=True)
    assert other.next_cursor is None


async def test_what_is_added_meanwhile_moves_no_page(queries: PostgresQueries, rows: Rows) -> None:
    for place in range(4):
        await rows.campaign(f"C{place}", hours=place)
    page = await queries.campaigns(rows.actor, CampaignFilter(), PageRequest(limit=2))
    await rows.campaign("newer", hours=9)
    rest = await queries.campaigns(rows.actor, CampaignFilter(), PageRequest(limit=2, cursor=page.next_cursor))
    assert [campaign.name for campaign in rest.items] == ["C1", "C0"]


async def test_a_cursor_of_another_sort_is_refused(queries: PostgresQueries, rows: Rows) -> None:
    await rows.campaign("one")
    await rows.campaign("two")
    page = await queries.campaigns(rows.actor, CampaignFilter(), PageRequest(limit=1))
    with pytest.raises(InvalidInput) as refused:
        await queries.campaigns(
            rows.actor, CampaignFilter(sort=CampaignSort.NAME), PageRequest(cursor=page.next_cursor)
        )
    assert refused.value.code == "bad_cursor"


async def test_filters_narrow_the_list(queries: PostgresQueries, rows: Rows) -> None:
    await rows.campaign("Live one", status=CampaignStatus.LIVE)
    await rows.campaign("Draft one", hours=1)
    await rows.campaign("Old one", archived=True, hours=2)
    assert await names(queries, rows, CampaignFilter()) == ["Draft one", "Live one"]
    assert await names(queries, rows, CampaignFilter(status=CampaignStatus.LIVE)) == ["Live one"]
    assert await names(queries, rows, CampaignFilter(include_archived=True)) == [
        "Old one",
        "Draft one",
        "Live one",
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("spring", {"Spring 100% off", "Spring_sale"}),
        ("SALE spring", {"Spring_sale"}),
        ("nike", {"Autumn"}),
        ("nike autumn", {"Autumn"}),
        ("100%", {"Spring 100% off"}),
        ("%", {"Spring 100% off"}),
        ("_", {"Spring_sale"}),
        ("\\", {"back\\slash"}),
        ("été", {"Été"}),
        ("winter", set()),
        ("   ", {"Spring 100% off", "Spring_sale", "Autumn", "back\\slash", "Été"}),
    ],
)
async def test_a_search_takes_words_literally(
    queries: PostgresQueries, rows: Rows, search: str, expected: set[str]
) -> None:
    for name in ("Spring 100% off", "Spring_sale", "back\\slash", "Été"):
        await rows.campaign(name)
    await rows.campaign("Autumn", advertiser="Nike Inc.")
    assert set(await names(queries, rows, CampaignFilter(search=search))) == expected


async def test_a_name_is_found_though_misspelt_and_says_if_archived(queries: PostgresQueries, rows: Rows) -> None:
    summer = await rows.campaign("Summer Splash")
    await rows.campaign("Winter Warmers")
    old = await rows.campaign("Summer Splash 2024", archived=True)
    exact, older = await queries.campaigns_named(rows.actor, "summer splash")
    assert (exact.id, exact.score, exact.archived) == (summer, 1.0, False)
    assert (older.id, older.archived) == (old, True)
    assert older.score < 1
    nearest, *_ = await queries.campaigns_named(rows.actor, "sumer splsh")
    assert nearest.id == summer
    assert 0.6 <= nearest.score < 1
    assert await queries.campaigns_named(rows.actor, "quarterly review") == []


async def test_an_id_names_one_campaign(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Summer Splash")
    await rows.campaign("Other")
    (match,) = await queries.campaigns_named(rows.actor, f" {campaign_id} ")
    assert (match.id, match.name, match.score) == (campaign_id, "Summer Splash", 1.0)


async def test_a_reading_connection_goes_back_as_it_came(
    queries: PostgresQueries, rows: Rows, engine: AsyncEngine
) -> None:
    await queries.campaigns(rows.actor, CampaignFilter(), EVERYTHING)
    setting = "SELECT current_user, current_setting('app.tenant_id', true), current_setting('transaction_read_only')"
    async with engine.connect() as connection:
        row = (await connection.execute(text(setting))).one()
    assert tuple(row) == ("app_rw", "", "off")
