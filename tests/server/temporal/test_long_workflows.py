"""The other kinds of jobs on a real server: done once, followed, refused with a sentence, cancelled."""

import asyncio

from temporalio import activity
from temporalio.worker import Worker

from domain.channels import Channel
from domain.jobs import JobStatus
from server.temporal.activities import PlanningActivities
from server.temporal.kinds import WORKFLOWS
from server.temporal.long_activities import SweepActivities
from server.temporal.messages import TryInput
from server.temporal.workers import QUEUE
from services.plan_commands import DraftPlan
from services.queries import JobView
from services.sweep_views import SweepPoint
from tests.server.temporal.world import CHANNELS, World, relaying, running


async def planned(world: World) -> dict[str, JobView]:
    campaign_id = await world.campaign()
    await world.application.plans.draft(world.actor, campaign_id, DraftPlan(channels=CHANNELS))
    return await world.ask_others(campaign_id)


async def test_every_kind_ends_and_says_so(world: World) -> None:
    jobs = await planned(world)
    async with running(world.application, world.client):
        ended = {name: await world.ended(job) for name, job in jobs.items()}
    assert {job.status for job in ended.values()} == {JobStatus.COMPLETED}, ended
    versions = await world.versions(jobs["sweep"].campaign_id)
    assert [(one.number, one.kind, one.name) for one in versions] == [
        (2, "scenario", "By months"),
        (1, "version", None),
    ]
    said = sorted(message.text for message in await world.messages())
    for text, begins in zip(
        said, ("The comparison of budgets finished", "The plan of the year finished"), strict=False
    ):
        assert text.startswith(begins)
    assert said[2].endswith("of version 1 is ready to download.")
    blocks = sorted(str(block["kind"]) for message in await world.messages() for block in message.blocks)
    assert blocks == ["file", "table", "table"]
    told = [(status, step) for status, step, _ in await world.job_events()]
    assert [step for status, step in told if status == "running" and step and "budget" in str(step)] == [
        "budget 1 of 3",
        "budget 2 of 3",
        "budget 3 of 3",
    ]


class Waiting(SweepActivities):
    """Stands still at the second budget."""

    def __init__(self, world: World) -> None:
        super().__init__(world.application)
        self.reached = asyncio.Event()

    @activity.defn
    async def try_budget(self, given: TryInput) -> SweepPoint:
        if given.index == 1:
            self.reached.set()
            await asyncio.Event().wait()
        return await super().try_budget(given)


async def test_a_cancelled_sweep_posts_nothing(world: World) -> None:
    campaign_id = await world.campaign()
    await world.application.plans.draft(world.actor, campaign_id, DraftPlan(channels=[Channel.SEARCH]))
    waiting = Waiting(world)
    steps = [*PlanningActivities(world.application).all, *waiting.all]
    worker = Worker(world.client, task_queue=QUEUE, workflows=WORKFLOWS, activities=steps)
    async with worker, relaying(world.application, world.client):
        job = (await world.ask_others(campaign_id))["sweep"]
        await waiting.reached.wait()
        await world.application.jobs.cancel(world.actor, job.id)
        await world.outbox_is_empty()
    assert (await world.job(job.id)).status is JobStatus.CANCELLED
    assert await world.messages() == []
