"""Plans on their way between this release and the one before, where a line was its channel and nothing more."""

from datetime import date

from sqlalchemy import text

from domain.channels import Channel
from domain.fees import BudgetBasis, break_down
from domain.ids import PlanId
from domain.money import Money
from domain.plans.lines import FlightWeek
from server.postgres.engine import open_engine
from server.postgres.migrate import downgrade, migrate, upgrade
from server.postgres.queries import PostgresQueries
from services.line_views import CostsView
from tests.server.postgres.databases import as_tenant, empty_database, in_database
from tests.server.postgres.rows import Rows

WEEKS = {Channel.SEARCH: [FlightWeek(date(2026, 3, 4), 60_001)], Channel.CTV: [FlightWeek(date(2026, 3, 4), 39_999)]}


async def test_a_plan_comes_through_both_ways_with_its_costs(admin_url: str, app_url: str) -> None:
    async with empty_database(admin_url) as name:
        admin, app = in_database(admin_url, name), in_database(app_url, name)
        await migrate(admin, app)
        engine = open_engine(app, pool_size=1, statement_timeout_ms=20_000)
        rows = await Rows.of_new_tenant(engine)
        campaign_id = await rows.campaign("Spring", minor=120_000)
        plan_id: PlanId = await rows.plan(campaign_id, WEEKS)
        await engine.dispose()
        await downgrade(admin, "0007")
        async with as_tenant(engine, rows.tenant_id) as connection:
            found = await connection.execute(text("SELECT channel, pricing_model FROM plan_lines ORDER BY position"))
            assert [tuple(row) for row in found] == [("search", "cpm"), ("ctv", "cpm")]
            shape = await connection.scalar(text("SELECT flighting FROM plan_versions"))
            assert shape == "even"
        await engine.dispose()
        await upgrade(admin, "head")
        plan = await PostgresQueries(engine).plan_by_id(rows.actor, plan_id)
        assert [(line.code, line.label, line.rate) for line in plan.lines] == [
            ("search", "Search", None),
            ("ctv", "CTV", None),
        ]
        assert plan.lines[0].costs == CostsView.of(break_down(Money(60_001, "USD"), BudgetBasis.CLIENT_COST))
        assert not plan.out_of_sync
        await engine.dispose()
