"""The steps of the planning workflow as the product knows them; Temporal only calls them in order.

Each step takes and gives plain values, reads what it needs afresh, and may be run again: only the last one writes,
under the job's effect key.
"""

from datetime import date

from pydantic import Field

from domain.campaigns import Campaign, Flight
from domain.changes import Change
from domain.channels import Channel
from domain.errors import Conflict
from domain.money import Money
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.bounds import Limits, LineBounds
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.drafting import assemble_line, flight_weeks, new_specs
from domain.plans.explanation import explained
from domain.plans.lines import Audience, ExpectedDelivery, FlightWeek, LineSpec
from domain.plans.media_plans import Draft, MediaPlan, PlanVersion, VersionKind
from domain.plans.splitting import split_budget
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.job_tasks import JobTask, Value
from services.jobs import JobResult, Jobs
from services.plan_briefs import planning_brief
from services.plan_views import plan_view
from services.ports import Clock
from services.queries import JobView
from services.unit_of_work import Begin, UnitOfWork


class PlanningTask(JobTask):
    channels: list[Channel]
    base: int | None  # the version that was current when the job was asked for


class Gathered(Value):
    channels: list[Channel]
    flighting: Flighting
    budget_minor: int
    currency: str
    kept: dict[str, int]  # by the line's code, as everywhere below
    start: date
    end: date
    pattern: FlightPattern | None = None
    codes: list[str] = Field(default_factory=list)

    @property
    def spread(self) -> FlightPattern:
        return self.pattern or FlightPattern(self.flighting)

    @property
    def lines(self) -> list[str]:
        """Workflows of an earlier release knew one line per channel, named like it."""
        return self.codes or [channel.value for channel in self.channels]


class Allocated(Value):
    amounts: dict[str, int]
    explanation: str


class Week(Value):
    starts: date
    budget_minor: int


class Flighted(Value):
    weeks: dict[str, list[Week]]


class Forecasted(Value):
    impressions: dict[str, int]
    clicks: dict[str, int]
    conversions_hundredths: dict[str, int]
    completed_views: dict[str, int] = Field(default_factory=dict)
    audiences: dict[str, Audience] = Field(default_factory=dict)


