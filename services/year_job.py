"""The best plan over the periods of a campaign's flight as the steps of a workflow. Its result is a scenario."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.channels import Channel
from domain.errors import Conflict, InvalidInput
from domain.ids import CampaignId, SessionId
from domain.jobs import JobKind
from domain.money import Money
from domain.objectives import Outcome
from domain.planning.periods.cuts import PeriodLength
from domain.plans.brief import PlanningBrief
from domain.plans.media_plans import PlanVersion, Standing
from domain.plans.year import YearSplit, YearWishes, totals_of, year_draft, year_split
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.amounts import Amount
from services.commands import Command
from services.job_tasks import JobTask, Value
from services.jobs import JobResult, Jobs
from services.optimization_views import figure
from services.plan_constraints import Code, Constraints, LineLimit
from services.plan_saving import planned
from services.ports import Clock
from services.queries import JobView
from services.unit_of_work import Begin, UnitOfWork
from services.year_views import year_block, year_text

Index = Annotated[Decimal, Field(ge=Decimal("0.01"), le=100, description="1 is the level of the curves.")]
Month = Annotated[int, Field(ge=1, le=12)]


class MonthIndex(Command):
    month: Month
    index: Index
    channel: Channel | None = Field(default=None, description="Left out: every line.")


class Pause(Command):
    month: Month
    channel: Channel | None = Field(default=None, description="Left out: every line.")


class YearConditions(Command):
    """What is said of the periods."""

    seasonality: list[MonthIndex] = Field(
        default_factory=list, max_length=300, description="1.3: the same media brings 30 % more in that month."
    )
    prices: list[MonthIndex] = Field(
        default_factory=list, max_length=300, description="1.2: media is 20 % dearer in that month."
    )
    pauses: list[Pause] = Field(default_factory=list, max_length=300, description="Months without any spend.")
    carry_over: Decimal = Field(
        default=Decimal(0), ge=0, lt=1, description="Part of a week's media that still works a week later."
    )


class PlanYear(YearConditions):
    """Limits are of lines: those that several share are not kept period by period, and so are refused."""

    by: PeriodLength = PeriodLength.MONTHS
    budget: Amount | None = Field(default=None, description="Left out: the campaign's budget.")
    keep: list[Channel] = Field(default_factory=list, max_length=20, description="Channels that must not move.")
    keep_lines: list[Code] = Field(default_factory=list, max_length=500, description="Lines that must not move.")
    minimums: list[LineLimit] = Field(default_factory=list, max_length=500, description="Of a line's total.")
    maximums: list[LineLimit] = Field(default_factory=list, max_length=500)

    def constraints(self) -> Constraints:
        return Constraints(keep=self.keep, keep_lines=self.keep_lines, minimums=self.minimums, maximums=self.maximums)


class YearTask(JobTask):
    by: PeriodLength
    budget_minor: int
    number: int  # the version whose lines are planned
    conditions: YearConditions
    constraints: Constraints


class YearOptimum(Value):
    """Amounts in minor units by the line's code and the period."""

    amounts: dict[str, list[int]]
    flat_fees: dict[str, int]
    counts: Outcome
    outcome: float
    marginal_return: float
    gap: float
    unspent: int
    unspent_reason: str | None = None
    extrapolated: list[str] = Field(default_factory=list)

    def split(self) -> YearSplit:
        return YearSplit(**{name: getattr(self, name) for name in type(self).model_fields})


