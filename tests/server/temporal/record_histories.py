"""Records the histories of the replay test: python -m tests.server.temporal.record_histories

To be run when the workflow has changed and nothing of its old form is under way any more.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from temporalio.client import WorkflowFailureError

from domain.channels import Channel
from domain.ids import CampaignId
from domain.tenants import Role, Tenant, TenantSettings
from domain.users import Email, User
from server.embedded.parts import start_parts
from server.postgres.engine import open_engine
from server.postgres.founding import found_tenant
from server.postgres.migrate import migrate
from server.temporal.workers import connect
from services.actor import Actor
from services.campaigns import UpdateCampaign
from services.plan_commands import DraftPlan
from services.queries import JobView
from tests.server.embedded.homes import temporary_home
from tests.server.temporal.world import CHANNELS, Held, World, relaying, working

HISTORIES = Path(__file__).parent / "histories"
# They name the machine and its folders, and a replay doesn't read them.
_LEFT_OUT = {"identity", "stackTrace"}


async def record() -> None:
    with temporary_home() as home:
        async with start_parts(home, redis=False, temporal="wait") as parts:
            await migrate(parts.database_admin_url, parts.database_url)
            engine = open_engine(parts.database_url, pool_size=10, statement_timeout_ms=15_000)
            now = datetime.now(UTC)
            tenant, owner = Tenant.found("Acme", now), User.register(Email("ada@example.com"), "Ada", "none", now)
            await found_tenant(engine, tenant, owner, TenantSettings())
            client = await connect(await parts.temporal_ready(), "default")
            actor = Actor(tenant.id, owner.id, Role.OWNER.permissions)
            await _record(await World.of(engine, client, actor))
            await engine.dispose()


async def _record(world: World) -> None:
    held = Held(world)
    async with working(world.client, held), relaying(world.application, world.client):
        cancelled = await world.ask(await world.campaign("Cancelled"))
        await held.reached.wait()
        await world.application.jobs.cancel(world.actor, cancelled.id)
        await _ended(world, cancelled)
        held.let_go.set()
        completed = await world.ask(await world.campaign("Completed"))
        refused = await world.ask(await world.campaign("Refused"), [Channel.PRODUCT_PLACEMENT])
        await _ended(world, completed)
        others = await _others(world, completed.campaign_id)
        for name, job in {"cancelled": cancelled, "completed": completed, "refused": refused, **others}.items():
            await _ended(world, job)
            history = (await world.client.get_workflow_handle(world.workflow_id(job)).fetch_history()).to_json()
            text = json.dumps(json.loads(history, object_hook=_scrubbed), indent=1)
            (HISTORIES / f"{name}.json").write_text(text + "\n")


async def _others(world: World, campaign_id: CampaignId) -> dict[str, JobView]:
    """The other kinds of jobs, each done and each refused by a step."""
    done = await world.ask_others(campaign_id)
    for job in done.values():
        await _ended(world, job)
    moved = await world.campaign("Moved")
    await world.application.plans.draft(world.actor, moved, DraftPlan(channels=CHANNELS))
    await world.application.campaigns.update(world.actor, moved, UpdateCampaign(end=date(2031, 4, 20)))
    refused = await world.ask_others(moved)
    return {**done, **{f"{name}_refused": job for name, job in refused.items() if name != "export"}}


async def _ended(world: World, job: JobView) -> None:
    await world.outbox_is_empty()
    with suppress(WorkflowFailureError):
        await world.client.get_workflow_handle(world.workflow_id(job)).result()


def _scrubbed(found: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if name not in _LEFT_OUT}


if __name__ == "__main__":
    asyncio.run(record())
