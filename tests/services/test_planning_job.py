import asyncio
from datetime import date
from functools import partial

import pytest

from domain.channels import Channel
from domain.errors import Conflict, IllegalMove, InvalidInput
from domain.jobs import JobStatus
from domain.plans.media_plans import VersionKind
from services.campaigns import UpdateCampaign
from services.events import EventType
from services.jobs import StartPlanning
from services.plan_commands import DraftPlan, Edit, LineEdit, OptimizePlan, RevisePlan
from services.queries import JobView
from tests.services.conftest import CHANNELS, InMemory, Product
from tests.services.samples import usd
from tests.services.workflow import finish, save, steps, task_of

SEARCH, SOCIAL, DISPLAY = CHANNELS
CUT = RevisePlan(changes=[LineEdit(channel=SOCIAL, action=Edit.DECREASE, amount=usd(5000))])


def result(job: JobView) -> dict[str, object]:
    assert job.result is not None
    return job.result


async def test_the_steps_make_the_first_plan_and_say_so(product: Product) -> None:
    actor = await product.new_actor()
    campaign, session_id = await product.campaign(actor), await product.session(actor)
    job = await product.jobs.start_planning(actor, campaign.id, StartPlanning(channels=CHANNELS), session_id=session_id)
    done = await finish(product, actor, task_of(job, base=None))
    assert (done.status, result(done)["number"], result(done)["kind"]) == (JobStatus.COMPLETED, 1, "version")
    async with product.begin(actor) as work:
        plan = await work.plans.of_campaign(campaign.id)
        assert (await work.campaigns.get(campaign.id)).status == "planned"
    assert plan.current.total == campaign.budget.money()
    events = await product.log(actor, session_id)
    assert [event.type for event in events] == [EventType.JOB, EventType.JOB, EventType.MESSAGE]
    assert "version 1 is current" in str(events[-1].data["text"])
    block = events[-1].data["block"]
    assert isinstance(block, dict)
    assert (block["kind"], block["plan"]["total"]["amount"]) == ("plan", "100000.00")


async def test_the_workflow_and_a_draft_come_to_the_same_plan(memory: InMemory) -> None:
    actor = memory.owner()
    drafted = await memory.planned(actor)
    job = await memory.jobs.start_planning(actor, drafted.campaign_id, StartPlanning(), session_id=None)
    await finish(memory, actor, task_of(job, base=1))
    compared = await memory.plans.compare(actor, drafted.campaign_id)
    assert (compared.first, compared.second) == (1, 2)
    assert all(not line.change.amount for line in compared.lines)
    assert compared.before == compared.after


async def test_saved_twice_it_is_saved_and_posted_once(product: Product) -> None:
    actor = await product.new_actor()
    plan, session_id = await product.planned(actor), await product.session(actor)
    job = await product.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=session_id)
    task = task_of(job, base=1)
    results = await steps(product, actor, task)
    views = await asyncio.gather(*(save(product, actor, task, results) for _ in range(3)))
    assert all(view == views[0] for view in views)
    assert await product.latest_number(actor, plan.campaign_id) == 2
    assert len(await product.posted(actor, session_id)) == 1


async def test_a_result_whose_base_moved_on_is_a_scenario(product: Product) -> None:
    actor = await product.new_actor()
    plan, session_id = await product.planned(actor), await product.session(actor)
    job = await product.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=session_id)
    task = task_of(job, base=1)
    results = await steps(product, actor, task)
    await product.plans.revise(actor, plan.campaign_id, CUT)
    done = await save(product, actor, task, results)
    assert (result(done)["number"], result(done)["kind"]) == (3, "scenario")
    async with product.begin(actor) as work:
        kept = await work.plans.of_campaign(plan.campaign_id)
        scenario = await work.plans.version(kept, 3)
    assert (kept.current.number, scenario.kind, scenario.parent_number) == (2, VersionKind.SCENARIO, 2)
    (message,) = await product.posted(actor, session_id)
    assert "moved on to version 2" in str(message.content)


async def test_a_first_plan_made_meanwhile_keeps_its_place(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    job = await memory.jobs.start_planning(actor, campaign.id, StartPlanning(channels=CHANNELS), session_id=None)
    task = task_of(job, base=None)
    results = await steps(memory, actor, task)
    await memory.plans.draft(actor, campaign.id, DraftPlan(channels=[SEARCH]))
    assert result(await save(memory, actor, task, results))["kind"] == "scenario"


@pytest.mark.parametrize("change", [UpdateCampaign(budget=usd(90_000)), UpdateCampaign(end=date(2027, 5, 31))])
async def test_a_campaign_changed_meanwhile_is_not_overrun(memory: InMemory, change: UpdateCampaign) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    job = await memory.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=None)
    task = task_of(job, base=1)
    results = await steps(memory, actor, task)
    await memory.campaigns.update(actor, plan.campaign_id, change)
    before = memory.written()
    with pytest.raises(Conflict) as refused:
        await save(memory, actor, task, results)
    assert (refused.value.code, memory.written()) == ("campaign_changed", before)


async def test_a_campaign_closed_meanwhile_gets_no_version(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    job = await memory.jobs.start_planning(actor, campaign.id, StartPlanning(channels=CHANNELS), session_id=None)
    task = task_of(job, base=None)
    results = await steps(memory, actor, task)
    await memory.campaigns.archive(actor, campaign.id)
    with pytest.raises(IllegalMove):
        await save(memory, actor, task, results)
    with pytest.raises(IllegalMove):
        await memory.planning_job.gather(actor, task)


async def test_a_cancelled_or_failed_job_saves_nothing(memory: InMemory) -> None:
    actor = memory.owner()
    plan, session_id = await memory.planned(actor), await memory.session(actor)
    for end in (memory.jobs.cancel, partial(memory.jobs.failed, error="no")):
        job = await memory.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=session_id)
        task = task_of(job, base=1)
        results = await steps(memory, actor, task)
        await end(actor, job.id)
        before = memory.written()
        with pytest.raises(IllegalMove) as ended:
            await save(memory, actor, task, results)
        assert (ended.value.code, memory.written()) == ("job_ended", before)


async def test_a_kept_line_stays_as_it_is(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    await memory.plans.revise(actor, plan.campaign_id, CUT)
    kept = await memory.plans.optimize(actor, plan.campaign_id, OptimizePlan(keep=[SOCIAL]))
    job = await memory.jobs.start_planning(actor, plan.campaign_id, StartPlanning(), session_id=None)
    await finish(memory, actor, task_of(job, base=3))
    async with memory.begin(actor) as work:
        current = (await work.plans.of_campaign(plan.campaign_id)).current
    line = current.line_of(SOCIAL)
    assert line is not None
    assert (current.number, line.locked, line.budget.major) == (4, True, kept.lines[1].budget.amount)


async def test_channels_that_cannot_be_planned_are_refused_before_anything_is_saved(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    for channels, code in (([SEARCH, SEARCH], "duplicate_line"), ([Channel.CINEMA], "no_benchmark")):
        job = await memory.jobs.start_planning(actor, campaign.id, StartPlanning(channels=channels), session_id=None)
        with pytest.raises(InvalidInput) as refused:
            await steps(memory, actor, task_of(job, base=None, channels=channels))
        assert refused.value.code == code