class YearJob:
    def __init__(self, begin: Begin, clock: Clock, jobs: Jobs) -> None:
        self._begin = begin
        self._clock = clock
        self._jobs = jobs

    async def start(
        self, actor: Actor, campaign_id: CampaignId, command: PlanYear, *, session_id: SessionId | None
    ) -> JobView:
        authorize(actor, Permission.JOB_RUN, campaign_id)
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            brief, plan = await planned(work, campaign_id)
            brief.campaign.must_accept_plans()
            budget = (command.budget.money() if command.budget else brief.campaign.budget) + Money.zero(brief.currency)
            constraints = command.constraints()
            _must_be_of_lines(constraints, plan.current)
            arguments: dict[str, object] = {
                "by": command.by.value,
                "budget_minor": budget.minor,
                "number": plan.current.number,
                "conditions": YearConditions.within(command).model_dump(mode="json"),
                "constraints": constraints.model_dump(mode="json"),
            }
            return await self._jobs.ask(work, actor, campaign_id, JobKind.YEAR_PLAN, arguments, session_id)

    async def optimise(self, actor: Actor, task: YearTask) -> YearOptimum:
        """Changes nothing."""
        authorize(actor, Permission.PLAN_WRITE, task.campaign_id)
        async with self._begin(actor) as work:
            brief, version = await _read(work, task)
        split = await asyncio.to_thread(year_split, brief, version, _wishes(brief, version, task))
        facts = {name: getattr(split, name) for name in YearOptimum.model_fields}
        return YearOptimum.model_validate(facts)

    async def save(self, actor: Actor, task: YearTask, found: YearOptimum) -> JobView:
        """The scenario, the finished job and its message in one transaction; a second call finds the first's."""
        authorize(actor, Permission.PLAN_WRITE, task.campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            job, now = await work.jobs.get(task.job_id), self._clock.now()
            brief, version = await _read(work, task)
            plan, wishes = await work.plans.of_campaign(task.campaign_id), _wishes(brief, version, task)
            draft = year_draft(brief, version, wishes, found.split(), f"planned by {task.by.value}")
            campaign = brief.campaign
            made_for = Standing(wishes.budget, campaign.budget_basis, campaign.flight)
            name = plan.free_scenario_name(f"By {task.by.value}")
            kept, saved = plan.keep_scenario(name, campaign, draft, made_for, by=actor.user_id, now=now)
            work.plans.keep(kept)
            facts = {"plan_id": str(plan.id), "number": kept.number, "kind": kept.kind, "name": name}
            completed = job.complete(facts, now)
            outcome = figure(found.outcome, found.counts, brief.currency)
            text = year_text(name, kept, found.counts, outcome)
            block = year_block(name, kept, totals_of(draft, brief, task.by))
            await self._jobs.post(work, job, JobResult(text=text, block=block))
            return await work.commit(JobView.model_validate(job), saved, completed)


def _must_be_of_lines(constraints: Constraints, version: PlanVersion) -> None:
    """Refused before anything starts, as is what names a line that there isn't."""
    if shared := constraints.limits_in(version).groups:
        raise InvalidInput(
            f"{shared[0].name} has several lines; by period a limit is of one line, so name it.",
            code="shared_limit",
            field="minimums",
        )


async def _read(work: UnitOfWork, task: YearTask) -> tuple[PlanningBrief, PlanVersion]:
    brief, plan = await planned(work, task.campaign_id)
    version = await work.plans.version(plan, task.number)
    if version.flight != brief.campaign.flight:
        raise Conflict(
            "The campaign has other dates than its plan; bring the plan in step and start again.",
            code="campaign_changed",
        )
    return brief, version


def _wishes(brief: PlanningBrief, version: PlanVersion, task: YearTask) -> YearWishes:
    said = task.conditions
    paused = {
        line.code: frozenset(one.month for one in said.pauses if one.channel in (None, line.channel))
        for line in version.lines
    }
    return YearWishes(
        task.by,
        Money(task.budget_minor, brief.currency),
        task.constraints.limits_in(version).lines,
        _by_line(version, said.seasonality),
        _by_line(version, said.prices),
        paused,
        float(said.carry_over),
    )


def _by_line(version: PlanVersion, indices: list[MonthIndex]) -> Mapping[str, Mapping[int, float]]:
    """What is said of a channel counts before what is said of all."""
    general = {one.month: float(one.index) for one in indices if one.channel is None}
    return {
        line.code: general | {one.month: float(one.index) for one in indices if one.channel is line.channel}
        for line in version.lines
    }
