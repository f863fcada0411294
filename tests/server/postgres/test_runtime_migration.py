"""Jobs and summaries on their way between this release and the one before."""

from sqlalchemy import text

from domain.jobs import JobStatus
from domain.sessions import TurnStatus
from server.postgres import tables
from server.postgres.engine import open_engine
from server.postgres.migrate import downgrade, migrate, upgrade
from services.events import EventType
from services.ports import WakeupKind
from tests.server.postgres.databases import as_tenant, empty_database, in_database
from tests.server.postgres.rows import NOW, Rows


async def test_jobs_under_way_are_looked_after_and_summaries_become_routings(admin_url: str, app_url: str) -> None:
    async with empty_database(admin_url) as name:
        admin, app = in_database(admin_url, name), in_database(app_url, name)
        await migrate(admin, app)
        engine = open_engine(app, pool_size=1, statement_timeout_ms=20_000)
        rows = await Rows.of_new_tenant(engine)
        campaign_id, session_id = await rows.campaign("Spring"), await rows.session("Talk")
        running, ended = await rows.job(campaign_id), await rows.job(campaign_id)
        await rows.change(tables.jobs, running, status=JobStatus.RUNNING)
        await rows.change(tables.jobs, ended, status=JobStatus.COMPLETED)
        turn_id = await rows.turn(session_id)
        await rows.change(tables.turns, turn_id, status=TurnStatus.RUNNING, cancel_asked=True)
        await rows.event(session_id, 1, EventType.SUMMARISED, {"messages": 20})
        summary = {"type": "ai", "data": {"content": "what was"}}
        await rows.message(session_id, 1, "summary", summary, turn_id=turn_id, agent="summary", call=0)
        await rows.insert(tables.wakeups, kind=WakeupKind.JOB_CHECK, tenant_id=rows.tenant_id, id=running, due_at=NOW)
        await downgrade(admin, "0006")
        async with as_tenant(engine, rows.tenant_id) as connection:
            found = "SELECT (SELECT type FROM events), (SELECT role FROM messages), (SELECT count(*) FROM wakeups)"
            assert tuple((await connection.execute(text(found))).one()) == ("routed", "router", 0)
        await engine.dispose()
        await upgrade(admin, "head")
        async with as_tenant(engine, rows.tenant_id) as connection:
            notes = (await connection.execute(text("SELECT kind, id FROM wakeups"))).all()
        assert [tuple(note) for note in notes] == [("job_check", running)]
        await engine.dispose()
