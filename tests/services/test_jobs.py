import asyncio

import pytest

from domain.channels import Channel
from domain.errors import Conflict, IllegalMove, InvalidInput, NotFound
from domain.ids import JobId, new_id
from domain.jobs import JobStatus
from services.actor import system_actor
from services.events import EventType
from services.jobs import StartPlanning
from services.ports import WakeupKind
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.conftest import CHANNELS, InMemory, Product, keyed


async def test_a_job_and_the_note_that_starts_it_are_one_transaction(memory: InMemory) -> None:
    actor = memory.owner()
    plan, session_id = await memory.planned(actor), await memory.session(actor)
    job = await memory.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=session_id)
    (note,) = await InMemoryWakeups(memory.database, memory.clock).claim(WakeupKind.JOB_START, limit=10, retry_after=5)
    assert (note.tenant_id, note.id, job.status) == (actor.tenant_id, job.id, JobStatus.QUEUED)
    (event,) = await memory.log(actor, session_id)
    assert (event.type, event.data["job_id"], event.data["status"]) == (EventType.JOB, str(job.id), "queued")
    async with memory.begin(actor) as work:
        arguments = (await work.jobs.get(job.id)).arguments
    assert arguments == {"channels": CHANNELS, "base": 1}


async def test_asking_twice_with_one_key_is_one_job(product: Product) -> None:
    actor = await product.new_actor()
    plan, session_id = await product.planned(actor), await product.session(actor)
    asked = keyed(actor)
    jobs = await asyncio.gather(
        *(product.jobs.start_planning(asked, plan.campaign_id, StartPlanning(), session_id=session_id) for _ in "123")
    )
    assert len({job.id for job in jobs}) == 1
    assert await product.types(actor, session_id) == [EventType.JOB]


async def test_without_a_plan_the_channels_must_be_named(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    with pytest.raises(InvalidInput) as refused:
        await memory.jobs.start_planning(actor, campaign.id, StartPlanning(), session_id=None)
    assert refused.value.code == "channels_required"
    named = StartPlanning(channels=[Channel.OLV])
    job = await memory.jobs.start_planning(actor, campaign.id, named, session_id=None)
    async with memory.begin(actor) as work:
        assert (await work.jobs.get(job.id)).arguments == {"channels": ["olv"], "base": None}


async def test_a_job_reports_into_a_conversation_of_ones_own_only(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    theirs = await memory.session(memory.colleague(actor))
    before = memory.written()
    with pytest.raises(NotFound) as refused:
        await memory.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=theirs)
    assert (refused.value.code, memory.written()) == ("session_not_found", before)


async def test_a_closed_campaign_is_not_planned(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    await memory.campaigns.archive(actor, campaign.id)
    with pytest.raises(IllegalMove):
        await memory.jobs.start_planning(actor, campaign.id, StartPlanning(channels=[Channel.CTV]), session_id=None)


async def test_a_job_is_followed_to_its_end(product: Product) -> None:
    actor = await product.new_actor()
    plan, session_id = await product.planned(actor), await product.session(actor)
    job = await product.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=session_id)
    worker = system_actor(actor.tenant_id)
    for _ in range(2):  # a start that is tried again tells once
        assert (await product.jobs.started(worker, job.id)).status is JobStatus.RUNNING
    assert (await product.jobs.progressed(worker, job.id, "allocate", 40)).percent == 40
    failed = await product.jobs.failed(worker, job.id, "no room")
    assert await product.jobs.failed(worker, job.id, "again") == failed
    assert (failed.status, failed.error) == (JobStatus.FAILED, "no room")
    events = await product.log(actor, session_id)
    told = [event.data.get("status") for event in events if event.type is EventType.JOB]
    assert told == ["queued", "running", "running", "failed"]
    (message,) = await product.posted(actor, session_id)
    assert (message.id, events[-1].data["text"]) == (f"job:{job.id}", "The planning workflow failed: no room")


async def test_a_cancelled_job_goes_no_further(product: Product) -> None:
    actor = await product.new_actor()
    plan, session_id = await product.planned(actor), await product.session(actor)
    job = await product.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=session_id)
    cancelled = await product.jobs.cancel(keyed(actor), job.id)
    assert (await product.jobs.cancel(keyed(actor), job.id)) == cancelled
    assert cancelled.status is JobStatus.CANCELLED
    worker = system_actor(actor.tenant_id)
    with pytest.raises(IllegalMove):
        await product.jobs.progressed(worker, job.id, "gather", 5)
    with pytest.raises(Conflict):
        await product.jobs.cancel(actor, job.id)
    assert (await product.jobs.failed(worker, job.id, "stopped")).status is JobStatus.CANCELLED
    assert await product.types(actor, session_id) == [EventType.JOB, EventType.JOB]


async def test_cancelling_leaves_a_note_for_temporal(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    job = await memory.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=None)
    await memory.jobs.cancel(actor, job.id)
    wakeups = InMemoryWakeups(memory.database, memory.clock)
    assert [note.id for note in await wakeups.claim(WakeupKind.JOB_CANCEL, limit=5, retry_after=5)] == [job.id]


async def test_another_tenants_job_is_none(product: Product) -> None:
    ours, theirs = await product.new_actor(), await product.new_actor()
    plan = await product.planned(theirs)
    job = await product.jobs.start_planning(theirs, plan.campaign_id, StartPlanning(), session_id=None)
    for id in (job.id, JobId(new_id())):
        with pytest.raises(NotFound):
            await product.jobs.cancel(ours, id)
