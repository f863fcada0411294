"""Which files somebody is shown: the same ones that the service lets them open."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound
from domain.files import StoredFile
from domain.ids import CampaignId, FileId, UserId, new_id
from domain.tenants import Permission, Role
from server.postgres.file_tables import files
from server.postgres.queries import PostgresQueries
from services.actor import Actor
from services.file_views import may_read
from services.read_models import PageRequest
from tests.contracts.samples import file
from tests.server.postgres.rows import Rows

ALL = PageRequest()


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


async def kept(rows: Rows, by: UserId, campaign_id: CampaignId | None = None, **of: Any) -> StoredFile:
    one, _ = file(replace(rows.actor, user_id=by), campaign_id=campaign_id, **of)
    await rows.insert(files, **{name: value for name, value in vars(one).items() if name[0] != "_"})
    return one


async def shown(queries: PostgresQueries, actor: Actor, campaign_id: CampaignId | None = None) -> set[FileId]:
    return {one.id for one in (await queries.files(actor, campaign_id, ALL)).items}


async def test_whoever_may_read_a_file_is_shown_it_and_nobody_else(
    engine: AsyncEngine, queries: PostgresQueries
) -> None:
    rows, elsewhere = await Rows.of_new_tenant(engine), await Rows.of_new_tenant(engine)
    ben = await rows.user(UserId(new_id()), "Ben")
    campaigns = [await rows.campaign(name) for name in ("Spring", "Autumn")]
    made = [await kept(rows, by, of) for by, of in product((rows.user_id, ben), (*campaigns, None))]
    await kept(elsewhere, elsewhere.user_id)
    for user_id, rights, granted in product(
        (rows.user_id, ben),
        (Role.OWNER.permissions, Role.VIEWER.permissions, frozenset({Permission.FILE_UPLOAD})),
        ((), campaigns[:1]),
    ):
        grants = {campaign: frozenset({Permission.PLAN_READ}) for campaign in granted}
        actor = Actor(rows.tenant_id, user_id, rights, grants=grants)
        readable = {one.id for one in made if may_read(actor, one)}
        assert await shown(queries, actor) == readable
        for one in made:
            if one.id in readable:
                assert (await queries.file(actor, one.id)).name == one.name
            else:
                with pytest.raises(NotFound) as unknown:
                    await queries.file(actor, one.id)
                assert unknown.value.code == "file_not_found"


async def test_the_latest_come_first_page_by_page_and_those_of_a_campaign_alone(
    engine: AsyncEngine, queries: PostgresQueries
) -> None:
    rows = await Rows.of_new_tenant(engine)
    spring = await rows.campaign("Spring")
    start = datetime(2026, 3, 1, tzinfo=UTC)
    made = [await kept(rows, rows.user_id, spring if n % 2 else None, now=start + timedelta(hours=n)) for n in range(5)]
    found, cursor = [], None
    while True:
        page = await queries.files(rows.actor, None, PageRequest(limit=2, cursor=cursor))
        found += [one.id for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert found == [one.id for one in reversed(made)]
    assert await shown(queries, rows.actor, spring) == {made[1].id, made[3].id}
    assert await shown(queries, rows.actor, CampaignId(new_id())) == set()


async def test_a_file_that_has_ended_is_shown_to_nobody(engine: AsyncEngine, queries: PostgresQueries) -> None:
    rows = await Rows.of_new_tenant(engine)
    over = await kept(rows, rows.user_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    soon = await kept(rows, rows.user_id, expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert await shown(queries, rows.actor) == {soon.id}
    with pytest.raises(NotFound):
        await queries.file(rows.actor, over.id)
