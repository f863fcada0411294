import json
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError

from domain.campaigns import Move
from domain.channels import Channel
from domain.errors import Unavailable
from domain.jobs import JobStatus
from domain.plans.media_plans import VersionKind
from domain.tenants import Role
from server.temporal.activities import PlanningActivities
from server.temporal.errors import application_error
from server.temporal.messages import AllocateInput, PlannedVersion
from services.amounts import Amount
from services.campaigns import MoveCampaign, UpdateCampaign
from services.plan_commands import DraftPlan
from services.planning_job import Allocated
from tests.server.temporal.world import CHANNELS, Held, World, relaying, running, working


async def test_a_job_becomes_the_current_version_and_a_message_in_the_session(world: World) -> None:
    campaign_id = await world.campaign()
    async with running(world.application, world.client):
        job = await world.ask(campaign_id)
        ended = await world.ended(job)
        planned = await world.workflow(job).result()

    plan = await world.application.queries.plan(world.actor, campaign_id)
    assert ended.status is JobStatus.COMPLETED
    assert ended.percent == 100
    assert planned == PlannedVersion(plan_id=plan.id, number=1, kind=VersionKind.VERSION)
    assert plan.number == plan.current_number == 1
    assert [line.channel for line in plan.lines] == CHANNELS
    assert str(plan.total) == str(plan.campaign_budget)
    [message] = await world.messages()
    assert message.text.startswith("The planning workflow finished: version 1 is current")
    assert [block["kind"] for block in message.blocks] == ["plan"]


async def test_a_job_is_followed_in_the_session_without_a_gap(world: World) -> None:
    async with running(world.application, world.client):
        await world.ended(await world.ask(await world.campaign()))

    events = await world.events()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    told = await world.job_events()
    assert told[0] == ("queued", None, 0)
    assert told[-1] == ("completed", "save", 100)
    steps = [step for status, step, _ in told if status == "running" and step]
    assert steps == ["gather", "allocate", "flight", "forecast", "save"]
    percents = [int(str(percent)) for _, _, percent in told]
    assert percents == sorted(percents)


async def test_without_channels_a_job_plans_those_of_the_current_plan(world: World) -> None:
    campaign_id = await world.campaign()
    await world.application.plans.draft(world.actor, campaign_id, DraftPlan(channels=[Channel.CTV, Channel.PODCAST]))
    async with running(world.application, world.client):
        await world.ended(await world.ask(campaign_id, []))

    plan = await world.application.queries.plan(world.actor, campaign_id)
    assert plan.number == 2
    assert [line.channel for line in plan.lines] == [Channel.CTV, Channel.PODCAST]


async def test_a_result_whose_base_has_moved_on_never_becomes_current(world: World) -> None:
    campaign_id = await world.campaign()
    job = await world.ask(campaign_id)
    await world.application.plans.draft(world.actor, campaign_id, DraftPlan(channels=[Channel.SEARCH]))
    async with running(world.application, world.client):
        await world.ended(job)
        planned = await world.workflow(job).result()

    assert planned.kind is VersionKind.SCENARIO
    versions = await world.versions(campaign_id)
    assert {(version.number, version.kind, version.current) for version in versions} == {
        (1, VersionKind.VERSION, True),
        (2, VersionKind.SCENARIO, False),
    }
    assert "kept as scenario 2" in (await world.messages())[-1].text


async def test_a_refusal_ends_the_job_with_its_sentence_and_is_not_tried_again(world: World) -> None:
    campaign_id = await world.campaign()
    async with running(world.application, world.client):
        job = await world.ask(campaign_id, [Channel.SEARCH, Channel.PRODUCT_PLACEMENT])
        ended = await world.ended(job)
        with pytest.raises(WorkflowFailureError) as raised:
            await world.workflow(job).result()

    assert ended.status is JobStatus.FAILED
    assert ended.error
    assert "Product placement" in ended.error
    assert [message.text for message in await world.messages()] == [f"The planning workflow failed: {ended.error}"]
    assert await world.versions(campaign_id) == []
    refusal = raised.value.cause.cause if isinstance(raised.value.cause, ActivityError) else None
    assert isinstance(refusal, ApplicationError)
    assert refusal.type == "no_benchmark"


async def test_a_campaign_cancelled_meanwhile_gets_no_plan(world: World) -> None:
    campaign_id = await world.campaign()
    held = Held(world)
    async with working(world.client, held), relaying(world.application, world.client):
        job = await world.ask(campaign_id)
        await held.reached.wait()
        await world.application.campaigns.move(
            world.actor, campaign_id, MoveCampaign(move=Move.CANCEL, reason="no money")
        )
        held.let_go.set()
        ended = await world.ended(job)

    assert ended.status is JobStatus.FAILED
    assert ended.error == "Spring is cancelled and can't change."
    assert await world.versions(campaign_id) == []


