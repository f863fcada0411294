"""Several budgets, each with its best plan, as the steps of a workflow. Nothing of the plan changes."""

import asyncio
from fractions import Fraction

from pydantic import Field

from domain.errors import Conflict, InvalidInput
from domain.ids import CampaignId, SessionId
from domain.jobs import JobKind
from domain.money import Money
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import optimum
from domain.plans.media_plans import PlanVersion
from domain.plans.split import outcome_counted
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.amounts import Amount
from services.job_tasks import JobTask
from services.jobs import JobResult, Jobs
from services.optimization_views import THOUSAND, figure
from services.plan_constraints import Constraints
from services.plan_saving import planned
from services.ports import Clock
from services.queries import JobView
from services.scenario_views import figures_of
from services.sweep_views import Sweep, SweepPoint, sweep_block, sweep_text
from services.unit_of_work import Begin, UnitOfWork

FEWEST, MOST = 2, 20


class SweepBudgets(Constraints):
    """Budgets at equal steps, both ends included; each is given out as well as the constraints allow."""

    lowest: Amount
    highest: Amount
    steps: int = Field(default=5, ge=FEWEST, le=MOST, description="How many budgets.")

    def budgets(self) -> list[Money]:
        low, high = self.lowest.money(), self.highest.money()
        if low.minor <= 0 or high <= low:
            raise InvalidInput(
                f"Budgets rise from one above zero to a higher one, not from {low} to {high}.",
                code="bad_range",
                field="highest",
            )
        width = (high - low).minor
        return [Money(low.minor + round(Fraction(width * i, self.steps - 1)), low.currency) for i in range(self.steps)]


class SweepTask(JobTask):
    budgets: list[int]  # minor units of the campaign's currency
    number: int  # the version whose lines are given the budgets
    constraints: Constraints


class SweepJob:
    def __init__(self, begin: Begin, clock: Clock, jobs: Jobs) -> None:
        self._begin = begin
        self._clock = clock
        self._jobs = jobs

    async def start(
        self, actor: Actor, campaign_id: CampaignId, command: SweepBudgets, *, session_id: SessionId | None
    ) -> JobView:
        authorize(actor, Permission.JOB_RUN, campaign_id)
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            brief, plan = await planned(work, campaign_id)
            budgets = [budget + Money.zero(brief.currency) for budget in command.budgets()]
            constraints = Constraints.within(command)
            constraints.limits_in(plan.current)  # what names a line that there isn't is refused before anything starts
            arguments: dict[str, object] = {
                "budgets": [budget.minor for budget in budgets],
                "number": plan.current.number,
                "constraints": constraints.model_dump(mode="json"),
            }
            return await self._jobs.ask(work, actor, campaign_id, JobKind.BUDGET_SWEEP, arguments, session_id)

    async def try_budget(self, actor: Actor, task: SweepTask, index: int) -> SweepPoint:
        """Changes nothing."""
        authorize(actor, Permission.PLAN_READ, task.campaign_id)
        async with self._begin(actor) as work:
            brief, version = await _read(work, task)
        return await asyncio.to_thread(_tried, brief, version, task, index)

    async def finish(self, actor: Actor, task: SweepTask, points: list[SweepPoint]) -> JobView:
        """The finished job and its message in one transaction; a second call finds the first's."""
        authorize(actor, Permission.PLAN_READ, task.campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            job = await work.jobs.get(task.job_id)
            brief, _ = await _read(work, task)
            sweep = Sweep(counts=outcome_counted(brief), points=points)
            completed = job.complete(sweep.model_dump(mode="json"), self._clock.now())
            await self._jobs.post(work, job, JobResult(text=sweep_text(sweep), block=sweep_block(sweep)))
            return await work.commit(JobView.model_validate(job), completed)


async def _read(work: UnitOfWork, task: SweepTask) -> tuple[PlanningBrief, PlanVersion]:
    """The version that was current when it was asked for, for a campaign that is still as that version has it."""
    brief, plan = await planned(work, task.campaign_id)
    version = await work.plans.version(plan, task.number)
    if version.flight != brief.campaign.flight:
        raise Conflict(
            "The campaign has other dates than its plan; bring the plan in step and start again.",
            code="campaign_changed",
        )
    return brief, version


def _tried(brief: PlanningBrief, version: PlanVersion, task: SweepTask, index: int) -> SweepPoint:
    budget = Money(task.budgets[index], brief.currency)
    present = {line.code: line.budget for line in version.lines}
    limits = task.constraints.limits_in(version)
    found = optimum(brief, limits, budget, version.flighting, "sweep", present)
    return SweepPoint(
        budget=Amount.of(budget),
        figures=figures_of(brief, found.draft.lines),
        next_thousand=figure(found.split.marginal_return * THOUSAND, found.split.counts, brief.currency),
        lines={line.label: Amount.of(line.budget) for line in found.draft.lines},
        explanation=found.draft.explanation,
    )
