"""Campaigns on their way between this release and the one before, where an advertiser was a word."""

from sqlalchemy import text

from server.postgres.engine import open_engine
from server.postgres.migrate import downgrade, migrate, upgrade
from server.postgres.queries import PostgresQueries
from services.queries import CampaignFilter, CampaignSort
from services.read_models import PageRequest
from tests.server.postgres.databases import as_tenant, empty_database, in_database
from tests.server.postgres.rows import Rows


async def test_campaigns_find_their_advertisers_and_keep_their_names(admin_url: str, app_url: str) -> None:
    async with empty_database(admin_url) as name:
        admin, app = in_database(admin_url, name), in_database(app_url, name)
        await migrate(admin, app)
        engine = open_engine(app, pool_size=1, statement_timeout_ms=20_000)
        rows, others = await Rows.of_new_tenant(engine), await Rows.of_new_tenant(engine)
        await others.campaign("Theirs", advertiser="Northwind")
        for hours, (campaign, called) in enumerate(
            (("A", "Northwind"), ("B", "NORTHWIND"), ("C", "Ångström"), ("D", None))
        ):
            await rows.campaign(campaign, hours=hours, advertiser=called)
        await engine.dispose()
        await downgrade(admin, "0012")
        await engine.dispose()
        await upgrade(admin, "head")
        queries = PostgresQueries(engine)
        page = PageRequest()
        known = {one.name: one for one in (await queries.advertisers(rows.actor, page)).items}
        wanted = CampaignFilter(sort=CampaignSort.NAME)
        found = (await queries.campaigns(rows.actor, wanted, page)).items
        assert [(one.advertiser, one.advertiser_id) for one in found] == [
            ("Northwind", known["Northwind"].id),
            ("Northwind", known["Northwind"].id),
            ("Ångström", known["Ångström"].id),
            (None, None),
        ]
        assert len((await queries.advertisers(others.actor, page)).items) == 1
        assert str(known["Northwind"].agency_discount_percent) == "15"
        async with as_tenant(engine, rows.tenant_id) as connection:
            await connection.execute(text("UPDATE advertisers SET name = 'Contoso' WHERE name = 'Northwind'"))
        await engine.dispose()
        await downgrade(admin, "0012")
        async with as_tenant(engine, rows.tenant_id) as connection:
            words = await connection.execute(text("SELECT advertiser FROM campaigns ORDER BY name"))
            names = [row.advertiser for row in words]
        assert names == ["Contoso", "Contoso", "Ångström", None]
        await engine.dispose()