async def test_a_budget_changed_meanwhile_is_not_planned_with_the_old_one(world: World) -> None:
    campaign_id = await world.campaign()
    held = Held(world)
    async with working(world.client, held), relaying(world.application, world.client):
        job = await world.ask(campaign_id)
        await held.reached.wait()
        await world.application.campaigns.update(
            world.actor, campaign_id, UpdateCampaign(budget=Amount(amount=Decimal(70_000), currency="USD"))
        )
        held.let_go.set()
        ended = await world.ended(job)

    assert ended.status is JobStatus.FAILED
    assert "start the workflow again" in str(ended.error)


async def test_who_lost_the_right_to_plan_meanwhile_gets_no_plan(world: World) -> None:
    campaign_id = await world.campaign()
    held = Held(world)
    async with working(world.client, held), relaying(world.application, world.client):
        job = await world.ask(campaign_id)
        await held.reached.wait()
        await world.become(Role.VIEWER)
        held.let_go.set()
        ended = await world.ended(job)

    assert ended.status is JobStatus.FAILED
    assert ended.error == "This needs the right plan:write."
    assert await world.versions(campaign_id) == []


async def test_a_cancelled_job_stops_its_workflow_and_saves_nothing(world: World) -> None:
    campaign_id = await world.campaign()
    held = Held(world)
    async with working(world.client, held), relaying(world.application, world.client):
        job = await world.ask(campaign_id)
        await held.reached.wait()
        await world.application.jobs.cancel(world.actor, job.id)
        with pytest.raises(WorkflowFailureError) as raised:
            await world.workflow(job).result()
        held.let_go.set()

    assert isinstance(raised.value.cause, CancelledError)
    assert (await world.job(job.id)).status is JobStatus.CANCELLED
    assert await world.versions(campaign_id) == []
    assert await world.messages() == []
    assert (await world.job_events())[-1][0] == "cancelled"


async def test_a_workflow_cancelled_in_temporal_ends_its_job(world: World) -> None:
    held = Held(world)
    async with working(world.client, held), relaying(world.application, world.client):
        job = await world.ask(await world.campaign())
        await held.reached.wait()
        await world.workflow(job).cancel()
        ended = await world.ended(job)
        held.let_go.set()

    assert ended.status is JobStatus.FAILED
    assert ended.error == "It was cancelled."


class Flaky(PlanningActivities):
    """`allocate` finds the database away; each attempt follows at once."""

    def __init__(self, world: World, *, times: int) -> None:
        super().__init__(world.application)
        self._left = times
        self.attempts = 0

    @activity.defn
    async def allocate(self, given: AllocateInput) -> Allocated:
        self.attempts += 1
        if self._left == 0:
            return await super().allocate(given)
        self._left -= 1
        away = application_error(Unavailable("The database can't be reached."))
        raise ApplicationError(away.message, *away.details, type=away.type, next_retry_delay=timedelta(milliseconds=1))


async def test_a_step_is_tried_again_while_the_database_is_away(world: World) -> None:
    campaign_id = await world.campaign()
    flaky = Flaky(world, times=1)
    async with working(world.client, flaky), relaying(world.application, world.client):
        ended = await world.ended(await world.ask(campaign_id))

    assert ended.status is JobStatus.COMPLETED
    assert flaky.attempts == 2


class Faulty(PlanningActivities):
    @activity.defn
    async def allocate(self, given: AllocateInput) -> Allocated:
        raise ApplicationError("password=hunter2", type="KeyError", non_retryable=True)


async def test_what_went_wrong_inside_is_not_told(world: World) -> None:
    async with working(world.client, Faulty(world.application)), relaying(world.application, world.client):
        ended = await world.ended(await world.ask(await world.campaign()))

    assert ended.error == "One of its steps failed unexpectedly."


async def test_a_worker_that_is_stopped_hands_its_step_over(world: World) -> None:
    """The step outlives the grace of a stop, is cut short, and runs again on the next worker."""
    campaign_id = await world.campaign()
    held = Held(world)
    async with relaying(world.application, world.client):
        async with working(world.client, held):
            job = await world.ask(campaign_id)
            await held.reached.wait()
        async with working(world.client, PlanningActivities(world.application)):
            ended = await world.ended(job)

    assert ended.status is JobStatus.COMPLETED
    assert len(await world.versions(campaign_id)) == 1


async def test_a_history_carries_the_tenant_and_bounded_attempts(world: World) -> None:
    async with running(world.application, world.client):
        job = await world.ask(await world.campaign())
        await world.ended(job)
        await world.workflow(job).result()
    history = await world.workflow(job).fetch_history()

    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert [step.activity_type.name for step in scheduled] == ["gather", "allocate", "flight", "forecast", "save"]
    assert {step.retry_policy.maximum_attempts for step in scheduled} == {15}
    started = history.events[0].workflow_execution_started_event_attributes
    assert json.loads(started.input.payloads[0].data) == {
        "tenant_id": str(world.actor.tenant_id),
        "user_id": str(world.actor.user_id),
        "task": {
            "job_id": str(job.id),
            "campaign_id": str(job.campaign_id),
            "channels": ["search", "social", "display"],
            "base": None,
        },
    }