class PlanningJob:
    def __init__(self, begin: Begin, clock: Clock, jobs: Jobs) -> None:
        self._begin = begin
        self._clock = clock
        self._jobs = jobs

    async def gather(self, actor: Actor, task: PlanningTask) -> Gathered:
        authorize(actor, Permission.PLAN_WRITE, task.campaign_id)
        async with self._begin(actor) as work:
            brief, plan, specs = await _wanted(work, task)
            brief.campaign.must_accept_plans()
            pattern = plan.current.flighting if plan else FlightPattern(Flighting.EVEN)
            return Gathered(
                channels=task.channels,
                flighting=pattern.shape,
                budget_minor=brief.campaign.budget.minor,
                currency=brief.currency,
                kept={spec.code: plan.current.line(spec.code).budget.minor for spec in specs if plan and spec.locked},
                start=brief.campaign.flight.start,
                end=brief.campaign.flight.end,
                pattern=pattern,
                codes=[spec.code for spec in specs],
            )

    async def allocate(self, actor: Actor, task: PlanningTask, gathered: Gathered) -> Allocated:
        async with self._begin(actor) as work:
            brief, _, specs = await _wanted(work, task)
        kept = {code: Money(minor, gathered.currency) for code, minor in gathered.kept.items()}
        limits = Limits(tuple(LineBounds(spec, kept=kept.get(spec.code)) for spec in specs))
        split = split_budget(brief, limits, Money(gathered.budget_minor, gathered.currency))
        return Allocated(
            amounts={code: amount.minor for code, amount in split.amounts.items()}, explanation=explained(split)
        )

    async def flight(self, actor: Actor, task: PlanningTask, gathered: Gathered, allocated: Allocated) -> Flighted:
        lines = await self._economics(actor, task, gathered)
        return Flighted(
            weeks={
                code: [
                    Week(starts=week.starts, budget_minor=week.budget_minor)
                    for week in flight_weeks(lines[code], Money(minor, gathered.currency), gathered.spread)
                ]
                for code, minor in allocated.amounts.items()
            }
        )

    async def forecast(self, actor: Actor, task: PlanningTask, gathered: Gathered, allocated: Allocated) -> Forecasted:
        lines = await self._economics(actor, task, gathered)
        expected = {
            code: lines[code].delivery(Money(minor, gathered.currency)) for code, minor in allocated.amounts.items()
        }
        return Forecasted(
            impressions={code: delivery.impressions for code, (delivery, _) in expected.items()},
            clicks={code: delivery.clicks for code, (delivery, _) in expected.items()},
            conversions_hundredths={code: delivery.conversions_hundredths for code, (delivery, _) in expected.items()},
            completed_views={code: delivery.completed_views for code, (delivery, _) in expected.items()},
            audiences={code: audience for code, (_, audience) in expected.items() if audience},
        )

    async def _economics(self, actor: Actor, task: PlanningTask, gathered: Gathered) -> dict[str, LineEconomics]:
        async with self._begin(actor) as work:
            brief, _, specs = await _wanted(work, task)
        _must_be_the_lines(specs, gathered)
        return brief.economics(specs)

    async def save(
        self,
        actor: Actor,
        task: PlanningTask,
        gathered: Gathered,
        allocated: Allocated,
        flighted: Flighted,
        forecasted: Forecasted,
    ) -> JobView:
        """The plan version, the finished job and its message in one transaction; a second call finds the first's."""
        authorize(actor, Permission.PLAN_WRITE, task.campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            job = await work.jobs.get(task.job_id)
            brief, _, specs = await _wanted(work, task)
            campaign = brief.campaign
            _must_be_as_gathered(campaign, gathered)
            _must_be_the_lines(specs, gathered)
            draft = _draft(brief, specs, gathered, allocated, flighted, forecasted)
            plan, version, saved = await self._keep(work, actor, campaign, task.base, draft)
            moved = campaign.plan_saved() if version is plan.current else None
            facts = {"plan_id": str(plan.id), "number": version.number, "kind": version.kind}
            completed = job.complete(facts, self._clock.now())
            view = plan_view(campaign, plan, version)
            block: dict[str, object] = {"kind": "plan", "plan": view.model_dump(mode="json")}
            await self._jobs.post(work, job, JobResult(text=_announce(plan, version), block=block))
            return await work.commit(JobView.model_validate(job), saved, moved, completed)

    async def _keep(
        self, work: UnitOfWork, actor: Actor, campaign: Campaign, base: int | None, draft: Draft
    ) -> tuple[MediaPlan, PlanVersion, Change]:
        now = self._clock.now()
        plan = await work.plans.find_of_campaign(campaign.id)
        if plan is None:
            plan, saved = MediaPlan.start(campaign, draft, by=actor.user_id, now=now)
            work.plans.add(plan)
            return plan, plan.current, saved
        version, saved = plan.save_based_on(base, campaign, draft, by=actor.user_id, now=now)
        if version is not plan.current:
            work.plans.keep(version)
        return plan, version, saved


def _must_be_as_gathered(campaign: Campaign, gathered: Gathered) -> None:
    flight, budget = Flight(gathered.start, gathered.end), Money(gathered.budget_minor, gathered.currency)
    if campaign.flight != flight or campaign.budget != budget:
        raise Conflict(
            "The campaign's budget or dates changed while it was being planned; start the workflow again.",
            code="campaign_changed",
        )


async def _wanted(work: UnitOfWork, task: PlanningTask) -> tuple[PlanningBrief, MediaPlan | None, list[LineSpec]]:
    """The lines of the task's channels as the current plan has them, new ones where it has none."""
    brief = await planning_brief(work, await work.campaigns.get(task.campaign_id))
    plan = await work.plans.find_of_campaign(task.campaign_id)
    planned = plan.current.lines if plan else []
    fresh = {spec.channel: spec for spec in new_specs(brief, task.channels)}
    specs = [
        spec
        for channel in task.channels
        for spec in ([line.spec for line in planned if line.channel is channel] or [fresh[channel]])
    ]
    return brief, plan, specs


def _must_be_the_lines(specs: list[LineSpec], gathered: Gathered) -> None:
    if [spec.code for spec in specs] != gathered.lines:
        raise Conflict(
            "The plan's lines changed while it was being planned; start the workflow again.", code="plan_changed"
        )


def _draft(
    brief: PlanningBrief,
    specs: list[LineSpec],
    gathered: Gathered,
    allocated: Allocated,
    flighted: Flighted,
    forecasted: Forecasted,
) -> Draft:
    economics = brief.economics(specs)
    lines = tuple(
        assemble_line(
            economics[spec.code],
            position,
            Money(allocated.amounts[spec.code], gathered.currency),
            tuple(FlightWeek(week.starts, week.budget_minor) for week in flighted.weeks[spec.code]),
            ExpectedDelivery(
                forecasted.impressions[spec.code],
                forecasted.clicks[spec.code],
                forecasted.conversions_hundredths[spec.code],
                forecasted.completed_views.get(spec.code, 0),
            ),
            forecasted.audiences.get(spec.code),
        )
        for position, spec in enumerate(specs)
    )
    return Draft(lines, gathered.spread, "planning workflow", allocated.explanation)


def _announce(plan: MediaPlan, version: PlanVersion) -> str:
    lines = ", ".join(f"{line.label} {line.budget}" for line in version.lines)
    if version.kind is VersionKind.SCENARIO:
        return (
            f"The planning workflow finished, but the plan had moved on to version {plan.current.number} meanwhile. "
            f"Its result is kept as scenario {version.number}: {lines}."
        )
    return f"The planning workflow finished: version {version.number} is current, {version.total} in all: {lines}."
