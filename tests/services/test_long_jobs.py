"""Budgets side by side and a plan by periods: the steps in order, posted once, the plan as it was."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from domain.channels import Channel
from domain.errors import Conflict, DomainError, Forbidden
from domain.jobs import JobStatus
from domain.planning.periods.cuts import PeriodLength
from domain.tenants import Permission
from services.actor import Actor
from services.campaigns import UpdateCampaign
from services.plan_commands import DraftPlan
from services.plan_constraints import LineLimit
from services.queries import JobView, PlanView
from services.sweep_job import SweepBudgets, SweepTask
from services.sweep_views import Sweep
from services.year_job import MonthIndex, Pause, PlanYear, YearTask
from tests.services.conftest import CHANNELS, InMemory, Product, keyed, without
from tests.services.samples import create, usd

SEARCH, SOCIAL, DISPLAY = CHANNELS
SWEEP = SweepBudgets(lowest=usd(50_000), highest=usd(150_001), steps=3, keep=[DISPLAY])


async def task_of(product: Product, actor: Actor, job: JobView) -> dict[str, object]:
    async with product.begin(actor) as work:
        stored = await work.jobs.get(job.id)
    return {"job_id": job.id, "campaign_id": job.campaign_id, **stored.arguments}


async def year(product: Product, actor: Actor) -> PlanView:
    campaign = await product.campaigns.create(
        actor, create(name="2027", start=date(2027, 1, 1), end=date(2027, 12, 31), budget=usd("365000.01"))
    )
    return await product.plans.draft(actor, campaign.id, DraftPlan(channels=CHANNELS))


async def test_budgets_side_by_side(product: Product) -> None:
    actor = await product.new_actor()
    plan, session = await product.planned(actor), await product.session(actor)
    job = await product.sweep_job.start(actor, plan.campaign_id, SWEEP, session_id=session)
    task = SweepTask.model_validate(await task_of(product, actor, job))
    points = [await product.sweep_job.try_budget(actor, task, index) for index in range(3)]
    finish = keyed(actor, f"job:{job.id}")
    done, again = await asyncio.gather(*(product.sweep_job.finish(finish, task, points) for _ in range(2)))
    assert (done, done.status) == (again, JobStatus.COMPLETED)
    sweep = Sweep.model_validate(done.result)
    assert [str(point.budget.amount) for point in sweep.points] == ["50000.00", "100000.50", "150001.00"]
    assert [point.figures.spend for point in sweep.points] == [point.budget for point in sweep.points]
    outcomes = [point.figures.outcome for point in sweep.points]
    assert outcomes == sorted(outcomes)
    marginal = [point.next_thousand for point in sweep.points]
    assert marginal == sorted(marginal, reverse=True)
    assert {point.lines["Display"] for point in sweep.points} == {plan.lines[2].budget}, "kept"
    [message] = await product.posted(actor, session)
    content = message.content
    assert isinstance(content["block"], dict)
    assert [row["budget"] for row in content["block"]["rows"]] == [str(point.budget) for point in sweep.points]
    assert await product.latest_number(actor, plan.campaign_id) == 1


async def test_a_plan_by_months_is_a_scenario_of_the_whole_budget(product: Product) -> None:
    actor = await product.new_actor()
    plan, session = await year(product, actor), await product.session(actor)
    wanted = PlanYear(
        keep=[DISPLAY],
        seasonality=[MonthIndex(month=12, index=Decimal(2)), MonthIndex(month=7, index=Decimal("0.5"), channel=SEARCH)],
        pauses=[Pause(month=8, channel=SOCIAL)],
        carry_over=Decimal("0.4"),
    )
    job = await product.year_job.start(actor, plan.campaign_id, wanted, session_id=session)
    task = YearTask.model_validate(await task_of(product, actor, job))
    found = await product.year_job.optimise(actor, task)
    save = keyed(actor, f"job:{job.id}")
    done, again = await asyncio.gather(*(product.year_job.save(save, task, found) for _ in range(2)))
    assert done == again
    assert done.result is not None
    assert (done.result["name"], done.result["kind"]) == ("By months", "scenario")
    promoted = await product.scenarios.promote(actor, plan.campaign_id, "By months")
    assert (promoted.number, promoted.total, promoted.reason) == (3, usd("365000.01"), "promoted scenario By months")
    assert promoted.lines[2].budget == plan.lines[2].budget
    social = {week.starts: week.budget.amount for week in promoted.lines[1].weeks}
    assert social[date(2027, 8, 9)] == 0 < social[date(2027, 12, 13)]
    assert len(await product.posted(actor, session)) == 1


REFUSED = [
    (SweepBudgets(lowest=usd(10), highest=usd(10)), "bad_range"),
    (SweepBudgets(lowest=usd(10, "EUR"), highest=usd(20, "EUR")), "currency_mismatch"),
    (SweepBudgets(lowest=usd(10), highest=usd(20), keep=[Channel.RADIO]), "channel_not_in_plan"),
    (PlanYear(minimums=[LineLimit(channel=Channel.RADIO, amount=usd(1))]), "channel_not_in_plan"),
    (PlanYear(budget=usd(10, "EUR")), "currency_mismatch"),
]


@pytest.mark.parametrize(("command", "code"), REFUSED, ids=lambda value: str(value)[:40])
async def test_what_can_not_be_starts_nothing(memory: InMemory, command: SweepBudgets | PlanYear, code: str) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    before = memory.written()
    start = memory.sweep_job.start if isinstance(command, SweepBudgets) else memory.year_job.start
    with pytest.raises(DomainError) as refused:
        await start(actor, plan.campaign_id, command, session_id=None)  # type: ignore[arg-type]
    assert (refused.value.code, memory.written()) == (code, before)


async def test_a_campaign_on_other_dates_is_refused_by_the_step(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    job = await memory.sweep_job.start(actor, plan.campaign_id, SWEEP, session_id=None)
    task = SweepTask.model_validate(await task_of(memory, actor, job))
    with pytest.raises(Forbidden):
        await memory.sweep_job.try_budget(without(actor, Permission.PLAN_READ), task, 0)
    await memory.campaigns.update(actor, plan.campaign_id, UpdateCampaign(end=date(2027, 5, 2)))
    with pytest.raises(Conflict) as moved:
        await memory.sweep_job.try_budget(actor, task, 0)
    assert moved.value.code == "campaign_changed"


async def test_by_weeks_too(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    job = await memory.year_job.start(actor, plan.campaign_id, PlanYear(by=PeriodLength.WEEKS), session_id=None)
    task = YearTask.model_validate(await task_of(memory, actor, job))
    done = await memory.year_job.save(actor, task, await memory.year_job.optimise(actor, task))
    assert done.result is not None
    assert done.result["name"] == "By weeks"
