"""The tenant itself: members, settings, and what an agent is told about its surroundings."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.channels import Channel
from domain.errors import Forbidden
from domain.ids import CampaignId, SessionId, UserId, new_id
from domain.tenants import Role, TenantSettings
from server.postgres import tables
from server.postgres.queries import PostgresQueries
from services.actor import Actor
from services.budgets import NOTHING, Usage
from tests.server.postgres.rows import NOW, Rows, weeks

SETTINGS = TenantSettings("de-DE", "Europe/Berlin", "EUR", fiscal_year_start=4)


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine, "Größe & Co")


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


async def test_members_are_those_of_the_tenant_by_name(
    queries: PostgresQueries, rows: Rows, engine: AsyncEngine
) -> None:
    await Rows.of_new_tenant(engine)
    bob = await rows.user(UserId(new_id()), "Bob")
    await rows.member(bob, Role.PLANNER)
    members = await queries.members(rows.actor)
    assert [(member.user_id, member.name, member.role) for member in members] == [
        (rows.user_id, "Ada", Role.OWNER),
        (bob, "Bob", Role.PLANNER),
    ]
    assert members[1].email == f"{bob}@example.com"


async def test_settings_come_with_the_tenants_name(queries: PostgresQueries, rows: Rows) -> None:
    view = await queries.settings(rows.actor)
    assert (view.tenant_name, view.settings, view.version) == ("Größe & Co", SETTINGS, 3)


async def test_an_agent_is_told_the_campaign_and_its_channels(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring")
    await rows.plan(
        campaign_id,
        {Channel.PODCAST: weeks(100)},
        {Channel.SEARCH: weeks(100), Channel.CTV: weeks(200)},
    )
    context = await queries.session_context(rows.actor, campaign_id)
    assert (context.tenant_name, context.user_name, context.settings) == ("Größe & Co", "Ada", SETTINGS)
    assert context.campaign == await queries.campaign(rows.actor, campaign_id)
    assert context.channels_of_plan == [Channel.SEARCH, Channel.CTV]


async def test_without_a_campaign_the_rest_is_told(queries: PostgresQueries, rows: Rows, engine: AsyncEngine) -> None:
    unplanned = await queries.session_context(rows.actor, await rows.campaign("Spring"))
    assert unplanned.campaign is not None
    assert unplanned.channels_of_plan == []
    stranger = await Rows.of_new_tenant(engine)
    theirs = await stranger.campaign("Theirs")
    await stranger.plan(theirs, {Channel.SEARCH: weeks(100)})
    for campaign_id in (None, theirs, CampaignId(new_id())):
        context = await queries.session_context(rows.actor, campaign_id)
        assert (context.user_name, context.campaign, context.channels_of_plan) == ("Ada", None, [])


async def test_of_a_conversation_what_is_active_there_is_told(queries: PostgresQueries, rows: Rows) -> None:
    campaign_id = await rows.campaign("Spring")
    await rows.plan(campaign_id, {Channel.SEARCH: weeks(100)})
    active, idle = await rows.session(active_campaign_id=campaign_id), await rows.session()
    for session_id, expected in ((active, campaign_id), (idle, None)):
        opening = await queries.opening(rows.actor, session_id, NOW)
        assert opening.around == await queries.session_context(rows.actor, expected)


async def test_what_turns_used_up_adds_up_by_conversation_and_since_the_tenants_midnight(
    queries: PostgresQueries, rows: Rows, engine: AsyncEngine
) -> None:
    """Midnight in Berlin is 22:00 of the day before in summer."""
    here, elsewhere = await rows.session(), await rows.session()
    now = datetime(2026, 7, 15, 9, tzinfo=UTC)
    times = {here: ("2026-07-14T21:59", "2026-07-14T22:01"), elsewhere: ("2026-07-15T08:00",)}
    for session_id, moments in times.items():
        for moment in moments:
            turn = await rows.turn(session_id)
            made = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            used = {"model_calls": 2, "tool_calls": 1, "tokens": 30, "cost_micros": 7}
            await rows.change(tables.turns, turn, created_at=made, **used)
    opening = await queries.opening(rows.actor, here, now)
    twice = Usage(model_calls=4, tool_calls=2, tokens=60, cost_micros=14)
    assert (opening.used_in_session, opening.used_today) == (twice, twice)
    later = await queries.opening(rows.actor, elsewhere, now + timedelta(days=1))
    assert (later.used_in_session.tokens, later.used_today) == (30, NOTHING)
    stranger = await Rows.of_new_tenant(engine)
    theirs = await queries.opening(stranger.actor, here, now)
    assert (theirs.used_in_session, theirs.used_today) == (NOTHING, NOTHING)


async def test_every_question_needs_its_right(queries: PostgresQueries, rows: Rows) -> None:
    nobody = Actor(rows.tenant_id, rows.user_id, frozenset())
    around = queries.session_context(nobody, None), queries.opening(nobody, SessionId(new_id()), NOW)
    for question in (queries.members(nobody), queries.settings(nobody), *around):
        with pytest.raises(Forbidden):
            await question
